"""The still of the page *A million steps under one slider*."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drift.analysis.tuning import peak_order
from drift.plots.style import COLOURS, series, subplots

SMALLEST_EIGENVALUE = 1e-9
"""Smaller eigenvalues, relative to the largest, are round-off and not shown."""

BINS = 100
"""Bins of place between one end of the way back and the other end of the way out."""

STILL_STEPS = (20_000, 200_000, 1_000_000)
"""The times of the still's columns, in training steps; its first row is sorted by the first."""


def explorer_still(maps: xr.Dataset, spectra: xr.Dataset) -> Figure:
    """Rate maps at three times, sorted by the first of them and by themselves, and three spectra.

    ``maps`` and ``spectra`` are the archives ``corridor-maps`` and ``corridor-spectra``.
    """
    figure, grid = subplots(2, 4, figsize=(9.5, 7), width_ratios=[1, 1, 1, 1.5])
    levels = {step: maps["level"].sel(snapshot=step).values for step in STILL_STEPS}
    where = maps["place_bin"].values, maps["place"].values
    for column, step in enumerate(STILL_STEPS):
        for row, sorting in enumerate((STILL_STEPS[0], step)):
            shown = levels[step][peak_order(levels[sorting])]
            _draw_maps(grid[row, column], picture(shown, *where))
        grid[0, column].set_title(f"step {step:,}")
        grid[1, column].set_xlabel("way back | way out", fontsize=9)
    grid[0, 0].set_ylabel(f"units, in their order at step {STILL_STEPS[0]:,}")
    grid[1, 0].set_ylabel("units, in their order at this time")
    spectrum, share = grid[:, 3]
    for step, colour in zip(STILL_STEPS, series(len(STILL_STEPS)), strict=True):
        values = spectra["eigenvalues"].sel(snapshot=step).values
        shown = values[values > SMALLEST_EIGENVALUE * values.max()]
        spectrum.semilogy(np.arange(1, shown.size + 1), shown, color=colour, label=f"{step:,}")
    spectrum.set(xlabel="rank", title="eigenvalues of the Hessian")
    spectrum.legend(fontsize=8, title="step", title_fontsize=8)
    share.plot(maps["snapshot"], maps["fraction_active_units"], color=COLOURS["active_units"])
    share.set(xlabel="training step", title="fraction of active units", ylim=(0, 1))
    share.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    return figure


def picture(level: np.ndarray, place_bin: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Rate maps as they are drawn, (unit, 100): NaN for silent units and between the directions.

    ``level`` is (unit, place) of the bins ``place_bin``; a bin without a sample shows what the one
    before it has, where both ends of the gap are on the same way (``place`` of equal sign).
    """
    source = np.full(BINS, -1)
    turns = np.append(np.diff(np.sign(place)) != 0, True)
    ends = np.where(turns, place_bin + 1, np.append(place_bin[1:], 0))
    for index, (first, end) in enumerate(zip(place_bin, ends, strict=True)):
        source[first:end] = index
    heard = np.where(level.max(axis=1, keepdims=True) > 0, level, np.nan)
    return np.where(source >= 0, heard[:, source], np.nan)


def _draw_maps(axes: Axes, shown: np.ndarray) -> None:
    axes.imshow(shown, aspect="auto", interpolation="nearest", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])
