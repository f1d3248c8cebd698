"""What the classifier looks at: dimensionless statistics of drift that can be recorded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.analysis.drift import (
    check_responses,
    curvature,
    map_correlation_by_lag,
    population_correlation_by_lag,
    relative_trend,
    session_statistics,
)
from drift.analysis.drift_geometry import (
    coding_space,
    dissimilarity_stability,
    drift_participation,
    residual_after_alignment,
)
from drift.analysis.unit_drift import field_shifts, stability_dependence, tail_index, turnover

__all__ = ["FEATURES", "GROUPS", "features"]

FAR = 0.25
"""A field that moves by more than this share of the conditions has jumped."""


def _activity(responses: np.ndarray, table: pd.DataFrame) -> dict[str, float]:
    """How active the code is, and how much it tells, whatever becomes of it."""
    heard = responses[responses > 0] / np.nanmax(responses, initial=0)
    sparseness = heard.mean() ** 2 / (heard**2).mean() if heard.size else np.nan
    return {
        "active share": float(table["active_share"].mean()),
        "information": float(table["information"].mean()),
        "lifetime sparseness": float(sparseness),
    }


def _trends(table: pd.DataFrame) -> dict[str, float]:
    """What grows or shrinks from session to session."""
    return {
        f"trend of {name.replace('_', ' ')}": relative_trend(table[name].to_numpy())
        for name in ("active_share", "information", "mean_rate", "overlap")
    } | {"overlap": float(table["overlap"].mean())}


def _correlations(responses: np.ndarray) -> dict[str, float]:
    """How the code forgets itself with the lag between sessions."""
    maps, population = (
        measure(responses) for measure in (map_correlation_by_lag, population_correlation_by_lag)
    )
    return {
        "map correlation, next session": maps[1],
        "map correlation, longest lag": maps[-1],
        "map correlation, curvature": curvature(maps),
        "population correlation, next session": population[1],
        "population correlation, longest lag": population[-1],
        "population correlation, curvature": curvature(population),
    }


def _fields(responses: np.ndarray) -> dict[str, float]:
    """How far preferred conditions move."""
    shifts = field_shifts(responses)
    if shifts.size == 0:
        return dict.fromkeys(("mean shift", "share that stays", "share that jumps", "tail"), np.nan)
    return {
        "mean shift": float(shifts.mean()),
        "share that stays": float((shifts == 0).mean()),
        "share that jumps": float((shifts > FAR).mean()),
        "tail": 1 / tail_index(shifts),
    }


def _turnover(responses: np.ndarray) -> dict[str, float]:
    """Which cells fall silent, appear and return."""
    return turnover(responses)._asdict()


def _geometry(responses: np.ndarray) -> dict[str, float]:
    """In which directions of the population the code moves."""
    distances = dissimilarity_stability(responses)
    space = coding_space(responses)
    return {
        "distances kept, next session": distances[1],
        "distances kept, longest lag": distances[-1],
        "left after alignment": residual_after_alignment(responses),
        "participation of drift": drift_participation(responses),
        "drift within coding space": space.share_within / space.share_by_chance,
        "angle against variance": space.angle_slope,
    }


def _dependence(responses: np.ndarray) -> dict[str, float]:
    """Which units keep their responses."""
    found = stability_dependence(responses)
    return {
        "stability with activity": found.activity,
        "stability with redundancy": found.redundancy,
    }


GROUPS = (
    "activity", "trends", "correlations", "fields", "turnover", "geometry", "dependence",
)  # fmt: skip
"""Groups of features, as they are weighed against each other."""


def _in_groups(responses: np.ndarray) -> dict[str, dict[str, float]]:
    """The features of a recording by group."""
    table = session_statistics(responses)
    found = (
        _activity(responses, table),
        _trends(table),
        _correlations(responses),
        _fields(responses),
        _turnover(responses),
        _geometry(responses),
        _dependence(responses),
    )
    return dict(zip(GROUPS, found, strict=True))


def features(responses: np.ndarray) -> dict[str, float]:
    """All features of a recording.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`~drift.analysis.drift.check_responses`; at least three conditions.

    Returns
    -------
    dict
        By name, in the order of :data:`FEATURES`; NaN for what the recording does not tell.

    Raises
    ------
    ValueError
        As ``check_responses``, or if there are fewer than three conditions.
    """
    values, _ = check_responses(responses)
    return {
        name: float(value) for group in _in_groups(values).values() for name, value in group.items()
    }


FEATURES = {
    name: group
    for group, found in _in_groups(np.arange(24.0).reshape(2, 3, 4)).items()
    for name in found
}
"""The group of each feature, by the feature's name."""
