"""What all figures share: colours, fonts, and figures that notebooks show once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from drift.plots.export import export_from_cells
from drift.plots.tick_numbers import BookFigure, write_short_numbers

__all__ = [
    "COLOURS",
    "NOISE_COLOURS",
    "PHASE_SHADES",
    "STYLE",
    "Panels",
    "book_style",
    "mean_with_error",
    "panel",
    "panels",
    "series",
    "step_axis",
    "subplots",
    "unit_maps",
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
    "silent": "#BDBDBD",
}

NOISE_COLOURS = {"update noise": "#004488", "label noise": "#EE8866"}

PHASE_SHADES = {"learning": "#F3D9D2", "directed drift": "#FBF0C9", "null drift": "#DDEBDD"}

Panels = np.ndarray[Any, np.dtype[Any]]
"""An array of :class:`matplotlib.axes.Axes`."""

Values: TypeAlias = np.ndarray | pd.Series

STYLE = "drift.plots.book"
"""The style file ``book.mplstyle`` of this folder, as matplotlib finds it."""


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
    return plt.style.context([STYLE, settings], after_reset=True)


def panel(ax: Axes | None = None, **settings: Any) -> Axes:
    """Where a function of one panel draws: into ``ax``, or into a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        What a caller gave to draw into.
    **settings
        Of the new figure, as in :func:`matplotlib.pyplot.subplots`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    return subplots(**settings)[1] if ax is None else ax


def panels(
    axes: Any = None, rows: int = 1, columns: int = 1, squeeze: bool = True, **settings: Any
) -> Panels:
    """Where a function of several panels draws: into ``axes``, or into a new figure.

    Parameters
    ----------
    axes : array of matplotlib.axes.Axes, optional
        What a caller gave to draw into.
    rows, columns : int
        Number of panels.
    squeeze : bool
        Whether one row or one column of panels is an array of one dimension.
    **settings
        Of the new figure, as in :func:`matplotlib.pyplot.subplots`.

    Returns
    -------
    array of matplotlib.axes.Axes
        (rows, columns); (columns,) or (rows,) if there is one row or one column to squeeze.

    Raises
    ------
    ValueError
        If ``axes`` are not as many.
    """
    if axes is None:
        axes = subplots(rows, columns, squeeze=False, **settings)[1]
    given = np.asarray(axes, object)
    if given.size != rows * columns:
        raise ValueError(f"axes has {given.size} panels: this figure has {rows} x {columns}.")
    one_line = squeeze and min(rows, columns) == 1
    return given.ravel() if one_line else given.reshape(rows, columns)


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
    figure, axes = plt.subplots(*arguments, FigureClass=BookFigure, **settings)
    plt.close(figure)
    return figure, axes


def step_axis(axis: Axis) -> None:
    """Make an axis one of training steps, in thousands or millions, without a factor beside it.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        Linear or logarithmic; changed in place.
    """
    axis.set_label_text("training step")
    if axis.get_scale() == "linear":
        axes = axis.axes
        place = axes.get_subplotspec()
        share = len(place.colspan) / place.get_gridspec().ncols if place is not None else 1
        figure = axes.get_figure(root=True)
        assert figure is not None  # what is drawn in is in a figure
        inches = share * figure.get_figwidth()
        count = int(np.clip(1.2 * inches, 2, 5))
        axis.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    write_short_numbers(axis)


def mean_with_error(
    ax: Axes, x: Values, mean: Values, error: Values, style: str = "-", **settings: Any
) -> None:
    """Draw a mean as a curve, and its error on either side as a band of the same colour.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x, mean, error : array or pandas.Series
        Of one length; ``error`` is at least 0.
    style : str
        Of the curve, as in ``ax.plot``.
    **settings
        Of the curve: ``color``, ``label`` and others of ``ax.plot``.
    """
    (curve,) = ax.plot(x, mean, style, **{"lw": 2} | settings)
    ax.fill_between(x, mean - error, mean + error, color=curve.get_color(), alpha=0.2, lw=0)


def unit_maps(ax: Axes, maps: np.ndarray, **settings: Any) -> AxesImage:
    """Draw the activity of units as a picture, a row a unit, in which silent units are grey.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    maps : (units, places) array
        Activity, at least 0; a unit is silent where it is 0 at all places.
    **settings
        Given to ``ax.imshow``.

    Returns
    -------
    matplotlib.image.AxesImage
    """
    heard = np.max(maps, axis=1, keepdims=True) > 0
    shown = np.where(heard, maps, np.nan)
    colours = plt.get_cmap().with_extremes(bad=COLOURS["silent"])
    usual: dict[str, Any] = {
        "cmap": colours,
        "aspect": "auto",
        "interpolation": "nearest",
        "vmin": 0,
    }
    return ax.imshow(shown, **usual | settings)
