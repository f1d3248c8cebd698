"""Confidence intervals by resampling what is independent: networks, seeds, animals."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from drift.support.checks import check_integer

__all__ = ["Interval", "interval_over"]

RESAMPLES = 2000


class Interval(NamedTuple):
    """A number with its 95 % confidence interval.

    Parameters
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def interval_over(count: int, statistic: Callable[[np.ndarray], float]) -> Interval:
    """A statistic of ``count`` independent units, with percentiles of its bootstrap.

    Parameters
    ----------
    count : int
        Number of units, at least 2, which are drawn again with replacement, 2000 times.
    statistic : callable
        Takes the indices of the units that were drawn, and returns a number.

    Returns
    -------
    Interval

    Raises
    ------
    TypeError, ValueError
        If ``count`` is not an integer of at least 2.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.resampling import interval_over
    >>> heights = np.array([1.6, 1.7, 1.8, 1.9])
    >>> print(interval_over(4, lambda drawn: heights[drawn].mean()))
    1.75 (1.65 to 1.85)
    """
    everyone = np.arange(check_integer("count", count, minimum=2))
    found = stats.bootstrap(
        (everyone,), statistic, n_resamples=RESAMPLES, vectorized=False, method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    return Interval(float(statistic(everyone)), float(found.low), float(found.high))
