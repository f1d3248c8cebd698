"""Figures of walks on a circle of minima (Fig. 1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from drift.plots.style import COLOURS, subplots
from drift.theory.walks import RingOfMinima

__all__ = ["landscapes", "property_over_time", "where_walks_end"]


def landscapes(walks: Mapping[str, tuple[RingOfMinima, xr.Dataset]]) -> Figure:
    """Fig. 1: each loss from above, its circle of minima, and the path of the first walker.

    Parameters
    ----------
    walks : mapping of str to (RingOfMinima, xarray.Dataset)
        By title, two or more: loss, and walks of :func:`drift.theory.walks.simulate_walks` on it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = subplots(1, len(walks), figsize=(8.5, 4), sharey=True)
    grid = np.linspace(-1.6, 1.6, 201)
    x, y = np.meshgrid(grid, grid)
    angle = np.linspace(0, 2 * np.pi, 200)
    for axes, (name, (ring, paths)) in zip(panels, walks.items(), strict=True):
        image = axes.pcolormesh(grid, grid, np.sqrt(ring.loss(x, y)), cmap="Greys", vmax=1.2)
        axes.plot(np.cos(angle), np.sin(angle), color="0.6", lw=1, ls="--")
        path = paths.isel(walk=0)
        axes.plot(path["x"], path["y"], color=COLOURS["agent"], lw=0.8)
        axes.plot(path["x"][0], path["y"][0], "o", color=COLOURS["start"], ms=7)
        axes.set(title=name, aspect="equal", xticks=[], yticks=[])
    figure.colorbar(image, ax=panels, label="root of the loss", shrink=0.8)
    return figure


def property_over_time(
    walks: Mapping[str, xr.Dataset], theory: Mapping[str, np.ndarray], shown: int = 40
) -> Figure:
    """A property of the solution along many walks: some thin, mean and spread, and the theory.

    Parameters
    ----------
    walks : mapping of str to xarray.Dataset
        By title, two or more: ``log_curvature`` (step, walk).
    theory : mapping of str to (step,) array
        Expected mean of ``log_curvature`` at the steps of each of ``walks``.
    shown : int
        Number of walks drawn as thin lines.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, panels = subplots(1, len(walks), figsize=(8.5, 3.2), sharey=True)
    for axes, (name, paths) in zip(panels, walks.items(), strict=True):
        step, values = paths["step"].values, paths["log_curvature"].values
        colour = COLOURS["curvature"]
        axes.plot(step, values[:, :shown], color=colour, lw=0.4, alpha=0.4)
        mean, spread = values.mean(axis=1), values.std(axis=1)
        axes.fill_between(step, mean - spread, mean + spread, color=colour, alpha=0.25, lw=0)
        axes.plot(step, mean, color=colour, lw=2.5, label="mean of all walks")
        axes.plot(step, theory[name], "k--", lw=1.2, label="theory, nothing fitted")
        axes.set(title=name, xlabel="training step")
    panels[0].set_ylabel("log curvature")
    panels[0].legend(loc="lower left", fontsize=9)
    return figure


def where_walks_end(ring: RingOfMinima, paths: xr.Dataset, density: np.ndarray) -> Figure:
    """Angles at the end of all walks beside the density that theory gives.

    Parameters
    ----------
    ring : RingOfMinima
        Not used.
    paths : xarray.Dataset
        Positions ``x`` and ``y`` (step, walk).
    density : (angles,) array
        Density per radian at evenly spaced angles from 0 to 2 pi, both included.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(6, 2.8))
    angle = np.arctan2(paths["y"].values[-1], paths["x"].values[-1]) % (2 * np.pi)
    axes.hist(angle, bins=24, range=(0, 2 * np.pi), density=True, color=COLOURS["agent"], alpha=0.6)
    axes.plot(np.linspace(0, 2 * np.pi, len(density)), density, "k--", lw=1.2)
    axes.set(xlabel="angle on the circle", ylabel="density",
             xticks=np.pi * np.arange(0, 2.5, 0.5),
             xticklabels=["0 (sharp)", "", "$\\pi$ (flat)", "", "$2\\pi$"])  # fmt: skip
    return figure
