"""What the page *Explore one run* shows: data for its script, and a still.

Both are made of the shipped archives when the site is built, so that no number is kept twice.
"""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drift.analysis.tuning import peak_order
from drift.plots.style import COLOURS, book_style, series, step_axis, subplots
from drift.plots.tick_numbers import short_number
from drift.results.archives import EVERY_THOUSANDTH, PUBLISHED_RULE, load_archive
from drift.site.notable_units import notable_units
from drift.site.staging import stage_figure
from drift.support.storage import write_text

PAGE = "explorer.md"

SMALLEST_EIGENVALUE = 1e-9
"""Smaller eigenvalues, relative to the largest, are round-off and not shown."""

BINS = 100
"""Bins of place between one end of the way back and the other end of the way out."""

STILL_STEPS = (20_000, 200_000, 1_000_000)
"""The times of the still's columns, in training steps; its first row is sorted by the first."""


def stage_explorer(book: Path) -> None:
    """Write data and still of the explorer into the staged ``book``, if it has that page."""
    if not (book / PAGE).exists():
        return
    folder = book / "_static" / "explorer"
    folder.mkdir(parents=True, exist_ok=True)
    write_text(data_script(explorer_arrays()), folder / "data.js")
    with book_style():
        stage_figure(still(), PAGE.removesuffix(".md"), "explorer-still", book.parent)


def explorer_arrays() -> dict[str, np.ndarray]:
    """All that the page draws, of the default corridor run with seed 0, by name.

    Along snapshots: ``snapshot`` (their steps), ``level``, ``peak`` and ``information`` (0 for a
    silent unit) as in the archive ``corridor-maps``, ``correlation`` (snapshot, snapshot),
    ``mean_information``, ``eigenvalues`` of the Hessian's Gauss-Newton part (0 where smaller than
    :data:`SMALLEST_EIGENVALUE` of the largest) and their ``rank``. Along
    recorded steps: ``step``, ``relative_loss`` (log10 of the loss over the targets' variance) and
    ``active_units``. Besides ``place``, ``place_bin``, ``stability``, the eigenvalue 2 / eta, and
    ``notable``, the units that the page offers, of which it begins with the first, and the
    snapshots to see them at (:func:`drift.site.notable_units.notable_units`).
    """
    maps, spectra = load_archive("corridor-maps"), load_archive("corridor-spectra")
    run = load_archive("corridor").sel(seed=0, step=EVERY_THOUSANDTH)
    relative_loss = np.log10(run["loss"].values / float(run["target_variance"]))
    information = maps["spatial_information"].values
    arrays = {
        "snapshot": maps["snapshot"].values,
        "place": maps["place"].values,
        "place_bin": maps["place_bin"].values,
        "level": maps["level"].values,
        "peak": maps["peak_rate"].values,
        "information": np.where(np.isfinite(information), information, 0),
        "correlation": run["rate_map_correlation"].values,
        "mean_information": run["mean_information"].values,
        "eigenvalues": _shown_eigenvalues(spectra),
        "rank": spectra["rank"].values.astype(int),
        "stability": np.array([2 / PUBLISHED_RULE.learning_rate]),
        "step": run["step"].values,
        "relative_loss": relative_loss,
        "active_units": run["fraction_active_units"].values,
        "notable": notable_units(maps),
    }
    return {name: _in_few_bytes(values) for name, values in arrays.items()}


def data_script(arrays: dict[str, np.ndarray]) -> str:
    """A script that sets ``driftExplorerData`` to the ``arrays``: where each is, and all bytes.

    ``arrays`` lists ``[name, type, shape]`` in the order of the bytes; ``bytes`` is the base64 of
    the zlib stream of the arrays one after another, little-endian, each filled up to a multiple of
    four bytes.
    """
    listed = [[name, values.dtype.name, values.shape] for name, values in arrays.items()]
    joined = b"".join(_padded(values.tobytes()) for values in arrays.values())
    content = {"arrays": listed, "bytes": base64.b64encode(zlib.compress(joined, 9)).decode()}
    return f"window.driftExplorerData = {json.dumps(content)};\n"


def still() -> Figure:
    """The picture that stands in for the explorer where no script runs."""
    with book_style():
        return explorer_still(load_archive("corridor-maps"), load_archive("corridor-spectra"))


def _shown_eigenvalues(spectra: xr.Dataset) -> np.ndarray:
    values = spectra["eigenvalues"].values
    return np.where(values > SMALLEST_EIGENVALUE * values.max(axis=1, keepdims=True), values, 0)


def _in_few_bytes(values: np.ndarray) -> np.ndarray:
    """``values`` as little-endian uint8, int32 or float32."""
    if values.dtype == np.uint8:
        return values
    return values.astype("<i4" if np.issubdtype(values.dtype, np.integer) else "<f4")


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)


def explorer_still(maps: xr.Dataset, spectra: xr.Dataset) -> Figure:
    """Rate maps at three times, sorted by the first of them and by themselves, and three spectra.

    ``maps`` and ``spectra`` are the archives ``corridor-maps`` and ``corridor-spectra``.
    """
    figure, grid = subplots(2, 4, figsize=(9, 6.7), width_ratios=[1, 1, 1, 1.5])
    levels = {step: maps["level"].sel(snapshot=step).values for step in STILL_STEPS}
    where = maps["place_bin"].values, maps["place"].values
    for column, step in enumerate(STILL_STEPS):
        for row, sorting in enumerate((STILL_STEPS[0], step)):
            shown = levels[step][peak_order(levels[sorting])]
            _draw_maps(grid[row, column], picture(shown, *where))
        grid[0, column].set_title(f"step {short_number(step)}")
        grid[1, column].set_xlabel("way back | way out", fontsize=9)
    grid[0, 0].set_ylabel(
        f"units in the order of their places\nat step {short_number(STILL_STEPS[0])}"
    )
    grid[1, 0].set_ylabel("units in the order of their places\nat the time shown")
    spectrum, share = grid[:, 3]
    for step, colour in zip(STILL_STEPS, series(len(STILL_STEPS)), strict=True):
        values = spectra["eigenvalues"].sel(snapshot=step).values
        shown = values[values > SMALLEST_EIGENVALUE * values.max()]
        spectrum.semilogy(
            np.arange(1, shown.size + 1), shown, color=colour, label=short_number(step)
        )
    spectrum.set(xlabel="rank", title="eigenvalues of the Hessian")
    spectrum.legend(title="step", title_fontsize=9)
    share.plot(maps["snapshot"], maps["fraction_active_units"], color=COLOURS["active_units"])
    share.set(title="fraction of active units", ylim=(0, 1))
    step_axis(share.xaxis)
    return figure


def picture(level: np.ndarray, place_bin: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Rate maps as they are drawn, (unit, 100): -1 for silent units, NaN between the directions.

    ``level`` is (unit, place) of the bins ``place_bin``; a bin without a sample shows what the one
    before it has, where both ends of the gap are on the same way (``place`` of equal sign).
    """
    source = np.full(BINS, -1)
    turns = np.append(np.diff(np.sign(place)) != 0, True)
    ends = np.where(turns, place_bin + 1, np.append(place_bin[1:], 0))
    for index, (first, end) in enumerate(zip(place_bin, ends, strict=True)):
        source[first:end] = index
    heard = np.where(level.max(axis=1, keepdims=True) > 0, level, -1.0)
    return np.where(source >= 0, heard[:, source], np.nan)


def _draw_maps(axes: Axes, shown: np.ndarray) -> None:
    colours = plt.get_cmap().with_extremes(under=COLOURS["silent"])
    axes.imshow(shown, cmap=colours, aspect="auto", interpolation="nearest", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])
