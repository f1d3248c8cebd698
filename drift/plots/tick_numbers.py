"""How numbers are written on all axes: 400 k and 1 M, in words 400 thousand and 1 million."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, NullFormatter

__all__ = ["ShortNumbers", "short_number"]

UNITS = ((1_000_000, "M", 1_000_000), (10_000, "k", 1000))
"""From which size on numbers are written in a unit, its letter and its size."""

SMALLEST_PLAIN = 1e-3
"""On a logarithmic axis that reaches below this, numbers are written as powers of ten."""


def short_number(value: float) -> str:
    """A number as it is written on axes, in titles and in legends.

    Parameters
    ----------
    value : float
        Finite.

    Returns
    -------
    str
        At most six digits, in thousands (k) from 10,000 on and in millions (M) from 1,000,000 on.
    """
    return _in_unit(value, abs(value))


class ShortNumbers(Formatter):
    """Ticks of an axis in one unit: that of the largest of them, or without a unit.

    On a logarithmic axis each tick has its own unit, and numbers below 0.001 make all of them
    powers of ten.
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label of a tick at ``x`` that stands alone."""
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The labels of the ticks at ``values``; those out of view have no say in the unit."""
        ticks = np.asarray(values, float)
        seen = np.abs(ticks[self._in_view(ticks)])
        if not self._is_logarithmic():
            largest = float(seen.max(initial=0))
            return [_in_unit(tick, largest) for tick in ticks.tolist()]
        if (seen[seen > 0] < SMALLEST_PLAIN).any():
            return [_power_of_ten(tick) for tick in ticks.tolist()]
        return [short_number(tick) for tick in ticks.tolist()]

    def _in_view(self, ticks: np.ndarray) -> np.ndarray:
        if self.axis is None:
            return np.ones(ticks.shape, bool)
        low, high = sorted(self.axis.get_view_interval())
        slack = 1e-6 * (high - low)
        return (ticks >= low - slack) & (ticks <= high + slack)

    def _is_logarithmic(self) -> bool:
        get_scale = getattr(self.axis, "get_scale", None)
        return get_scale is not None and get_scale() in ("log", "symlog")


class BookFigure(Figure):
    """A figure whose axes write their numbers in one style, where nothing else was asked for."""

    def draw(self, renderer: Any) -> None:
        """Draw the figure, as matplotlib does."""
        for axes in self.axes:
            for axis in (axes.xaxis, axes.yaxis):
                # With units, of words or dates, there is a formatter of theirs.
                if axis.isDefault_majfmt and not axis.have_units():
                    write_short_numbers(axis)
        super().draw(renderer)


def write_short_numbers(axis: Axis) -> None:
    """Write the ticks of ``axis`` by :class:`ShortNumbers`, and none between them."""
    axis.set_major_formatter(ShortNumbers())
    axis.set_minor_formatter(NullFormatter())


def _power_of_ten(value: float) -> str:
    exponent = np.log10(value) if value > 0 else np.nan
    whole = np.round(exponent)
    return f"$10^{{{whole:.0f}}}$" if abs(exponent - whole) < 1e-6 else ""


def _in_unit(value: float, largest: float) -> str:
    letter, size = "", 1
    for least, name, unit in UNITS:
        if largest >= least * (1 - 1e-9):
            letter, size = f" {name}", unit
            break
    text = f"{value / size:.6g}"
    if float(text) == 0:
        return "0"
    return text.replace("-", "\N{MINUS SIGN}") + letter
