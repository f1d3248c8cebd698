"""Figures of the mechanism (Fig. 5): spectra of the Hessian, theory and simulation.

Every function draws into a new figure, or into axes that it is given, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.ticker import LogLocator

from drift.analysis.spectra import ratios_to
from drift.plots.style import COLOURS, NOISE_COLOURS, Panels, panels, series, step_axis
from drift.plots.tick_numbers import ShortNumbers, short_number
from drift.support.checks import check_as_many

__all__ = [
    "counts",
    "course_of_spectra",
    "one_time",
    "spectra_at",
    "trace_against_theory",
]

RATES = ListedColormap([plt.get_cmap("plasma")(level) for level in np.linspace(0.3, 0.9, 256)])
"""Colours of learning rates, which are seen on white and on black."""

FIRST_SHOWN = 1e-3
"""Curves begin at this share of the longest run's time, where time is logarithmic."""


def counts(
    shares: Mapping[str, tuple[np.ndarray, np.ndarray]],
    published: tuple[np.ndarray, np.ndarray],
    *,
    axes: Any = None,
) -> Panels:
    """Fig. 5B: share of non-zero eigenvalues by several counts against fraction of active units.

    Parameters
    ----------
    shares : mapping of str to ((run,) array, (run,) array)
        By name of the count, a panel each: fraction of active units, and share.
    published : pair of (run,) arrays
        The same of the published runs, drawn in the first panel.
    axes : (counts,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (counts,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no count, or one has not as many shares as fractions.
    """
    if not shares:
        raise ValueError("shares has no count to draw.")
    for name, (units, share) in shares.items():
        check_as_many(f"fractions of {name!r}", len(units), "its shares", len(share))
    grid = panels(axes, columns=len(shares), figsize=(2.83 * len(shares), 3), sharex=True)
    for ax, (name, (units, share)) in zip(grid, shares.items(), strict=True):
        ax.plot(units, share, "o", ms=3.5, color=COLOURS["rank"], alpha=0.7, label="this book")
        ax.set(title=name, xlabel="fraction of active units", xscale="log", yscale="log")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    grid[0].plot(*published, "o", ms=3.5, mfc="none", mec="0.3", mew=0.7, label="published")
    grid[0].set_ylabel("share of non-zero\neigenvalues")
    grid[0].legend()
    return grid


def spectra_at(
    found: xr.Dataset,
    times: Sequence[int],
    compared: tuple[int, int] = (400_000, 600_000),
    *,
    relative_to: float = 1e-9,
    axes: Any = None,
) -> Panels:
    """Fig. 5C: eigenvalues by rank, those of two times against each other, and their whole course.

    Parameters
    ----------
    found : xarray.Dataset
        Of :func:`drift.analysis.spectra.spectra`, as :func:`drift.analysis.spectra.ratios_to`
        takes it.
    times : sequence of int
        Training steps of the snapshots of the first panel.
    compared : pair of int
        Training steps of the second panel; the course in the third is relative to the first.
    relative_to : float
        Eigenvalues up to this share of the largest at the same time are left out of the first two.
    axes : (3,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (3,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a time is none of a snapshot, or there are too few eigenvalues.
    """
    missing = [time for time in (*times, *compared) if time not in found["snapshot"].values]
    if missing:
        raise ValueError(f"no snapshots at steps {missing}: {found['snapshot'].values.tolist()}.")
    course = ratios_to(found, compared[0])
    drawn = ranked, paired, ratios = panels(axes, columns=3, figsize=(8.5, 3.2))
    for time, colour in zip(times, series(len(times)), strict=True):
        values = _not_zero(found, time, relative_to)
        order = np.arange(1, values.size + 1)
        ranked.semilogy(order, values, color=colour, lw=1.6, label=f"step {short_number(time)}")
    first, second = (_not_zero(found, time, relative_to) for time in compared)
    size = min(first.size, second.size)
    paired.loglog(first[:size], second[:size], ".", ms=3, color=COLOURS["rank"], label="of a rank")
    paired.plot(first[[0, -1]], first[[0, -1]], "k--", lw=0.8, label="no change")
    for name, label, colour in (
        ("largest", "hundred largest (median)", COLOURS["loss"]),
        ("small", "ranks 900 to 1100 (median)", COLOURS["rank"]),
        ("trace", "sum of all", COLOURS["curvature"]),
    ):
        ratios.plot(course["snapshot"], course[name], lw=1.8, color=colour, label=label)
    ratios.axhline(1, color="0.6", lw=0.8)
    for time in compared:
        ratios.axvline(time, color="0.6", lw=0.8, ls=":")
    ranked.set(xlabel="rank of the\neigenvalue", ylabel="eigenvalue")
    paired.set(
        xlabel=f"eigenvalue at\nstep {short_number(compared[0])}",
        ylabel=f"of the same rank\nat step {short_number(compared[1])}",
    )
    ratios.set(ylabel=f"over its value at\nstep {short_number(compared[0])}")
    ratios.set_ylim(0, 1.4 * ratios.get_ylim()[1])  # above the curves is the legend
    step_axis(ratios.xaxis)
    for ax in (ranked, ratios):
        ax.legend()
    return drawn


def trace_against_theory(runs: Mapping[str, xr.Dataset], *, axes: Any = None) -> Panels:
    """Fig. 5D: sum of eigenvalues under label noise, on linear and on logarithmic time.

    Parameters
    ----------
    runs : mapping of str to xarray.Dataset
        By label, of :func:`drift.theory.flow.simulate_beside_flow`; the flow of the first is drawn.
    axes : (2,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (2,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no runs.
    """
    if not runs:
        raise ValueError("runs has no setting to draw.")
    drawn = linear, logarithmic = panels(axes, columns=2, figsize=(8.5, 3.4), sharey=True)
    first = next(iter(runs.values()))
    for ax in (linear, logarithmic):
        for colour, (label, found) in zip(series(len(runs)), runs.items(), strict=True):
            time, sums = found["time"], found["trace"].transpose("time", "seed")
            ax.plot(time, sums, lw=0.6, alpha=0.5, color=colour)
            ax.plot(time, sums.mean("seed"), lw=2, color=colour, label=label)
        ax.plot(first["time"], first["flow"], "k--", lw=1.6, label="flow, nothing fitted")
        time_unit = "$\\eta^2 s^2 / (24\\, n\\, d_{out})$ a step"
        ax.set(yscale="log", xlabel=f"time of the flow,\n{time_unit}")
    logarithmic.set_xscale("log")
    linear.set_ylabel("sum of the Hessian's\neigenvalues")
    linear.legend()
    return drawn


def course_of_spectra(spectra: Mapping[str, xr.Dataset], *, axes: Any = None) -> Panels:
    """What either noise does to the Hessian: sum, log-pseudo-determinant, rank, active units.

    Parameters
    ----------
    spectra : mapping of {"update noise", "label noise"} to xarray.Dataset
        Of :func:`drift.analysis.spectra.spectra`, with ``fraction_active_units`` (snapshot).
    axes : (4,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (4,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no run, or one of another kind of noise.
    """
    if not spectra or set(spectra) - set(NOISE_COLOURS):
        raise ValueError(f"spectra must be of {list(NOISE_COLOURS)}, got {list(spectra)}.")
    names = {
        "trace": "sum of eigenvalues",
        "log_pseudo_determinant": "sum of logarithms of\nnon-zero eigenvalues",
        "rank": "number of non-zero\neigenvalues",
        "fraction_active_units": "fraction of active units",
    }
    grid = panels(axes, columns=4, figsize=(8.5, 2.7), sharex=True)
    for ax, (name, title) in zip(grid, names.items(), strict=True):
        for kind, found in spectra.items():
            style = "--" if kind == "label noise" else "-"
            colour = NOISE_COLOURS[kind]
            ax.plot(found["snapshot"], found[name], style, lw=1.8, color=colour, label=kind)
        ax.set_title(title)
        step_axis(ax.xaxis)
    for ax in (grid[0], grid[2], grid[3]):
        ax.set_ylim(0, None)
    grid[0].legend()
    return grid


def one_time(runs: xr.Dataset, *, axes: Any = None) -> Panels:
    """Fraction of active units of many runs, over its first value, on three kinds of time.

    Parameters
    ----------
    runs : xarray.Dataset
        Along ``run``: ``step`` and ``fraction_active_units`` (run, record), with steps of -1 where
        a run has fewer records, ``learning_rate`` and ``update_noise``.
    axes : (3,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (3,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no runs.
    """
    if not runs.sizes["run"]:
        raise ValueError("runs has no run to draw.")
    grid = panels(axes, columns=3, figsize=(8.5, 3.2), sharey=True)
    eta, sigma = runs["learning_rate"].values, runs["update_noise"].values
    norm = LogNorm(eta.min(), eta.max())
    bar = grid[0].figure.colorbar(
        ScalarMappable(norm, RATES),
        ax=grid.tolist(),
        label="learning rate $\\eta$",
        format=ShortNumbers(),
        ticks=LogLocator(subs=(1, 2, 5)),
    )
    bar.minorticks_off()
    paces = {
        "training step": np.ones_like(eta),
        "$\\eta^2 \\sigma^2 \\times$ steps": eta**2 * sigma**2,
        "$\\eta^3 \\sigma^2 \\times$ steps": eta**3 * sigma**2,
    }
    step, units = runs["step"].values, runs["fraction_active_units"].values
    for ax, (name, pace) in zip(grid, paces.items(), strict=True):
        for run in range(len(eta)):
            known = step[run] >= 0
            value = units[run][known] / units[run][0]
            ax.plot(step[run][known] * pace[run], value, lw=0.7, color=bar.cmap(norm(eta[run])))
        longest = (step.max(axis=1) * pace).max()
        ax.set(xscale="log", xlim=(FIRST_SHOWN * longest, longest))
        if name == "training step":
            step_axis(ax.xaxis)
        ax.set_xlabel(name)
    grid[0].set_ylabel("fraction of active units,\nover its first value")
    return grid


def _not_zero(found: xr.Dataset, time: int, relative_to: float) -> np.ndarray:
    values = found["eigenvalues"].sel(snapshot=time).values.astype(float)
    return values[values > relative_to * values.max()]
