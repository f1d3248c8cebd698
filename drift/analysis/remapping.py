"""How much a code differs between two environments."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drift.analysis.tuning import PLACE_CELL_INFORMATION, spatial_information
from drift.analysis.vector_correlation import row_correlations
from drift.support.array_checks import as_array, check_array, check_occupancy

__all__ = ["REMAPPED", "Remapping", "remapping"]

REMAPPED = 0.5
"""A place cell has remapped if the correlation of its maps in both environments is below this."""


class Remapping(NamedTuple):
    """What :func:`remapping` returns.

    Parameters
    ----------
    map_correlation : float
        Mean of Pearson's r between the maps of units that are place cells in both environments.
    remapped : float
        Share of the place cells of the first environment that are none in the second, or whose maps
        have a correlation below :data:`REMAPPED`.
    overlap : float
        Of the units active in either environment, the share active in both.
    """

    map_correlation: float
    remapped: float
    overlap: float


def remapping(first: np.ndarray, second: np.ndarray, occupancy: np.ndarray) -> Remapping:
    """How the maps of the same units differ between two environments.

    Parameters
    ----------
    first, second : (units, bins) array
        Rate maps, at least 0, in bins that correspond; what they hold in bins without occupancy
        does not count.
    occupancy : (bins,) array
        Share of the samples in each bin; sums to one.

    Returns
    -------
    Remapping
        NaN where no unit counts.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other or hold other numbers than these.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.remapping import remapping
    >>> here = np.array([[4.0, 0, 0, 0], [0, 4, 0, 0]])
    >>> there = np.array([[4.0, 0, 0, 0], [0, 0, 0, 4]])
    >>> found = remapping(here, there, np.full(4, 0.25))
    >>> [round(value, 2) for value in found]
    [0.33, 0.5, 1.0]
    """
    first = as_array("first", first, ("units", "bins"))
    second = as_array("second", second, first.shape)
    shares = check_occupancy("occupancy", occupancy, first.shape[1])
    visited = shares > 0
    here = check_array("first", first[:, visited], ("units", "bins"), minimum=0)
    there = check_array("second", second[:, visited], ("units", "bins"), minimum=0)
    # NaN where a unit is silent: it is no place cell.
    place_cells = [
        spatial_information(maps, shares[visited]) > PLACE_CELL_INFORMATION
        for maps in (here, there)
    ]
    both = place_cells[0] & place_cells[1]
    correlation = row_correlations(here[both], there[both])
    active = [(maps > 0).any(axis=1) for maps in (here, there)]
    kept = (correlation >= REMAPPED).sum()
    return Remapping(
        _ratio(correlation.sum(), both.sum()),
        1 - _ratio(kept, place_cells[0].sum()),
        _ratio((active[0] & active[1]).sum(), (active[0] | active[1]).sum()),
    )


def _ratio(part: float, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
