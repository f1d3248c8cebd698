"""When a noisy curve has come to rest."""

from __future__ import annotations

import numpy as np

from drift.support.array_checks import ROUNDING, check_curve, check_steps
from drift.support.checks import check_share

__all__ = ["settling_step"]

TOLERANCE = 0.1
"""A curve has settled when all but this share of its change lies behind it, as in the study's time
scale of sparsification."""


def settling_step(step: np.ndarray, values: np.ndarray, tolerance: float = TOLERANCE) -> float:
    """When a noisy curve has come to rest.

    Its level of rest is the mean over the last quarter of the run; it has settled where the running
    median of five records first is within ``tolerance`` of the change from the first record to that
    level. If the means of the last two quarters still differ by more than that, and by more than
    twice the fluctuation around a line through both, the curve does not rest within the run.

    Parameters
    ----------
    step, values : (records,) array
        Training steps, ascending from 0 or above, and the curve: at least one record in each of the
        last two quarters, and three in both.
    tolerance : float
        Share of the change, at least 0 and below 1; to it comes 1e-9 of the curve's largest size.

    Returns
    -------
    float
        A training step, the first for a curve that does not change; NaN if it does not settle.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    step = check_steps("step", step)
    values = check_curve("values", values, step)
    tolerance = check_share("tolerance", tolerance)
    half = step > 0.5 * step[-1]
    quarter = step > 0.75 * step[-1]
    if not (half & ~quarter).any() or half.sum() < 3:
        raise ValueError(
            f"step has {half.sum()} records in the second half of the run, up to {step[-1]:g}: "
            "record at least three there, in both of its quarters."
        )
    last, before = values[quarter].mean(), values[half & ~quarter].mean()
    allowed = tolerance * abs(values[0] - last) + ROUNDING * np.abs(values).max()
    trend = np.polynomial.Polynomial.fit(step[half], values[half], 1)
    fluctuation = np.std(values[half] - trend(step[half]))
    if not abs(before - last) <= max(allowed, 2 * fluctuation):
        return float("nan")
    padded = np.pad(values, 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    near = np.flatnonzero(np.abs(smooth - last) <= allowed)
    return float(step[near[0]]) if near.size else float("nan")
