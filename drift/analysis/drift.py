"""How a code drifts from session to session: its trends, its correlation with itself, its turnover.

Every measure takes the responses of the same units to the same conditions (places, stimuli) in
several sessions, of a model or of a recording. None has a unit of time or of rate: sessions are
counted, and responses that are all multiplied by one number give the same. What single units do is
in :mod:`drift.analysis.unit_drift`, the geometry in :mod:`drift.analysis.drift_geometry`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.analysis.tuning import rate_map_correlation, skaggs_information
from drift.analysis.vector_correlation import mean_vector_correlation
from drift.support.array_checks import as_array, check_array, check_occupancy
from drift.support.checks import LARGEST, check_as_many

__all__ = [
    "check_responses",
    "curvature",
    "map_correlation_by_lag",
    "mean_by_lag",
    "population_correlation_by_lag",
    "relative_trend",
    "session_statistics",
]


def check_responses(
    responses: np.ndarray, name: str = "responses"
) -> tuple[np.ndarray, np.ndarray]:
    """The responses as numbers, and which units were recorded in which session.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        At least 0; a unit that was not recorded in a session is NaN throughout that session.

    name : str
        What messages call them.

    Returns
    -------
    responses : (sessions, units, conditions) array
        In double precision.
    recorded : (sessions, units) bool array

    Raises
    ------
    TypeError, ValueError
        If there are not three dimensions with at least two sessions, one unit and two conditions,
        a response is negative or infinite, or a unit is missing under some conditions only.
    """
    if isinstance(responses, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array: fill it, with NaN for units not recorded.")
    values = as_array(name, responses, ("sessions", "units", "conditions"), empty=True)
    if values.shape[0] < 2 or values.shape[1] < 1 or values.shape[2] < 2:
        raise ValueError(
            f"{name} has the shape {values.shape}: give (sessions, units, conditions), with at "
            "least two sessions, one unit and two conditions."
        )
    missing = np.isnan(values)
    partly = missing.any(axis=2) & ~missing.all(axis=2)
    if partly.any():
        session, unit = np.argwhere(partly)[0]
        raise ValueError(
            f"{name} of unit {unit} in session {session} are NaN for some conditions only: a "
            "unit is recorded in a session, or NaN throughout it."
        )
    if (values[~missing] < 0).any() or (values[~missing] > LARGEST).any():
        raise ValueError(
            f"{name} holds a negative or infinite value: rates are finite and at least 0."
        )
    return values, ~missing.any(axis=2)


def session_statistics(responses: np.ndarray, occupancy: np.ndarray | None = None) -> pd.DataFrame:
    """What describes the code of each session by itself, and its overlap with the session before.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`check_responses`.
    occupancy : (conditions,) array, optional
        Share of the time spent in each condition; by default the same in all.

    Returns
    -------
    pandas.DataFrame
        One row a session. ``active_share``: units that respond at all, of those recorded;
        ``information``: mean over them of the Skaggs information, in bits; ``mean_rate``: mean
        response of the recorded units; ``overlap``: of the units active in this session or the one
        before, and recorded in both, the share active in both (NaN in the first).

    Raises
    ------
    TypeError, ValueError
        As :func:`check_responses`, or if ``occupancy`` does not fit.
    """
    values, recorded = check_responses(responses)
    conditions = values.shape[2]
    if occupancy is None:
        occupancy = np.full(conditions, 1 / conditions)
    share = check_occupancy("occupancy", occupancy, conditions)
    active = active_units(values)
    rows = []
    for session, rates in enumerate(values):
        here = recorded[session]
        rows.append(
            {
                "active_share": active[session].sum() / here.sum() if here.any() else np.nan,
                "information": _mean(skaggs_information(rates[active[session]], share)),
                "mean_rate": _mean(rates[here] @ share),
                "overlap": _overlap(active, recorded, session),
            }
        )
    return pd.DataFrame(rows)


def _overlap(active: np.ndarray, recorded: np.ndarray, session: int) -> float:
    if session == 0:
        return float("nan")
    both = recorded[session] & recorded[session - 1]
    now, before = active[session] & both, active[session - 1] & both
    either = (now | before).sum()
    return float((now & before).sum() / either) if either else float("nan")


def active_units(responses: np.ndarray) -> np.ndarray:
    """Which units respond in which session, unchecked; those not recorded do not."""
    return np.nan_to_num(responses).max(axis=2) > 0


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def relative_trend(values: np.ndarray) -> float:
    """Change over all sessions by the line of least squares, relative to the mean.

    Parameters
    ----------
    values : (sessions,) array
        One number a session; NaN values are left out.

    Returns
    -------
    float
        Slope per session times the number of steps between sessions, over the mean: 0.1 is a rise
        by a tenth of the mean. NaN with fewer than two values, or if their mean is 0.

    Raises
    ------
    TypeError, ValueError
        If ``values`` are not numbers in a row.
    """
    numbers = check_array("values", values, ("sessions",), missing=True)
    known = np.isfinite(numbers)
    if known.sum() < 2 or numbers[known].mean() == 0:
        return float("nan")
    slope = np.polyfit(np.flatnonzero(known), numbers[known], 1)[0]
    return float(slope * (len(numbers) - 1) / numbers[known].mean())


def mean_by_lag(between: np.ndarray) -> np.ndarray:
    """Mean of a measure between sessions over all pairs that lie equally far apart.

    Parameters
    ----------
    between : (sessions, sessions) array
        Symmetric; NaN values are left out.

    Returns
    -------
    (sessions,) array
        At lags of 0, 1, 2, ... sessions; NaN where no pair has a value.

    Raises
    ------
    TypeError, ValueError
        If ``between`` is not square, or not of numbers.
    """
    square = check_array("between", between, ("sessions", "sessions"), missing=True)
    check_as_many("between", len(square), "each of its rows", square.shape[1], "entries")
    diagonals = [np.diagonal(square, lag) for lag in range(len(square))]
    return np.array([_mean(values[np.isfinite(values)]) for values in diagonals])


def map_correlation_by_lag(responses: np.ndarray) -> np.ndarray:
    """Correlation of a unit's responses with its own some sessions later.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`check_responses`.

    Returns
    -------
    (sessions,) array
        Mean over units that respond in both sessions, and over pairs of sessions, at each lag.

    Raises
    ------
    TypeError, ValueError
        As :func:`check_responses`.
    """
    values, _ = check_responses(responses)
    return mean_by_lag(rate_map_correlation(np.nan_to_num(values), active_units(values)))


def population_correlation_by_lag(responses: np.ndarray) -> np.ndarray:
    """Correlation of the population's response with that some sessions later.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`check_responses`.

    Returns
    -------
    (sessions,) array
        Pearson's r across units recorded in both sessions, mean over conditions and over pairs of
        sessions, at each lag.

    Raises
    ------
    TypeError, ValueError
        As :func:`check_responses`.
    """
    values, recorded = check_responses(responses)
    count = len(values)
    between = np.full((count, count), np.nan)
    for first in range(count):
        for second in range(first, count):
            both = recorded[first] & recorded[second]
            if both.sum() >= 2:
                between[first, second] = mean_vector_correlation(
                    values[first, both].T, values[second, both].T
                )
    return mean_by_lag(between)


def curvature(by_lag: np.ndarray) -> float:
    """Whether a correlation falls ever more slowly (above 0) or ever faster (below) with lag.

    Parameters
    ----------
    by_lag : (sessions,) array
        As :func:`mean_by_lag` gives it; the first, of lag 0, and NaN values are left out.

    Returns
    -------
    float
        Second derivative of the parabola of least squares over lags, in units of the longest lag;
        NaN with fewer than three lags.

    Raises
    ------
    TypeError, ValueError
        If ``by_lag`` are not numbers in a row.
    """
    values = check_array("by_lag", by_lag, ("lags",), missing=True)
    known = np.flatnonzero(np.isfinite(values[1:])) + 1
    if known.size < 3:
        return float("nan")
    return float(2 * np.polyfit(known / (len(values) - 1), values[known], 2)[0])
