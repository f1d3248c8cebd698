"""Information with that of shuffled activity taken away: what is left of short recordings.

The plain difference, for recordings of a few laps, in which the sample-size curves of
:func:`drift.analysis.information.corrected_information` would have too few samples to begin with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drift.analysis.time_shifts import information_after_shifts

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
    _, naive, shuffled = information_after_shifts(activity, place_bin, shuffles, seed)
    return AboveShuffles(naive, shuffled.mean(axis=0))
