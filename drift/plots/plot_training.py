"""Figures of a training run: loss, curvature, information and activity over time (Fig. 2B, C)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from drift.plots.style import COLOURS, Panels, panel, panels, step_axis
from drift.simulation.measures import relative_loss
from drift.tasks.base_task import Task

__all__ = ["edge_of_stability", "information_and_activity", "learning_curve"]


def learning_curve(run: xr.Dataset, task: Task, *, ax: Axes | None = None, **labels: Any) -> Axes:
    """Fig. 2B: the loss, relative to always answering each output's mean, over log time.

    Parameters
    ----------
    run : xarray.Dataset
        ``loss`` (step) of a run by ``drift.simulate``.
    task : Task
        What the run was on.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        For ``ax.set``, over those of this book.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If nothing was recorded after step 0.
    """
    late = run.sel(step=run["step"] > 0)
    if late.sizes["step"] == 0:
        raise ValueError("the run has no record after step 0, and step 0 has no logarithm.")
    ax = panel(ax, figsize=(7, 3))
    ax.plot(late["step"], relative_loss(late["loss"].values, task, True), color=COLOURS["loss"])
    ax.axhline(0, color="0.7", lw=1, ls="--")
    ax.annotate("always answer the mean", (0.98, 0), (0, 3), ha="right", color="0.4",
                xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    ax.set_xscale("log")
    step_axis(ax.xaxis)
    ax.set(**{"ylabel": "$\\log_{10}$(loss / variance)", **labels})
    return ax


def edge_of_stability(share: xr.DataArray, *, ax: Axes | None = None, **labels: Any) -> Axes:
    """The largest curvature over time, as a share of that at which descent ceases to be stable.

    Parameters
    ----------
    share : xarray.DataArray
        Largest eigenvalue of the loss's Hessian times eta / 2 (snapshot), in the order of time.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        For ``ax.set``, over those of this book.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no numbers, or they are not in the order of time.
    """
    steps = share["snapshot"].values
    if steps.size == 0 or (np.diff(steps) < 0).any():
        raise ValueError(f"curvatures must be of at least one step, in order, not of {steps}.")
    ax = panel(ax, figsize=(7, 3))
    ax.plot(steps, share.values, "o-", ms=4, color=COLOURS["curvature"], clip_on=False)
    ax.axhline(1, color="0.7", lw=1, ls="--")
    ax.annotate("edge of stability", (0.02, 1), (0, 3), color="0.4",
                xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    ax.set_xscale("symlog", linthresh=1)
    step_axis(ax.xaxis)
    settings = {"ylabel": "largest curvature $\\times\\,\\eta\\,/\\,2$", "xlim": (0, None)}
    ax.set(**{"ylim": (0, None), **settings, **labels})
    return ax


def information_and_activity(run: xr.Dataset, tuning: xr.Dataset, *, axes: Any = None) -> Panels:
    """Fig. 2C: mean spatial information of place cells and two measures of activity over time.

    Parameters
    ----------
    run : xarray.Dataset
        ``fraction_active_units`` and ``active_fraction`` (step).
    tuning : xarray.Dataset
        ``mean_information`` (snapshot) in bits, by :func:`drift.analysis.tuning.tuning_over_time`.
    axes : array of matplotlib.axes.Axes, optional
        For the information and for the activity; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,): information, activity.

    Raises
    ------
    ValueError
        If run and tuning do not end at the same step, or ``axes`` are not two.
    """
    ends = run["step"].values[-1], tuning["snapshot"].values[-1]
    if ends[0] != ends[1]:
        raise ValueError(f"run and tuning end at steps {ends[0]} and {ends[1]}: are they of one?")
    drawn = panels(axes, 1, 2, figsize=(8.5, 3.2))
    information, activity = drawn
    information.plot(
        tuning["snapshot"], tuning["mean_information"], "o-", ms=3, color=COLOURS["information"]
    )
    information.set(ylabel="mean spatial information (bits)")
    units, pairs = COLOURS["active_units"], COLOURS["active_fraction"]
    activity.plot(
        run["step"], run["fraction_active_units"], color=units, label="fraction of active units"
    )
    activity.plot(run["step"], run["active_fraction"], color=pairs, label="active fraction")
    activity.set(ylabel="share of units, or of\nunits and views", ylim=(0, 1))
    activity.legend()
    for ax in drawn:
        step_axis(ax.xaxis)
    information.set(ylim=(0, None))
    return drawn
