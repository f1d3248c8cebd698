"""Units of the explorer's run that show something: which they are, and when to look at them."""

from __future__ import annotations

import itertools

import numpy as np
import xarray as xr

WELL_TUNED = 0.5
"""Bits"""

LONG = 5
"""Snapshots"""


def notable_units(maps: xr.Dataset) -> np.ndarray:
    """The four units that the page *Explore one run* offers, and the snapshots to see them at.

    Parameters
    ----------
    maps : xarray.Dataset
        The archive ``corridor-maps``.

    Returns
    -------
    (4, 2) array of int
        Unit and snapshot of one that moves, one that keeps its place, one that falls silent and
        returns, and one that falls silent for good.
    """
    return np.array([[mover(maps), 0], [keeper(maps), 0], returner(maps), loser(maps)])


def mover(maps: xr.Dataset) -> int:
    """Of the units that are well tuned at all times, the one whose map changes most.

    That is the one whose last map correlates least with its map at the second snapshot, after
    learning.
    """
    tuned, likeness = _always_tuned(maps)
    return int(tuned[np.argmin(likeness)])


def keeper(maps: xr.Dataset) -> int:
    """Of the units that are well tuned at all times, the one whose map changes least."""
    tuned, likeness = _always_tuned(maps)
    return int(tuned[np.argmax(likeness)])


def returner(maps: xr.Dataset) -> tuple[int, int]:
    """The unit that is active longest after a silence, and the middle of this silence.

    It is active at the start, too, and the silence lasts :data:`LONG` snapshots at least.
    """
    active = maps["peak_rate"].values > 0
    found = (0, 0, 0)
    for unit in np.flatnonzero(active[0]):
        heard = np.flatnonzero(active[:, unit])
        for before, after in itertools.pairwise(heard):
            again = int(active[after:, unit].sum())
            if after - before > LONG and again > found[0]:
                found = (again, int(unit), int(before + after) // 2)
    return found[1:]


def loser(maps: xr.Dataset) -> tuple[int, int]:
    """Of the units well tuned at the start, the one that falls silent last in the first half.

    It is active without a gap until then, and never again. The snapshot is the first of silence.
    """
    active = maps["peak_rate"].values > 0
    ends = active.sum(axis=0)
    for_good = active.cumsum(axis=0)[-1] == np.cumprod(active, axis=0).sum(axis=0)
    tuned = maps["spatial_information"].values[0] > WELL_TUNED
    chosen = for_good & tuned & (ends < len(active) // 2)
    unit = int(np.argmax(np.where(chosen, ends, -1)))
    return unit, int(ends[unit])


def _always_tuned(maps: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    tuned = np.flatnonzero((maps["spatial_information"].values > WELL_TUNED).all(0))
    early, late = maps["level"].values[[1, -1]][:, tuned].astype(float)
    likeness = [np.corrcoef(*pair)[0, 1] for pair in zip(early, late, strict=True)]
    return tuned, np.array(likeness)
