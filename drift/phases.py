"""The three phases of learning, directed drift and null drift, found by a criterion (Table 1)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TOLERANCE = 0.05
"""A curve has settled when all but this share of its whole change lies behind it."""


class Phases(NamedTuple):
    """Training steps at which learning ends and directed drift ends; NaN: not within the run."""

    learned: float
    settled: float


def settling_step(step: np.ndarray, values: np.ndarray, tolerance: float = TOLERANCE) -> float:
    """When a noisy curve has come to rest.

    Its level of rest is the mean over the last quarter of the run; it has settled where the running
    median of five records first is within ``tolerance`` of the change from the first record to that
    level. If the last quarter's mean and that of the quarter before still differ by more, the curve
    does not rest within the run.

    Parameters
    ----------
    step, values : (records,)
        Training steps, ascending, and the curve.

    Returns
    -------
    float
        A step, or NaN.
    """
    step, values = np.asarray(step, float), np.asarray(values, float)
    end = step[-1]
    last = values[step > 0.75 * end].mean()
    before = values[(step > 0.5 * end) & (step <= 0.75 * end)].mean()
    allowed = tolerance * abs(values[0] - last)
    if not abs(before - last) <= allowed:
        return float("nan")
    padded = np.pad(values, 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    near = np.flatnonzero(np.abs(smooth - last) <= allowed)
    return float(step[near[0]]) if near.size else float("nan")


def find_phases(step: np.ndarray, loss: np.ndarray, active: np.ndarray) -> Phases:
    """Learning ends when the loss has settled, directed drift when the sparsity has.

    Parameters
    ----------
    step, loss, active : (records,)
        Training steps, the loss, and the fraction of active units.
    """
    return Phases(settling_step(step, loss), settling_step(step, active))
