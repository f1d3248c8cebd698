"""How much cells tell about place: the place-cell test, and information with its bias removed.

Few samples make a tuning curve rougher than it is, and its information larger. Two ways of taking
that away follow Sheintuch, Rubin and Ziv 2022 (doi:10.1371/journal.pcbi.1009832): both look at how
information falls as more of the session is used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix

from drift.analysis.tuning import spatial_information
from drift.support.checks import check_integer
from drift.support.compiled import njit

__all__ = [
    "CorrectedInformation",
    "PlaceCells",
    "corrected_information",
    "place_cells",
    "tuning_curves",
]

MINIMAL_EVENTS = 10
"""A cell counts as active if it is in at least so many time bins."""

FRACTIONS = np.linspace(0.1, 1.0, 10)
"""Shares of a session at which information is looked at to remove its bias."""


def tuning_curves(
    activity: np.ndarray, place_bin: np.ndarray, bins: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean activity of each cell in each bin of place, and the share of time spent there.

    Parameters
    ----------
    activity : (time, cell) array
    place_bin : (time,) int array
        Bin of place in each time bin.
    bins : (bin,) int array, optional
        The bins, ascending; by default all from the lowest to the highest visited.

    Returns
    -------
    curves : (cell, bin) array
        Zero in bins that were never visited.
    occupancy : (bin,) array
        Sums to one.

    Raises
    ------
    ValueError
        If ``place_bin`` has fewer than two time bins, several dimensions or a bin outside ``bins``.
    """
    return _tuning(np.asarray(activity, float), *_bin_index(place_bin, bins))


class PlaceCells(NamedTuple):
    """The outcome of the place-cell test.

    Parameters
    ----------
    active, significant : (cell,) bool array
        Which cells are active in enough time bins to be tested, and which are place cells.
    p_value : (cell,) array
        NaN for cells that were not tested.
    information : (cell,) array
        Skaggs information in bits per spike, with its bias; NaN for silent cells.
    """

    active: np.ndarray
    significant: np.ndarray
    p_value: np.ndarray
    information: np.ndarray


def place_cells(
    activity: np.ndarray,
    place_bin: np.ndarray,
    *,
    shuffles: int = 1000,
    level: float = 0.05,
    minimal_events: int = MINIMAL_EVENTS,
    seed: int = 0,
) -> PlaceCells:
    """Which cells tell more about place than after shifting their activity in time.

    Each shuffle shifts the activity of all cells circularly by one random number of time bins. The
    p-value is the share of shuffles with at least as much information.

    Parameters
    ----------
    activity, place_bin : (time, cell) array, (time,) int array
        Activity, at least 0, and the bin of place in each time bin.
    shuffles : int
        Number of shuffles.
    level : float
        Place cells are active cells with a p-value below it.
    minimal_events : int
        Active cells are those with activity in at least so many time bins.
    seed : int
        Seed of the shuffles.

    Returns
    -------
    PlaceCells
        Results of the test for each cell.

    Raises
    ------
    TypeError, ValueError
        If ``shuffles`` is not an integer of at least 1, or ``place_bin`` has fewer than two time
        bins or several dimensions.
    """
    check_integer("shuffles", shuffles, minimum=1)
    index, size = _bin_index(place_bin)
    length = len(index)
    shifts = np.random.default_rng(seed).integers(1, length, shuffles)
    events = csc_matrix(np.asarray(activity, float))
    counts = np.bincount(index, minlength=size)
    active = np.diff(events.indptr) >= minimal_events
    everything = _shifted_information(
        events.indptr, events.indices, events.data, index, counts, np.append(0, shifts)
    )
    information, shuffled = everything[0], everything[1:]
    with np.errstate(invalid="ignore"):
        p_value = np.where(active, 1 - (shuffled < information).mean(axis=0), np.nan)
    return PlaceCells(active, active & (p_value < level), p_value, information)


@njit(cache=True)
def _shifted_information(
    starts: np.ndarray,
    rows: np.ndarray,
    values: np.ndarray,
    index: np.ndarray,
    counts: np.ndarray,
    shifts: np.ndarray,
) -> np.ndarray:
    """Information of each cell, (shifts, cells), its events turned around by each shift."""
    length, cells = index.size, starts.size - 1
    shares = counts / length
    found = np.full((shifts.size, cells), np.nan)
    summed = np.empty(counts.size)
    for cell in range(cells):
        total = values[starts[cell] : starts[cell + 1]].sum()
        if total <= 0:
            continue
        for k in range(shifts.size):
            summed[:] = 0
            for event in range(starts[cell], starts[cell + 1]):
                row = rows[event] + shifts[k]
                if row >= length:
                    row -= length
                summed[index[row]] += values[event]
            bits = 0.0
            for place in range(counts.size):
                if summed[place] > 0:
                    share = summed[place] / total
                    bits += share * np.log2(share / shares[place])
            found[k, cell] = bits
    return found


class CorrectedInformation(NamedTuple):
    """Information in bits per spike, NaN for silent cells.

    Parameters
    ----------
    naive : (cell,) array
        Of the whole session, with its bias.
    shuffle_reduction, extrapolation : (cell,) array
        By scaled shuffle reduction (SSR) and by bounded asymptotic extrapolation (BAE).
    """

    naive: np.ndarray
    shuffle_reduction: np.ndarray
    extrapolation: np.ndarray


def corrected_information(
    activity: np.ndarray,
    place_bin: np.ndarray,
    *,
    fractions: np.ndarray = FRACTIONS,
    repeats: int = 20,
    seed: int = 0,
) -> CorrectedInformation:
    """Skaggs information with two estimates of what it would be with endless data.

    With I(t) the information in a part of length t of the session, chosen at random, and J(t) that
    with the order of times permuted, which is bias alone:

    - SSR = I(T) - J(T) (I(t_1) - I(T)) / (J(t_1) - J(T)), with t_1 the shortest part;
    - BAE: the limit a of I(t) = a + b / (1 + c t), fitted with a, b, c at least 0.

    Both depend on the ``fractions`` (t_1 is the first of them).

    Parameters
    ----------
    activity, place_bin : (time, cell) array, (time,) int array
        Activity, at least 0, and the bin of place in each time bin.
    fractions : (part,) array
        Lengths of the parts as shares of the session: at least four, ascending, the last 1.
    repeats : int
        Over how many random parts of each length I and J are averaged.
    seed : int
        Seed of the choice of parts and of the permutations.

    Returns
    -------
    CorrectedInformation
        The information itself and both estimates, for each cell.

    Raises
    ------
    TypeError, ValueError
        If ``repeats`` is not an integer of at least 1, ``fractions`` is not as above, or
        ``place_bin`` has fewer than two time bins or several dimensions.
    """
    check_integer("repeats", repeats, minimum=1)
    fractions = np.asarray(fractions, float)
    if fractions.size < 4 or (np.diff(fractions) <= 0).any() or fractions[-1] != 1:
        raise ValueError(f"fractions={fractions} must be at least four, ascending and end with 1.")
    index, size = _bin_index(place_bin)
    length = len(index)
    random = np.random.default_rng(seed)
    lengths = np.maximum(1, np.round(fractions * length)).astype(int)
    dense = np.ascontiguousarray(activity, np.float64)
    real = np.zeros((len(lengths), dense.shape[1]))
    permuted = np.zeros_like(real)
    for part, chosen in enumerate(lengths):
        sums = np.zeros((2, dense.shape[1]))
        known = np.zeros((2, dense.shape[1]))
        for _ in range(repeats):
            rows = random.permutation(length)[:chosen]
            for kind, places in enumerate((index[rows], random.permutation(index[rows]))):
                bits = spatial_information(*_tuning(dense[rows], places, size))
                heard = np.isfinite(bits)
                sums[kind, heard] += bits[heard]
                known[kind] += heard
        with np.errstate(invalid="ignore"):
            real[part], permuted[part] = sums / known
    naive, noise = real[-1], permuted[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        reduction = naive - noise * (real[0] - naive) / (permuted[0] - noise)
    return CorrectedInformation(naive, reduction, _limit(lengths / length, real))


def _bin_index(place_bin: np.ndarray, bins: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """Places as numbers from 0, and how many there are."""
    place = np.asarray(place_bin, np.int64)
    if place.ndim != 1 or place.size < 2:
        raise ValueError(f"place_bin has the shape {place.shape}: give one bin per time bin.")
    if bins is None:
        return place - place.min(), int(np.ptp(place)) + 1
    bins = np.asarray(bins)
    index = np.searchsorted(bins, place)
    known = (index < bins.size) & (bins[np.minimum(index, bins.size - 1)] == place)
    if not known.all():
        raise ValueError(f"place_bin has {place[~known][0]}, which is none of the bins.")
    return index, bins.size


def _tuning(activity: np.ndarray, index: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    counts = np.bincount(index, minlength=size)
    time = np.arange(len(index))
    members = csc_matrix((np.ones(len(index)), (index, time)), shape=(size, len(index)))
    return (members @ activity / np.maximum(counts, 1)[:, None]).T, counts / len(index)


def _limit(time: np.ndarray, information: np.ndarray) -> np.ndarray:
    """The a of I(t) = a + b / (1 + c t) by least squares with a, b, c >= 0, for each cell.

    For a given c it is linear; c is searched on a grid, which the smooth error allows to be coarse
    and refined once.
    """
    best_error = np.full(information.shape[1], np.inf)
    best = np.full(information.shape[1], np.nan)
    rate = np.ones(information.shape[1])
    for grid in (np.geomspace(1e-2, 1e4, 61), np.geomspace(0.75, 1.34, 41)):
        centre = rate.copy() if grid[0] > 0.5 else np.ones_like(rate)
        for factor in grid:
            c = centre * factor
            shape = 1 / (1 + c * time[:, None])
            a, b = _two_nonnegative(shape, information)
            error = ((information - a - b * shape) ** 2).sum(axis=0)
            better = error < best_error
            best_error = np.where(better, error, best_error)
            best = np.where(better, a, best)
            rate = np.where(better, c, rate)
    return best


def _two_nonnegative(shape: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least squares of values = a + b shape along the first axis, with a and b at least 0."""
    centred = shape - shape.mean(axis=0)
    b = (centred * values).sum(axis=0) / (centred**2).sum(axis=0)
    b = np.maximum(b, 0)
    a = values.mean(axis=0) - b * shape.mean(axis=0)
    alone = np.maximum((shape * values).sum(axis=0) / (shape**2).sum(axis=0), 0)
    return np.where(a < 0, 0, a), np.where(a < 0, alone, b)
