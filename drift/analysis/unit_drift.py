"""What single units do as a code drifts: fields that move, cells that fall silent or return.

As :mod:`drift.analysis.drift`, for the responses of the same units to the same conditions in
several sessions, without units of time or rate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drift.analysis.drift import active_units, check_responses
from drift.analysis.drift_geometry import neighbouring_sessions
from drift.analysis.vector_correlation import centred_vectors, rank_correlation
from drift.support.array_checks import check_array
from drift.support.checks import check_share

__all__ = [
    "FEWEST_IN_TAIL",
    "StabilityDependence",
    "Turnover",
    "field_shifts",
    "stability_dependence",
    "tail_index",
    "turnover",
]

LARGEST_SHARE = 0.1
"""Share of the shifts that :func:`tail_index` calls large."""

FEWEST_IN_TAIL = 10
"""With fewer large shifts than this their tail has no index."""


def field_shifts(responses: np.ndarray, circular: bool = False) -> np.ndarray:
    """How far the preferred condition of each unit moves from a session to the next.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`; conditions in the order of what they are
        (places along a track).
    circular : bool
        Whether the last condition is beside the first, as on a ring.

    Returns
    -------
    (shifts,) array
        Distances between 0 and 1, as shares of the number of conditions, of units active in both
        sessions; of equal responses the first counts as preferred.

    Raises
    ------
    TypeError, ValueError
        As :func:`~drift.analysis.drift.check_responses`.
    """
    values, _ = check_responses(responses)
    active = active_units(values)
    preferred = np.nan_to_num(values).argmax(axis=2)
    shifts = np.abs(np.diff(preferred, axis=0))[active[1:] & active[:-1]]
    conditions = values.shape[2]
    if circular:
        shifts = np.minimum(shifts, conditions - shifts)
    return shifts / conditions


def tail_index(sizes: np.ndarray, share: float = LARGEST_SHARE) -> float:
    """Hill's estimate of how fast large values become rare: P(size > x) goes with x^-index.

    Hill 1975 (doi:10.1214/aos/1176343247).

    Parameters
    ----------
    sizes : (sizes,) array
        At least 0, such as :func:`field_shifts`; zeros are left out.
    share : float
        Which of them count as large: the largest share, between 0 and 1.

    Returns
    -------
    float
        Small for a heavy tail. NaN if fewer than :data:`FEWEST_IN_TAIL` are large, or if these
        are all equal.

    Raises
    ------
    TypeError, ValueError
        If ``sizes`` has several dimensions or holds a negative or infinite value or NaN, or
        ``share`` is none.
    """
    values = check_array("sizes", sizes, ("sizes",), minimum=0, empty=True)
    moved = np.sort(values[values > 0])[::-1]
    large = int(check_share("share", share) * moved.size)
    if large < FEWEST_IN_TAIL:
        return float("nan")
    mean = np.log(moved[:large] / moved[large]).mean()
    return float(1 / mean) if mean > 0 else float("nan")


class Turnover(NamedTuple):
    """Probabilities from a session to the next; NaN where no unit could do it.

    Parameters
    ----------
    deaths : float
        That an active unit falls silent.
    births : float
        That a unit that was never active becomes so.
    returns : float
        That a unit that is silent now, and was active before, is active again.
    """

    deaths: float
    births: float
    returns: float


def turnover(responses: np.ndarray) -> Turnover:
    """How often units fall silent, become active, and become active again.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`. Only units recorded in both of two
        neighbouring sessions count.

    Returns
    -------
    Turnover
        Over all units and all pairs of neighbouring sessions.

    Raises
    ------
    TypeError, ValueError
        As :func:`~drift.analysis.drift.check_responses`.
    """
    values, recorded = check_responses(responses)
    active = active_units(values)
    was_active = np.logical_or.accumulate(active, axis=0)
    now, later, before = active[:-1], active[1:], was_active[:-1]
    both = recorded[:-1] & recorded[1:]
    return Turnover(
        deaths=_probability(~later, both & now),
        births=_probability(later, both & ~before),
        returns=_probability(later, both & ~now & before),
    )


def _probability(event: np.ndarray, at_risk: np.ndarray) -> float:
    return float(event[at_risk].mean()) if at_risk.any() else float("nan")


class StabilityDependence(NamedTuple):
    """Rank correlations over units; NaN with fewer than three units.

    Parameters
    ----------
    activity : float
        Of a unit's stability with its mean response.
    redundancy : float
        Of a unit's stability with the largest correlation of its responses with another unit's.
    """

    activity: float
    redundancy: float


def stability_dependence(responses: np.ndarray) -> StabilityDependence:
    """Whether units that respond more, or like others do, keep their responses better.

    A unit's stability is the correlation of its responses in one session with those in the next.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`.

    Returns
    -------
    StabilityDependence
        Over units and pairs of neighbouring sessions, units that are active in both.

    Raises
    ------
    TypeError, ValueError
        As ``check_responses``.
    """
    stability, activity, redundancy = [], [], []
    for before, after in neighbouring_sessions(responses):
        if not before.any():
            continue
        alike = _correlations(before, before)
        np.fill_diagonal(alike, -np.inf)
        stability.append(np.diagonal(_correlations(before, after)))
        activity.append(before.mean(axis=0) / before.mean())
        most = alike.max(axis=1, initial=-np.inf, where=np.isfinite(alike))
        redundancy.append(np.where(np.isfinite(most), most, np.nan))
    if not stability:
        return StabilityDependence(float("nan"), float("nan"))
    kept = np.concatenate(stability)
    return StabilityDependence(
        rank_correlation(kept, np.concatenate(activity)),
        rank_correlation(kept, np.concatenate(redundancy)),
    )


def _correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pearson's r of each column with each of the other's; NaN for columns that do not vary."""
    scaled = []
    for vectors, varies in (centred_vectors(one.T), centred_vectors(other.T)):
        size = np.linalg.norm(vectors, axis=1, keepdims=True)
        wanted = varies[:, None] & (size > 0)
        scaled.append(np.divide(vectors, size, out=np.full_like(vectors, np.nan), where=wanted))
    return scaled[0] @ scaled[1].T
