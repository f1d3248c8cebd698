"""What all figures share: colours, fonts, and figures that notebooks show once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from drift.plots.export import export_from_cells

__all__ = [
    "COLOURS",
    "NOISE_COLOURS",
    "PHASE_SHADES",
    "STYLE",
    "book_style",
    "series",
    "subplots",
    "use_style",
]

# Okabe and Ito's palette, and for the rest Tol's and IBM's, which are made for all eyes as well.
COLOURS = {
    "loss": "#333333",
    "information": "#0072B2",
    "active_units": "#D55E00",
    "active_fraction": "#E69F00",
    "agent": "#009E73",
    "correlation": "#CC79A7",
    "rate": "#6A3D9A",
    "curvature": "#56B4E9",
    "rank": "#8B5A2B",
    "start": "#FE6100",
    "walk": "#FFC20A",
    "guide": "#8C8C8C",
}

NOISE_COLOURS = {"update noise": "#004488", "label noise": "#EE8866"}

PHASE_SHADES = {"learning": "#F3D9D2", "directed drift": "#FBF0C9", "null drift": "#DDEBDD"}

STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "legend.frameon": False,
    "image.cmap": "viridis",
}


def series(count: int) -> list[tuple[float, ...]]:
    """Colours for curves of one quantity, dark to light: told apart without colour vision too.

    Parameters
    ----------
    count : int
        Number of curves.

    Returns
    -------
    list of tuple of float
        Red, green, blue and opacity, between 0 and 1.
    """
    return [plt.get_cmap("viridis")(level) for level in np.linspace(0, 0.85, count)]


def use_style() -> None:
    """Make the book's style the present one of matplotlib, and export figures where asked to.

    A user's own settings of matplotlib do not count.
    """
    plt.style.use(["default", STYLE])
    export_from_cells()


def book_style(**changes: Any) -> AbstractContextManager[None]:
    """The book's style within a ``with``, whatever matplotlib is set to outside.

    Parameters
    ----------
    **changes
        Settings of matplotlib besides, with underscores for dots.

    Returns
    -------
    context manager
    """
    settings = {name.replace("_", ".", 1): value for name, value in changes.items()}
    return plt.style.context(STYLE | settings, after_reset=True)


def subplots(*arguments: Any, **settings: Any) -> tuple[Figure, Any]:
    """A figure that pyplot has already closed, so that notebooks show it once: when returned.

    Parameters
    ----------
    *arguments, **settings
        As in :func:`matplotlib.pyplot.subplots`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes or array of them
    """
    figure, axes = plt.subplots(*arguments, **settings)
    plt.close(figure)
    return figure, axes
