"""Figures of the joint test: the plane of both slopes, laps of rats, mice that went elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from scipy import stats

from drift.plots.style import (
    COLOURS,
    PHASE_SHADES,
    Panels,
    mean_with_error,
    panel,
    panels,
    series,
)

__all__ = ["elsewhere_over_sessions", "lap_by_lap", "signature_plane"]

QUADRANT = PHASE_SHADES["directed drift"]
AROUND = np.linspace(0, 2 * np.pi, 181)

MARKERS = ("o", "s", "D", "v", "P")
"""One a data set."""


def ellipse(centre: np.ndarray, covariance: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Points around the region that holds a share ``level`` of a normal distribution, (181, 2)."""
    sizes, directions = np.linalg.eigh(covariance)
    radius = np.sqrt(stats.chi2.ppf(level, 2) * np.maximum(sizes, 0))
    circle = np.column_stack([np.cos(AROUND), np.sin(AROUND)])
    return np.asarray(centre + circle * radius @ directions.T)


def signature_plane(
    slopes: pd.DataFrame,
    means: Mapping[str, tuple[np.ndarray, np.ndarray]],
    names: Mapping[str, str],
    model: Mapping[str, np.ndarray],
    *,
    ax: Axes | None = None,
    **labels: Any,
) -> Axes:
    """Each animal in the plane of its two slopes, with the quadrant of the study shaded.

    Parameters
    ----------
    slopes : pandas.DataFrame
        One row an animal: ``set``, ``place`` ("novel": filled markers, or "familiar": open ones),
        ``active_cells`` and ``information``, relative change per session.
    means : mapping of str to ((2,) array, (2, 2) array)
        By name of the set: its mean slopes, and the covariance of their error, drawn as the ellipse
        of 95 %.
    names : mapping of str to str
        How each ``set`` is called.
    model : mapping of str to (networks, 2) array
        Slopes of networks by what they are, drawn as triangles; filled if the name says "directed".
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
        If there are no animals, or more sets than markers.
    """
    present = [name for name in names if (slopes["set"] == name).any()]
    if not present or len(names) > len(MARKERS):
        raise ValueError(f"a plane of slopes needs 1 to {len(MARKERS)} sets, got {len(present)}.")
    ax = panel(ax, figsize=(9.0, 5.2))
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.axvline(0, color="0.7", lw=0.8, zorder=0)
    for marker, colour, name in zip(MARKERS, series(len(names)), names, strict=False):
        rows = slopes[slopes["set"] == name]
        if rows.empty:
            continue
        novel = bool((rows["place"] == "novel").all())
        face = colour if novel else "white"
        kind = "novel" if novel else "familiar"
        ax.plot(100 * rows["active_cells"], 100 * rows["information"], marker, ms=5, mfc=face,
                mec=colour, mew=1.2, ls="", label=f"{names[name]} ({kind})")  # fmt: skip
        around = 100 * ellipse(*means[names[name]])
        ax.plot(around[:, 0], around[:, 1], color=colour, lw=2 if novel else 1.2,
                ls="-" if novel else "--", label=f"95 % {names[name]}")  # fmt: skip
    for label, networks in model.items():
        face = COLOURS["start"] if "directed" in label else "white"
        ax.plot(100 * networks[:, 0], 100 * networks[:, 1], "^", ms=5, mfc=face,
                mec=COLOURS["start"], ls="", label=label)  # fmt: skip
    low, high = ax.get_xlim()[0], ax.get_ylim()[1]
    shade = ax.fill_between([low, 0], 0, high, color=QUADRANT, lw=0, zorder=-1)
    shade.set_label("the study's signature")
    ax.set(xlim=(low, None), ylim=(None, high))
    ax.set(**{"xlabel": "active cells (% per session)", "ylabel": "information (% per session)"}
           | labels)  # fmt: skip
    named = [one for one in ax.get_legend_handles_labels()[0] if "95 %" not in str(one.get_label())]
    ax.legend(handles=named, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def lap_by_lap(
    laps: pd.DataFrame, blocks: pd.DataFrame, first: int = 4, *, axes: Any = None
) -> Panels:
    """Share of active cells a lap (left), and information a block of laps (right), of each rat.

    Parameters
    ----------
    laps : pandas.DataFrame
        The table ``rat-laps``: ``animal``, ``session``, ``lap`` and ``active_share``.
    blocks : pandas.DataFrame
        Of the table ``rat-blocks``, one choice: ``animal``, ``session``, ``laps``, ``block`` and
        ``information_excess``.
    first : int
        The first laps, shaded.
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, two panels; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,)

    Raises
    ------
    ValueError
        If a table is empty, or blocks are of several lengths.
    """
    if laps.empty or blocks["laps"].nunique() != 1:
        raise ValueError("laps must have rows, and blocks must all be of one number of laps.")
    length = int(blocks["laps"].iloc[0])
    centred = blocks.assign(lap=length * (blocks["block"] - 0.5) + 0.5)
    axes = panels(axes, 1, 2, figsize=(8.5, 3.4))
    for ax, table, column, title in (
        (axes[0], laps, "active_share", "share of cells\nactive in a lap"),
        (
            axes[1],
            centred,
            "information_excess",
            "information less that of\nshuffles (bits per spike)",
        ),
    ):
        ax.axvspan(0.5, first + 0.5, color=PHASE_SHADES["learning"], lw=0, zorder=0)
        # Only laps that every session has: the mean is of the same sessions throughout.
        common = table.groupby(["animal", "session"])["lap"].max().min()
        known = table[table["lap"] <= common]
        by_rat = known.groupby(["animal", "lap"])[column].mean().unstack("animal")
        for colour, rat in zip(series(by_rat.shape[1]), by_rat, strict=True):
            ax.plot(by_rat.index, by_rat[rat], "-", color=colour, lw=1, label=f"rat {rat}")
        ax.plot(by_rat.index, by_rat.mean(axis=1), "k-", lw=2.5, label="mean of the rats")
        ax.set(xlabel="lap", ylabel=title)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend(fontsize=9)
    return axes


def elsewhere_over_sessions(
    sessions: pd.DataFrame,
    correlations: pd.DataFrame,
    phases: Mapping[str, tuple[int, int]],
    *,
    axes: Any = None,
) -> Panels:
    """Mice that also spent time elsewhere: measures by session (left), likeness by lag (right).

    Parameters
    ----------
    sessions : pandas.DataFrame
        The table ``elsewhere-sessions``: ``measure``, ``session``, ``mean`` and ``sem``, over the
        first session.
    correlations : pandas.DataFrame
        The table ``elsewhere-correlation``: ``phase``, ``days``, ``tuning_curve`` and its ``_sem``.
    phases : mapping of str to (int, int)
        First and last session of each phase, marked by lines.
    axes : array of matplotlib.axes.Axes, optional
        Where to draw, two panels; by default a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,)

    Raises
    ------
    ValueError
        If a table is empty.
    """
    if sessions.empty or correlations.empty:
        raise ValueError("sessions and correlations must have rows to draw.")
    axes = panels(axes, 1, 2, figsize=(8.5, 3.4))
    left, right = axes
    left.axhline(1, color="0.7", lw=0.8)
    for first, _ in list(phases.values())[1:]:
        left.axvline(first, color="0.7", lw=0.8, ls=":")
    shown = {"place_cells": ("active_units", "place cells"),
             "information": ("information", "information")}  # fmt: skip
    for measure, (colour, label) in shown.items():
        rows = sessions[sessions["measure"] == measure]
        mean_with_error(left, rows["session"], rows["mean"], rows["sem"], "o-", ms=3,
                        color=COLOURS[colour], label=label)  # fmt: skip
    left.set(xlabel="session", ylabel="over first session")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.legend(fontsize=9)
    styles = {"baseline": "0.35", "elsewhere": COLOURS["correlation"]}
    for phase, rows in correlations.groupby("phase"):
        mean_with_error(right, rows["days"], rows["tuning_curve"], rows["tuning_curve_sem"], "o-",
                        ms=3, color=styles[str(phase)], label=str(phase))  # fmt: skip
    right.set(xlabel="days between sessions", ylabel="correlation of tuning curves", ylim=(0, 1))
    right.legend(fontsize=9)
    return axes
