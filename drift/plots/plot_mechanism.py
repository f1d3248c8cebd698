"""Figures of the mechanism (Fig. 5): valleys, spectra of the Hessian, theory and simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from drift.plots.style import COLOURS, NOISE_COLOURS, series, subplots

__all__ = [
    "counts",
    "course_of_spectra",
    "decay",
    "one_time",
    "spectra_at",
    "trace_against_theory",
    "valley",
]


def valley(
    one: xr.Dataset, walks: xr.Dataset, quantiles: Mapping[float, np.ndarray], reached: np.ndarray
) -> Figure:
    """Fig. 5A: one walk on x^2 y^2; where many of them are; how many have been at the flat side.

    Parameters
    ----------
    one, walks : xarray.Dataset
        Of :func:`drift.theory.valleys.walk_in_valley`; the first walk of ``one`` is drawn.
    quantiles : mapping of float to (step,) array
        By theory, at the steps of ``walks``: quantiles of the size of x, by level (0 to 1).
    reached : (step,) array
        By theory, at the steps of ``walks``: probability to have been at the flat side.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (seen, spread, share) = subplots(1, 3, figsize=(9.5, 3.2))
    x, y = one["x"].values[:, 0], one["y"].values[:, 0]
    across, along = np.meshgrid(
        np.linspace(min(-0.25, 1.1 * x.min()), 1.15 * x.max(), 300),
        np.linspace(-1.2 * np.abs(y).max(), 1.2 * np.abs(y).max(), 200),
    )
    seen.contourf(across, along, np.abs(across * along), 20, cmap="viridis")
    seen.plot(x, y, color=COLOURS["walk"], lw=0.5)
    seen.plot(x[0], y[0], "o", color=COLOURS["start"], ms=7)
    seen.set(xlabel="$x$", ylabel="$y$", title="one walk")
    step = walks["step"].values
    corner = np.where(walks["corner"].values < 0, np.inf, walks["corner"].values)
    inside = step[:, None] < corner
    distance = np.where(inside, np.abs(walks["x"].values), 0)
    for colour, (level, theory) in zip(series(len(quantiles)), quantiles.items(), strict=True):
        shown = np.quantile(distance, level, axis=1)
        spread.plot(step, shown, lw=2, color=colour, label=f"{level:.0%}")
        spread.plot(step, theory, "k--", lw=1)
    mean = np.sqrt((distance**2).mean(axis=1))
    spread.plot(step, mean, color="0.6", lw=2, label="root mean square")
    spread.legend(fontsize=8, loc="upper left", ncols=2)
    spread.set(
        ylabel="$|x|$", title="quantiles of all walks", ylim=(None, 1.5 * distance[0, 0] + 2)
    )
    share.plot(step, (~inside).mean(axis=1), color=COLOURS["agent"], lw=2, label="walks")
    share.plot(step, reached, "k--", lw=1, label="theory")
    share.set(title="share that has reached\nthe flat side", ylim=(0, 1))
    share.legend(fontsize=9)
    for axes in (spread, share):
        axes.set_xlabel("training step")
        axes.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    return figure


def decay(walks: Mapping[str, tuple[np.ndarray, xr.Dataset]], theory: np.ndarray) -> Figure:
    """Label noise on f = x y: x of each walk, its mean over walks, and the theory.

    Parameters
    ----------
    walks : mapping of str to ((step,) array, xarray.Dataset)
        Three, by label: times eta^2 sigma^2 step, and ``x`` (step, walk) at these.
    theory : pair of (times,) arrays
        Times in the same unit, and x.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(6, 3))
    for marker, (label, (time, found)) in zip("osv", walks.items(), strict=True):
        axes.plot(time, found["x"].values, lw=0.6, alpha=0.6, color=COLOURS["agent"])
        axes.plot(time, found["x"].mean("walk"), marker, ms=5, mfc="none", label=label)
    axes.plot(*theory, "k--", lw=1.2, label="theory")
    axes.set(xlabel="$\\eta^2 \\sigma^2 \\times$ steps", ylabel="$x$", ylim=(0, None))
    axes.legend(fontsize=9)
    return figure


def counts(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]], published: tuple[np.ndarray, np.ndarray]
) -> Figure:
    """Fig. 5B: share of non-zero eigenvalues by several counts against fraction of active units.

    Parameters
    ----------
    panels : mapping of str to ((run,) array, (run,) array)
        By name of the count, two or more: fraction of active units, and share.
    published : pair of (run,) arrays
        The same of the published runs, drawn in the first panel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, grid = subplots(1, len(panels), figsize=(9, 3), sharex=True)
    for axes, (name, (units, share)) in zip(grid, panels.items(), strict=True):
        axes.plot(units, share, "o", ms=3.5, color=COLOURS["rank"], alpha=0.7, label="this book")
        axes.set(title=name, xlabel="fraction of active units", xscale="log", yscale="log")
    grid[0].plot(*published, "o", ms=3.5, mfc="none", mec="0.3", mew=0.7, label="published")
    grid[0].set_ylabel("share of non-zero\neigenvalues")
    grid[0].legend(fontsize=9)
    return figure


def spectra_at(spectra: xr.Dataset, times: Sequence[int], relative_to: float = 1e-9) -> Figure:
    """Fig. 5C: log eigenvalues at a first time against those at later ones, by rank and by value.

    Parameters
    ----------
    spectra : xarray.Dataset
        ``eigenvalues`` (snapshot, order), by :func:`drift.analysis.spectra.spectra`.
    times : sequence of int
        Training steps of snapshots.
    relative_to : float
        Eigenvalues up to this share of the largest at the same time are left out.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (ranked, paired) = subplots(1, 2, figsize=(8.5, 3.4))
    found = [spectra["eigenvalues"].sel(snapshot=time).values.astype(float) for time in times]
    found = [values[values > relative_to * values.max()] for values in found]
    first = found[0]
    for time, values, colour in zip(times, found, series(len(times)), strict=True):
        order = np.arange(1, values.size + 1)
        ranked.semilogy(order, values, color=colour, lw=1.6, label=f"step {time:,}")
        if values is not first:
            size = min(first.size, values.size)
            paired.loglog(first[:size], values[:size], ".", ms=3, color=colour)
    paired.plot(first[[0, -1]], first[[0, -1]], "k--", lw=0.8)
    ranked.set(xlabel="rank of the eigenvalue", ylabel="eigenvalue")
    ranked.legend(fontsize=9)
    paired.set(xlabel=f"eigenvalue at step {times[0]:,}", ylabel="of the same rank, later")
    return figure


def trace_against_theory(
    runs: Mapping[str, tuple[np.ndarray, np.ndarray]], theory: tuple[np.ndarray, np.ndarray]
) -> Figure:
    """Fig. 5D: sum of eigenvalues under label noise, on linear and on logarithmic time.

    Parameters
    ----------
    runs : mapping of str to ((time,) array, (run, time) array)
        By label: times of the flow, and sums of eigenvalues.
    theory : pair of (time,) arrays
        Times of the flow, and sums of eigenvalues.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = subplots(1, 2, figsize=(8.5, 3.4), sharey=True)
    for axes in panels:
        for colour, (label, (time, sums)) in zip(series(len(runs)), runs.items(), strict=True):
            axes.plot(time, sums.T, lw=0.6, alpha=0.5, color=colour)
            axes.plot(time, sums.mean(axis=0), lw=2, color=colour, label=label)
        axes.plot(*theory, "k--", lw=1.6, label="flow, nothing fitted")
        axes.set(
            yscale="log", xlabel="time of the flow, $\\eta^2 s^2 / (24\\, n\\, d_{out})$ a step"
        )
    panels[1].set_xscale("log")
    panels[0].set_ylabel("sum of the Hessian's\neigenvalues")
    panels[0].legend(fontsize=8)
    return figure


def course_of_spectra(spectra: Mapping[str, xr.Dataset]) -> Figure:
    """What either noise does to the Hessian: sum, log-pseudo-determinant, rank, active units.

    Parameters
    ----------
    spectra : mapping of {"update noise", "label noise"} to xarray.Dataset
        Of :func:`drift.analysis.spectra.spectra`, with ``fraction_active_units`` (snapshot).

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = {
        "trace": "sum of eigenvalues",
        "log_pseudo_determinant": "sum of logarithms of\nnon-zero eigenvalues",
        "rank": "number of non-zero\neigenvalues",
        "fraction_active_units": "fraction of active units",
    }
    figure, grid = subplots(1, 4, figsize=(10.5, 2.9), sharex=True)
    for axes, (name, title) in zip(grid, names.items(), strict=True):
        for kind, found in spectra.items():
            style = "--" if kind == "label noise" else "-"
            axes.plot(
                found["snapshot"], found[name], style, lw=1.8, color=NOISE_COLOURS[kind], label=kind
            )
        axes.set(title=title, xlabel="training step")
        axes.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    for axes in (grid[0], grid[2], grid[3]):
        axes.set_ylim(0, None)
    grid[0].legend(fontsize=9)
    return figure


def one_time(scans: pd.DataFrame, shown: str = "fraction of active units") -> Figure:
    """Runs with different update noise or learning rate, on three kinds of time.

    Parameters
    ----------
    scans : pandas.DataFrame
        A row a record: ``step``, ``value`` (over the run's first), ``run``, ``learning_rate`` and
        ``update_noise``.
    shown : str
        What ``value`` is, for the axis.

    Returns
    -------
    matplotlib.figure.Figure
    """
    eta, sigma = scans["learning_rate"], scans["update_noise"]
    times = {
        "training step": scans["step"],
        "$\\eta^2 \\sigma^2 \\times$ steps": scans["step"] * eta**2 * sigma**2,
        "$\\eta^3 \\sigma^2 \\times$ steps": scans["step"] * eta**3 * sigma**2,
    }
    figure, panels = subplots(1, 3, figsize=(9.5, 3.3), sharey=True)
    norm = LogNorm(eta.min(), eta.max())
    colours = figure.colorbar(
        panels[0].scatter([], [], c=[], cmap="plasma", norm=norm), ax=panels, label="$\\eta$"
    ).cmap
    for axes, (name, time) in zip(panels, times.items(), strict=True):
        for _, run in scans.groupby("run"):
            colour = colours(norm(run["learning_rate"].iloc[0]))
            axes.plot(time[run.index], run["value"], lw=0.7, color=colour)
        axes.set(xscale="log", xlabel=name)
        axes.set_xlim(time[time > 0].quantile(0.2), None)
    panels[0].set_ylabel(f"{shown},\nover its first value")
    return figure
