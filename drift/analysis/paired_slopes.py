"""Lines through two measures of each animal's sessions, with the covariance of their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from drift.support.array_checks import check_array
from drift.support.checks import check_as_many, check_kind

__all__ = ["MEASURES", "PairedSlopes", "paired_slopes", "slope_covariances"]

MEASURES = ("active_cells", "information")
"""The two measures, in the order of every pair."""


class PairedSlopes(NamedTuple):
    """Lines of both measures through the sessions of each animal.

    Parameters
    ----------
    slopes : (animals, 2) array
        Per session, in the order of :data:`MEASURES`.
    residuals : (animals, 2, 2) array
        Sums of squares and products of the residuals of both lines.
    freedom : (animals,) int array
        Degrees of freedom: sessions less two.
    spread : (animals,) array
        Sum of squared distances of the sessions' times from their mean.
    """

    slopes: np.ndarray
    residuals: np.ndarray
    freedom: np.ndarray
    spread: np.ndarray


def paired_slopes(
    time: np.ndarray, active_cells: np.ndarray, information: np.ndarray
) -> PairedSlopes:
    """Slopes of both measures, relative to the animal's first session with both.

    Parameters
    ----------
    time : (sessions,) array
        When the sessions were; their numbers, for slopes per session.
    active_cells, information : (animals, sessions) array
        The first value of an animal above 0; a session with NaN in either is left out.

    Returns
    -------
    PairedSlopes

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other, an animal has fewer than three sessions with both, or
        its first value is not above 0.
    """
    time = check_array("time", time, ("sessions",))
    values = [
        check_array(name, given, ("animals", "sessions"), missing=True)
        for name, given in zip(MEASURES, (active_cells, information), strict=True)
    ]
    for name, given in zip(MEASURES, values, strict=True):
        check_as_many(f"a row of {name}", given.shape[1], "time", time.size)
    check_as_many("active_cells", len(values[0]), "information", len(values[1]), "animals")
    both = np.stack(values, axis=1)
    found = [_lines(time, pair, animal) for animal, pair in enumerate(both)]
    return PairedSlopes(*(np.array(column) for column in zip(*found, strict=True)))


def _lines(
    time: np.ndarray, pair: np.ndarray, animal: int
) -> tuple[np.ndarray, np.ndarray, int, float]:
    known = np.isfinite(pair).all(axis=0)
    if known.sum() < 3 or np.unique(time[known]).size < 3:
        raise ValueError(
            f"active_cells and information of animal {animal} have {known.sum()} sessions in "
            "common: two slopes with their covariance need three, at different times."
        )
    first = pair[:, known][:, 0]
    if (first <= 0).any():
        raise ValueError(
            f"active_cells or information of animal {animal} begins with {first.min():g}: slopes "
            "are relative to a first value above 0."
        )
    relative = (pair[:, known] / first[:, None]).T
    centred = time[known] - time[known].mean()
    spread = float(centred @ centred)
    slopes = centred @ relative / spread
    left = relative - relative.mean(axis=0) - centred[:, None] * slopes
    return slopes, left.T @ left, int(known.sum()) - 2, spread


def slope_covariances(found: PairedSlopes, sets: Sequence[str] | np.ndarray) -> np.ndarray:
    """Covariance of the errors of each animal's two slopes.

    A line through four sessions leaves two degrees of freedom, too few for a covariance: residuals
    are pooled over the animals of a set.

    Parameters
    ----------
    found : PairedSlopes
    sets : (animals,) sequence of str
        The data set of each animal.

    Returns
    -------
    (animals, 2, 2) array

    Raises
    ------
    TypeError, ValueError
        If ``found`` is not of :func:`paired_slopes`, or ``sets`` does not fit.
    """
    check_kind("found", found, PairedSlopes)
    names = check_labels("sets", sets, len(found.slopes), "found")
    covariances = np.empty((len(names), 2, 2))
    for name in np.unique(names):
        members = names == name
        pooled = found.residuals[members].sum(axis=0) / found.freedom[members].sum()
        covariances[members] = pooled / found.spread[members, None, None]
    return covariances


def check_labels(
    name: str, given: Sequence[str] | np.ndarray, count: int, other: str
) -> np.ndarray:
    """One name an animal, as an array of strings; ``other`` is what has ``count`` animals."""
    listed = given.tolist() if isinstance(given, np.ndarray) else given
    if not isinstance(listed, (list, tuple)) or not all(isinstance(one, str) for one in listed):
        raise TypeError(f"{name}={given!r:.60} must be a sequence of names.")
    check_as_many(name, len(listed), other, count, "animals")
    return np.array(listed, dtype=str)
