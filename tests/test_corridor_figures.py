"""The figures of the corridor and of runs in it, read back and compared with what was drawn."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import LineCollection

import drift
from drift import plots
from drift.analysis.tuning import display_maps
from drift.plots.export import drawn_images, drawn_points
from drift.plots.style import COLOURS, subplots
from drift.tasks.corridor import arena_and_path

STEPS, SNAPSHOTS = np.array([0, 1, 10, 1000, 1_000_000]), np.array([0, 400_000, 1_000_000])


@pytest.fixture(scope="module")
def task():
    return drift.corridor(seed=3, samples=30, pixels=5)


def run():
    return xr.Dataset(
        {
            "loss": ("step", [0.5, 0.4, 0.1, 0.01, 0.02]),
            "fraction_active_units": ("step", [0.8, 0.78, 0.7, 0.6, 0.3]),
            "active_fraction": ("step", [0.5, 0.49, 0.4, 0.3, 0.1]),
        },
        {"step": STEPS},
    )


def tuning():
    """Four units at five places, one of them never visited; unit 3 carries no information."""
    random = np.random.default_rng(0)
    rate = random.uniform(0, 1, (3, 4, 5))
    rate[:, :, 2] = np.nan
    rate[0, :3] = [[0, 0, np.nan, 0, 9], [9, 0, np.nan, 0, 0], [0, 9, np.nan, 0, 0]]
    rate[2, :3] = [[9, 0, np.nan, 0, 0], [0, 0, np.nan, 9, 0], [0, 0, np.nan, 0, 9]]
    bits = np.full((3, 4), 1.0)
    bits[:, 3] = 0.005
    bits[2, 1] = np.nan
    correlation = np.array([[1, 0.6, 0.2], [0.5, 1, 0.7], [0.1, 0.4, 1]])
    return xr.Dataset(
        {
            "rate": (("snapshot", "unit", "place"), rate),
            "spatial_information": (("snapshot", "unit"), bits),
            "mean_information": ("snapshot", [1.0, 1.5, 2.5]),
            "rate_map_correlation": (("snapshot", "other_snapshot"), correlation),
            "occupancy": ("place", [0.2, 0.3, 0.0, 0.4, 0.1]),
        },
        {"snapshot": SNAPSHOTS, "other_snapshot": SNAPSHOTS},
    )


def curves(ax):
    """What was drawn into the panel, by series."""
    table = drawn_points(ax.figure)
    panel = table[table.panel == ax.figure.axes.index(ax) + 1]
    return {name: (rows.x.to_numpy(), rows.y.to_numpy()) for name, rows in panel.groupby("series")}


def images(figure):
    return {name: (values, about) for name, (_, values, about) in drawn_images(figure).items()}


def test_the_scene_shows_walls_path_and_view(task):
    above, pixels = plots.corridor_scene(task, step=7)
    arena, path = arena_and_path(task.constants)
    lines = [line.get_xydata() for line in above.lines]
    np.testing.assert_array_equal(lines[0], np.column_stack([path.position, 0 * path.position]))
    rays, agent = lines[1:-1], lines[-1]
    np.testing.assert_array_equal(agent, [[path.position[7], 0]])
    assert len(rays) == 9
    for ray, share in zip(rays, np.linspace(-1, 1, 9), strict=True):
        np.testing.assert_array_equal(ray[0], agent[0])
        along, across = ray[1] - ray[0]
        angle = path.heading[7] + share * task.constants["field_of_view"]
        apart = np.arctan2(across, along) - angle
        assert np.cos(apart) == pytest.approx(1, abs=1e-12)
        on_side = abs(abs(ray[1, 1]) - arena.width / 2) < 1e-9
        on_end = abs(abs(ray[1, 0]) - arena.length / 2) < 1e-9
        assert on_side or on_end
    (walls,) = [artist for artist in above.collections if isinstance(artist, LineCollection)]
    np.testing.assert_array_equal(walls.get_array(), arena.texture)
    first = walls.get_segments()[0][0]
    np.testing.assert_allclose(first, [arena.length / 2, -arena.width / 2])
    ((view, _),) = images(pixels.figure).values()
    np.testing.assert_array_equal(view[:, 0], task.inputs[7, :-1])
    assert above.get_title().endswith("the agent at step 7")
    assert above.get_ylim() == (-0.75, 0.75)


def test_the_path_and_what_is_seen_on_it(task):
    position, views = plots.path_and_views(task)
    ((time, place),) = curves(position).values()
    np.testing.assert_array_equal(time, np.arange(30))
    np.testing.assert_array_equal(place, task.position)
    (values, about), *_ = images(views.figure).values()
    np.testing.assert_array_equal(values, task.inputs[:, :-1].T)
    assert about["extent"].tolist() == [-0.5, 29.5, -0.5, 4.5]  # the first pixel at the bottom
    assert (about["x_label"], about["y_label"]) == (
        "time (steps of the agent)",
        "pixel of the view",
    )


def test_the_learning_curve_is_relative_to_each_output_s_mean(task):
    ax = plots.learning_curve(run(), task)
    (drawn,) = curves(ax).values()
    variance = np.mean([task.targets[:, output].var() for output in range(task.d_out)])
    np.testing.assert_array_equal(drawn[0], STEPS[1:])
    np.testing.assert_allclose(drawn[1], np.log10(np.array([0.4, 0.1, 0.01, 0.02]) / variance))
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "training step")
    assert "log_{10}" in ax.get_ylabel()
    assert ax.lines[0].get_color() == COLOURS["loss"]


def test_the_edge_of_stability():
    share = xr.DataArray([1.4, 0.4, 1.0], {"snapshot": [0, 10, 20_000]}, "snapshot")
    ax = plots.edge_of_stability(share)
    (drawn,) = curves(ax).values()
    np.testing.assert_array_equal(drawn, ([0, 10, 20_000], [1.4, 0.4, 1.0]))
    assert ax.get_xscale() == "symlog"
    assert ax.get_ylim()[0] == 0
    assert ax.get_xlim()[0] == 0
    assert ax.lines[1].get_ydata() == [1, 1]


def test_information_and_both_measures_of_activity():
    information, activity = plots.information_and_activity(run(), tuning())
    (bits,) = curves(information).values()
    np.testing.assert_array_equal(bits, (SNAPSHOTS, [1.0, 1.5, 2.5]))
    assert "bits" in information.get_ylabel()
    drawn = curves(activity)
    for name in ("fraction_active_units", "active_fraction"):
        x, y = drawn[name.replace("_", " ").replace("fraction active", "fraction of active")]
        np.testing.assert_array_equal(x, STEPS)
        np.testing.assert_array_equal(y, run()[name])
    assert activity.get_ylim() == (0, 1)
    assert information.get_ylim()[0] == 0
    written = [text.get_text() for text in activity.get_legend().get_texts()]
    colours = [line.get_color() for line in activity.get_legend().get_lines()]
    assert written == ["fraction of active units", "active fraction"]
    assert colours == [COLOURS["active_units"], COLOURS["active_fraction"]]


def test_time_is_written_in_millions_of_steps():
    information, activity = plots.information_and_activity(run(), tuning())
    matrix = plots.correlation_matrix(tuning())
    for axis in (information.xaxis, activity.xaxis, matrix.xaxis, matrix.yaxis):
        axis.figure.draw_without_rendering()
        ticks = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in axis.get_ticklabels()]
        assert "1 M" in ticks and "0" in ticks
        assert all(text.endswith(" M") for text in ticks if text != "0")
        written = [float(text.removesuffix(" M")) for text in ticks]
        np.testing.assert_allclose(np.array(written) * 1e6, axis.get_ticklocs())
        assert axis.get_label_text() == "training step"
        assert axis.get_offset_text().get_text() == ""


def test_maps_are_sorted_by_their_row_and_shown_at_their_column():
    steps = [0, 1_000_000]
    data = tuning()
    grid = plots.sorted_rate_maps(data, steps)
    assert grid.shape == (2, 2)
    orders = {0: [1, 2, 0], 1_000_000: [0, 2]}  # by hand: by peak; place cells of that time only
    for row, sorting in enumerate(steps):
        for column, step in enumerate(steps):
            shown = np.asarray(grid[row, column].images[0].get_array())
            maps = display_maps(data.rate.sel(snapshot=step).values, data.occupancy.values)
            np.testing.assert_array_equal(shown, maps[orders[sorting]])
    assert [ax.get_title() for ax in grid[0]] == ["step 0", "step 1 M"]
    assert [ax.get_ylabel().split("\n")[-1] for ax in grid[:, 0]] == ["step 0", "step 1 M"]
    assert all(ax.images[0].get_clim() == (0, 1) for ax in grid.flat)


def test_the_correlation_matrix_has_time_downwards_and_to_the_right():
    ax = plots.correlation_matrix(tuning())
    (values, about), *_ = images(ax.figure).values()
    np.testing.assert_array_equal(values, tuning().rate_map_correlation)
    left, right, bottom, top = about["extent"]
    assert left < 0 < 1_000_000 < right
    assert bottom < 0 < 1_000_000 < top  # of the first and the last row ...
    assert ax.yaxis_inverted()  # ... of which the first is drawn at the top
    assert ax.collections[0].get_clim() == (0, 1)
    assert ax.get_aspect() == 1


def test_figures_are_drawn_into_axes_that_are_given_with_labels_over_their_own(task):
    _, (left, right) = subplots(1, 2)
    assert plots.learning_curve(run(), task, ax=left, xscale="linear", title="mine") is left
    assert (left.get_xscale(), left.get_title()) == ("linear", "mine")
    share = xr.DataArray([1.4], {"snapshot": [0]}, "snapshot")
    assert plots.edge_of_stability(share, ax=right, ylabel="other") is right
    assert right.get_ylabel() == "other"
    assert plots.correlation_matrix(tuning(), ax=left, xlabel="step") is left
    assert left.get_xlabel() == "step"
    _, pair = subplots(1, 2)
    for drawn in (
        plots.corridor_scene(task, 0, axes=pair),
        plots.path_and_views(task, axes=pair),
        plots.information_and_activity(run(), tuning(), axes=pair),
    ):
        assert list(drawn) == list(pair)
    _, (one, _) = subplots(1, 2)
    assert plots.sorted_rate_maps(tuning(), [0], axes=[one]).tolist() == [[one]]


def test_what_cannot_be_drawn_is_refused(task):
    with pytest.raises(ValueError, match="'random' has no walls to draw"):
        plots.corridor_scene(drift.random_mapping(), 0)
    with pytest.raises(ValueError, match="step=30 is none of the 30 samples"):
        plots.corridor_scene(task, 30)
    with pytest.raises(ValueError, match="has no positions to draw"):
        plots.path_and_views(drift.random_mapping())
    narrow = drift.Task([[1.0], [2.0]], [[1.0], [2.0]], position=[0, 1], heading=[0, 0])
    with pytest.raises(ValueError, match="has one input"):
        plots.path_and_views(narrow)
    with pytest.raises(ValueError, match="no record after step 0"):
        plots.learning_curve(run().isel(step=[0]), task)
    backwards = xr.DataArray([1.0, 2.0], {"snapshot": [5, 0]}, "snapshot")
    for share in (backwards, backwards[:0]):
        with pytest.raises(ValueError, match="at least one step, in order"):
            plots.edge_of_stability(share)
    with pytest.raises(ValueError, match="end at steps 1000 and 1000000"):
        plots.information_and_activity(run().isel(step=slice(0, 4)), tuning())
    for steps in ([], [0, 5]):
        with pytest.raises(ValueError, match="steps must be of snapshots, at least one"):
            plots.sorted_rate_maps(tuning(), steps)
    with pytest.raises(ValueError, match="no pair of times"):
        plots.correlation_matrix(tuning().isel(snapshot=[0]))
    with pytest.raises(ValueError, match="axes has 2 panels"):
        plots.sorted_rate_maps(tuning(), [0, 400_000], axes=subplots(1, 2)[1])
