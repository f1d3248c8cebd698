"""Information with that of shuffled activity taken away: what is left of short recordings.

The plain difference, for recordings of a few laps, in which the sample-size curves of
:func:`drift.analysis.information.corrected_information` would have too few samples to begin with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix

from drift.analysis.information import MOST_SHUFFLES, NEGATIVE, shifted_information
from drift.support.array_checks import check_amount, check_frames, refuse_where
from drift.support.checks import check_integer

__all__ = ["AboveShuffles", "information_above_shuffles"]


class AboveShuffles(NamedTuple):
    """Information in bits per spike, NaN for silent cells.

    Parameters
    ----------
    naive : (cell,) array
        As recorded, with its bias.
    shuffled : (cell,) array
        Mean over shuffles, which is bias alone.
    """

    naive: np.ndarray
    shuffled: np.ndarray

    @property
    def excess(self) -> np.ndarray:
        """The difference of both."""
        return self.naive - self.shuffled


def information_above_shuffles(
    activity: np.ndarray, place_bin: np.ndarray, *, shuffles: int = 100, seed: int = 0
) -> AboveShuffles:
    """Skaggs information of each cell, and its mean after shifts of the activity in time.

    Each shuffle shifts the activity of all cells circularly by one random number of time bins, as
    in :func:`drift.analysis.information.place_cells`.

    Parameters
    ----------
    activity, place_bin : (time, cell) array, (time,) int array
        Activity, at least 0, and the bin of place in each time bin, a whole number. A dropped frame
        has NaN in all cells or for its place, and is left out.
    shuffles : int
        Number of shuffles, at least 1.
    seed : int
        Seed of the shuffles, at least 0.

    Returns
    -------
    AboveShuffles

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or ``activity`` and ``place_bin`` differ in length or have
        fewer than two time bins with data.
    """
    shuffles = check_integer("shuffles", shuffles, minimum=1, maximum=MOST_SHUFFLES)
    found, place = check_frames(activity, "place_bin", place_bin, whole=True)
    refuse_where("activity", found, found < 0, NEGATIVE)
    check_amount("shuffles and the cells of activity", shuffles * found.shape[1])
    index = place - place.min()
    random = np.random.default_rng(check_integer("seed", seed))
    shifts = random.integers(1, len(index), shuffles)
    events = csc_matrix(found)
    bits = shifted_information(
        events.indptr, events.indices, events.data, index, np.bincount(index), np.append(0, shifts)
    )
    return AboveShuffles(bits[0], bits[1:].mean(axis=0))
