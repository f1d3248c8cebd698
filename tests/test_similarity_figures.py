"""Figures of similarity matching, drawn from small made-up data and read back value by value."""

import numpy as np
import pytest
import xarray as xr
from helpers import drawn_as
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from drift import plots
from drift.analysis.phases import Phases
from drift.plots.export import drawn_images
from drift.plots.style import COLOURS, PHASE_SHADES, subplots

STEPS = np.array([0, 10, 100, 1000])


def runs(seeds=3, seed=0):
    random = np.random.default_rng(seed)
    activity = random.gamma(1, size=(seeds, 4, 6, 5))
    return xr.Dataset(
        {
            "loss": (("seed", "step"), random.gamma(2, size=(seeds, 4))),
            "fraction_active_units": (("seed", "step"), random.uniform(size=(seeds, 4))),
            "activity": (("seed", "step", "position", "unit"), activity),
        },
        {"step": STEPS},
    )


def shades(axes):
    """By colour, where each shade begins and ends."""
    return {
        to_hex(patch.get_facecolor()).upper(): tuple(patch.get_bbox().intervalx)
        for patch in axes.patches
        if isinstance(patch, Rectangle)
    }


PHASES = [Phases(20, 200), Phases(30, 300), Phases(90, float("nan"))]


def test_both_curves_of_every_run_are_drawn_with_their_mean():
    noisy, still = runs(), runs(2, seed=1)
    axes = plots.three_phases(noisy, still, PHASES)
    for ax, name, colour in zip(
        axes, ("loss", "fraction_active_units"), ("loss", "active_units"), strict=True
    ):
        values = noisy[name].values[:, 1:]
        for seed in range(3):
            drawn = drawn_as(ax, f"{seed + 1}")
            np.testing.assert_array_equal(drawn, np.column_stack([STEPS[1:], values[seed]]))
        mean = np.column_stack([STEPS[1:], values.mean(axis=0)])
        np.testing.assert_allclose(drawn_as(ax, "noise"), mean)
        control = np.column_stack([STEPS[1:], still[name].values[:, 1:].mean(axis=0)])
        np.testing.assert_allclose(drawn_as(ax, "no noise"), control)
        assert ax.get_xscale() == "log"
        assert ax.get_xlim() == (10, 1000)
        assert to_hex(ax.lines[0].get_color()).upper() == COLOURS[colour].upper()
    assert [ax.get_ylabel() for ax in axes] == ["loss", "fraction of\nactive units"]
    assert axes[1].get_xlabel() == "training step"
    assert axes[1].get_ylim() == (0, 1)


def test_phases_are_shaded_between_medians_of_the_runs_that_reach_them():
    axes = plots.three_phases(runs(), runs(2), PHASES)
    expected = {"learning": (10, 30), "directed drift": (30, 250), "null drift": (250, 1000)}
    for ax in axes:
        assert shades(ax) == {PHASE_SHADES[name].upper(): span for name, span in expected.items()}
    names = {text.get_text(): text.get_position()[0] for text in axes[0].texts}
    assert names == pytest.approx(
        {name: np.sqrt(begin * end) for name, (begin, end) in expected.items()}
    )


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (Phases(30, float("nan")), {"learning": (10, 30), "directed drift": (30, 1000)}),
        (Phases(float("nan"), float("nan")), {"learning": (10, 1000)}),
        (Phases(40, 20), {"learning": (10, 40), "null drift": (40, 1000)}),
        (Phases(0, 200), {"directed drift": (10, 200), "null drift": (200, 1000)}),
    ],
)
def test_phases_that_are_not_there_are_not_shaded(ends, expected):
    axes = plots.three_phases(runs(), runs(2), [ends] * 3)
    assert shades(axes[1]) == {PHASE_SHADES[name].upper(): at for name, at in expected.items()}
    assert {text.get_text() for text in axes[0].texts} == set(expected)


def test_phases_draw_into_given_axes_and_refuse_what_does_not_fit():
    _, own = subplots(2, 1)
    assert list(plots.three_phases(runs(), runs(), PHASES, axes=own)) == list(own)
    with pytest.raises(ValueError, match="2 phases and 3 runs"):
        plots.three_phases(runs(), runs(), PHASES[:2])
    with pytest.raises(ValueError, match="different steps"):
        plots.three_phases(runs(), runs().isel(step=slice(1, None)), PHASES)


def test_maps_are_in_the_order_of_their_peaks_at_the_first_step():
    """Unit 0 peaks last, unit 1 is silent at first, unit 2 peaks first, unit 3 in the middle."""
    activity = np.zeros((4, 6, 4))
    activity[1, [5, 0, 3], [0, 2, 3]] = [1.0, 2.0, 3.0]
    activity[2, [1, 2, 4, 5], [0, 1, 2, 3]] = [4.0, 5.0, 6.0, 7.0]
    run = xr.Dataset({"activity": (("step", "position", "unit"), activity)}, {"step": STEPS})
    axes = plots.tuning_on_the_ring(run, [10, 100])
    images = drawn_images(axes[0].figure)
    for number, (ax, at) in enumerate(zip(axes, (1, 2), strict=True), 1):
        _, drawn, about = images[f"panel_{number}_image"]
        np.testing.assert_array_equal(drawn, activity[at][:, [2, 3, 0]].T)
        assert about["title"] == f"step {STEPS[at]:,}"
        assert about["x_label"] == "position on\nthe ring"
        left, right, bottom, top = about["extent"]
        assert left < right
        assert bottom > top  # the first unit is on top
        assert ax.images[0].get_clim() == (0, 7)
    assert axes[0].get_ylabel() == "unit"
    assert axes[0].figure.axes[-1].get_ylabel() == "activity"
    _, own = subplots()
    (alone,) = plots.tuning_on_the_ring(run, [100], axes=own)
    assert alone is own
    assert drawn_images(own.figure)["panel_1_image"][1].shape == (4, 6)


@pytest.mark.parametrize(
    ("steps", "message"),
    [([], "at least one: none"), ([10, 11], r"\[11\]"), ([0], "all units are silent at step 0")],
)
def test_maps_that_are_not_there_are_refused(steps, message):
    run = runs().isel(seed=0)
    run["activity"] = run.activity * (run.step > 0)
    with pytest.raises(ValueError, match=message):
        plots.tuning_on_the_ring(run, steps)


LAGS = np.array([0, 200, 400])


def curves(count):
    random = np.random.default_rng(0)
    return {f"curve {n}": (LAGS + n, random.uniform(size=(4, 3))) for n in range(count)}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_all_curves_are_drawn_each_with_its_mean_and_range(count):
    given = curves(count)
    ax = plots.correlation_against_lag(given)
    for name, (lag, values) in given.items():
        mean = np.column_stack([lag, values.mean(axis=0)])
        np.testing.assert_allclose(drawn_as(ax, name), mean)
        band = drawn_as(ax, f"{name}, range", kind="band")
        for at, column in zip(lag, values.T, strict=True):
            seen = band[band[:, 0] == at, 1]
            assert (seen.min(), seen.max()) == (column.min(), column.max())
    assert len({line.get_linestyle() for line in ax.lines}) == count
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(given)
    assert ax.get_xlabel() == "lag (training steps)"
    assert ax.get_ylabel() == "correlation of\npopulation vectors"
    assert ax.get_ylim() == (0, 1.02)


def test_a_reader_can_alter_the_curves_and_too_many_are_refused():
    _, own = subplots()
    ax = plots.correlation_against_lag(curves(2), ax=own, ylim=(-1, 1), title="mine")
    assert ax is own
    assert (ax.get_ylim(), ax.get_title()) == ((-1, 1), "mine")
    for number in (0, 5):
        with pytest.raises(ValueError, match=f"there are {number} curves: one to 4"):
            plots.correlation_against_lag(curves(number))
    with pytest.raises(ValueError, match=r"the curve 'a' has \(3,\) lags and \(4, 2\)"):
        plots.correlation_against_lag({"a": (LAGS, np.ones((4, 2)))})
    with pytest.raises(ValueError, match=r"\(0, 3\) correlations"):
        plots.correlation_against_lag({"a": (LAGS, np.ones((0, 3)))})
