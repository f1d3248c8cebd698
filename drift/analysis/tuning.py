"""Tuning of hidden units to place: rate maps, spatial information, correlation over time."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.sparse import csc_matrix
from scipy.stats import binned_statistic

from drift.analysis.belonging import snapshots_of
from drift.analysis.map_display import display_maps, peak_order
from drift.analysis.vector_correlation import centred_vectors, mean_vector_correlation
from drift.network import hidden_activity
from drift.support.array_checks import (
    MOST_BINS,
    ROUNDING,
    as_array,
    check_amount,
    check_array,
    check_flags,
    check_frames,
    check_occupancy,
    refuse_where,
)
from drift.support.checks import check_integer, check_kind
from drift.tasks.base_task import Task

__all__ = [
    "PLACE_CELL_INFORMATION",
    "directed_place",
    "display_maps",
    "peak_order",
    "population_vector_correlation",
    "rate_map_correlation",
    "rate_maps",
    "spatial_information",
    "tuning_over_time",
]

PLACE_CELL_INFORMATION = 0.01
"""A unit of the model is called a place cell above this spatial information, in bits."""


def directed_place(task: Task) -> np.ndarray:
    """Place of each sample: distance along the track, negative on the way back.

    The two running directions are separate places (Methods, *Tuning properties of units*).

    Parameters
    ----------
    task : Task
        With position and heading.

    Returns
    -------
    (samples,) array
        In the task's unit of length.

    Raises
    ------
    TypeError, ValueError
        If the task is none, or has no position or heading, or a position below 0.
    """
    check_kind("task", task, Task)
    if task.position is None or task.heading is None:
        raise ValueError(
            f"the task {task.name!r} has no places: give it position and heading to map its units."
        )
    backwards = "a distance along the track is at least 0."
    refuse_where("task.position", task.position, task.position < 0, backwards)
    return task.position * np.where(np.cos(task.heading) >= -ROUNDING, 1.0, -1.0)


def rate_maps(activity: np.ndarray, place: np.ndarray, bins: int = 100) -> xr.Dataset:
    """Mean activity of each unit in each of ``bins`` equal bins of place.

    Parameters
    ----------
    activity, place : (samples, units) array, (samples,) array
        Activity of the units, and the place of each sample. A sample with NaN for all units, or for
        its place, was dropped by the recording and is left out.
    bins : int
        Bins between the smallest and the largest place.

    Returns
    -------
    xarray.Dataset
        ``rate`` (unit, place), NaN where no sample fell, and ``occupancy`` (place), the share of
        samples in each bin; ``place`` holds the bins' centres.

    Raises
    ------
    TypeError, ValueError
        If ``bins`` is not an integer of at least 2, ``activity`` and ``place`` differ in length,
        hold other numbers than these, or all samples are at one place.
    """
    bins = check_integer("bins", bins, minimum=2, maximum=MOST_BINS)
    activity, place = check_frames(activity, "place", place, whole=False)
    check_amount("bins and the units of activity", bins * activity.shape[1])
    return _rate_maps(activity, place, bins)


def _rate_maps(activity: np.ndarray, place: np.ndarray, bins: int) -> xr.Dataset:
    """:func:`rate_maps`, unchecked but for the places' spread."""
    if np.ptp(place) <= ROUNDING * np.abs(place).max():
        raise ValueError("place: all samples were taken at one place: there is nothing to map.")
    mean, edges, _ = binned_statistic(place, activity.T, "mean", bins)
    count, _ = np.histogram(place, edges)
    return xr.Dataset(
        {"rate": (("unit", "place"), mean), "occupancy": ("place", count / count.sum())},
        {"place": (edges[1:] + edges[:-1]) / 2},
    )


def spatial_information(rate: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """Skaggs information of each unit: sum of p (r / rbar) log2(r / rbar) over bins.

    Methods, *Tuning properties of units*.

    Parameters
    ----------
    rate : (units, bins) array
        Mean activity, at least 0; bins never visited are left out, whatever they hold.
    occupancy : (bins,) array
        Share p of the samples in each bin; sums to one, to 1e-6.

    Returns
    -------
    (units,) array
        In bits (per spike, where the activity is a rate of spikes); NaN for a silent unit.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other or hold other numbers than these.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.tuning import spatial_information
    >>> rate = np.array([[0, 0, 8, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    >>> spatial_information(rate, np.full(4, 0.25)).round(3).tolist()
    [2.0, 0.0, nan]
    """
    found = as_array("rate", rate, ("units", "bins"), empty=True)
    shares = check_occupancy("occupancy", occupancy, found.shape[1])
    visited = check_array("rate", found[:, shares > 0], ("units", "bins"), minimum=0, empty=True)
    # Rates below all normal numbers have few digits; their share of the largest is the same.
    largest = visited.max(axis=1, initial=0, keepdims=True)
    return skaggs_information(np.ldexp(visited, -np.frexp(largest)[1]), shares[shares > 0])


def skaggs_information(rate: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
    """:func:`spatial_information`, unchecked."""
    visited = occupancy > 0
    share = occupancy[visited]
    rate = rate[:, visited]
    mean = rate @ share
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = rate / mean[:, None]
        terms = np.where(relative > 0, relative * np.log2(relative), 0.0)
    return np.where(mean > 0, terms @ share, np.nan)


def mean_by_bin(
    activity: np.ndarray, index: np.ndarray, bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean activity (cell, bin), 0 where no time was spent, and the share of time in each bin.

    ``activity`` is (time, cell); ``index`` is the bin.
    """
    counts = np.bincount(index, minlength=bins)
    time = len(index)
    members = csc_matrix((np.ones(time), index, np.arange(time + 1)), shape=(bins, time))
    return (members @ activity / np.maximum(counts, 1)[:, None]).T, counts / time


def rate_map_correlation(maps: np.ndarray, tuned: np.ndarray) -> np.ndarray:
    """Mean over units of the correlation of their rate maps at two times, for all pairs of times.

    Parameters
    ----------
    maps : (times, units, bins) array
        Without NaN: leave out the bins never visited.
    tuned : (times, units) bool array
        Only units that are tuned, and whose maps vary, at both times count. A map that varies by
        less than 1e-9 of its size is constant.

    Returns
    -------
    (times, times) array
        Mean Pearson's r (Fig. 2E); NaN where no unit counts.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other or hold other numbers than these.
    """
    maps = check_array("maps", maps, ("times", "units", "bins"), empty=True)
    tuned = check_flags("tuned", tuned, ("times", "units"))
    if tuned.shape != maps.shape[:2]:
        raise ValueError(f"tuned has the shape {tuned.shape}: with these maps, {maps.shape[:2]}.")
    centred, varies = centred_vectors(maps)
    norm = np.linalg.norm(centred, axis=2, keepdims=True)
    usable = tuned & varies
    unit_vectors = np.where(usable[:, :, None], centred / np.where(norm > 0, norm, 1), 0)
    flat = unit_vectors.reshape(len(maps), maps.shape[1] * maps.shape[2])
    shared = usable.astype(float) @ usable.T
    with np.errstate(invalid="ignore"):
        return np.where(shared > 0, flat @ flat.T / shared, np.nan)


def population_vector_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's r across units at each position, averaged over positions.

    Parameters
    ----------
    first, second : (positions, units) array
        Two sets of rate maps at the same positions.

    Returns
    -------
    float
        Positions where either has no spread over units, or one below 1e-9 of its size, do not
        count; NaN if no position counts.

    Raises
    ------
    TypeError, ValueError
        If the arrays are not of one shape, or hold a number that is not finite.
    """
    one = check_array("first", first, ("positions", "units"), empty=True)
    other = check_array("second", second, one.shape, empty=True)
    return mean_vector_correlation(one, other)


def tuning_over_time(run: xr.Dataset, task: Task, bins: int = 100) -> xr.Dataset:
    """Rate maps and what follows from them at each snapshot of a run.

    Parameters
    ----------
    run, task : xarray.Dataset, Task
        Of ``drift.simulate``, and the task of the run, with position and heading.
    bins : int
        Bins of place, see :func:`rate_maps`.

    Returns
    -------
    xarray.Dataset
        Along ``snapshot``: ``rate`` (snapshot, unit, place), ``spatial_information`` (snapshot,
        unit) in bits, ``place_cells``, their number, ``mean_information``, that of the place cells,
        and ``rate_map_correlation`` (snapshot, other_snapshot); besides ``occupancy`` (place).

    Raises
    ------
    TypeError, ValueError
        If the task has no position or heading, the run is not of a task of its shape or its units
        have activity below 0, or ``bins`` is not an integer of at least 2.
    """
    place = directed_place(task)
    bins = check_integer("bins", bins, minimum=2, maximum=MOST_BINS)
    maps, information = [], []
    parameters_then, activation = snapshots_of(run, task)
    check_amount("bins, units and snapshots", bins * run["bias"].size)
    for parameters in parameters_then:
        activity = hidden_activity(parameters, task.inputs, activation)
        refuse_where("activity of run", activity, activity < 0, "information needs at least 0.")
        mapped = _rate_maps(activity, place, bins)
        maps.append(mapped["rate"].values)
        information.append(skaggs_information(maps[-1], mapped["occupancy"].values))
    rate = np.stack(maps)
    bits = np.stack(information)
    tuned = bits > PLACE_CELL_INFORMATION
    visited = mapped["occupancy"].values > 0
    with np.errstate(invalid="ignore"):
        mean_information = np.where(tuned, bits, 0).sum(axis=1) / tuned.sum(axis=1)
    return xr.Dataset(
        {
            "rate": (("snapshot", "unit", "place"), rate),
            "spatial_information": (("snapshot", "unit"), bits),
            "place_cells": ("snapshot", tuned.sum(axis=1)),
            "mean_information": ("snapshot", mean_information),
            "rate_map_correlation": (
                ("snapshot", "other_snapshot"),
                rate_map_correlation(rate[:, :, visited], tuned),
            ),
            "occupancy": mapped["occupancy"],
        },
        {
            "snapshot": run["snapshot"],
            "other_snapshot": run["snapshot"].values,
            "place": mapped["place"],
        },
    )
