"""Figures of studies of many runs (Fig. 4A, 4B, S1, S2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from drift.analysis.trends import PowerLaw
from drift.plots.style import COLOURS, NOISE_COLOURS, subplots

__all__ = ["against_published", "by_rule", "many_runs", "noise_scan", "update_against_label"]

QUANTITIES = {
    "fraction_active_units": ("active_units", "fraction of active units"),
    "active_fraction": ("active_fraction", "active fraction"),
    "hessian_trace": ("curvature", "sum of the Hessian's\neigenvalues"),
    "hessian_rank": ("rank", "share of non-zero\neigenvalues"),
}
"""Measures of a run: colour and name."""


def many_runs(shares: np.ndarray, curves: np.ndarray, published: Mapping[float, float]) -> Figure:
    """Fig. 4A: fraction of active units over its first value, every run thin, their mean thick.

    Parameters
    ----------
    shares : (share,) array
        Times as shares of the run.
    curves : (run, share) array
        Fraction of active units over its first value; NaN is left out of the mean.
    published : mapping of float to float
        Published mean at some shares of the run.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(7, 3.6))
    colour = COLOURS["active_units"]
    axes.plot(shares, curves.T, color=colour, lw=0.3, alpha=0.15)
    axes.plot(shares, np.nanmean(curves, axis=0), color=colour, lw=2.5, label="mean, this book")
    axes.plot(list(published), list(published.values()), "ko", mfc="white", label="mean, published")
    axes.set(xlabel="share of the run", ylabel="fraction of active units,\nover its first value",
             xlim=(0, 1), ylim=(0, 1.2))  # fmt: skip
    axes.legend(loc="upper right")
    return figure


def by_rule(shares: np.ndarray, curves: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Fig. S1: for every rule (columns) and measure (rows) the runs and their mean.

    Parameters
    ----------
    shares : (share,) array
        Times as shares of the run.
    curves : mapping of str to mapping of str to (run, share) array
        By rule and by measure of ``QUANTITIES``: values over the first of each run.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rules = list(curves)
    measures = list(curves[rules[0]])
    figure, grid = subplots(len(measures), len(rules), figsize=(8, 4.2), sharex=True, sharey="row",
                            squeeze=False)  # fmt: skip
    for column, rule in enumerate(rules):
        for row, measure in enumerate(measures):
            axes, values = grid[row, column], curves[rule][measure]
            colour, name = QUANTITIES[measure]
            axes.plot(shares, values.T, color=COLOURS[colour], lw=0.3, alpha=0.2)
            axes.plot(shares, np.nanmean(values, axis=0), color=COLOURS[colour], lw=2.2)
            axes.set(xlim=(0, 1), ylim=(0, 1.3))
            if column == 0:
                axes.set_ylabel(f"{name},\nover its first value", fontsize=9)
        grid[0, column].set_title(f"{rule} ({len(curves[rule][measures[0]])} runs)")
    figure.supxlabel("share of the run", fontsize=11)
    return figure


def noise_scan(
    scans: Mapping[str, pd.DataFrame], laws: Mapping[str, PowerLaw], varied: str
) -> Figure:
    """Fig. 4B: final sparseness and rate of sparsification against ``varied``, a column a task.

    Parameters
    ----------
    scans : mapping of str to pandas.DataFrame
        Runs by task, with the columns of ``drift.study.collection.table_of_runs``.
    laws : mapping of str to PowerLaw
        By task: the rate of sparsification (per training step) as a power of ``varied``.
    varied : {"update_noise", "lr"}
        The column that was varied.

    Returns
    -------
    matplotlib.figure.Figure
    """
    label = {"update_noise": "update noise $\\sigma$", "lr": "learning rate $\\eta$"}[varied]
    figure, grid = subplots(2, len(scans), figsize=(8.5, 4.6), sharex=True, sharey="row",
                            squeeze=False)  # fmt: skip
    for column, (task, scan) in enumerate(scans.items()):
        final, rate = grid[:, column]
        final.plot(scan[varied], scan["active_units"], "o", ms=3, color=COLOURS["active_units"])
        final.set(xscale="log", yscale="log", title=task)
        rate.plot(scan[varied], 10 ** scan["log_rate"], "o", ms=3, color=COLOURS["rate"])
        law, x = laws[task], np.array([scan[varied].min(), scan[varied].max()])
        rate.plot(x, 10**law.intercept * x**law.slope, color="0.2", lw=1)
        rate.annotate(f"slope {law.slope:.2f}\n({law.low:.2f} to {law.high:.2f})", (0.04, 0.8),
                      xycoords="axes fraction", fontsize=9)  # fmt: skip
        rate.set(yscale="log", xlabel=label)
    grid[0, 0].set_ylabel("final fraction of\nactive units, over\nits first value")
    grid[1, 0].set_ylabel("rate of sparsification\n(per training step)")
    return figure


def update_against_label(
    shares: np.ndarray, curves: Mapping[str, Mapping[str, np.ndarray]]
) -> Figure:
    """Fig. S2: mean and standard deviation over runs with either noise, a panel a measure.

    Parameters
    ----------
    shares : (share,) array
        Times as shares of the run.
    curves : mapping of str to mapping of str to (run, share) array
        For ``"update noise"`` and ``"label noise"``, and by measure of ``QUANTITIES`` (two or
        more): values over the first of each run.

    Returns
    -------
    matplotlib.figure.Figure
    """
    kinds = list(curves)
    measures = list(curves[kinds[0]])
    figure, panels = subplots(1, len(measures), figsize=(2.9 * len(measures), 3), sharex=True)
    for axes, measure in zip(panels, measures, strict=True):
        for kind, style in zip(kinds, ("-", "--"), strict=True):
            values, colour = curves[kind][measure], NOISE_COLOURS[kind]
            mean, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
            axes.plot(shares, mean, style, color=colour, lw=2, label=kind)
            axes.fill_between(shares, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0)
        axes.set(xlabel="share of the run", title=QUANTITIES[measure][1], ylim=(0, None))
    panels[0].set_ylabel("over its first value")
    panels[0].legend(fontsize=9)
    return figure


def against_published(comparison: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Medians and 10 to 90 % ranges of final values, ours (filled) and published (open), by group.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Of ``drift.study.group_comparison.compare_groups``, with the group's name as ``label``.
    measures : sequence of {"active_units", "active", "raw_loss"}
        One panel each.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = list(dict.fromkeys(comparison["label"]))
    figure, panels = subplots(
        1, len(measures), figsize=(8.5, 0.42 * len(groups) + 1), sharey=True, squeeze=False
    )
    names = {"active_units": "fraction of active units\n(final over first)",
             "active": "active fraction\n(final over first)",
             "raw_loss": "$\\log_{10}$ of the final loss"}  # fmt: skip
    for axes, measure in zip(panels[0], measures, strict=True):
        rows = comparison[comparison["measure"] == measure].set_index("label")
        for height, label in enumerate(groups):
            if label not in rows.index:
                continue
            row = rows.loc[label]
            for who, shift, face in (("ours", -0.15, "k"), ("theirs", 0.15, "white")):
                low, middle, high = (row[f"{who}_{percent}"] for percent in (10, 50, 90))
                axes.plot([low, high], [height + shift] * 2, color="0.5", lw=1)
                axes.plot(middle, height + shift, "o", ms=5, mfc=face, mec="k")
        axes.set_xlabel(names[measure])
    panels[0, 0].set_yticks(range(len(groups)), groups, fontsize=9)
    panels[0, 0].invert_yaxis()
    return figure
