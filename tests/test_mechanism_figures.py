"""What the figures of the mechanism show, read back from them and compared with the data."""

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from drift import plots
from drift.analysis.spectra import ratios_to
from drift.plots.export import drawn_points
from drift.plots.style import COLOURS, NOISE_COLOURS, step_axis
from drift.plots.tick_numbers import short_number

RANDOM = np.random.default_rng(0)


def drawn(axes, panel, name):
    """X and y of a series by its name in the legend, in the ``panel`` (from 1)."""
    table = drawn_points(np.ravel(axes)[0].figure)
    found = table[(table.panel == panel) & (table.series == name)]
    assert len(found), f"{name!r} is not in panel {panel}: {sorted(set(table.series))}"
    return found.x.to_numpy(), found.y.to_numpy()


def unnamed(axes, panel, style):
    """X and y of the lines without a name in the legend, by their style."""
    lines = np.ravel(axes)[panel - 1].lines
    return [line.get_data() for line in lines
            if line.get_linestyle() == style and line.get_label().startswith("_")]  # fmt: skip


def seen(axes):
    """A figure that was drawn, with all its labels."""
    figure = np.ravel(axes)[0].figure
    figure.canvas.draw()
    return figure


def new_axes(count):
    figure, axes = plt.subplots(1, count, squeeze=False)
    plt.close(figure)
    return axes[0]


# --- valleys ------------------------------------------------------------------------------------


def walks(steps=5, count=7):
    x = RANDOM.normal(1.5, 0.5, (steps, count))
    x[0] = 1.5
    corner = np.array([-1, -1, 20, 30, 30, -1, 40])
    return xr.Dataset(
        {"x": (("step", "walk"), x), "y": (("step", "walk"), RANDOM.normal(0, 0.3, x.shape)),
         "corner": ("walk", corner)},
        {"step": np.arange(steps) * 10},
    )  # fmt: skip


def law(steps=5):
    distance = RANDOM.uniform(0, 2, (2, steps))
    reached = np.linspace(0, 0.7, steps)
    return xr.Dataset(
        {"distance": (("level", "time"), distance), "reached": ("time", reached)},
        {"level": [0.5, 0.9], "time": np.arange(steps) * 0.1},
    )


def test_the_valley_shows_the_walk_and_where_it_began():
    one = walks()
    axes = plots.valley(one, walks(), law())
    x, y = drawn(axes, 1, "walk")
    np.testing.assert_array_equal(x, one.x[:, 0])
    np.testing.assert_array_equal(y, one.y[:, 0])
    start = np.ravel(drawn(axes, 1, "start"))
    np.testing.assert_array_equal(start, [one.x[0, 0], one.y[0, 0]])
    assert axes[0].get_xlabel() == "$x$" and axes[0].get_ylabel() == "$y$"


def test_the_valley_counts_walks_at_the_flat_side_as_zero():
    found, theory = walks(), law()
    axes = plots.valley(found, found, theory)
    distance = np.abs(found.x.values)
    for walk, corner in enumerate(found.corner.values):
        if corner >= 0:
            distance[found.step.values >= corner, walk] = 0
    for level, name in ((0.5, "50%"), (0.9, "90%")):
        x, y = drawn(axes, 2, name)
        np.testing.assert_array_equal(x, found.step)
        np.testing.assert_allclose(y, np.quantile(distance, level, axis=1))
    np.testing.assert_allclose(
        drawn(axes, 2, "root mean square")[1], np.sqrt((distance**2).mean(axis=1))
    )
    for (_, y), level in zip(unnamed(axes, 2, "--"), (0.5, 0.9), strict=True):
        np.testing.assert_array_equal(y, theory.distance.sel(level=level))
    assert axes[1].get_ylabel() == "$|x|$"


def test_the_valley_shows_the_share_that_has_reached_the_flat_side():
    axes = plots.valley(walks(), walks(), law())
    np.testing.assert_allclose(drawn(axes, 3, "walks")[1], np.array([0, 0, 1, 3, 4]) / 7)
    np.testing.assert_array_equal(drawn(axes, 3, "theory")[1], law().reached)
    assert axes[2].get_ylim() == (0, 1)
    assert axes[2].get_xlabel() == "training step"


def decaying():
    return {name: (np.arange(4) * 0.5, walks(steps=4)) for name in ("first", "second", "third")}


def test_decay_shows_walks_their_mean_and_theory():
    found = decaying()
    smooth = np.linspace(0, 1.5, 20)
    ax = plots.decay(found, (smooth, np.exp(-smooth)))
    for name, (time, runs) in found.items():
        x, y = drawn(ax, 1, name)
        np.testing.assert_array_equal(x, time)
        np.testing.assert_allclose(y, runs.x.values.mean(axis=1))
    np.testing.assert_array_equal(drawn(ax, 1, "theory"), (smooth, np.exp(-smooth)))
    single = [line for line in ax.lines if line.get_color() == COLOURS["agent"]]
    assert len(single) == 21
    assert ax.get_ylim()[0] == 0 and ax.get_ylabel() == "$x$"
    assert ax.get_xlabel() == "$\\eta^2 \\sigma^2 \\times$ steps"


def test_labels_of_a_caller_replace_those_of_a_panel():
    ax = new_axes(1)[0]
    given = plots.decay(decaying(), ([0, 1], [1, 0]), ax=ax, xlabel="time", yscale="log")
    assert given is ax
    assert (ax.get_xlabel(), ax.get_yscale(), ax.get_ylabel()) == ("time", "log", "$x$")


# --- eigenvalues --------------------------------------------------------------------------------


def shares():
    units = np.array([0.02, 0.1, 0.05])
    return {"program": (units, np.array([0.01, 0.06, 0.03])),
            "whole": (units, np.array([0.001, 0.004, 0.002]))}  # fmt: skip


def test_counts_are_shares_against_units():
    published = (np.array([0.03, 0.04]), np.array([0.02, 0.025]))
    axes = plots.counts(shares(), published)
    for number, (name, (units, share)) in enumerate(shares().items(), 1):
        x, y = drawn(axes, number, "this book")
        np.testing.assert_array_equal(x, units)
        np.testing.assert_array_equal(y, share)
        ax = axes[number - 1]
        assert ax.get_title() == name and ax.get_xlabel() == "fraction of active units"
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_array_equal(drawn(axes, 1, "published"), published)
    assert "published" not in drawn_points(axes[0].figure).query("panel == 2").series.tolist()
    assert "share of non-zero" in axes[0].get_ylabel()


SNAPSHOTS = np.array([0, 40_000, 400_000, 600_000, 1_000_000])


def spectrum(small=1.0):
    order = np.arange(1200)
    growth = np.array([0.2, 0.5, 1.0, 1.1, 1.2])[:, None]
    values = np.where(order < 500, growth, small / growth**2) * 20 * np.exp(-order / 50)
    return xr.Dataset(
        {"eigenvalues": (("snapshot", "order"), values), "trace": ("snapshot", values.sum(axis=1)),
         "rank": ("snapshot", [9, 8, 7, 6, 5])},
        {"snapshot": SNAPSHOTS},
    )  # fmt: skip


def test_eigenvalues_by_rank_are_those_of_their_time():
    found = spectrum()
    axes = plots.spectra_at(found, [40_000, 1_000_000], relative_to=1e-9)
    for time in (40_000, 1_000_000):
        values = found.eigenvalues.sel(snapshot=time).values
        kept = values[values > 1e-9 * values.max()]
        x, y = drawn(axes, 1, f"step {short_number(time)}")
        np.testing.assert_array_equal(x, np.arange(1, kept.size + 1))
        np.testing.assert_array_equal(y, kept)
        assert kept.size < values.size
    assert axes[0].get_yscale() == "log" and axes[0].get_xlabel() == "rank of the\neigenvalue"


def test_the_study_s_two_times_are_compared():
    found = spectrum()
    axes = plots.spectra_at(found, [0], compared=(400_000, 600_000))
    x, y = drawn(axes, 2, "of a rank")
    np.testing.assert_array_equal(x, found.eigenvalues.sel(snapshot=400_000)[: x.size])
    np.testing.assert_array_equal(y, found.eigenvalues.sel(snapshot=600_000)[: y.size])
    assert axes[1].get_xlabel() == "eigenvalue at\nstep 400 k"
    assert axes[1].get_ylabel() == "of the same rank\nat step 600 k"
    np.testing.assert_array_equal(*drawn(axes, 2, "no change"))


def test_the_course_is_relative_to_the_first_of_them():
    found = spectrum()
    axes = plots.spectra_at(found, [0])
    course = ratios_to(found, 400_000)
    for name, label in (("largest", "hundred largest (median)"), ("trace", "sum of all"),
                        ("small", "ranks 900 to 1100 (median)")):  # fmt: skip
        x, y = drawn(axes, 3, label)
        np.testing.assert_array_equal(x, SNAPSHOTS)
        np.testing.assert_allclose(y, course[name])
        assert y[2] == 1
    assert "step 400 k" in axes[2].get_ylabel() and axes[2].get_ylim()[0] == 0


def test_the_course_of_both_noises():
    found = {
        kind: xr.Dataset(
            {name: ("snapshot", RANDOM.uniform(1, 2, 4))
             for name in ("trace", "log_pseudo_determinant", "rank", "fraction_active_units")},
            {"snapshot": [0, 100, 200, 300]},
        )
        for kind in ("update noise", "label noise")
    }  # fmt: skip
    axes = plots.course_of_spectra(found)
    names = ("trace", "log_pseudo_determinant", "rank", "fraction_active_units")
    for number, name in enumerate(names, 1):
        for kind, runs in found.items():
            x, y = drawn(axes, number, kind)
            np.testing.assert_array_equal(x, runs.snapshot)
            np.testing.assert_array_equal(y, runs[name])
    for line in axes[0].lines:
        assert line.get_color() == NOISE_COLOURS[line.get_label()]
    titles = [ax.get_title().replace("\n", " ") for ax in axes]
    assert titles == ["sum of eigenvalues", "sum of logarithms of non-zero eigenvalues",
                      "number of non-zero eigenvalues", "fraction of active units"]  # fmt: skip
    assert [ax.get_ylim()[0] == 0 for ax in axes] == [True, False, True, True]


def flow(scale):
    time = np.array([0.0, 0.1, 0.5, 1.0]) * scale
    trace = 100 * np.exp(-time) * np.array([[0.7], [1.0], [2.0]])
    return xr.Dataset(
        {"trace": (("seed", "time"), trace), "flow": ("time", 90 * np.exp(-time))}, {"time": time}
    )


def test_label_noise_beside_the_flow_of_the_first_setting():
    found = {"first": flow(1), "second": flow(2)}
    axes = plots.trace_against_theory(found)
    for panel in (1, 2):
        for name, runs in found.items():
            x, y = drawn(axes, panel, name)
            np.testing.assert_array_equal(x, runs.time)
            np.testing.assert_allclose(y, runs.trace.values.mean(axis=0))
        x, y = drawn(axes, panel, "flow, nothing fitted")
        np.testing.assert_array_equal(x, found["first"].time)
        np.testing.assert_array_equal(y, found["first"].flow)
        assert len(axes[panel - 1].lines) == 2 * (3 + 1) + 1
    single = np.array([line.get_ydata() for line in axes[0].lines[:3]])
    np.testing.assert_array_equal(single, found["first"].trace)
    assert [ax.get_xscale() for ax in axes] == ["linear", "log"]
    assert {ax.get_yscale() for ax in axes} == {"log"}
    assert "24" in axes[0].get_xlabel() and "sum of the Hessian's" in axes[0].get_ylabel()


def scan():
    step = np.array([[0, 10, 1000], [0, 10, -1]])
    units = np.array([[0.8, 0.6, 0.2], [0.5, 0.4, np.nan]])
    return xr.Dataset(
        {"step": (("run", "record"), step), "fraction_active_units": (("run", "record"), units),
         "learning_rate": ("run", [0.1, 0.2]), "update_noise": ("run", [0.05, 0.04])}
    )  # fmt: skip


def test_curves_on_three_kinds_of_time():
    axes = plots.one_time(scan())
    labels = [
        "training step",
        "$\\eta^2 \\sigma^2 \\times$ steps",
        "$\\eta^3 \\sigma^2 \\times$ steps",
    ]
    assert [ax.get_xlabel() for ax in axes] == labels
    for power, ax in zip((None, 2, 3), axes, strict=True):
        first, second = (line.get_data() for line in ax.lines)
        pace = [1, 1] if power is None else [0.1**power * 0.05**2, 0.2**power * 0.04**2]
        np.testing.assert_allclose(first[0], np.array([0, 10, 1000]) * pace[0])
        np.testing.assert_allclose(first[1], [1, 0.75, 0.25])
        np.testing.assert_allclose(second[0], np.array([0, 10]) * pace[1])
        np.testing.assert_allclose(second[1], [1, 0.8])
        assert ax.get_xscale() == "log"
        np.testing.assert_allclose(ax.get_xlim(), np.array([1, 1000]) * pace[0])
    bar = axes[0].figure.axes[3]
    assert "learning rate" in bar.get_ylabel()
    np.testing.assert_allclose(bar.get_ylim(), [0.1, 0.2])
    colours = [matplotlib.colors.to_rgb(line.get_color()) for line in axes[0].lines]
    assert sum(colours[0]) < sum(colours[1])


# --- all of them --------------------------------------------------------------------------------

TWO = {"first": flow(1), "second": flow(2)}
SEVERAL = [
    (3, lambda axes: plots.valley(walks(), walks(), law(), axes=axes)),
    (2, lambda axes: plots.counts(shares(), ([0.1], [0.1]), axes=axes)),
    (3, lambda axes: plots.spectra_at(spectrum(), [0], axes=axes)),
    (2, lambda axes: plots.trace_against_theory(TWO, axes=axes)),
    (3, lambda axes: plots.one_time(scan(), axes=axes)),
]


@pytest.mark.parametrize(("count", "draw"), SEVERAL)
def test_figures_are_drawn_into_given_axes(count, draw):
    axes = new_axes(count)
    assert list(draw(axes)) == list(axes)
    assert all(ax.lines for ax in axes)
    with pytest.raises(ValueError, match="panels"):
        draw(new_axes(count + 1))


@pytest.mark.parametrize(("count", "draw"), SEVERAL)
def test_new_figures_have_no_offset_on_their_axes(count, draw):
    for ax in seen(draw(None)).axes:
        assert ax.xaxis.get_offset_text().get_text() == ""


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.valley(walks(), walks(), law(4)), "4 values"),
        (lambda: plots.decay({}, ([0], [1])), "one to 6"),
        (lambda: plots.decay({"a": (np.arange(3), walks())}, ([0], [1])), "3 values"),
        (lambda: plots.counts({}, ([], [])), "no count"),
        (lambda: plots.counts({"a": ([1, 2], [1])}, ([], [])), "2 values"),
        (lambda: plots.spectra_at(spectrum(), [77]), "77"),
        (lambda: plots.spectra_at(spectrum().isel(order=slice(500)), [0]), "500"),
        (lambda: plots.trace_against_theory({}), "no setting"),
        (lambda: plots.course_of_spectra({}), "update noise"),
        (lambda: plots.course_of_spectra({"no noise": None}), "no noise"),
        (lambda: plots.one_time(scan().isel(run=[])), "no run"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()


def test_steps_are_written_short():
    ax = new_axes(1)[0]
    step_axis(ax.xaxis)
    write = ax.xaxis.get_major_formatter()
    steps = (0, 500, 4000, 40_000, 400_000, 1_000_000, 2_500_000)
    written = []
    for step in steps:
        ax.set_xlim(0, step + 1)
        written.append(write(step, 0))
    assert written == ["0", "500", "4000", "40 k", "400 k", "1 M", "2.5 M"]
