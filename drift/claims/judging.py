"""How verdicts are reached: by a prediction interval, or by a requirement that each run meets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as fisher
from scipy.stats import t as student

from drift.analysis.trends import mean_and_spread
from drift.claims.requirements import Requirement
from drift.claims.verdicts import (
    BEYOND,
    FAILS,
    HOLDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    WITH_CAVEAT,
    Claim,
)

__all__ = ["compare_course", "compare_number", "judged", "not_testable", "require_each"]


def judged(item: str, held: bool, caveat: str = "") -> str:
    """The verdict on a claim about ``item`` that ``held`` or not, with or without a ``caveat``.

    Parameters
    ----------
    item : str
    held : bool
    caveat : str

    Returns
    -------
    str
    """
    if item == BEYOND:
        return HOLDS if held else FAILS
    if not held:
        return NOT_REPRODUCED
    return WITH_CAVEAT if caveat else REPRODUCED


def not_testable(
    item: str, statement: str, published: str, why: str, figure: str = "", source: str = ""
) -> Claim:
    """A claim that nothing here can test, and why.

    Parameters
    ----------
    item, statement, published, why, figure, source : str
        As in :class:`~drift.claims.verdicts.Claim`; ``why`` is its caveat.

    Returns
    -------
    Claim
    """
    return Claim(item, statement, published, "-", "-", NOT_TESTABLE, figure, why, source)


def compare_number(
    item: str,
    statement: str,
    published: float,
    ours: ArrayLike,
    digits: int = 2,
    level: float = 0.95,
    figure: str = "",
    caveat: str = "",
    source: str = "",
) -> Claim:
    """Judge whether one published number could be a further draw from our runs.

    The tolerance is the half-width of the prediction interval at ``level`` for one more run with
    its own task and seed: t s sqrt(1 + 1/k), from the mean and standard deviation s of our k runs,
    taken as normal. If all runs are of one law, a share 1 - level of verdicts is wrong by chance.

    Parameters
    ----------
    item, statement : str
    published : float
    ours : (runs,) sequence of float
    digits : int, number of decimals that are shown
    level : float
    figure, caveat, source : str
        As in :class:`~drift.claims.verdicts.Claim`.

    Returns
    -------
    Claim

    Raises
    ------
    ValueError
        If there are fewer than two runs, or a value is not finite.
    """
    values = np.asarray(ours, float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"{statement!r} needs at least two finite values to state a spread, got {values}."
        )
    spread = values.std(ddof=1)
    quantile = student.ppf((1 + level) / 2, values.size - 1)
    half_width = quantile * spread * np.sqrt(1 + 1 / values.size)
    held = bool(abs(values.mean() - published) <= half_width)
    return Claim(
        item,
        statement,
        f"{published:.{digits}f}",
        f"{mean_and_spread(values, digits)} ({values.size} runs)",
        f"± {half_width:.{digits}f} ({level:.0%} prediction interval)",
        judged(item, held, caveat),
        figure,
        caveat,
        source,
    )


def compare_course(
    item: str,
    statement: str,
    published: Sequence[float],
    ours: ArrayLike,
    digits: int = 0,
    level: float = 0.95,
    figure: str = "",
    caveat: str = "",
    source: str = "",
) -> Claim:
    """Judge whether several published numbers, taken together, could be one more of our runs.

    Hotelling's statistic for one more draw: T^2 = d' S^-1 d / (1 + 1/k), with d the difference of
    the published numbers from the mean of our k runs and S the covariance of those; T^2 times
    (k - p) / (p (k - 1)) has Fisher's F distribution with p and k - p degrees of freedom, for p
    numbers from runs that are normal. With one number it is :func:`compare_number`.

    Parameters
    ----------
    item, statement : str
    published : (times,) sequence of float
    ours : (runs, times) sequence of float
    digits : int, number of decimals that are shown
    level : float
    figure, caveat, source : str
        As in :class:`~drift.claims.verdicts.Claim`.

    Returns
    -------
    Claim

    Raises
    ------
    ValueError
        If there are no more runs than numbers, or a value is not finite.
    """
    values, numbers = np.asarray(ours, float), np.asarray(published, float)
    runs, count = values.shape
    if runs <= count or not np.isfinite(values).all():
        raise ValueError(
            f"{statement!r} needs more finite runs than the {count} numbers compared, got {runs}."
        )
    difference = values.mean(axis=0) - numbers
    covariance = np.atleast_2d(np.cov(values.T))
    squared = difference @ np.linalg.solve(covariance, difference) / (1 + 1 / runs)
    p_value = fisher.sf(squared * (runs - count) / (count * (runs - 1)), count, runs - count)
    return Claim(
        item,
        statement,
        ", ".join(f"{number:.{digits}f}" for number in numbers),
        "; ".join(mean_and_spread(column, digits) for column in values.T)
        + f" ({runs} runs), p = {p_value:.1g}",
        f"together one more draw: p above {1 - level:.2g}, Hotelling's test",
        judged(item, bool(p_value > 1 - level), caveat),
        figure,
        caveat,
        source,
    )


def require_each(
    item: str,
    statement: str,
    published: str,
    ours: ArrayLike,
    requirement: Requirement,
    digits: int = 2,
    of: str = "runs",
    figure: str = "",
    caveat: str = "",
    source: str = "",
) -> Claim:
    """Judge whether every value meets a ``requirement``; ValueError if there are no values.

    Parameters
    ----------
    item, statement, published : str
    ours : sequence of float
    requirement : Requirement
    digits : int
    of, figure, caveat, source : str
        ``of`` says what the values are of; the rest as in :class:`~drift.claims.verdicts.Claim`.

    Returns
    -------
    Claim
    """
    values = np.asarray(ours, float)
    if values.size == 0:
        raise ValueError(f"{statement!r} has no runs to judge by.")
    low, high = values.min(), values.max()
    held = all(bool(requirement.holds(value)) for value in values)
    span = f"{low:.{digits}f} to {high:.{digits}f} ({values.size} {of})"
    return Claim(
        item,
        statement,
        published,
        span if values.size > 1 else f"{low:.{digits}f}",
        requirement.words,
        judged(item, held, caveat),
        figure,
        caveat,
        source,
    )
