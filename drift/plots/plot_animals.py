"""Figures of the recordings: numbers over sessions, maps over days, likeness over time (Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drift.analysis.tuning import peak_order
from drift.plots.style import COLOURS, series, subplots

__all__ = ["likeness_over_time", "maps_by_day", "over_sessions"]

SESSION_MEASURES = {
    "active_cells": ("active_units", "active cells"),
    "place_cell_fraction": ("active_fraction", "place cells,\nshare of active"),
    "information": ("information", "information of\nplace cells"),
}
"""Measures of a session: colour and name."""


def over_sessions(sets: Mapping[str, pd.DataFrame]) -> Figure:
    """Fig. 3: mean and standard error over animals, over the first session; a row a data set.

    Parameters
    ----------
    sets : mapping of str to pandas.DataFrame
        By name of the data set, as of ``drift.results.animal_tables.by_session``: columns
        ``measure``, ``session``, ``mean``, ``sem`` and ``animals``. Information with its bias
        removed (``information_ssr``, ``information_bae``) is drawn where it is given.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, grid = subplots(
        len(sets), len(SESSION_MEASURES), figsize=(8.5, 2.5 * len(sets)), sharey="row",
        squeeze=False,
    )  # fmt: skip
    corrected = {"information_ssr": ("--", "bias removed (SSR)"),
                 "information_bae": (":", "bias removed (BAE)")}  # fmt: skip
    for row, (name, table) in zip(grid, sets.items(), strict=True):
        for axes, (measure, (colour, title)) in zip(row, SESSION_MEASURES.items(), strict=True):
            axes.axhline(1, color="0.7", lw=0.8)
            _line(axes, table[table["measure"] == measure], COLOURS[colour], "-", "as recorded")
            if measure == "information":
                for other, (style, label) in corrected.items():
                    rows = table[table["measure"] == other]
                    if len(rows):
                        _line(axes, rows, "0.35", style, label)
                if len(axes.lines) > 2:
                    axes.legend(fontsize=8)
            axes.set(title=title, xlabel="session")
            axes.set_xticks(sorted(table["session"].unique()))
        animals = int(table["animals"].max())
        row[0].set_ylabel(f"{name} ({animals} animals),\nover first session", fontsize=10)
    return figure


def _line(axes: Axes, rows: pd.DataFrame, colour: str, style: str, label: str) -> None:
    axes.plot(rows["session"], rows["mean"], style, color=colour, lw=2, label=label)
    low, high = rows["mean"] - rows["sem"], rows["mean"] + rows["sem"]
    axes.fill_between(rows["session"], low, high, color=colour, alpha=0.2, lw=0)


def maps_by_day(maps: pd.DataFrame) -> Figure:
    """Rate maps of the same cells on several days (columns), sorted by one day's peaks (rows).

    The counterpart of Fig. 2D, which shows the model.

    Parameters
    ----------
    maps : pandas.DataFrame
        Of ``drift.results.animal_tables.maps_over_days``: ``day`` (two or more), ``cell``, and
        ``bin_0`` and so on, rates relative to the map's maximum.

    Returns
    -------
    matplotlib.figure.Figure
    """
    days = sorted(maps["day"].unique())
    columns = [name for name in maps.columns if name.startswith("bin_")]
    shown = {day: maps[maps["day"] == day].sort_values("cell")[columns].to_numpy() for day in days}
    figure, grid = subplots(len(days), len(days), figsize=(7.5, 7.5), sharex=True, sharey=True)
    for row, sorted_by in zip(grid, days, strict=True):
        order = peak_order(shown[sorted_by])
        for axes, day in zip(row, days, strict=True):
            axes.imshow(shown[day][order], aspect="auto", interpolation="nearest")
            axes.axvline(len(columns) / 2 - 0.5, color="white", lw=0.6)
            axes.set(xticks=[], yticks=[])
        row[0].set_ylabel(f"sorted by day {sorted_by}")
    for axes, day in zip(grid[0], days, strict=True):
        axes.set_title(f"day {day}")
    figure.supxlabel("place on the track: way there | way back", fontsize=11)
    return figure


def likeness_over_time(
    recorded: pd.DataFrame, model: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> Figure:
    """Correlation of rate maps against time between them: animals (left), the model (right).

    Parameters
    ----------
    recorded : pandas.DataFrame
        Of ``drift.results.animal_tables.correlation_by_lag``: ``animal``, ``environment``,
        ``days``, ``population_vector`` and ``rate_map``.
    model : tuple of three (lag,) arrays
        Lags in training steps, and mean and standard deviation over runs of the correlation (Fig.
        2E as a function of lag).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = subplots(1, 2, figsize=(8.5, 3.2), sharey=True)
    groups = recorded.groupby(["animal", "environment"], sort=False)
    for colour, ((animal, environment), rows) in zip(series(len(groups)), groups, strict=True):
        days = rows["days"]
        left.plot(
            days, rows["population_vector"], "o-", ms=4, color=colour,
            label=f"{animal}, {environment}",
        )  # fmt: skip
        left.plot(days, rows["rate_map"], "s--", ms=3, lw=0.8, color=colour)
    left.set(xlabel="days between sessions", ylabel="correlation", ylim=(0, 1),
             title="mice (solid: population vectors,\ndashed: rate maps)")  # fmt: skip
    left.legend(fontsize=8, ncols=2, loc="upper right")
    lags, mean, spread = model
    right.plot(lags, mean, color=COLOURS["correlation"], lw=2)
    right.fill_between(lags, mean - spread, mean + spread, color=COLOURS["correlation"], alpha=0.2)
    right.set(xlabel="training steps between snapshots", title="model (rate maps)")
    right.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    return figure
