"""The figure of the landing page: what a million steps do to a code, from shipped archives."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from scipy.ndimage import median_filter

from drift.analysis.tuning import PLACE_CELL_INFORMATION, peak_order
from drift.plots.style import COLOURS, book_style, step_axis, unit_maps
from drift.plots.tick_numbers import BookFigure, short_number
from drift.results.archives import EVERY_THOUSANDTH, load_archive
from drift.site.first_page import FIRST_PAGE
from drift.site.staging import stage_figure
from drift.support.storage import content_checksum

COVER_ARCHIVES = ("corridor", "corridor-maps")
"""The archives that the cover shows: curves of one run, and its rate maps at three times."""

COVER_STEPS = (20_000, 300_000, 1_000_000)
"""A, B and C."""

MEDIAN_RECORDS = 21
"""Records of the loss that the thick line is the running median of."""


def cover(run: xr.Dataset, maps: xr.Dataset) -> Figure:
    """Loss and fraction of active units of ``run``, above rate maps of the same units in ``maps``.

    ``run`` is one run of the archive ``corridor``, ``maps`` the archive ``corridor-maps`` at
    :data:`COVER_STEPS`. The rows of all maps are the place cells of the first time, in the order of
    their peaks at that time.
    """
    with book_style(font_size=12.5, axes_titlesize=12.5):
        figure = plt.figure(figsize=(7.2, 6.4), FigureClass=BookFigure)
        grid = figure.add_gridspec(2, maps.sizes["snapshot"], height_ratios=[1, 1.55])
        curves = figure.add_subplot(grid[0, :])
        _draw_curves(curves, run, maps["snapshot"].values)
        order = same_units(maps)
        for column, step in enumerate(maps["snapshot"].values):
            axes = figure.add_subplot(grid[1, column])
            unit_maps(axes, maps["level"].sel(snapshot=step).values[order] / 255, vmax=1)
            letter = "ABC"[column]
            axes.set(title=f"{letter}: step {short_number(step)}", xticks=[], yticks=[])
            if column == 0:
                axes.set_ylabel(f"the same {len(order)} units")
        ways = "place along the corridor: way back | way out"
        figure.supxlabel(ways, fontsize=12.5)
        plt.close(figure)
    return figure


def same_units(maps: xr.Dataset) -> np.ndarray:
    """Place cells of the first time in ``maps``, in the order of the peaks of their maps."""
    first = maps.isel(snapshot=0)
    units = np.flatnonzero(first["spatial_information"].values > PLACE_CELL_INFORMATION)
    return units[peak_order(first["level"].values[units])]


def _draw_curves(axes: plt.Axes, run: xr.Dataset, times: np.ndarray) -> None:
    steps = run["step"].values
    loss = run["loss"].values / float(run["target_variance"])
    axes.plot(steps, loss, color=COLOURS["loss"], lw=0.5, alpha=0.35)
    whole = slice(MEDIAN_RECORDS // 2, -(MEDIAN_RECORDS // 2))
    median = median_filter(loss, MEDIAN_RECORDS)
    axes.plot(steps[whole], median[whole], color=COLOURS["loss"], lw=2.5)
    axes.plot(steps, run["fraction_active_units"], color=COLOURS["active_units"], lw=2.5)
    axes.text(360_000, 0.78, "fraction of active units", color=COLOURS["active_units"])
    axes.text(360_000, 0.6, "loss (1: average view)", color=COLOURS["loss"])
    for letter, time in zip("ABC", times, strict=False):
        axes.axvline(time, color=COLOURS["guide"], lw=1, ls="--", zorder=0)
        axes.annotate(letter, (time, 1), (4, -2), textcoords="offset points", va="top")
    axes.set(xlim=(-5000, 1_040_000), ylim=(0, 1), yticks=[0, 0.5, 1])
    step_axis(axes.xaxis)


def stage_cover(stage: Path) -> None:
    """Have the first page of the staged book show the cover like the figures of chapters."""
    if (stage / "book" / FIRST_PAGE).exists():
        with book_style():
            stage_figure(_shipped_cover(), Path(FIRST_PAGE).stem, "fig-cover", stage)


def _shipped_cover() -> Figure:
    run = load_archive("corridor").sel(seed=0, step=EVERY_THOUSANDTH)
    return cover(run, load_archive("corridor-maps").sel(snapshot=list(COVER_STEPS)))


def cover_checksum() -> str:
    """SHA-256 of the content of the archives that the cover shows."""
    return " ".join(content_checksum(load_archive(name)) for name in COVER_ARCHIVES)


def draw_cover(path: Path) -> Path:
    """Draw the cover from the shipped archives and write it to ``path`` as a PNG of 256 colours.

    The file's text ``Source`` holds the checksum of what was drawn.
    """
    buffer = io.BytesIO()
    with book_style():
        _shipped_cover().savefig(buffer, format="png", dpi=200)
    picture = Image.open(buffer).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    text = PngInfo()
    text.add_text("Source", cover_checksum())
    picture.save(path, format="png", optimize=True, pnginfo=text)
    return path
