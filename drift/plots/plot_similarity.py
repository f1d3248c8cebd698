"""Figures of similarity matching (Fig. 4C)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from drift.analysis.phases import Phases
from drift.analysis.tuning import peak_order
from drift.plots.style import COLOURS, PHASE_SHADES, subplots

__all__ = ["correlation_against_lag", "three_phases", "tuning_on_the_ring"]


def three_phases(runs: xr.Dataset, control: xr.Dataset, phases: Sequence[Phases]) -> Figure:
    """Fig. 4C: loss and fraction of active units of every run (thin) and the mean, phases shaded.

    Parameters
    ----------
    runs, control : xarray.Dataset
        ``loss`` and ``fraction_active_units`` (seed, step), with and without noise.
    phases : sequence of Phases
        Of each run, in training steps; phases are shaded between medians over the runs.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (loss, active) = subplots(2, 1, figsize=(7, 4.6), sharex=True)
    step = runs["step"].values
    shown = step > 0
    borders = [step[shown][0], *np.nanmedian(np.array(phases), axis=0), step[-1]]
    for axes, name, label in (
        (loss, "loss", "loss"),
        (active, "fraction_active_units", "fraction of\nactive units"),
    ):
        colour = COLOURS["loss" if name == "loss" else "active_units"]
        for begin, end, phase in zip(borders[:-1], borders[1:], PHASE_SHADES, strict=True):
            axes.axvspan(begin, end, color=PHASE_SHADES[phase], lw=0, zorder=0)
        curves = runs[name].transpose("step", "seed").values[shown]
        axes.plot(step[shown], curves, color=colour, lw=0.6, alpha=0.4)
        axes.plot(step[shown], curves.mean(axis=1), color=colour, lw=2, label="noise")
        still = control[name].mean("seed").values[shown]
        axes.plot(step[shown], still, color=colour, ls=":", lw=2, label="no noise")
        axes.set(xscale="log", ylabel=label, xlim=(borders[0], borders[-1]))
    active.set(xlabel="training step", ylim=(0, 1))
    active.legend(loc="lower left")
    for begin, end, phase in zip(borders[:-1], borders[1:], PHASE_SHADES, strict=True):
        loss.text(np.sqrt(begin * end), 1.02, phase, ha="center", va="bottom", fontsize=9,
                  transform=loss.get_xaxis_transform())  # fmt: skip
    return figure


def tuning_on_the_ring(run: xr.Dataset, steps: Sequence[int]) -> Figure:
    """Activity of all units over the ring at some steps, in the order of their peaks at the first.

    Units that are silent at the first of the steps are left out.

    Parameters
    ----------
    run : xarray.Dataset
        ``activity`` (step, position, unit).
    steps : sequence of int
        Recorded steps, two or more.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = subplots(1, len(steps), figsize=(8, 3), sharey=True)
    activity = run["activity"].sel(step=list(steps)).values
    first = activity[0]
    units = np.flatnonzero(first.max(axis=0) > 0)
    order = units[peak_order(first[:, units].T)]
    for axes, at, step in zip(panels, activity, steps, strict=True):
        image = axes.imshow(at[:, order].T, aspect="auto", interpolation="nearest", vmin=0,
                            vmax=float(activity.max()))  # fmt: skip
        axes.set(title=f"step {step:,}", xticks=[], xlabel="position on the ring")
    panels[0].set_ylabel("unit")
    figure.colorbar(image, ax=panels, label="activity")
    return figure


def correlation_against_lag(curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Correlation of the code with itself later: mean and range over runs against the lag.

    Parameters
    ----------
    curves : dict of str to ((lag,) array, (seed, lag) array)
        By label: lags in training steps, and correlations. Only the first three are drawn.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(6, 3))
    for (name, (lag, values)), style in zip(curves.items(), ("-", ":", "--"), strict=False):
        colour = COLOURS["correlation"]
        axes.plot(lag, values.mean(axis=0), color=colour, ls=style, lw=2, label=name)
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(lag, low, high, color=colour, alpha=0.2, lw=0)
    axes.set(xlabel="lag (training steps)", ylabel="correlation of\npopulation vectors",
             ylim=(0, 1.02))  # fmt: skip
    axes.legend()
    return figure
