"""A figure once more, narrow enough for a phone: its panels below each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["NARROW_WIDTH", "make_narrow"]

NARROW_WIDTH = 4.2
"""Inches; on a phone a letter of nine points is then ten pixels tall."""

PANEL_HEIGHTS = 2.2, 3.4
"""Inches, least and most, of a panel with what is written around it."""

LARGEST_SHRINKING = 2.2
"""Times: panels that would lose more of their height have lists that become too dense."""

TALLEST = 6.5
"""Times its width a figure may be tall. Others stay as they are, to be seen enlarged."""


def make_narrow(figure: Figure) -> bool:
    """Lay the panels of ``figure`` out anew, in place, for a width of :data:`NARROW_WIDTH`.

    Panels with ticks stand in one column, and small pictures without ticks in two. Each panel then
    has the labels that it shared with its neighbours.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As a function of ``drift.plots`` made it.

    Returns
    -------
    bool
        Whether there is a narrow form: a figure that would become too tall, or that is not a grid
        of panels, is left as it is.
    """
    panels: list[Any] = [axes for axes in figure.axes if axes.get_subplotspec() is not None]
    if not panels or figure.get_figwidth() <= NARROW_WIDTH:
        return False
    grid = panels[0].get_gridspec()
    if any(axes.get_gridspec() is not grid for axes in panels):
        return False
    order = sorted(panels, key=lambda axes: axes.get_subplotspec().num1)
    pictures = all(axes.images and not len(axes.get_xticks()) for axes in order)
    if figure.get_figheight() / grid.nrows > LARGEST_SHRINKING * PANEL_HEIGHTS[1]:
        return False
    columns = 2 if pictures and len(order) > 1 else 1
    rows = -(-len(order) // columns)
    height = rows * _panel_height(figure, grid, columns)
    if height > TALLEST * NARROW_WIDTH or (pictures and min(grid.nrows, grid.ncols) > 2):
        return False
    if not (pictures and grid.ncols == columns):
        _share_nothing(order, grid.ncols)
    figure.set_size_inches(NARROW_WIDTH, height)
    column = figure.add_gridspec(rows, columns)
    for place, axes in enumerate(order):
        axes.set_subplotspec(column[place // columns, place % columns])
    return True


def _panel_height(figure: Figure, grid: Any, columns: int) -> float:
    """Inches: that of a panel in the wide form, between what a narrow one may have."""
    wide = figure.get_figheight() / grid.nrows
    least, most = (height / columns**0.5 for height in PANEL_HEIGHTS)
    return float(np.clip(wide if grid.nrows == 1 else 1.1 * wide, least, most))


def _share_nothing(panels: list[Axes], columns: int) -> None:
    """Give each panel the labels and ticks that only the first of a row or a column had."""
    for place, axes in enumerate(panels):
        first = panels[place - place % columns]
        shared = axes.get_shared_y_axes().joined(axes, first)
        if not axes.get_ylabel() and (shared or not axes.get_title()):
            axes.set_ylabel(first.get_ylabel(), fontsize=first.yaxis.label.get_fontsize())
        last = panels[len(panels) - columns + place % columns]
        if not axes.get_xlabel() and axes.get_shared_x_axes().joined(axes, last):
            axes.set_xlabel(last.get_xlabel(), fontsize=last.xaxis.label.get_fontsize())
        if not axes.images or axes.get_xticks().size:
            axes.tick_params(labelbottom=True, labelleft=True)
        top = panels[place % columns]
        if top is not axes and not axes.get_title():
            axes.set_title(top.get_title())
