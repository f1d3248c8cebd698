"""Figures of the recordings: numbers over sessions, maps over days, likeness over time (Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from drift.analysis.trends import trend_of
from drift.analysis.tuning import peak_order
from drift.plots.style import (
    COLOURS,
    Panels,
    mean_with_error,
    panel,
    panels,
    series,
    step_axis,
    unit_maps,
)

__all__ = [
    "information_and_shuffles",
    "likeness_over_time",
    "maps_by_day",
    "over_sessions",
    "slopes_of_animals",
]

SESSION_MEASURES = {
    "active_cells": ("active_units", "active cells"),
    "place_cell_fraction": ("active_fraction", "place cells,\nshare of active"),
    "information": ("information", "information of\nplace cells"),
}
"""Measures of a session: colour and name."""

CORRECTED = {
    "information_reduced": ("-.", "shuffles subtracted"),
    "information_ssr": ("--", "bias removed (SSR)"),
    "information_bae": (":", "bias removed (BAE)"),
}
"""Information with its bias removed, drawn where it is given: line and name."""


def information_and_shuffles(
    information: float, shuffled: np.ndarray, *, ax: Axes | None = None, **labels: Any
) -> Axes:
    """The place-cell test of one cell: its information beside that after shifts in time.

    Parameters
    ----------
    information : float
        Bits per spike.
    shuffled : (shuffles,) array
        The same after each shuffle.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        Given to ``ax.set``, over the defaults.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no shuffles, or a value is not finite.
    """
    values = np.asarray(shuffled, float)
    if values.size == 0 or not np.isfinite([*values, information]).all():
        raise ValueError(f"information={information} and its shuffles must be finite, one or more.")
    ax = panel(ax, figsize=(4.5, 2.8))
    ax.hist(values, bins=30, color=COLOURS["guide"], label="shuffled")
    ax.plot([information], [0], "v", ms=10, color=COLOURS["information"], clip_on=False,
            label="as recorded")  # fmt: skip
    ax.legend()
    ax.set(**{"xlabel": "information (bits per spike)", "ylabel": "shuffles"} | labels)
    return ax


def over_sessions(sets: Mapping[str, pd.DataFrame], *, axes: Any = None) -> Panels:
    """Fig. 3: mean and standard error over animals, over the first session; a row a data set.

    Parameters
    ----------
    sets : mapping of str to pandas.DataFrame
        By name of the data set, as of ``drift.results.animal_tables.by_session``: columns
        ``measure``, ``session``, ``mean``, ``sem`` and ``animals``. Information with its bias
        removed (``information_reduced``, ``information_ssr``, ``information_bae``) is drawn where
        it is given.
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, three panels a set; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (sets, 3); (3,) for one set.

    Raises
    ------
    ValueError
        If there is no set, or a set has none of the measures.
    """
    if not sets:
        raise ValueError("there is no data set to draw.")
    for name, table in sets.items():
        if not set(SESSION_MEASURES) & set(table["measure"]):
            raise ValueError(f"the set {name!r} has none of {', '.join(SESSION_MEASURES)}.")
    axes = panels(axes, len(sets), len(SESSION_MEASURES), figsize=(8.5, 2.5 * len(sets)),
                  sharey="row")  # fmt: skip
    for row, (name, table) in zip(np.reshape(axes, (len(sets), -1)), sets.items(), strict=True):
        for ax, (measure, (colour, title)) in zip(row, SESSION_MEASURES.items(), strict=True):
            ax.axhline(1, color="0.7", lw=0.8)
            _line(ax, table[table["measure"] == measure], COLOURS[colour], "-", "as recorded")
            if measure == "information":
                for other, (style, label) in CORRECTED.items():
                    if (chosen := table["measure"] == other).any():
                        _line(ax, table[chosen], "0.35", style, label)
                ax.legend()
            ax.set(title=title, xlabel="session", xticks=sorted(table["session"].unique()))
        animals = int(table["animals"].max())
        row[0].set_ylabel(f"{name} ({animals} animals),\nover first session", fontsize=9)
    return axes


def _line(ax: Axes, rows: pd.DataFrame, colour: str, style: str, label: str) -> None:
    mean_with_error(
        ax, rows["session"], rows["mean"], rows["sem"], style, color=colour, label=label
    )


def slopes_of_animals(
    groups: Mapping[str, pd.DataFrame], margins: Mapping[str, float], *, axes: Any = None
) -> Panels:
    """Each animal's slope, by group, with mean, 95 % interval and the margin of equivalence.

    Parameters
    ----------
    groups : mapping of str to pandas.DataFrame
        By name of the group, as of ``drift.results.animal_tables.slopes_by_animal``: columns
        ``measure`` and ``slope``, per session over the first.
    margins : mapping of str to float
        By measure, a panel each: what the interval must lie within to count as no trend.
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, a panel a measure; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (measures,)

    Raises
    ------
    ValueError
        If there is no group or no measure, or a group has fewer than two animals with a measure.
    """
    if not groups or not margins:
        raise ValueError("slopes need at least one group and one measure to draw.")
    axes = panels(axes, 1, len(margins), figsize=(8.5, 3.0))
    for ax, (measure, margin) in zip(axes, margins.items(), strict=True):
        colour, title = SESSION_MEASURES[measure]
        ax.axhspan(-100 * margin, 100 * margin, color="0.9", zorder=0)
        ax.axhline(0, color="0.7", lw=0.8, zorder=0)
        for place, table in enumerate(groups.values()):
            each = 100 * table.loc[table["measure"] == measure, "slope"].to_numpy()
            found = trend_of(each)
            ax.scatter(np.full(each.size, place + 0.18), each, s=12, color="0.35")
            ax.plot([place, place], [found.low, found.high], color=COLOURS[colour], lw=2)
            ax.plot([place], [found.slope], "o", ms=7, color=COLOURS[colour])
        ax.set(title=title, xticks=range(len(groups)), xticklabels=list(groups),
               xlim=(-0.5, len(groups) - 0.5))  # fmt: skip
    axes[0].set_ylabel("slope (% of the first\nsession, per session)")
    return axes


def maps_by_day(maps: pd.DataFrame, *, axes: Any = None) -> Panels:
    """Rate maps of the same cells on several days (columns), sorted by one day's peaks (rows).

    The counterpart of Fig. 2D, which shows the model.

    Parameters
    ----------
    maps : pandas.DataFrame
        Of ``drift.results.animal_tables.maps_over_days``: ``day`` (two or more), ``cell``, and
        ``bin_0`` and so on, rates relative to the map's maximum.
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, as many rows and columns as days; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (days, days)

    Raises
    ------
    ValueError
        If there are fewer than two days, or their cells are not the same.
    """
    days = sorted(maps["day"].unique())
    cells = {tuple(sorted(found["cell"])) for _, found in maps.groupby("day")}
    if len(days) < 2 or len(cells) > 1:
        raise ValueError(f"maps of days {days} must be of two days or more, and of the same cells.")
    columns = [name for name in maps.columns if name.startswith("bin_")]
    shown = {day: maps[maps["day"] == day].sort_values("cell")[columns].to_numpy() for day in days}
    axes = panels(axes, len(days), len(days), figsize=(7.5, 7.5), sharex=True, sharey=True)
    for row, sorted_by in zip(axes, days, strict=True):
        order = peak_order(shown[sorted_by])
        for ax, day in zip(row, days, strict=True):
            unit_maps(ax, shown[day][order], vmax=1)
            ax.axvline(len(columns) / 2 - 0.5, color="white", lw=0.6)
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(f"cells, sorted\nby day {sorted_by}")
    for ax, day in zip(axes[0], days, strict=True):
        ax.set_title(f"day {day}")
    axes[0, 0].figure.supxlabel("place on the track: way out | way back", fontsize=11)
    return axes


def likeness_over_time(
    recorded: pd.DataFrame, model: tuple[np.ndarray, np.ndarray, np.ndarray], *, axes: Any = None
) -> Panels:
    """Correlation of rate maps against time between them: animals (left), the model (right).

    Parameters
    ----------
    recorded : pandas.DataFrame
        Of ``drift.results.animal_tables.correlation_by_lag``: ``animal``, ``environment``,
        ``days``, ``population_vector`` and ``rate_map``.
    model : tuple of three (lag,) arrays
        Lags in training steps, and mean and standard deviation over runs of the correlation (Fig.
        2E as a function of lag).
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, two panels; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,)

    Raises
    ------
    ValueError
        If there are no recordings, or the model's three arrays differ in length.
    """
    lags, mean, spread = (np.asarray(values, float) for values in model)
    if recorded.empty or not lags.size == mean.size == spread.size:
        raise ValueError(
            f"likeness needs recordings (got {len(recorded)} rows), and for the model arrays of "
            f"one length (got {lags.size}, {mean.size}, {spread.size})."
        )
    axes = panels(axes, 1, 2, figsize=(8.5, 3.2), sharey=True)
    left, right = axes
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
    left.legend(ncols=2, loc="upper right")
    mean_with_error(right, lags, mean, spread, color=COLOURS["correlation"])
    step_axis(right.xaxis)
    right.set(xlabel="training steps between snapshots", title="model (rate maps)")
    return axes
