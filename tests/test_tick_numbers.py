"""How numbers are written on axes: one style, whatever matplotlib would have chosen."""

import numpy as np
import pytest

from drift.plots.style import step_axis, subplots, unit_maps
from drift.plots.tick_numbers import ShortNumbers, short_number


def labels(axis):
    """What stands at the ticks in view, by their place."""
    axis.figure.draw_without_rendering()
    low, high = sorted(axis.get_view_interval())
    found = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    return {place: text.get_text() for place, text in found if low <= place <= high}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-0.0, "0"), (0.25, "0.25"), (-3, "\N{MINUS SIGN}3"), (9999, "9999"),
        (10_000, "10 k"), (12_500, "12.5 k"), (999_999, "999.999 k"), (1_000_000, "1 M"),
        (-2_500_000, "\N{MINUS SIGN}2.5 M"), (0.1 + 0.2, "0.3"),
    ],
)  # fmt: skip
def test_a_number_is_short(value, text):
    assert short_number(value) == text


def test_the_largest_tick_decides_the_unit_of_all():
    assert ShortNumbers().format_ticks([0, 500_000, 1_000_000]) == ["0", "0.5 M", "1 M"]
    assert ShortNumbers().format_ticks([0, 5000, 10_000]) == ["0", "5 k", "10 k"]


def test_every_axis_of_a_figure_has_the_style_without_being_asked():
    figure, (left, right) = subplots(1, 2)
    left.plot([0, 400_000], [1_000_000.0, 1_000_001.0])
    right.loglog([1, 1_000_000], [1e-6, 1.0])
    figure.draw_without_rendering()
    assert "400 k" in labels(left.xaxis).values()
    for axes in (left, right):
        for axis in (axes.xaxis, axes.yaxis):
            assert axis.get_offset_text().get_text() == ""
    assert labels(right.xaxis)[1_000_000] == "1 M"
    assert labels(right.yaxis)[1e-6] == "$10^{-6}$"


def test_words_stay_words():
    """Bars of named groups have the names, and no numbers, once the figure is drawn."""
    figure, axes = subplots()
    axes.barh(["dropout", "Adam"], [1, 2])
    figure.draw_without_rendering()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["dropout", "Adam"]


def test_a_figure_s_own_labels_are_kept():
    figure, axes = subplots()
    axes.plot([0, 20_000], [0, 1])
    axes.set_xticks([0, 20_000], ["start", "end"])
    figure.draw_without_rendering()
    assert [text.get_text() for text in axes.get_xticklabels()] == ["start", "end"]


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_an_axis_of_steps_says_so(scale):
    _, axes = subplots()
    axes.plot([1, 1_000_000], [0, 1])
    axes.set_xscale(scale)
    step_axis(axes.xaxis)
    assert axes.get_xlabel() == "training step"
    assert labels(axes.xaxis)[1_000_000] == "1 M"


def test_silent_units_are_grey_and_no_others():
    _, axes = subplots()
    image = unit_maps(axes, np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.5]]), vmax=1)
    drawn = image.to_rgba(image.get_array())
    assert len({tuple(pixel) for pixel in drawn[0]}) == 1
    red, green, blue, _ = drawn[0, 0]
    assert red == green == blue
    assert (drawn[1, :, 0] != drawn[1, :, 2]).all()  # nothing there, too, has a colour of its own
