"""What a value must meet for a claim to hold: said and judged by the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

__all__ = ["Requirement", "above", "below", "between", "within_errors"]


class Requirement(NamedTuple):
    """What each value must meet.

    Parameters
    ----------
    words : str
        What a reader is told.
    holds : callable
        Whether a value meets it.
    """

    words: str
    holds: Callable[[float], bool]


def below(limit: float | Fraction, more: str = "", digits: int | None = None) -> Requirement:
    """A value below ``limit``.

    Parameters
    ----------
    limit : float or fractions.Fraction
    more : str
        What follows the limit in words.
    digits : int, optional
        Number of decimals of the limit that are shown; by default all.

    Returns
    -------
    Requirement

    Examples
    --------
    >>> from drift.claims import below
    >>> requirement = below(0.5, " in every run")
    >>> requirement.words, requirement.holds(0.4), requirement.holds(0.5)
    ('below 0.5 in every run', True, False)
    """
    return Requirement(f"below {_shown(limit, digits)}{more}", lambda value: value < limit)


def above(limit: float | Fraction, more: str = "", digits: int | None = None) -> Requirement:
    """A value above ``limit``.

    Parameters
    ----------
    limit, more, digits : float or fractions.Fraction, str, int
        As for :func:`below`.

    Returns
    -------
    Requirement
    """
    return Requirement(f"above {_shown(limit, digits)}{more}", lambda value: value > limit)


def between(
    low: float | Fraction, high: float | Fraction, more: str = "", digits: int | None = None
) -> Requirement:
    """A value above ``low`` and below ``high``.

    Parameters
    ----------
    low, high : float or fractions.Fraction
    more, digits : str, int
        As for :func:`below`.

    Returns
    -------
    Requirement
    """
    words = f"between {_shown(low, digits)} and {_shown(high, digits)}{more}"
    return Requirement(words, lambda value: low < value < high)


def within_errors(centre: float, error: float, most: float) -> Requirement:
    """A value at most so many standard errors from ``centre``.

    Parameters
    ----------
    centre : float
    error : float
        The standard error, in the unit of the value.
    most : float
        How many of them.

    Returns
    -------
    Requirement
    """
    words = f"within {most} standard errors of {centre}"
    return Requirement(words, lambda value: abs(value - centre) < most * error)


def _shown(limit: float | Fraction, digits: int | None) -> str:
    return str(limit) if digits is None else f"{limit:.{digits}f}"
