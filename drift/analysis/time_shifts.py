"""Information about place after the activity is shifted in time: what chance alone tells."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix

from drift.support.array_checks import check_amount, check_frames, refuse_where
from drift.support.checks import check_integer
from drift.support.compiled import njit

__all__ = ["information_after_shifts"]

NEGATIVE = "it must be at least 0, as counts and rates are; of dF/F take the events."
"""Why activity below zero is refused."""

MOST_SHUFFLES = 10**7


def information_after_shifts(
    activity: np.ndarray, place_bin: np.ndarray, shuffles: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skaggs information of each cell, as recorded and after circular shifts of its activity.

    Parameters
    ----------
    activity, place_bin : (time, cell) array, (time,) int array
        Activity, at least 0, and the bin of place in each time bin, a whole number. A dropped frame
        has NaN in all cells or for its place, and is left out.
    shuffles : int
        Number of shuffles, at least 1; each shifts all cells by one random number of time bins.
    seed : int
        Seed of the shuffles, at least 0.

    Returns
    -------
    events : (cell,) int array
        Number of time bins with activity.
    information : (cell,) array
        As recorded, in bits per spike; NaN for silent cells.
    shuffled : (shuffles, cell) array
        After each shuffle.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or ``activity`` and ``place_bin`` differ in length or have
        fewer than two time bins with data.
    """
    shuffles = check_integer("shuffles", shuffles, minimum=1, maximum=MOST_SHUFFLES)
    found, visited = check_frames(activity, "place_bin", place_bin, whole=True)
    refuse_where("activity", found, found < 0, NEGATIVE)
    check_amount("shuffles and the cells of activity", shuffles * found.shape[1])
    index = visited - visited.min()
    random = np.random.default_rng(check_integer("seed", seed))
    shifts = random.integers(1, len(index), shuffles)
    events = csc_matrix(found)
    bits = _after_shifts(events.indptr, events.indices, events.data, index, np.append(0, shifts))
    return np.diff(events.indptr), bits[0], bits[1:]


def events_information(events: csc_matrix, index: np.ndarray) -> np.ndarray:
    """Skaggs information of each cell, (cell,), NaN where silent.

    ``events`` is (time, cell); ``index`` (time,) is the bin of place, negative where a time bin is
    left out.
    """
    return _information(events.indptr, events.indices, events.data, index)


@njit(cache=True)
def _information(
    starts: np.ndarray, rows: np.ndarray, values: np.ndarray, index: np.ndarray
) -> np.ndarray:
    """:func:`events_information`, of the parts of a sparse matrix by columns."""
    counts = np.bincount(index[index >= 0])
    shares = counts / counts.sum()
    bits = np.full(starts.size - 1, np.nan)
    for cell in range(bits.size):
        summed = np.zeros(counts.size)
        for event in range(starts[cell], starts[cell + 1]):
            place = index[rows[event]]
            if place >= 0:
                summed[place] += values[event]
        total = summed.sum()
        if total > 0:
            told = 0.0
            for place in range(counts.size):
                if summed[place] > 0:
                    share = summed[place] / total
                    told += share * np.log2(share / shares[place])
            bits[cell] = told
    return bits


@njit(cache=True)
def _after_shifts(
    starts: np.ndarray,
    rows: np.ndarray,
    values: np.ndarray,
    index: np.ndarray,
    shifts: np.ndarray,
) -> np.ndarray:
    """Information of each cell, (shifts, cells), its events turned around by each shift."""
    bits = np.empty((shifts.size, starts.size - 1))
    for k in range(shifts.size):
        bits[k] = _information(starts, rows, values, np.roll(index, -shifts[k]))
    return bits
