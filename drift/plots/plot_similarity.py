"""Figures of similarity matching (Fig. 4C)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from drift.analysis.phases import Phases
from drift.analysis.tuning import peak_order
from drift.plots.style import COLOURS, PHASE_SHADES, Panels, panel, panels, step_axis, unit_maps
from drift.plots.tick_numbers import short_number

__all__ = ["correlation_against_lag", "three_phases", "tuning_on_the_ring"]

LINES = ("-", ":", "--", "-.")
"""How curves of one quantity are told apart."""


def three_phases(
    runs: xr.Dataset, control: xr.Dataset, phases: Sequence[Phases], *, axes: Any = None
) -> Panels:
    """Fig. 4C: loss and fraction of active units of every run (thin) and the mean, phases shaded.

    Parameters
    ----------
    runs, control : xarray.Dataset
        ``loss`` and ``fraction_active_units`` (seed, step), with and without noise.
    phases : sequence of Phases
        Of each run, in training steps. Phases are shaded between medians over the runs that reach
        their ends; a phase that no run ends is shaded up to the last step.
    axes : array of two matplotlib.axes.Axes, optional
        For the loss and for the fraction; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        That of the loss and that of the fraction of active units.

    Raises
    ------
    ValueError
        If ``phases`` are not as many as the runs, the two groups were recorded at different steps,
        or ``axes`` are not two.
    """
    if len(phases) != runs.sizes["seed"]:
        raise ValueError(
            f"there are {len(phases)} phases and {runs.sizes['seed']} runs: give one a run."
        )
    if not np.array_equal(runs["step"], control["step"]):
        raise ValueError("runs and control were recorded at different steps: they share an axis.")
    step = runs["step"].values
    shown = step > 0
    steps = step[shown]
    shaded = _spans(phases, steps[0], steps[-1])
    drawn = panels(axes, rows=2, figsize=(7, 4.6), sharex=True)
    for ax, name, label, colour in zip(
        drawn,
        ("loss", "fraction_active_units"),
        ("loss", "fraction of\nactive units"),
        (COLOURS["loss"], COLOURS["active_units"]),
        strict=True,
    ):
        for phase, (begin, end) in shaded.items():
            ax.axvspan(begin, end, color=PHASE_SHADES[phase], lw=0, zorder=0)
        curves = runs[name].transpose("step", "seed").values[shown]
        ax.plot(steps, curves, color=colour, lw=0.6, alpha=0.4)
        ax.plot(steps, curves.mean(axis=1), color=colour, lw=2, label="noise")
        still = control[name].mean("seed").values[shown]
        ax.plot(steps, still, color=colour, ls=":", lw=2, label="no noise")
        ax.set(xscale="log", ylabel=label, xlim=(steps[0], steps[-1]))
    loss, active = drawn
    active.set(ylim=(0, 1))
    step_axis(active.xaxis)
    active.legend(loc="lower left")
    for phase, (begin, end) in shaded.items():
        loss.text(np.sqrt(begin * end), 1.02, phase, ha="center", va="bottom", fontsize=9,
                  transform=loss.get_xaxis_transform())  # fmt: skip
    return drawn


def _spans(phases: Sequence[Phases], first: float, last: float) -> dict[str, tuple[float, float]]:
    """By its name where each phase begins and ends on the axis; those of no length left out."""
    medians = []
    for ends in np.array(phases, float).T:
        known = ends[np.isfinite(ends)]
        medians.append(float(np.median(known)) if known.size else last)
    learned, settled = medians
    borders = np.clip([first, learned, max(learned, settled), last], first, last)
    spans = zip(PHASE_SHADES, borders[:-1], borders[1:], strict=True)
    return {phase: (float(begin), float(end)) for phase, begin, end in spans if end > begin}


def tuning_on_the_ring(run: xr.Dataset, steps: Sequence[int], *, axes: Any = None) -> Panels:
    """Activity of all units over the ring at some steps, in the order of their peaks at the first.

    Units that are silent at the first of the steps are left out.

    Parameters
    ----------
    run : xarray.Dataset
        ``activity`` (step, position, unit).
    steps : sequence of int
        Recorded steps, at least one.
    axes : array of matplotlib.axes.Axes, optional
        One a step; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (steps,).

    Raises
    ------
    ValueError
        If there is no step, a step was not recorded, all units are silent at the first of them, or
        ``axes`` are not as many.
    """
    missing = [step for step in steps if step not in run["step"].values]
    if not len(steps) or missing:
        raise ValueError(f"steps must be recorded ones, at least one: {missing or 'none'} given.")
    activity = run["activity"].transpose("step", "position", "unit").sel(step=list(steps)).values
    first = activity[0]
    units = np.flatnonzero(first.max(axis=0) > 0)
    if not units.size:
        raise ValueError(f"all units are silent at step {steps[0]}: there is nothing to draw.")
    order = units[peak_order(first[:, units].T)]
    drawn = panels(axes, columns=len(steps), figsize=(8.5, 3), sharey=True)
    for ax, at, step in zip(drawn, activity, steps, strict=True):
        image = unit_maps(ax, at[:, order].T, vmax=float(activity.max()))
        ax.set(title=f"step {short_number(step)}", xticks=[], xlabel="position on\nthe ring")
    drawn[0].set_ylabel("unit")
    drawn[0].figure.colorbar(image, ax=list(drawn), label="activity")
    return drawn


def correlation_against_lag(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], *, ax: Axes | None = None, **labels: Any
) -> Axes:
    """Correlation of the code with itself later: mean and range over runs against the lag.

    Parameters
    ----------
    curves : mapping of str to ((lag,) array, (seed, lag) array)
        By label, one to four: lags in training steps, and correlations.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        What ``ax.set`` takes, instead of this function's labels, limits and title.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no curves or more than four, or a curve has not one correlation a lag.
    """
    if not 1 <= len(curves) <= len(LINES):
        raise ValueError(f"there are {len(curves)} curves: one to {len(LINES)} can be told apart.")
    for name, (lag, values) in curves.items():
        if np.ndim(values) != 2 or np.shape(values)[1:] != np.shape(lag) or not np.size(values):
            raise ValueError(
                f"the curve {name!r} has {np.shape(lag)} lags and {np.shape(values)} correlations: "
                "these must be (runs, lags)."
            )
    drawn = panel(ax, figsize=(6, 3))
    colour = COLOURS["correlation"]
    for (name, (lag, values)), style in zip(curves.items(), LINES, strict=False):
        drawn.plot(lag, np.mean(values, axis=0), color=colour, ls=style, lw=2, label=name)
        low, high = np.min(values, axis=0), np.max(values, axis=0)
        drawn.fill_between(lag, low, high, color=colour, alpha=0.2, lw=0, label=f"{name}, range")
    wording = {
        "xlabel": "lag (training steps)",
        "ylabel": "correlation of\npopulation vectors",
        "ylim": (0, 1.02),
    }
    drawn.set(**(wording | labels))
    lines = list(drawn.lines)[-len(curves) :]
    drawn.legend(lines, list(curves))
    return drawn
