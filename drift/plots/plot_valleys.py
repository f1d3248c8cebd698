"""Figures of two valleys with closed laws (Fig. 5A): walks with noise, and theory.

Every function draws into a new figure, or into axes that it is given, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from drift.plots.style import COLOURS, Panels, panel, panels, series, step_axis
from drift.support.checks import check_as_many
from drift.theory.valleys import been_at_flat_side

__all__ = ["decay", "valley"]


def valley(one: xr.Dataset, walks: xr.Dataset, law: xr.Dataset, *, axes: Any = None) -> Panels:
    """Fig. 5A: one walk on x^2 y^2; where many of them are; how many have been at the flat side.

    Parameters
    ----------
    one, walks : xarray.Dataset
        Of :func:`drift.theory.valleys.walk_in_valley`; the first walk of ``one`` is drawn.
    law : xarray.Dataset
        Of :func:`drift.theory.valleys.update_noise_law`, at the steps of ``walks``.
    axes : (3,) array of matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    (3,) array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the law is not at as many times as the walks.
    """
    step = walks["step"].values
    check_as_many("the law", law.sizes["time"], "the walks", step.size)
    drawn = seen, spread, share = panels(axes, columns=3, figsize=(8.5, 3))
    x, y = one["x"].values[:, 0], one["y"].values[:, 0]
    across, along = np.meshgrid(
        np.linspace(min(-0.25, 1.1 * x.min()), 1.15 * x.max(), 300),
        np.linspace(-1.2 * np.abs(y).max(), 1.2 * np.abs(y).max(), 200),
    )
    seen.contourf(across, along, np.abs(across * along), 20, cmap="viridis")
    seen.plot(x, y, color=COLOURS["walk"], lw=0.5, label="walk")
    seen.plot(x[0], y[0], "o", color=COLOURS["start"], ms=7, label="start")
    seen.set(xlabel="$x$", ylabel="$y$", title="one walk")
    reached = been_at_flat_side(walks)
    distance = np.where(reached, 0, np.abs(walks["x"].values))
    levels = law["level"].values
    for colour, level in zip(series(len(levels)), levels, strict=True):
        shown = np.quantile(distance, level, axis=1)
        spread.plot(step, shown, lw=2, color=colour, label=f"{level:.0%}")
        spread.plot(step, law["distance"].sel(level=level), "k--", lw=1)
    mean = np.sqrt((distance**2).mean(axis=1))
    spread.plot(step, mean, color="0.6", lw=2, label="root mean square")
    spread.legend(loc="upper left", ncols=2, columnspacing=1)
    top = 1.5 * distance[0, 0] + 2
    spread.set(ylabel="$|x|$", title="quantiles of all walks", ylim=(None, top))
    share.plot(step, reached.mean(axis=1), color=COLOURS["agent"], lw=2, label="walks")
    share.plot(step, law["reached"], "k--", lw=1, label="theory")
    share.set(title="share that has reached\nthe flat side", ylabel="share of walks", ylim=(0, 1))
    share.legend()
    for one_panel in (spread, share):
        step_axis(one_panel.xaxis)
    return drawn


def decay(
    walks: Mapping[str, tuple[np.ndarray, xr.Dataset]],
    theory: tuple[np.ndarray, np.ndarray],
    *,
    ax: Axes | None = None,
    **labels: Any,
) -> Axes:
    """Label noise on f = x y: x of each walk, its mean over walks, and the theory.

    Parameters
    ----------
    walks : mapping of str to ((step,) array, xarray.Dataset)
        By label, at most six: times eta^2 sigma^2 step, and ``x`` (step, walk) at these.
    theory : pair of (times,) arrays
        Times in the same unit, and x.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    **labels
        Settings of the axes instead of the default ones, as in :meth:`matplotlib.axes.Axes.set`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no walks or too many, or times and positions differ in number.
    """
    markers = "osv^Dx"
    if not 0 < len(walks) <= len(markers):
        raise ValueError(f"walks: one to {len(markers)} are drawn, got {len(walks)}.")
    for label, (time, found) in walks.items():
        check_as_many(f"times of {label!r}", len(time), "its positions", found.sizes["step"])
    ax = panel(ax, figsize=(6, 3))
    for turn, (label, (time, found)) in enumerate(walks.items()):
        ax.plot(time, found["x"].values, lw=0.6, alpha=0.6, color=COLOURS["agent"])
        # Means that coincide take turns, so that each of them is seen.
        ax.plot(time, found["x"].mean("walk"), markers[turn], ms=5, mfc="none", label=label,
                markevery=(turn, len(walks)))  # fmt: skip
    ax.plot(*theory, "k--", lw=1.2, label="theory")
    default = {"xlabel": "$\\eta^2 \\sigma^2 \\times$ steps", "ylabel": "$x$", "ylim": (0, None)}
    ax.set(**default | labels)
    ax.legend()
    return ax
