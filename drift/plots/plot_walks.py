"""Figures of walks on a circle of minima (Fig. 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from drift.plots.style import COLOURS, Panels, panel, panels, step_axis
from drift.theory.walks import RingOfMinima

__all__ = ["landscapes", "property_over_time", "where_walks_end"]

EDGE = 1.6
"""Half the width of the square of parameters that is drawn; the circle has radius 1."""


def landscapes(walks: Mapping[str, tuple[RingOfMinima, xr.Dataset]], *, axes: Any = None) -> Panels:
    """Fig. 1: each loss from above, its circle of minima, and the path of the first walker.

    Parameters
    ----------
    walks : mapping of str to (RingOfMinima, xarray.Dataset)
        By title, at least one: loss, and walks of :func:`drift.theory.walks.simulate_walks` on it.
    axes : array of matplotlib.axes.Axes, optional
        One a loss; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (losses,), in the order of ``walks``.

    Raises
    ------
    ValueError
        If there are no walks, or ``axes`` are not as many.
    """
    _require_some(walks)
    drawn = panels(axes, columns=len(walks), figsize=(8.5, 4), sharey=True)
    grid = np.linspace(-EDGE, EDGE, 201)
    x, y = np.meshgrid(grid, grid)
    angle = np.linspace(0, 2 * np.pi, 200)
    for ax, (name, (ring, paths)) in zip(drawn, walks.items(), strict=True):
        root = np.sqrt(ring.loss(x, y))
        image = ax.pcolormesh(grid, grid, root, cmap="Greys", vmin=0, vmax=1.2)
        ax.plot(np.cos(angle), np.sin(angle), color="0.6", lw=1, ls="--", label="zero loss")
        path = paths.isel(walk=0)
        ax.plot(path["x"], path["y"], color=COLOURS["agent"], lw=0.8, label="path")
        ax.plot(path["x"][0], path["y"][0], "o", color=COLOURS["start"], ms=7, label="start")
        ax.set(title=name, aspect="equal", xlabel="first parameter $x$",
               xticks=(-1, 0, 1), yticks=(-1, 0, 1))  # fmt: skip
    drawn[0].set_ylabel("second parameter $y$")
    drawn[0].figure.colorbar(image, ax=list(drawn), label="root of the loss", shrink=0.8)
    return drawn


def property_over_time(
    walks: Mapping[str, xr.Dataset],
    theory: Mapping[str, np.ndarray],
    *,
    shown: int = 40,
    axes: Any = None,
) -> Panels:
    """A property of the solution along many walks: some thin, mean and spread, and the theory.

    Parameters
    ----------
    walks : mapping of str to xarray.Dataset
        By title, at least one: ``log_curvature`` (step, walk).
    theory : mapping of str to (step,) array
        Expected mean of ``log_curvature`` at the steps of each of ``walks``.
    shown : int
        Number of walks drawn as thin lines.
    axes : array of matplotlib.axes.Axes, optional
        One for each of ``walks``; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        In the order of ``walks``.

    Raises
    ------
    ValueError
        If there are no walks, the theory of some is missing or not as long, or ``axes`` are not
        as many.
    """
    _require_some(walks)
    for name, paths in walks.items():
        if name not in theory or np.shape(theory[name]) != (paths.sizes["step"],):
            raise ValueError(
                f"theory has no {paths.sizes['step']} values for {name!r}: it needs one for each "
                "recorded step of each of the walks."
            )
    drawn = panels(axes, columns=len(walks), figsize=(8.5, 3.2), sharey=True)
    for ax, (name, paths) in zip(drawn, walks.items(), strict=True):
        step = paths["step"].values
        values = paths["log_curvature"].transpose("step", "walk").values
        colour = COLOURS["curvature"]
        ax.plot(step, values[:, :shown], color=colour, lw=0.4, alpha=0.4)
        mean, spread = values.mean(axis=1), values.std(axis=1)
        ax.fill_between(
            step, mean - spread, mean + spread, color=colour, alpha=0.25, lw=0,
            label="standard deviation",
        )  # fmt: skip
        ax.plot(step, mean, color=colour, lw=2.5, label="mean of all walks")
        ax.plot(step, theory[name], "k--", lw=1.2, label="theory, nothing fitted")
        ax.set_title(name)
        step_axis(ax.xaxis)
    drawn[0].set_ylabel("natural logarithm\nof the curvature")
    drawn[0].legend(loc="lower left")
    return drawn


def where_walks_end(
    paths: xr.Dataset, density: np.ndarray, *, ax: Axes | None = None, **labels: Any
) -> Axes:
    """Angles at the end of all walks beside the density that theory gives.

    Parameters
    ----------
    paths : xarray.Dataset
        Positions ``x`` and ``y`` (step, walk).
    density : (angles,) array
        Density per radian at evenly spaced angles from 0 to 2 pi, both included.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        What ``ax.set`` takes, instead of this function's labels, limits, ticks and title.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no walks, or the density is at fewer than two angles.
    """
    if not paths.sizes["walk"] or np.size(density) < 2:
        raise ValueError("there is nothing to draw: give at least one walk and two angles.")
    drawn = panel(ax, figsize=(6, 2.8))
    last = paths.isel(step=-1)
    angle = np.arctan2(last["y"].values, last["x"].values) % (2 * np.pi)
    drawn.hist(
        angle, bins=24, range=(0, 2 * np.pi), density=True, color=COLOURS["agent"], alpha=0.6
    )
    drawn.plot(np.linspace(0, 2 * np.pi, len(density)), density, "k--", lw=1.2, label="theory")
    wording = {
        "xlabel": "angle on the circle (radians)",
        "ylabel": "density (per radian)",
        "xticks": np.pi * np.arange(0, 2.5, 0.5),
        "xticklabels": ["0 (sharp)", "", "$\\pi$ (flat)", "", "$2\\pi$"],
    }
    if "xticks" in labels:
        del wording["xticklabels"]
    drawn.set(**(wording | labels))
    return drawn


def _require_some(walks: Mapping[str, Any]) -> None:
    if not walks:
        raise ValueError("walks is empty: there is nothing to draw.")
