"""Figures of walks, drawn from small made-up data and read back value by value."""

import numpy as np
import pytest
import xarray as xr
from helpers import drawn_as
from matplotlib.colors import to_hex

from drift import plots
from drift.plots.export import drawn_images, drawn_points
from drift.plots.style import COLOURS, subplots
from drift.theory.walks import RingOfMinima

STEPS = np.array([0, 100, 400])
RING = RingOfMinima(curvature=2.0, modulation=1.0)


def walks(count=4, seed=0):
    random = np.random.default_rng(seed)
    shape = (len(STEPS), count)
    values = {name: (("step", "walk"), random.normal(size=shape)) for name in ("x", "y")}
    values["log_curvature"] = (("step", "walk"), random.gamma(1, size=shape))
    return xr.Dataset(values, {"step": STEPS})


def test_landscapes_show_the_loss_the_circle_and_the_first_path():
    given = {"one": (RingOfMinima(), walks(seed=1)), "other": (RING, walks(seed=2))}
    axes = plots.landscapes(given)
    images = drawn_images(axes[0].figure)
    for number, (ax, (title, (ring, paths))) in enumerate(zip(axes, given.items(), strict=True), 1):
        assert ax.get_title() == title
        first = paths.isel(walk=0)
        path = np.column_stack([first.x, first.y])
        np.testing.assert_array_equal(drawn_as(ax, "path"), path)
        np.testing.assert_array_equal(drawn_as(ax, "start"), path[:1])
        circle = drawn_as(ax, "zero loss")
        np.testing.assert_allclose(np.hypot(*circle.T), 1)
        assert np.ptp(np.unwrap(np.arctan2(circle[:, 1], circle[:, 0]))) == pytest.approx(2 * np.pi)
        _, drawn, about = images[f"panel_{number}_image"]
        left, right, bottom, top = about["extent"]
        assert (left, bottom) == pytest.approx((-right, -top))
        rows, columns = drawn.shape
        # Nearest grey to (x, y) = (1.5, 0.5): rows are y from below, columns are x from the left.
        column = round((1.5 - left) / (right - left) * columns - 0.5)
        row = round((0.5 - bottom) / (top - bottom) * rows - 0.5)
        at = -1.6 + 3.2 * np.array([column, row]) / 200
        expected = np.sqrt(ring.loss(*at))
        assert drawn[row, column] == pytest.approx(expected, rel=1e-9)
        assert at == pytest.approx([1.5, 0.5], abs=0.02)
        mesh = ax.collections[0]
        assert mesh.get_clim() == (0, 1.2)
    assert axes[0].figure.axes[-1].get_ylabel() == "root of the loss"


def test_one_landscape_draws_into_given_axes():
    figure, own = subplots()
    (drawn,) = plots.landscapes({"alone": (RING, walks())}, axes=own)
    assert drawn is own
    assert drawn.figure is figure
    with pytest.raises(ValueError, match="axes has 1 panels"):
        plots.landscapes({"a": (RING, walks()), "b": (RING, walks())}, axes=own)
    with pytest.raises(ValueError, match="walks is empty"):
        plots.landscapes({})


def test_the_property_is_drawn_with_its_mean_spread_and_theory():
    given = {"first": walks(seed=1), "second": walks(seed=2)}
    theory = {"first": np.array([1.0, 2.0, 3.0]), "second": np.array([6.0, 5.0, 4.0])}
    axes = plots.property_over_time(given, theory, shown=3)
    for ax, (title, paths) in zip(axes, given.items(), strict=True):
        values = paths.log_curvature.values
        mean, spread = values.mean(axis=1), values.std(axis=1)
        assert ax.get_title() == title
        np.testing.assert_allclose(
            drawn_as(ax, "mean of all walks"), np.column_stack([STEPS, mean])
        )
        np.testing.assert_array_equal(
            drawn_as(ax, "theory, nothing fitted"), np.column_stack([STEPS, theory[title]])
        )
        for walk in range(3):
            np.testing.assert_array_equal(
                drawn_as(ax, f"{walk + 1}"), np.column_stack([STEPS, values[:, walk]])
            )
        assert len(ax.lines) == 3 + 2
        band = drawn_as(ax, "standard deviation", kind="band")
        for step, low, high in zip(STEPS, mean - spread, mean + spread, strict=True):
            at = band[band[:, 0] == step, 1]
            assert (at.min(), at.max()) == pytest.approx((low, high))
        assert ax.get_xlabel() == "training step"
        assert to_hex(ax.lines[3].get_color()).upper() == COLOURS["curvature"].upper()
    assert axes[0].get_ylabel() == "natural logarithm\nof the curvature"
    assert axes[0].get_legend() is not None


def test_one_panel_of_a_property_and_theory_that_does_not_fit():
    _, own = subplots()
    (drawn,) = plots.property_over_time({"a": walks()}, {"a": np.zeros(3)}, axes=[own])
    assert drawn is own
    with pytest.raises(ValueError, match="theory has no 3 values for 'a'"):
        plots.property_over_time({"a": walks()}, {"a": np.zeros(2)})
    with pytest.raises(ValueError, match="theory has no 3 values for 'a'"):
        plots.property_over_time({"a": walks()}, {"b": np.zeros(3)})
    with pytest.raises(ValueError, match="walks is empty"):
        plots.property_over_time({}, {})


def test_the_ends_are_counted_by_angle_from_zero_to_two_pi():
    """Three walks end in the second bin, one in the last; where they were before does not count."""
    width = 2 * np.pi / 24
    angle = np.array([1.5, 1.5, 1.5, 23.5]) * width
    paths = walks()
    paths["x"][-1], paths["y"][-1] = 2 * np.cos(angle), 2 * np.sin(angle)
    density = np.array([0.1, 0.3, 0.2])
    ax = plots.where_walks_end(paths, density)
    table = drawn_points(ax.figure)
    bars = table[table.kind == "bar"][["x", "y"]].to_numpy().reshape(24, 2, 2)
    np.testing.assert_allclose(bars[:, 0, 0], width * np.arange(24), atol=1e-12)
    height = np.zeros(24)
    height[1], height[23] = 0.75 / width, 0.25 / width
    np.testing.assert_allclose(bars[:, 1, 1], height)
    line = drawn_as(ax, "theory")
    np.testing.assert_allclose(line, np.column_stack([[0, np.pi, 2 * np.pi], density]))
    assert ax.get_xlabel() == "angle on the circle (radians)"
    assert ax.get_ylabel() == "density (per radian)"
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks == ["0 (sharp)", "", "$\\pi$ (flat)", "", "$2\\pi$"]
    np.testing.assert_allclose(ax.get_xticks(), np.pi * np.array([0, 0.5, 1, 1.5, 2]))


def test_a_reader_can_alter_the_ends():
    _, own = subplots()
    ax = plots.where_walks_end(walks(), np.ones(5), ax=own, title="mine", xticks=[0, 3])
    assert ax is own
    assert ax.get_title() == "mine"
    assert list(ax.get_xticks()) == [0, 3]
    assert ax.get_ylabel() == "density (per radian)"
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.where_walks_end(walks().isel(walk=[]), np.ones(5))
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.where_walks_end(walks(), np.ones(1))
