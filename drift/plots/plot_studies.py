"""Figures of studies of many runs (Fig. 4A, 4B, S1, S2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from drift.analysis.trends import PowerLaw
from drift.plots.style import COLOURS, NOISE_COLOURS, Panels, panel, panels

__all__ = [
    "against_published",
    "by_rule",
    "many_runs",
    "noise_scan",
    "units_at_the_start",
    "update_against_label",
]

QUANTITIES = {
    "fraction_active_units": ("active_units", "fraction of active units"),
    "active_fraction": ("active_fraction", "active fraction"),
    "hessian_trace": ("curvature", "sum of the Hessian's\neigenvalues"),
}
"""Measures of a run: colour and name."""


def _courses(name: str, shares: np.ndarray, curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays that belong together; ValueError if they do not."""
    shares, curves = np.asarray(shares, float), np.asarray(curves, float)
    if curves.ndim != 2 or curves.shape[1] != shares.size or not len(curves):
        raise ValueError(
            f"{name} has shape {curves.shape}: it must be (runs, {shares.size}), a row for each of "
            "at least one run and a column for each share of the run."
        )
    return shares, curves


def many_runs(
    shares: np.ndarray,
    curves: np.ndarray,
    published: Mapping[float, float],
    *,
    ax: Axes | None = None,
    **labels: Any,
) -> Axes:
    """Fig. 4A: fraction of active units over its first value, every run thin, their mean thick.

    Parameters
    ----------
    shares : (share,) array
        Times as shares of the run.
    curves : (run, share) array
        Fraction of active units over its first value; NaN is left out of the mean.
    published : mapping of float to float
        Published mean at some shares of the run.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        What ``ax.set`` takes: labels, limits, scales.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the curves do not have a value for each share.
    """
    shares, curves = _courses("curves", shares, curves)
    ax = panel(ax, figsize=(7, 3.6))
    colour = COLOURS["active_units"]
    ax.plot(shares, curves.T, color=colour, lw=0.3, alpha=0.15)
    ax.plot(shares, np.nanmean(curves, axis=0), color=colour, lw=2.5, label="mean, this book")
    ax.plot(list(published), list(published.values()), "ko", mfc="white", label="mean, published")
    default = {"xlabel": "share of the run", "ylabel": "fraction of active units,\nover its first "
               "value", "xlim": (0, 1), "ylim": (0, 1.2)}  # fmt: skip
    ax.set(**default | labels)
    ax.legend(loc="upper right")
    return ax


def by_rule(
    shares: np.ndarray,
    curves: Mapping[str, Mapping[str, np.ndarray]],
    *,
    axes: Any = None,
) -> Panels:
    """Fig. S1: for every rule (columns) and measure (rows) the runs and their mean.

    Parameters
    ----------
    shares : (share,) array
        Times as shares of the run.
    curves : mapping of str to mapping of str to (run, share) array
        By rule and by measure of ``QUANTITIES``: values over the first of each run.
    axes : (measures, rules) array of matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    (measures, rules) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the curves do not have a value for each share.
    """
    rules = list(curves)
    measures = list(curves[rules[0]])
    size = {"figsize": (8.5, 4.2), "sharex": True, "sharey": "row"}
    grid = panels(axes, len(measures), len(rules), squeeze=False, **size)
    for column, rule in enumerate(rules):
        for row, measure in enumerate(measures):
            ax = grid[row, column]
            times, values = _courses(f"{measure} of {rule}", shares, curves[rule][measure])
            colour, name = QUANTITIES[measure]
            ax.plot(times, values.T, color=COLOURS[colour], lw=0.3, alpha=0.2)
            ax.plot(times, np.nanmean(values, axis=0), color=COLOURS[colour], lw=2.2)
            ax.set(xlim=(0, 1), ylim=(0, 1.3))
            if column == 0:
                ax.set_ylabel(f"{name},\nover its first value", fontsize=9)
            if row == len(measures) - 1:
                ax.set_xlabel("share of the run")
        grid[0, column].set_title(f"{rule} ({len(curves[rule][measures[0]])} runs)")
    return grid


def noise_scan(
    scans: Mapping[str, pd.DataFrame],
    laws: Mapping[str, PowerLaw],
    varied: str = "update_noise",
    *,
    axes: Any = None,
) -> Panels:
    """Fig. 4B: final sparseness, by both measures, and its rate against ``varied``.

    Parameters
    ----------
    scans : mapping of str to pandas.DataFrame
        Runs by task, with the columns of ``drift.study.collection.table_of_runs``.
    laws : mapping of str to PowerLaw
        By task: the rate of sparsification (per training step) as a power of ``varied``.
    varied : {"update_noise", "lr"}
        The column that was varied.
    axes : (3, tasks) array of matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    (3, tasks) array of matplotlib.axes.Axes
        Fraction of active units, active fraction and rate; a column a task.

    Raises
    ------
    ValueError
        If there is no law for a task.
    """
    without = [task for task in scans if task not in laws]
    if without:
        raise ValueError(f"laws has none for {without}: it has {list(laws)}.")
    label = {"update_noise": "update noise $\\sigma$", "lr": "learning rate $\\eta$"}[varied]
    size = {"figsize": (8.5, 6.4), "sharex": True, "sharey": "row"}
    grid = panels(axes, 3, len(scans), squeeze=False, **size)
    for column, (task, scan) in enumerate(scans.items()):
        units, active, rate = grid[:, column]
        units.plot(scan[varied], scan["active_units"], "o", ms=3, color=COLOURS["active_units"])
        active.plot(scan[varied], scan["active"], "o", ms=3, color=COLOURS["active_fraction"])
        units.set(xscale="log", yscale="log", title=task)
        active.set(yscale="log")
        for ax in (units, active):
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        rate.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        rate.plot(scan[varied], 10 ** scan["log_rate"], "o", ms=3, color=COLOURS["rate"])
        law, x = laws[task], np.array([scan[varied].min(), scan[varied].max()])
        rate.plot(x, 10**law.intercept * x**law.slope, color="0.2", lw=1)
        rate.annotate(f"slope {law.slope:.2f}\n({law.low:.2f} to {law.high:.2f})", (0.04, 0.8),
                      xycoords="axes fraction", fontsize=9)  # fmt: skip
        rate.set(yscale="log", xlabel=label)
    grid[0, 0].set_ylabel("fraction of active\nunits, end over start")
    grid[1, 0].set_ylabel("active fraction,\nend over start")
    grid[2, 0].set_ylabel("rate of sparsification\n(per training step)")
    return grid


def update_against_label(kinds: Mapping[str, xr.Dataset], *, axes: Any = None) -> Panels:
    """Fig. S2: mean and standard deviation over runs with either noise, a panel a measure.

    Parameters
    ----------
    kinds : mapping of str to xarray.Dataset
        For ``"update noise"`` and ``"label noise"``: the measures of ``QUANTITIES`` (run, share),
        each over its first value, as ``drift.study.group_comparison.courses`` makes them.
    axes : (3,) array of matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    (3,) array of matplotlib.axes.Axes
    """
    drawn = panels(axes, 1, len(QUANTITIES), figsize=(8.5, 3), sharex=True)
    for ax, (measure, (_, name)) in zip(drawn, QUANTITIES.items(), strict=True):
        for (kind, curves), style in zip(kinds.items(), ("-", "--"), strict=False):
            values, colour = curves[measure].values, NOISE_COLOURS[kind]
            mean, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
            ax.plot(curves["share"], mean, style, color=colour, lw=2, label=kind)
            band = {"color": colour, "alpha": 0.15, "lw": 0}
            ax.fill_between(curves["share"], mean - spread, mean + spread, **band)
        ax.set(xlabel="share of the run", title=name, ylim=(0, None))
    drawn[0].set_ylabel("over its first value")
    drawn[0].legend()
    return drawn


def units_at_the_start(
    published: pd.DataFrame,
    simulated: Mapping[str, Sequence[int]],
    *,
    ax: Axes | None = None,
    **labels: Any,
) -> Axes:
    """How many units were active at the start: counted from the published table, and simulated.

    Parameters
    ----------
    published : pandas.DataFrame
        ``units`` and ``runs``: how many published runs began with so many.
    simulated : mapping of str to sequence of int
        Active units of networks before training, by the interval of the inputs.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        What ``ax.set`` takes: labels, limits, scales.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = panel(ax, figsize=(7, 3))
    published = published.groupby("units")["runs"].sum()
    share = published / published.sum()
    ax.bar(share.index, share, width=0.9, color="0.75", label=f"published ({published.sum()} runs)")
    for (interval, units), style in zip(simulated.items(), ("-", "--"), strict=False):
        counts = np.bincount(units, minlength=101)
        colour = COLOURS["active_units"]
        ax.plot(np.arange(counts.size), counts / counts.sum(), style, color=colour,
                drawstyle="steps-mid", label=f"simulated, inputs in {interval}")  # fmt: skip
    default = {"xlabel": "active units at the start, of 100", "ylabel": "share of runs",
               "xlim": (50, 101)}  # fmt: skip
    ax.set(**default | labels)
    ax.legend(loc="upper left")
    return ax


def against_published(
    comparison: pd.DataFrame, measures: Sequence[str], *, axes: Any = None
) -> Panels:
    """Medians and 10 to 90 % ranges of final values, ours (filled) and published (open), by group.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Of ``drift.study.group_comparison.compare_groups``, with the group's name as ``label``.
    measures : sequence of {"active_units", "active", "raw_loss", "log_rate"}
        One panel each.
    axes : (measures,) array of matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    (measures,) array of matplotlib.axes.Axes
    """
    groups = list(dict.fromkeys(comparison["label"]))
    height = 0.42 * len(groups) + 1
    drawn = panels(axes, 1, len(measures), figsize=(8.5, height), sharey=True)
    names = {"active_units": "fraction of\nactive units,\nend over start",
             "active": "active\nfraction,\nend over start",
             "raw_loss": "$\\log_{10}$ of the\nfinal loss",
             "log_rate": "$\\log_{10}$ of the\nrate of spar-\nsification"}  # fmt: skip
    for ax, measure in zip(drawn, measures, strict=True):
        rows = comparison[comparison["measure"] == measure].set_index("label")
        for height, label in enumerate(groups):
            if label not in rows.index:
                continue
            row = rows.loc[label]
            for who, shift, face in (("ours", -0.15, "k"), ("theirs", 0.15, "white")):
                low, middle, high = (row[f"{who}_{percent}"] for percent in (10, 50, 90))
                ax.plot([low, high], [height + shift] * 2, color="0.5", lw=1)
                ax.plot(middle, height + shift, "o", ms=5, mfc=face, mec="k")
        ax.set_xlabel(names[measure], fontsize=9)
    drawn[0].set_yticks(range(len(groups)), groups, fontsize=9)
    drawn[0].invert_yaxis()
    return drawn
