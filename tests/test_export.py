"""Figures as files: the numbers in them are the numbers that were drawn."""

import hashlib

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drift.plots.export import LARGEST_CSV, drawn_images, drawn_points, export_figure
from drift.plots.style import subplots

X = np.array([0.0, 1.0, 2.5])
Y = np.array([3.0, -1.0, 0.25])


def of(table, kind, series):
    rows = table[(table.kind == kind) & (table.series == series)]
    return rows.x.to_numpy(), rows.y.to_numpy()


def test_every_kind_of_mark_gives_the_numbers_that_it_was_drawn_from():
    figure, (left, right) = subplots(1, 2)
    left.plot(X, Y, label="curve")
    left.axhline(0.5)  # guides the eye
    left.scatter(X, 2 * Y, label="dots")
    left.set(xlabel="step", ylabel="loss")
    right.fill_between(X, Y, Y + 1, label="range")
    right.bar([1.0], [4.0], width=0.5, bottom=[1.0])
    right.hlines([7.0], [0.0], [2.0], label="spans")
    table = drawn_points(figure)
    assert sorted(table.kind.unique()) == ["band", "bar", "line", "points", "segments"]
    np.testing.assert_array_equal(of(table, "line", "curve"), (X, Y))
    np.testing.assert_array_equal(of(table, "points", "dots"), (X, 2 * Y))
    band = set(zip(*of(table, "band", "range"), strict=True))
    assert band == {*zip(X, Y, strict=True), *zip(X, Y + 1, strict=True)}
    bar = table[table.kind == "bar"]
    np.testing.assert_array_equal(bar[["x", "y"]], [[0.75, 1.0], [1.25, 5.0]])
    np.testing.assert_array_equal(of(table, "segments", "spans.1"), ([0.0, 2.0], [7.0, 7.0]))
    assert set(table[table.panel == 1].x_label) == {"step"}
    assert set(table[table.panel == 1].y_label) == {"loss"}
    assert len(table[table.kind == "line"]) == 3  # and none for the guide


def test_images_and_meshes_keep_their_values_and_extent():
    values = np.arange(12.0).reshape(3, 4)
    values[1, 2] = np.nan
    figure, (left, right) = subplots(1, 2)
    left.imshow(values, extent=(0, 8, -1, 2), aspect="auto", origin="lower")
    right.pcolormesh(np.linspace(0, 1, 5), np.linspace(10, 16, 4), 2 * values)
    images = drawn_images(figure)
    assert list(images) == ["panel_1_image", "panel_2_image"]
    np.testing.assert_array_equal(images["panel_1_image"][1], values)
    np.testing.assert_array_equal(images["panel_2_image"][1], 2 * values)
    np.testing.assert_array_equal(images["panel_1_image"][2]["extent"], [0, 8, -1, 2])
    np.testing.assert_array_equal(images["panel_2_image"][2]["extent"], [0, 1, 10, 16])


def curves(points):
    figure, axes = subplots()
    x = np.linspace(0, 1, points)
    axes.plot(x, x**2, label="a")
    axes.plot(x, -x, label="b")
    axes.set(xlabel="time", ylabel="value")
    return figure


def test_a_small_figure_has_a_csv_that_reads_back(tmp_path):
    svg, png, data, narrow = export_figure(curves(50), tmp_path / "fig-small")
    assert [path.name for path in (svg, png, data, narrow)] == [
        "fig-small.svg", "fig-small.png", "fig-small.csv", "fig-small.narrow.svg"
    ]  # fmt: skip
    table = pd.read_csv(data)
    x, y = of(table, "line", "a")
    np.testing.assert_allclose(x, np.linspace(0, 1, 50), rtol=1e-6)
    np.testing.assert_allclose(y, np.linspace(0, 1, 50) ** 2, rtol=1e-6, atol=1e-7)
    assert png.read_bytes().startswith(b"\x89PNG") and b"<svg" in svg.read_bytes()


def test_a_large_one_has_a_netcdf_with_each_series_named_once(tmp_path):
    points = LARGEST_CSV // 2 + 1
    _, _, data, _ = export_figure(curves(points), tmp_path / "fig-large")
    assert data.suffix == ".nc"
    with xr.open_dataset(data, engine="h5netcdf") as content:
        assert content.series_name.values.tolist() == ["a", "b"]
        assert content.y_label.values.tolist() == ["value", "value"]
        second = content.series_of_vertex.values == 1
        assert second.sum() == points
        np.testing.assert_allclose(content.y.values[second], -np.linspace(0, 1, points), rtol=1e-6)


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    def digests(folder):
        figure = curves(40)
        figure.axes[0].imshow(np.eye(4), extent=(0, 1, 0, 1))
        paths = export_figure(figure, tmp_path / folder / "fig")
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]

    before = dict(mpl.rcParams)
    assert digests("first") == digests("second")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("wanted", [True, False])
def test_cells_export_only_when_asked_to(tmp_path, wanted):
    """In an IPython shell, with the hook as chapters install it."""
    import os
    import subprocess
    import sys

    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('from drift.plots.style import subplots, use_style')\n"
        "shell.run_cell('use_style(); use_style()')\n"
        "shell.run_cell('1 + 1')\n"
        "shell.run_cell('figure, axes = subplots(); axes.plot([1, 2], [3, 4]); figure')\n"
        "shell.run_cell('figure')\n"
    )
    environment = dict(os.environ)
    environment.pop("DRIFT_FIGURES", None)
    if wanted:
        environment["DRIFT_FIGURES"] = str(tmp_path)
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, capture_output=True)
    expected = [f"{n:02d}.{kind}" for n in (0, 1) for kind in ("csv", "narrow.svg", "png", "svg")]
    assert sorted(file.name for file in tmp_path.iterdir()) == (expected if wanted else [])
