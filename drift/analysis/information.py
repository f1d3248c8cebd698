"""How much cells tell about place: the place-cell test, and information with its bias removed.

Few samples make a tuning curve rougher than it is, and its information larger. Two ways of taking
that away follow Sheintuch, Rubin and Ziv 2022 (doi:10.1371/journal.pcbi.1009832): both look at how
information falls as more of the session is used.

A dropped frame, NaN for the place or for all cells, is left out: the time bins before and after it
follow each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix

from drift.analysis.extrapolation import bounded_limit
from drift.analysis.time_shifts import NEGATIVE, events_information, information_after_shifts
from drift.analysis.tuning import mean_by_bin
from drift.support.array_checks import (
    ROUNDING,
    check_array,
    check_frames,
    check_whole_numbers,
    refuse_where,
)
from drift.support.checks import check_integer, check_number

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
        Any numbers; NaN in all cells for a dropped frame.
    place_bin : (time,) int array
        Bin of place in each time bin: whole numbers, or NaN for a dropped frame.
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
    TypeError, ValueError
        If an argument is not as above, ``activity`` and ``place_bin`` differ in length or have
        fewer than two time bins with data, or a place is outside ``bins``.
    """
    found, visited = check_frames(activity, "place_bin", place_bin, whole=True)
    if bins is None:
        index = visited - visited.min()
        return mean_by_bin(found, index, int(index.max()) + 1)
    known = check_whole_numbers("bins", bins, ("bins",))
    refuse_where("bins", known, np.append(False, np.diff(known) <= 0), "bins must ascend.")
    index = np.searchsorted(known, visited)
    outside = known[np.minimum(index, known.size - 1)] != visited
    refuse_where("place_bin", visited, outside, "which is none of the bins.")
    return mean_by_bin(found, index, known.size)


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
    p-value is the share of shuffles with at least as much information; as much is what differs by
    less than 1e-9 of the terms that it sums, which may be the same terms in another order.

    Parameters
    ----------
    activity, place_bin : (time, cell) array, (time,) int array
        Activity, at least 0, and the bin of place in each time bin, a whole number. A dropped frame
        has NaN in all cells or for its place, and is left out.
    shuffles : int
        Number of shuffles.
    level : float
        Place cells are active cells with a p-value below it; between 0 and 1.
    minimal_events : int
        Active cells are those with activity in at least so many time bins.
    seed : int
        Seed of the shuffles, at least 0.

    Returns
    -------
    PlaceCells
        Results of the test for each cell.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or ``activity`` and ``place_bin`` differ in length or have
        fewer than two time bins with data.
    """
    level = check_number("level", level, maximum=1.0)
    check_integer("minimal_events", minimal_events)
    events, information, shuffled = information_after_shifts(activity, place_bin, shuffles, seed)
    active = events >= minimal_events
    # Terms below zero sum to at most 1 / (e ln 2) = 0.53 bits: all sizes to information + 1.07.
    less = shuffled < information - ROUNDING * (information + 1)
    p_value = np.where(active, 1 - less.mean(axis=0), np.nan)
    return PlaceCells(active, active & (p_value < level), p_value, information)


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
        As for :func:`place_cells`.
    fractions : (part,) array
        Lengths of the parts as shares of the session: at least four, above 0, ascending, the last 1
        (SSR is NaN where J does not fall with the length, BAE where all parts are of one length).
    repeats : int
        Over how many random parts of each length I and J are averaged.
    seed : int
        Seed of the choice of parts and of the permutations, at least 0.

    Returns
    -------
    CorrectedInformation
        The information itself and both estimates, for each cell.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or ``activity`` and ``place_bin`` differ in length or have
        fewer than two time bins with data.
    """
    check_integer("repeats", repeats, minimum=1)
    fractions = check_array("fractions", fractions, ("parts",), minimum=0, maximum=1)
    if fractions.size < 4 or (np.diff(fractions, prepend=0) <= 0).any() or fractions[-1] != 1:
        raise ValueError(f"fractions={fractions} must be at least four, ascending and end with 1.")
    dense, visited = check_frames(activity, "place_bin", place_bin, whole=True)
    refuse_where("activity", dense, dense < 0, NEGATIVE)
    index = visited - visited.min()
    length = len(index)
    random = np.random.default_rng(check_integer("seed", seed))
    lengths = np.maximum(1, np.round(fractions * length)).astype(int)
    # Information is the same of activity in other units; tiny numbers have few digits.
    dense = np.ldexp(dense, -np.frexp(dense.max(axis=0))[1])
    events = csc_matrix(dense)
    real = np.zeros((len(lengths), dense.shape[1]))
    permuted = np.zeros_like(real)
    for part, chosen in enumerate(lengths):
        sums = np.zeros((2, dense.shape[1]))
        known = np.zeros((2, dense.shape[1]))
        for _ in range(repeats):
            rows = random.permutation(length)[:chosen]
            for kind, bins in enumerate((index[rows], random.permutation(index[rows]))):
                place = np.full(length, -1)
                place[rows] = bins
                bits = events_information(events, place)
                heard = np.isfinite(bits)
                sums[kind, heard] += bits[heard]
                known[kind] += heard
        with np.errstate(invalid="ignore"):
            real[part], permuted[part] = sums / known
    naive, noise = real[-1], permuted[-1]
    falls = permuted[0] - noise
    falls[np.abs(falls) <= ROUNDING * (noise + 1)] = np.nan
    reduction = naive - noise * (real[0] - naive) / falls
    return CorrectedInformation(naive, reduction, bounded_limit(lengths / length, real))
