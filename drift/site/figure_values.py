"""The numbers of a figure, for the pointer to read: a script beside its pictures.

They are those of the figure's CSV or netCDF file, which is offered below it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from drift.plots.export import NARROW_SUFFIX
from drift.plots.vector_files import panels_of
from drift.support.storage import write_text

VALUES_SUFFIX = ".values.js"

LARGEST_SERIES = 1500
"""Points of a curve; of longer ones every second, third and so on."""

LARGEST_FIGURE = 6000
"""Points; of figures with more only the curves that a legend names can be read."""

LARGEST_MATRIX = 4000
"""Cells of a picture that can be read."""

NOTHING = {"x_label": "", "y_label": "", "series": ""}
"""What an empty cell of the file means."""

_WORDS = {
    r"\eta": "η", r"\sigma": "\N{GREEK SMALL LETTER SIGMA}",
    r"\times": "\N{MULTIPLICATION SIGN}", r"\log_{10}": "log10 ", "^2": "²", "^3": "³",
    r"\,": " ", "$": "", "\n": " ", "_{out}": "out",
}  # fmt: skip


def write_values(figure: Path) -> bool:
    """Write the script of the ``figure`` (its path without a suffix) beside its other files.

    Returns
    -------
    bool
        Whether there is a script: it takes data, and an SVG that says where its panels are.
    """
    wide, narrow = figure.with_suffix(".svg"), figure.with_name(figure.name + NARROW_SUFFIX)
    panels = panels_of(wide.read_text(encoding="utf-8"))
    shown = _shown(figure, panels) if panels else []
    if not shown:
        return False
    boxes = [panel["box"] for panel in panels]
    other = panels_of(narrow.read_text(encoding="utf-8")) if narrow.exists() else []
    content = {"wide": boxes, "narrow": [panel["box"] for panel in other], "shown": shown}
    name = json.dumps(f"{figure.parent.name}/{figure.name}")
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    start = "window.driftFigures = window.driftFigures || {};"
    write_text(
        f"{start}\nwindow.driftFigures[{name}] = {text};\n", figure.with_suffix(VALUES_SUFFIX)
    )
    return True


def _shown(figure: Path, panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Curves and pictures: panel from 0, labels, values, and places as shares of the panel.

    Of a picture ``edges`` are data at its first and last edge across and along, ``spans`` those at
    the ends of the axes.
    """
    csv, netcdf = figure.with_suffix(".csv"), figure.with_suffix(".nc")
    if csv.exists():
        labels = dict.fromkeys(["x_label", "y_label", "kind", "series"], str)
        return _curves(pd.read_csv(csv, dtype=labels, na_filter=True).fillna(NOTHING), panels)
    if not netcdf.exists():
        return []
    with xr.open_dataset(netcdf, engine="h5netcdf") as data:
        number = data["series_of_vertex"].values
        of_vertex = {name: data[name].values[number] for name in ("panel", "kind")}
        labels = {name: data[name].values[number] for name in ("x_label", "y_label")}
        places = {name: data[name].values for name in ("x", "y")}
        names = data["series_name"].values[number]
        table = pd.DataFrame({**of_vertex, **labels, **places, "series": names})
        pictures = [
            _picture(str(name), values, panels)
            for name, values in data.data_vars.items()
            if re.fullmatch(r"panel_\d+_image", str(name)) and values.size <= LARGEST_MATRIX
        ]
    return [*_curves(table, panels), *pictures]


def _curves(table: pd.DataFrame, panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if table.empty:
        return []
    table = table[table["kind"].isin(["line", "points"])]
    table = table[np.isfinite(table["x"]) & np.isfinite(table["y"])]
    if len(table) > LARGEST_FIGURE:
        table = table[~table["series"].astype(str).str.fullmatch(r"[\d.]*")]
    found = []
    for (panel, name), rows in table.groupby(["panel", "series"], sort=False):
        kept = rows.iloc[:: 1 + len(rows) // LARGEST_SERIES]
        axes = panels[int(panel) - 1]
        across, along = (_share(kept[c].to_numpy(float), axes[c]) for c in ("x", "y"))
        inside = (across >= -0.001) & (across <= 1.001) & (along >= -0.001) & (along <= 1.001)
        kept = kept[inside]
        if len(kept):
            name = "" if str(name).isdigit() else _plain(str(name))
            labels = (_plain(str(kept[column].iloc[0])) for column in ("x_label", "y_label"))
            found.append(
                {
                    "panel": int(panel) - 1, "name": name, "labels": list(labels),
                    "x": _short(kept["x"]), "y": _short(kept["y"]),
                    "u": np.round(across[inside], 4).tolist(),
                    "v": np.round(along[inside], 4).tolist(),
                }
            )  # fmt: skip
    return found


def _picture(name: str, values: xr.DataArray, panels: list[dict[str, Any]]) -> dict[str, Any]:
    left, right, bottom, top = np.asarray(values.attrs["extent"], float).tolist()
    rows = [top, bottom] if bottom > top else [bottom, top]  # pictures begin at the top
    panel = int(name.split("_")[1]) - 1
    spans = [panels[panel][axis][1:3] for axis in ("x", "y")]
    labels = [_plain(str(values.attrs[label])) for label in ("x_label", "y_label")]
    cells = np.where(np.isfinite(values.values), values.values, -1)
    return {
        "panel": panel, "labels": labels, "rows": values.shape[0], "spans": spans,
        "edges": [[left, right], rows], "cells": _short(pd.Series(cells.ravel())),
    }  # fmt: skip


def _share(values: np.ndarray, span: list[Any]) -> np.ndarray:
    """Where ``values`` are on an axis, from 0 at its beginning to 1 at its end; NaN if nowhere."""
    scale, first, last, *ends_linear = span
    ends = np.array([first, last])
    if scale == "log":
        with np.errstate(divide="ignore", invalid="ignore"):
            values, ends = np.log10(values), np.log10(ends)
    elif scale == "symlog":
        values, ends = (_symmetric_log(part / ends_linear[0]) for part in (values, ends))
    return np.nan_to_num((values - ends[0]) / (ends[1] - ends[0]), nan=-1, posinf=-1, neginf=-1)


def _symmetric_log(values: np.ndarray) -> np.ndarray:
    """Matplotlib's scale with a linear part up to 1, which is 10/9 of a decade long."""
    size = np.abs(values)
    outer = 10 / 9 + np.log10(np.maximum(size, 1))
    return np.sign(values) * np.where(size <= 1, 10 / 9 * size, outer)


def _short(values: pd.Series) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _plain(label: str) -> str:
    for mark, word in _WORDS.items():
        label = label.replace(mark, word)
    return " ".join(re.sub(r"[\\{}]", "", label).split())
