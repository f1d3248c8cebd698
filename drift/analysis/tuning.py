"""Tuning of hidden units to place: rate maps, spatial information, correlation over time."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter1d
from scipy.stats import binned_statistic

from drift.network import Parameters, hidden_activity
from drift.support.checks import check_integer, check_number
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
    ValueError
        If the task has no position or heading.
    """
    if task.position is None or task.heading is None:
        raise ValueError(
            f"the task {task.name!r} has no places: give it position and heading to map its units."
        )
    return task.position * np.where(np.cos(task.heading) >= 0, 1.0, -1.0)


def rate_maps(activity: np.ndarray, place: np.ndarray, bins: int = 100) -> xr.Dataset:
    """Mean activity of each unit in each of ``bins`` equal bins of place.

    Parameters
    ----------
    activity, place : (samples, units) array, (samples,) array
        Activity of the units, and the place of each sample.
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
        If ``bins`` is not an integer of at least 2, or all samples are at one place.
    """
    check_integer("bins", bins, minimum=2)
    if np.ptp(place) == 0:
        raise ValueError("all samples were taken at one place: there is nothing to map.")
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
        Mean activity, at least 0; bins never visited are left out.
    occupancy : (bins,) array
        Share p of the samples in each bin; sums to one.

    Returns
    -------
    (units,) array
        In bits (per spike, where the activity is a rate of spikes); NaN for a silent unit.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.tuning import spatial_information
    >>> rate = np.array([[0, 0, 8, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    >>> spatial_information(rate, np.full(4, 0.25)).round(3).tolist()
    [2.0, 0.0, nan]
    """
    visited = occupancy > 0
    share = occupancy[visited]
    rate = rate[:, visited]
    mean = rate @ share
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = rate / mean[:, None]
        terms = np.where(relative > 0, relative * np.log2(relative), 0.0)
    return np.where(mean > 0, terms @ share, np.nan)


def rate_map_correlation(maps: np.ndarray, tuned: np.ndarray) -> np.ndarray:
    """Mean over units of the correlation of their rate maps at two times, for all pairs of times.

    Parameters
    ----------
    maps : (times, units, bins) array
        Without NaN: leave out the bins never visited.
    tuned : (times, units) bool array
        Only units that are tuned, and whose maps vary, at both times count.

    Returns
    -------
    (times, times) array
        Mean Pearson's r (Fig. 2E); NaN where no unit counts.
    """
    centred = maps - maps.mean(axis=2, keepdims=True)
    norm = np.linalg.norm(centred, axis=2, keepdims=True)
    usable = tuned & (norm[:, :, 0] > 0)
    unit_vectors = np.where(usable[:, :, None], centred / np.where(norm > 0, norm, 1), 0)
    flat = unit_vectors.reshape(len(maps), -1)
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
        Positions where either has no spread over units do not count; NaN if no position counts.
    """
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    size = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    known = size > 0
    if not known.any():
        return float("nan")
    return float(np.mean((first * second).sum(axis=1)[known] / size[known]))


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
        If the task has no position or heading, or ``bins`` is not an integer of at least 2.
    """
    place = directed_place(task)
    activation = run.attrs.get("activation", "relu")
    maps, information = [], []
    for snapshot in range(run.sizes["snapshot"]):
        parameters = Parameters.of_snapshot(run, snapshot)
        mapped = rate_maps(hidden_activity(parameters, task.inputs, activation), place, bins)
        maps.append(mapped["rate"].values)
        information.append(spatial_information(maps[-1], mapped["occupancy"].values))
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


def peak_order(maps: np.ndarray) -> np.ndarray:
    """Units in the order of the place where each peaks; silent ones last.

    Parameters
    ----------
    maps : (units, places) array
        At least 0, and 0 throughout for a silent unit. Of equal peaks, or of units that peak at one
        place, the first comes first.

    Returns
    -------
    (units,) int array
        Indices of the units.
    """
    peak = np.where(maps.max(axis=1) > 0, maps.argmax(axis=1), maps.shape[1])
    return np.argsort(peak, kind="stable")


def display_maps(rate: np.ndarray, occupancy: np.ndarray, width: float = 6.0) -> np.ndarray:
    """Rate maps as they are drawn: bins never visited left out, smoothed, divided by the maximum.

    Parameters
    ----------
    rate, occupancy : (units, bins) array, (bins,) array
        Mean activity, and the share of samples in each bin.
    width : float
        Standard deviation in bins, above 0, of a Gaussian that weighs only bins that were visited.

    Returns
    -------
    (units, visited bins) array
        Between 0 and 1; zeros for a silent unit.

    Raises
    ------
    TypeError, ValueError
        If ``width`` is negative or not a finite number.
    """
    check_number("width", width, positive=True)
    visited = occupancy > 0
    weight = gaussian_filter1d(visited.astype(float), width, mode="constant")
    summed = gaussian_filter1d(np.where(visited, rate, 0), width, axis=1, mode="constant")
    smooth = summed[:, visited] / weight[visited]
    peak = smooth.max(axis=1, keepdims=True)
    return np.divide(smooth, peak, out=np.zeros_like(smooth), where=peak > 0)
