"""Rate maps as figures show them: in which order, and smoothed."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from drift.support.array_checks import ROUNDING, as_array, check_array, check_occupancy
from drift.support.checks import check_number

__all__ = ["display_maps", "peak_order"]


def peak_order(maps: np.ndarray) -> np.ndarray:
    """Units in the order of the place where each peaks; silent ones last.

    Parameters
    ----------
    maps : (units, places) array
        At least 0, and 0 throughout for a silent unit. Of peaks that are equal, to 1e-9, or of
        units that peak at one place, the first comes first.

    Returns
    -------
    (units,) int array
        Indices of the units.

    Raises
    ------
    TypeError, ValueError
        If there is no place, or a number that is negative or not finite.
    """
    maps = check_array("maps", maps, ("units", "places"), minimum=0, empty=True)
    if maps.shape[1] == 0:
        raise ValueError(f"maps has the shape {maps.shape}: it must have a place.")
    highest = maps.max(axis=1)
    first = (maps >= (1 - ROUNDING) * highest[:, None]).argmax(axis=1)
    peak = np.where(highest > 0, first, maps.shape[1])
    return np.argsort(peak, kind="stable")


def display_maps(rate: np.ndarray, occupancy: np.ndarray, width: float = 6.0) -> np.ndarray:
    """Rate maps as they are drawn: bins never visited left out, smoothed, divided by the maximum.

    Parameters
    ----------
    rate, occupancy : (units, bins) array, (bins,) array
        Mean activity, at least 0 (whatever it is in bins never visited), and the share of samples
        in each bin.
    width : float
        Standard deviation in bins, above 0, of a Gaussian that weighs only bins that were visited;
        at most 1000.

    Returns
    -------
    (units, visited bins) array
        Between 0 and 1; zeros for a silent unit.

    Raises
    ------
    TypeError, ValueError
        If ``width`` is not as above, or the arrays do not fit each other or hold other numbers.
    """
    width = max(check_number("width", width, positive=True, maximum=1000), 0.01)  # the same bins
    rate = as_array("rate", rate, ("units", "bins"), empty=True)
    visited = check_occupancy("occupancy", occupancy, rate.shape[1]) > 0
    check_array("rate", rate[:, visited], ("units", "bins"), minimum=0, empty=True)
    weight = gaussian_filter1d(visited.astype(float), width, mode="constant")
    summed = gaussian_filter1d(np.where(visited, rate, 0), width, axis=1, mode="constant")
    smooth = summed[:, visited] / weight[visited]
    peak = smooth.max(axis=1, keepdims=True)
    return np.divide(smooth, peak, out=np.zeros_like(smooth), where=peak > 0)
