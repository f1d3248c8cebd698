"""Trends: over sessions, animal by animal, and as powers of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats


class Trend(NamedTuple):
    """The mean slope over animals."""

    slope: float
    """Per unit of time."""
    low: float
    """Lower end of its 95 % confidence interval."""
    high: float
    p_value: float
    """Probability of a mean slope as far from zero, were there no trend."""
    animals: int

    def __str__(self) -> str:
        return f"{self.slope:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def slopes(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least-squares slope of each animal's values over time; NaN values are left out.

    Parameters
    ----------
    time : (times,)
    values : (animals, times)

    Returns
    -------
    (animals,) array, NaN for an animal with fewer than two values
    """
    time, values = np.asarray(time, float), np.asarray(values, float)
    found = np.full(len(values), np.nan)
    for animal, row in enumerate(values):
        known = np.isfinite(row)
        if known.sum() >= 2:
            found[animal] = np.polyfit(time[known], row[known], 1)[0]
    return found


def mean_trend(time: np.ndarray, values: np.ndarray) -> Trend:
    """Mean over animals of the slope of each, with its interval by Student's t.

    Animals, not sessions, are the independent units: sessions of one animal are not.

    Raises
    ------
    ValueError
        If fewer than two animals have a slope.
    """
    each = slopes(time, values)
    each = each[np.isfinite(each)]
    if each.size < 2:
        raise ValueError(f"a trend over animals needs at least two of them, got {each.size}.")
    test = stats.ttest_1samp(each, 0.0)
    interval = test.confidence_interval(0.95)
    low, high = float(interval.low), float(interval.high)
    return Trend(float(each.mean()), low, high, float(test.pvalue), each.size)


class PowerLaw(NamedTuple):
    """A line through logarithms."""

    slope: float
    intercept: float
    low: float
    """Lower end of the slope's 95 % confidence interval."""
    high: float
    points: int


def power_law(x: np.ndarray, y: np.ndarray) -> PowerLaw:
    """log10 y = slope log10 x + intercept by least squares, over positive finite pairs."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    good = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
    fit = stats.linregress(np.log10(x[good]), np.log10(y[good]))
    half = stats.t.ppf(0.975, good.sum() - 2) * fit.stderr
    return PowerLaw(fit.slope, fit.intercept, fit.slope - half, fit.slope + half, int(good.sum()))


def mean_and_spread(values: Sequence[float] | np.ndarray, digits: int = 2) -> str:
    """Mean and standard deviation over runs, as text."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"
