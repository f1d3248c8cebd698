"""Where walks with update noise on x^2 y^2 are: a squared Bessel process of dimension 0."""

from __future__ import annotations

import numpy as np
from scipy import stats

from drift.support.array_checks import check_array
from drift.support.checks import LARGEST, check_number

__all__ = ["flat_side_reached", "position_quantile", "squared_position_cdf"]

MOST_TERMS = 20_000
"""Of a law that sums over a Poisson number: memory for as many is at hand."""


def flat_side_reached(start: float, time: np.ndarray) -> np.ndarray:
    """Probability exp(-x_0^2 / (2 t)) that a walk with update noise has been at x = 0 by ``time``.

    Parameters
    ----------
    start : float
        x_0.
    time : float or array
        eta^2 sigma^2 times the number of steps, above 0.

    Returns
    -------
    array
        Between 0 and 1, in the shape of ``time``.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite, or a time not above 0.
    """
    start = check_number("start", start, signed=True)
    return np.exp(-(start**2) / (2 * check_array("time", time, None, minimum=1 / LARGEST)))


def squared_position_cdf(squared: np.ndarray, start: float, time: float) -> np.ndarray:
    """Probability that x^2 is at most ``squared`` after ``time``, with update noise.

    x^2 / t is a chi-squared variable with 2 N degrees of freedom, N ~ Poisson(x_0^2 / (2 t)):
    the transition law of the squared Bessel process of dimension 0, which stays at 0 once there
    (Revuz and Yor, *Continuous Martingales and Brownian Motion*, chapter XI).

    Parameters
    ----------
    squared : float or array
        Values of x^2.
    start, time : float
        x_0, and eta^2 sigma^2 times the number of steps, above 0; x_0^2 at most 40 000 times it.

    Returns
    -------
    array
        Between 0 and 1, in the shape of ``squared``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    squared = check_array("squared", squared, None)
    mean = _mean_of_terms(start, time)
    counts = np.arange(1, int(stats.poisson.ppf(1 - 1e-12, mean)) + 2)
    weights = stats.poisson.pmf(counts, mean)
    with np.errstate(over="ignore"):
        scaled = squared[..., None] / time
    spread = stats.chi2.cdf(scaled, 2 * counts) @ weights
    return np.where(squared >= 0, np.exp(-mean) + spread, 0.0)


def _mean_of_terms(start: float, time: float) -> float:
    """x_0^2 / (2 t): about so many terms the law sums."""
    start = check_number("start", start, signed=True)
    mean = start**2 / (2 * check_number("time", time, positive=True))
    if mean > MOST_TERMS:
        raise ValueError(
            f"time={time:g} is too short for start={start:g}: the law sums about start^2 / (2 "
            f"time) = {mean:.3g} terms, and {MOST_TERMS} are possible. Walks have hardly moved yet."
        )
    return mean


def position_quantile(share: float, start: float, time: float) -> float:
    """How far from the flat side the nearest ``share`` of the walks with update noise reach.

    Parameters
    ----------
    share : float
        Share of the walks, between 0 and 1.
    start, time : float
        As for :func:`squared_position_cdf`.

    Returns
    -------
    float
        Quantile of abs(x); 0 if so many walks have reached the flat side.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    share = check_number("share", share, maximum=1.0)
    _mean_of_terms(start, time)
    grid = np.linspace(0, start + 8 * np.sqrt(time), 4001)
    reached = squared_position_cdf(grid**2, start, time)
    return float(np.interp(share, reached, grid))
