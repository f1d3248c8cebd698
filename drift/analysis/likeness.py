"""How alike the codes of a run are at two training steps."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from drift.analysis.tuning import population_vector_correlation
from drift.support.array_checks import check_axes, check_variables
from drift.support.checks import check_number

__all__ = ["Similarity", "map_similarity", "population_similarity"]

Similarity = Callable[[float, float], float]
"""How alike the codes of a run are at two training steps."""


def population_similarity(run: xr.Dataset) -> Similarity:
    """Correlation of the population vectors of a run at two steps, for :func:`phase_changes`.

    Parameters
    ----------
    run : xarray.Dataset
        ``activity`` (step, position, unit).

    Returns
    -------
    callable
        Of two training steps, by the records nearest to them.

    Raises
    ------
    TypeError, ValueError
        If the run has no such activity.
    """
    axes = ("step", "position", "unit")
    activity = check_variables("run", run, {"activity": axes})["activity"].transpose(*axes)

    def similarity(first: float, second: float) -> float:
        check_number("first", first), check_number("second", second)
        codes = [activity.sel(step=at, method="nearest") for at in (first, second)]
        return population_vector_correlation(codes[0].values, codes[1].values)

    return similarity


def map_similarity(archived: xr.DataArray, early: xr.DataArray) -> Similarity:
    """Correlation of the rate maps of a run at two steps, for :func:`phase_changes`.

    Parameters
    ----------
    archived : xarray.DataArray
        ``rate_map_correlation`` (snapshot, other_snapshot) of the run.
    early : xarray.DataArray
        The same of a run that repeats the beginning with closer snapshots; used as far as it goes.

    Returns
    -------
    callable
        Of two training steps, by the snapshots nearest to them; NaN if that is one snapshot.

    Raises
    ------
    TypeError, ValueError
        If either is not along these dimensions.
    """
    check_axes("archived", archived, ("snapshot", "other_snapshot"))
    check_axes("early", early, ("snapshot", "other_snapshot"))

    def similarity(first: float, second: float) -> float:
        check_number("first", first), check_number("second", second)
        known = early if second <= early["snapshot"].values[-1] else archived
        row = known.sel(snapshot=first, method="nearest")
        at = row.sel(other_snapshot=second, method="nearest")
        return float("nan") if at["snapshot"] == at["other_snapshot"] else at.item()

    return similarity
