"""The limit of a curve that falls as 1 / (1 + c t): information with endless data.

Of information in parts of a session it is the bounded asymptotic extrapolation of Sheintuch, Rubin
and Ziv 2022 (doi:10.1371/journal.pcbi.1009832).
"""

from __future__ import annotations

import numpy as np


def bounded_limit(time: np.ndarray, information: np.ndarray) -> np.ndarray:
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
    with np.errstate(invalid="ignore"):  # of one time alone there is no line
        b = (centred * values).sum(axis=0) / (centred**2).sum(axis=0)
    b = np.maximum(b, 0)
    a = values.mean(axis=0) - b * shape.mean(axis=0)
    alone = np.maximum((shape * values).sum(axis=0) / (shape**2).sum(axis=0), 0)
    return np.where(a < 0, 0, a), np.where(a < 0, alone, b)
