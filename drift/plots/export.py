"""Figures of a chapter as files: pictures, and the numbers that were drawn.

While a chapter is executed with ``DRIFT_FIGURES`` naming a folder, every figure that a cell returns
is written there, numbered in the order of the cells (:func:`export_from_cells`).
"""

from __future__ import annotations

import copy
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from drift.plots.narrow import make_narrow
from drift.plots.vector_files import shown_as_pictures, write_svg

__all__ = [
    "FOLDER_VARIABLE",
    "LARGEST_CSV",
    "drawn_images",
    "drawn_points",
    "export_figure",
    "export_from_cells",
]

FOLDER_VARIABLE = "DRIFT_FIGURES"
LARGEST_CSV = 10_000
OF_A_SERIES = ["panel", "x_label", "y_label", "kind", "series"]
NARROW_SUFFIX = ".narrow.svg"


def export_from_cells() -> None:
    """From now on, write each figure that a cell of this notebook returns, if a folder is set."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None or getattr(shell, "exports_figures", False):
        return
    shell.exports_figures = True
    numbers = itertools.count()

    def export(result: Any) -> None:
        if isinstance(result.result, Figure):
            export_figure(result.result, Path(folder) / f"{next(numbers):02d}")

    shell.events.register("post_run_cell", export)


def export_figure(figure: Figure, path: Path) -> list[Path]:
    """Write ``figure`` as PNG and SVG, and what it shows as CSV; as netCDF where that is much.

    A figure with images, or with more than :data:`LARGEST_CSV` vertices, has a netCDF file: ``x``,
    ``y`` and the number of the series of each vertex, what each series is (:func:`drawn_points`),
    and the images (:func:`drawn_images`). The same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Parts of it become pictures inside the SVG.
    path : pathlib.Path
        The files are this with each suffix; its folder is made if need be.

    Returns
    -------
    list of pathlib.Path
        SVG, PNG, data and, where there is one, the SVG of the narrow form, for phones
        (:func:`drift.plots.narrow.make_narrow`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for artist in shown_as_pictures(figure):
        artist.set_rasterized(True)
    write_svg(figure, path.with_suffix(".svg"))
    figure.savefig(path.with_suffix(".png"), metadata={"Software": None}, dpi=200)
    table, images = drawn_points(figure), drawn_images(figure)
    if images or len(table) > LARGEST_CSV:
        data = path.with_suffix(".nc")
        content = _compact(table).assign(images)
        packed = {"zlib": True, "complevel": 4, "shuffle": True}
        encoding = {name: packed for name in content.variables if content[name].dtype.kind in "fi"}
        content.to_netcdf(data, engine="h5netcdf", encoding=encoding)
    else:
        data = path.with_suffix(".csv")
        table.to_csv(data, index=False, float_format="%.7g")
    written = [path.with_suffix(".svg"), path.with_suffix(".png"), data]
    narrow = copy.deepcopy(figure)
    if make_narrow(narrow):
        written.append(path.with_suffix(NARROW_SUFFIX))
        write_svg(narrow, written[-1], whole=True)
    return written


def drawn_points(figure: Figure) -> pd.DataFrame:
    """Every curve, point, band and bar of ``figure`` in data coordinates, one row a vertex.

    What only guides the eye (lines across a panel, text) is left out.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Left as it is.

    Returns
    -------
    pandas.DataFrame
        Columns ``panel`` (from 1), ``x_label`` and ``y_label`` of its axes, ``kind``, ``series``
        (its name in the legend, or its number in the panel), ``x``, ``y``. A bar is two rows, its
        lower left and its upper right corner.
    """
    rows = [
        pd.DataFrame(points, columns=["x", "y"]).assign(
            panel=panel,
            x_label=axes.get_xlabel(),
            y_label=axes.get_ylabel(),
            kind=kind,
            series=series,
        )
        for panel, axes in enumerate(figure.axes, 1)
        for kind, series, points in _series(axes)
    ]
    columns = [*OF_A_SERIES, "x", "y"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def _compact(table: pd.DataFrame) -> xr.Dataset:
    """The table with what belongs to a series said once a series."""
    number = table.groupby(OF_A_SERIES, sort=False).ngroup().to_numpy()
    series = table[OF_A_SERIES].drop_duplicates()
    points = {name: ("vertex", table[name].to_numpy(np.float32)) for name in ("x", "y")}
    about = {
        "series_name" if name == "series" else name: ("series", series[name].to_numpy())
        for name in OF_A_SERIES
    }
    return xr.Dataset({**points, "series_of_vertex": ("vertex", number.astype(np.int32)), **about})


def drawn_images(figure: Figure) -> dict[str, tuple[tuple[str, str], np.ndarray, dict[str, Any]]]:
    """Every image and colour mesh of ``figure``, as variables of a dataset.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Its images of colours, rather than of numbers, are left out.

    Returns
    -------
    dict of str to tuple
        For ``panel_1_image`` and so on dimensions, values (row, column) and attributes: labels,
        title, and ``extent`` in data coordinates (left, right, bottom, top).
    """
    images: dict[str, Any] = {}
    for panel, axes in enumerate(figure.axes, 1):
        meshes = [child for child in axes.collections if isinstance(child, QuadMesh)]
        artists: list[Any] = [*axes.images, *meshes]
        for number, artist in enumerate(artists, 1):
            values = artist.get_array()
            name = f"panel_{panel}_image" + (f"_{number}" if number > 1 else "")
            if isinstance(artist, QuadMesh):
                corners: Any = artist.get_coordinates()
                (left, bottom), (right, top) = corners[0, 0], corners[-1, -1]
                values = np.reshape(values, np.subtract(corners.shape[:2], 1))
            else:
                left, right, bottom, top = artist.get_extent()
            dimensions = f"{name}_row", f"{name}_column"
            about = {
                "x_label": axes.get_xlabel(),
                "y_label": axes.get_ylabel(),
                "title": axes.get_title(),
                "extent": np.array([left, right, bottom, top], float),
            }
            if np.ndim(values) == 2:
                images[name] = dimensions, np.ma.filled(np.ma.asarray(values, float), np.nan), about
    return images


def _series(axes: Axes) -> Iterator[tuple[str, str, np.ndarray]]:
    """Kind, name and vertices of what is drawn in data coordinates in one panel."""
    for number, (kind, artist) in enumerate(_artists(axes), 1):
        label = str(artist.get_label())
        series = label if label and not label.startswith("_") else f"{number}"
        if isinstance(artist, Line2D):
            yield kind, series, np.column_stack(artist.get_data(orig=False))
        elif isinstance(artist, Rectangle):
            yield kind, series, np.asarray(artist.get_bbox().get_points())
        elif isinstance(artist, PathCollection):
            yield kind, series, np.ma.getdata(artist.get_offsets())
        elif isinstance(artist, LineCollection):
            for part, segment in enumerate(artist.get_segments(), 1):
                yield kind, f"{series}.{part}", np.asarray(segment)
        else:
            for path in artist.get_paths():
                yield kind, series, np.asarray(path.vertices)


def _artists(axes: Axes) -> Iterator[tuple[str, Any]]:
    def in_data_coordinates(artist: Any) -> bool:
        return all(artist.get_transform().contains_branch_seperately(axes.transData))

    for line in axes.lines:
        if in_data_coordinates(line):
            yield "line", line
    for collection in axes.collections:
        if isinstance(collection, QuadMesh) or not isinstance(collection, Collection):
            continue
        if isinstance(collection, PathCollection):
            yield "points", collection
        elif isinstance(collection, LineCollection):
            yield "segments", collection
        elif in_data_coordinates(collection):
            yield "band", collection
    for patch in axes.patches:
        if isinstance(patch, Rectangle) and in_data_coordinates(patch):
            yield "bar", patch
