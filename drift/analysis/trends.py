"""Trends: over sessions, animal by animal, and as powers of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from drift.support.array_checks import ROUNDING, as_array, check_array
from drift.support.checks import check_as_many, check_integer, check_number

__all__ = [
    "PowerLaw",
    "Trend",
    "difference_of_trends",
    "mean_and_spread",
    "mean_trend",
    "power_law",
    "slopes",
    "trend_of",
]


class Trend(NamedTuple):
    """The mean slope over animals; as text, the slope with its interval.

    Parameters
    ----------
    slope : float
        Per unit of time.
    low, high : float
        Ends of its 95 % confidence interval.
    p_value : float
        Probability of a mean slope at least as far from zero, were there no trend.
    animals : int
        Number of animals that have a slope.
    """

    slope: float
    low: float
    high: float
    p_value: float
    animals: int

    def __str__(self) -> str:
        return f"{self.slope:+.3f} ({self.low:+.3f} to {self.high:+.3f})"

    def in_percent(self) -> str:
        """The slope with its interval in percent, such as ``"-1.2 % (-1.7 to -0.8)"``.

        Returns
        -------
        str
        """
        slope, low, high = (100 * value for value in (self.slope, self.low, self.high))
        return f"{slope:+.1f} % ({low:+.1f} to {high:+.1f})"


def slopes(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least-squares slope of each animal's values over time; NaN values are left out.

    Parameters
    ----------
    time, values : (times,) array, (animals, times) array
        Times, and the values of each animal at these times.

    Returns
    -------
    (animals,) array
        Per unit of time; NaN for an animal with values at fewer than two times.

    Raises
    ------
    TypeError, ValueError
        If a row of values has not one for each time, or a number is infinite (a time: or NaN).
    """
    time = check_array("time", time, ("times",))
    values = check_array("values", values, ("animals", "times"), missing=True, empty=True)
    check_as_many("a row of values", values.shape[1], "time", time.size)
    found = np.full(len(values), np.nan)
    for animal, row in enumerate(values):
        known = np.isfinite(row)
        if known.sum() >= 2 and np.ptp(time[known]) > ROUNDING * np.abs(time[known]).max():
            found[animal] = np.polyfit(time[known], row[known], 1)[0]
    return found


def mean_trend(time: np.ndarray, values: np.ndarray) -> Trend:
    """Mean over animals of the slope of each, with its interval by Student's t.

    Animals, not sessions, are the independent units: sessions of one animal are not.

    Parameters
    ----------
    time, values : (times,) array, (animals, times) array
        As for :func:`slopes`; animals without a slope are left out.

    Returns
    -------
    Trend
        The mean slope, its confidence interval and a two-sided test against zero.

    Raises
    ------
    TypeError, ValueError
        If fewer than two animals have a slope, or as for :func:`slopes`.

    Examples
    --------
    >>> from drift.analysis.trends import mean_trend
    >>> trend = mean_trend([0, 1, 2], [[1.0, 1.1, 1.2], [2.0, 2.2, 2.4], [0.0, 0.3, 0.6]])
    >>> print(trend, "of", trend.animals, "animals")
    +0.200 (-0.048 to +0.448) of 3 animals
    """
    return _student(_at_least_two("values", slopes(time, values)))


def trend_of(each: ArrayLike) -> Trend:
    """Mean of one value an animal, such as its slope, with its interval by Student's t.

    Parameters
    ----------
    each : (animals,) array or sequence of float
        NaN values are left out.

    Returns
    -------
    Trend
        The mean, its confidence interval and a two-sided test against zero. Of values that are
        equal, to 1e-9, the interval is the mean and the p-value 0, or 1 if they are zero.

    Raises
    ------
    TypeError, ValueError
        If fewer than two animals have a value, or one is infinite.
    """
    return _student(_at_least_two("each", each))


def difference_of_trends(each: ArrayLike, others: ArrayLike) -> Trend:
    """Mean slope of some animals less that of others, with Welch's interval and test.

    The two groups may differ in their number of animals and in their spread.

    Parameters
    ----------
    each, others : (animals,) array or sequence of float
        One slope an animal; NaN values are left out.

    Returns
    -------
    Trend
        The difference; ``animals`` are those of both groups. If the values of either group are
        equal, it is as for :func:`trend_of`.

    Raises
    ------
    TypeError, ValueError
        If fewer than two animals of a group have a slope, or one is infinite.

    Examples
    --------
    >>> from drift.analysis.trends import difference_of_trends
    >>> print(difference_of_trends([0.3, 0.2, 0.4], [0.1, 0.0, 0.1, 0.0]))
    +0.250 (+0.045 to +0.455)
    """
    return _student(_at_least_two("each", each), _at_least_two("others", others))


def _student(*groups: np.ndarray) -> Trend:
    """Student's t of a mean, or by Welch's degrees of freedom of its difference from another."""
    mean = float(groups[0].mean() - sum(group.mean() for group in groups[1:]))
    sizes = np.array([group.size for group in groups])
    squared_errors = np.array([_squared_error(group) for group in groups])
    animals, error = int(sizes.sum()), float(np.sqrt(squared_errors.sum()))
    if error == 0:
        return Trend(mean, mean, mean, float(mean == 0), animals)
    shares = squared_errors / squared_errors.sum()
    freedom = 1 / sum(shares**2 / (sizes - 1))
    half = float(stats.t.ppf(0.975, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(mean) / error, freedom))
    return Trend(mean, mean - half, mean + half, p_value, animals)


def _squared_error(values: np.ndarray) -> float:
    """Of the mean, squared; 0 for values that are the same but for rounding."""
    size = float(np.abs(values).max())
    if np.ptp(values) <= ROUNDING * size:
        return 0.0
    return float((values / size).var(ddof=1)) / values.size * size**2


def _at_least_two(name: str, each: ArrayLike) -> np.ndarray:
    values = check_array(name, each, ("animals",), missing=True, empty=True)
    values = values[np.isfinite(values)]
    if values.size < 2:
        raise ValueError(
            f"{name}: a trend over animals needs at least two of them, got {values.size}."
        )
    return values


class PowerLaw(NamedTuple):
    """A line through logarithms.

    Parameters
    ----------
    slope, intercept : float
        Of log10 y over log10 x.
    low, high : float
        Ends of the slope's 95 % confidence interval.
    points : int
        Number of pairs that were fitted.
    """

    slope: float
    intercept: float
    low: float
    high: float
    points: int

    def at(self, x: float) -> float:
        """Log10 of y at ``x``.

        Parameters
        ----------
        x : float
            Above 0.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError
            If ``x`` is not a number above 0.
        """
        check_number("x", x, positive=True)
        return self.intercept + self.slope * float(np.log10(x))


def power_law(x: np.ndarray, y: np.ndarray) -> PowerLaw:
    """Fit of log10 y = slope log10 x + intercept by least squares, over positive finite pairs.

    Parameters
    ----------
    x, y : (pairs,) array
        Pairs that are not positive and finite are left out.

    Returns
    -------
    PowerLaw
        The interval is NaN for fewer than three pairs; slope and intercept too for fewer than two.

    Raises
    ------
    TypeError, ValueError
        If there are not as many ``x`` as ``y``, or all that are fitted have the same ``x``.
    """
    x = as_array("x", x, ("pairs",), empty=True)
    y = as_array("y", y, ("pairs",), empty=True)
    check_as_many("x", x.size, "y", y.size)
    good = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
    if good.sum() < 2:
        return PowerLaw(np.nan, np.nan, np.nan, np.nan, int(good.sum()))
    if np.ptp(x[good]) <= ROUNDING * x[good].max():
        raise ValueError(f"x={x[good][0]} in all pairs: there is no slope. Give other values too.")
    fit = stats.linregress(np.log10(x[good]), np.log10(y[good]))
    half = stats.t.ppf(0.975, good.sum() - 2) * fit.stderr
    return PowerLaw(fit.slope, fit.intercept, fit.slope - half, fit.slope + half, int(good.sum()))


def mean_and_spread(values: Sequence[float] | np.ndarray, digits: int = 2) -> str:
    """Mean and standard deviation over runs, as text.

    Parameters
    ----------
    values : (runs,) array or sequence of float
        One value of each of at least two runs; mean and deviation are nan if one is.
    digits : int
        Decimals, at most 15.

    Returns
    -------
    str
        Such as ``"1.20 ± 0.05"``, with the standard deviation of a sample (n - 1).

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two values, one is infinite, or ``digits`` is not as above.
    """
    digits = check_integer("digits", digits, maximum=15)
    if check_array("values", values, ("runs",), missing=True).size < 2:
        raise ValueError("values has one entry: a spread needs at least two runs.")
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"
