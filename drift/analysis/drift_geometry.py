"""The geometry of drift: in which directions of the population a code moves, and what it keeps.

As :mod:`drift.analysis.drift`, for the responses of the same units to the same conditions in
several sessions, without units of time or rate. The measures of coding space follow Aitken et al.
2022 (doi:10.1371/journal.pcbi.1010716), with conditions in the place of trials.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from drift.analysis.drift import check_responses, mean_by_lag
from drift.analysis.vector_correlation import correlation, rank_correlation
from drift.support.array_checks import ROUNDING, check_array

__all__ = [
    "CodingSpace",
    "coding_space",
    "dissimilarity_stability",
    "drift_participation",
    "neighbouring_sessions",
    "participation_ratio",
    "residual_after_alignment",
]


def participation_ratio(variances: np.ndarray) -> float:
    """How many directions share a variance: the square of the sum over the sum of squares.

    Parameters
    ----------
    variances : (directions,) array
        At least 0.

    Returns
    -------
    float
        Between 1, if one direction has all of it, and their number, if they are equal; NaN if all
        are 0.

    Raises
    ------
    TypeError, ValueError
        If a variance is negative or not finite, or there are several dimensions.

    Examples
    --------
    >>> from drift.analysis.drift_geometry import participation_ratio
    >>> participation_ratio([3, 3, 3, 0])
    3.0
    """
    return _participation(check_array("variances", variances, ("directions",), minimum=0))


def _participation(variances: np.ndarray) -> float:
    """:func:`participation_ratio`, unchecked."""
    largest = variances.max(initial=0)
    if largest == 0:
        return float("nan")
    shares = variances / largest  # squares of variances themselves may leave the range of float64
    return float(shares.sum() ** 2 / (shares**2).sum())


def dissimilarity_stability(responses: np.ndarray) -> np.ndarray:
    """How well the distances between conditions are kept, against the lag in sessions.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`; at least three conditions.

    Returns
    -------
    (sessions,) array
        Pearson's r between the Euclidean distances of all pairs of conditions in two sessions, from
        units recorded in both; mean over pairs of sessions, at each lag. It does not change when
        the population's responses are rotated.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``, or if there are fewer than three conditions.
    """
    values, recorded = check_responses(responses)
    if values.shape[2] < 3:
        raise ValueError("responses has two conditions, and so one distance: give at least three.")
    count = len(values)
    between = np.full((count, count), np.nan)
    for first in range(count):
        for second in range(first, count):
            both = recorded[first] & recorded[second]
            if both.any():
                distances = (pdist(values[at, both].T) for at in (first, second))
                between[first, second] = correlation(*distances)
    return mean_by_lag(between)


def neighbouring_sessions(responses: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The population's responses in each session and the next.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`.

    Returns
    -------
    list of two (conditions, units) arrays
        Before and after, of units recorded in both sessions and active in either.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``.
    """
    values, recorded = check_responses(responses)
    found = []
    for first in range(len(values) - 1):
        both = recorded[first] & recorded[first + 1]
        before, after = values[first, both].T, values[first + 1, both].T
        heard = (before > 0).any(axis=0) | (after > 0).any(axis=0)
        found.append((before[:, heard], after[:, heard]))
    return found


def _is_change(change: np.ndarray, before: np.ndarray) -> bool:
    return bool(np.linalg.norm(change) > ROUNDING * np.linalg.norm(before))


def residual_after_alignment(responses: np.ndarray) -> float:
    """Share of the change between neighbouring sessions that no rotation undoes.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`.

    Returns
    -------
    float
        Squared distance of the responses after the best orthogonal map of the population
        (Schönemann 1966, doi:10.1007/BF02289451), summed over neighbouring sessions, over that
        without a map: 0 if the code only turned or its units were exchanged, at most 1. NaN if
        nothing changed.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``.
    """
    left = total = 0.0
    for before, after in neighbouring_sessions(responses):
        if not _is_change(after - before, before):
            continue
        left += _aligned_distance(before, after)
        total += ((before - after) ** 2).sum()
    return float(left / total) if total > 0 else float("nan")


def _aligned_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Squared distance after the best orthogonal map, ||A||^2 + ||B||^2 - 2 (nuclear norm of A'B).

    The nuclear norm from triangular factors, which have as many rows as there are conditions.
    """
    first, second = (np.asarray(np.linalg.qr(values.T, mode="r")) for values in (one, other))
    overlap = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    return max(float((one**2).sum() + (other**2).sum() - 2 * overlap), 0.0)


def drift_participation(responses: np.ndarray) -> float:
    """Over how many directions of the population the change spreads, of those it could.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`.

    Returns
    -------
    float
        Participation ratio of the changes between neighbouring sessions, one vector a condition,
        over the number of conditions or units, whichever is smaller; mean over pairs of sessions.
        NaN if nothing changed.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``.
    """
    shares = []
    for before, after in neighbouring_sessions(responses):
        change = after - before
        if _is_change(change, before):
            sizes = np.linalg.svd(change, compute_uv=False) ** 2
            shares.append(_participation(sizes) / min(change.shape))
    return float(np.mean(shares)) if shares else float("nan")


class CodingSpace(NamedTuple):
    """Where drift points, compared with where the code varies; NaN if nothing changed.

    Parameters
    ----------
    share_within : float
        Length of the drift of the mean response within the space in which responses vary, over
        its whole length.
    share_by_chance : float
        The same for a drift in a random direction.
    angle_slope : float
        Rank correlation over directions between the angle of the drift to a direction and the
        variance along it: below 0 if drift points where the code varies most.
    """

    share_within: float
    share_by_chance: float
    angle_slope: float


def coding_space(responses: np.ndarray) -> CodingSpace:
    """Whether the mean response drifts within the space in which single responses vary.

    The space has as many principal components of the earlier session as the participation ratio
    of their variances, rounded up (Aitken et al. 2022, Eq. 9).

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`.

    Returns
    -------
    CodingSpace
        Means over pairs of neighbouring sessions.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``.
    """
    found = []
    for before, after in neighbouring_sessions(responses):
        drift = after.mean(axis=0) - before.mean(axis=0)
        centred = before - before.mean(axis=0)
        if not (_is_change(drift, before) and _is_change(centred, before)):
            continue
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        dimensions = int(np.ceil(_participation(singular**2) - ROUNDING))
        cosines = np.abs(directions[:dimensions] @ drift) / np.linalg.norm(drift)
        angles = np.arccos(np.clip(cosines, 0, 1))
        slope = rank_correlation(angles, (singular[:dimensions] / singular[0]) ** 2)
        share = float(np.linalg.norm(cosines))
        found.append((share, np.sqrt(dimensions / before.shape[1]), slope))
    if not found:
        return CodingSpace(*[float("nan")] * 3)
    return CodingSpace(*(_known_mean(column) for column in zip(*found, strict=True)))


def _known_mean(values: tuple[float, ...]) -> float:
    known = np.array(values)[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
