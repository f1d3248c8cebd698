"""How fast and how far a code becomes sparse."""

from __future__ import annotations

import numpy as np

__all__ = ["half_time", "sparsification_rate"]

SHARE_OF_CHANGE = 0.9
"""The curve is fitted up to where it has made this share of its whole change."""


def sparsification_rate(step: np.ndarray, fraction: np.ndarray) -> float:
    """Rate 1/tau of an exponential fall of ``fraction`` (active units) over ``step``; per step.

    As in the study (Methods, *Sparsification time scale*): the curve is shifted so that it ends at
    zero, clipped where it has made 90 % of its whole change, and its logarithm fitted by a line,
    with weights that fall with time (the text does not say how: here as the curve itself, by which
    equal errors of the fraction count alike). The study's plot labelled log(tau) shows log10 of
    this rate.

    Parameters
    ----------
    step, fraction : (times,) array
        Training steps, ascending, and the share of active units at each; NaN shares are left out.

    Returns
    -------
    float
        NaN if the curve does not fall or has fewer than three points up to the clip.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.sparsification import sparsification_rate
    >>> step = np.arange(0, 10_001, 100)
    >>> round(sparsification_rate(step, 0.2 + 0.8 * np.exp(-step / 1000)), 4)
    0.001
    """
    step, fraction = np.asarray(step, float), np.asarray(fraction, float)
    known = np.isfinite(fraction)
    step, fraction = step[known], fraction[known]
    if step.size < 3 or not fraction[-1] < fraction[0]:
        return float("nan")
    fall = fraction - fraction[-1]
    reached = np.flatnonzero(fall <= (1 - SHARE_OF_CHANGE) * fall[0])
    before = slice(0, int(reached[0]) + 1)
    kept = fall[before] > 0
    if kept.sum() < 3:
        return float("nan")
    time, height = step[before][kept], fall[before][kept]
    slope = np.polyfit(time, np.log(height), 1, w=height)[0]
    return float(-slope)


def half_time(step: np.ndarray, fraction_active: np.ndarray) -> float:
    """The step at which a curve first is at half its first value or below.

    It needs no fit, and does not depend on how far the run went on afterwards.

    Parameters
    ----------
    step, fraction_active : (times,) array
        Training steps, ascending, and the curve.

    Returns
    -------
    float
        A training step; NaN if the curve never is that low.
    """
    below = np.flatnonzero(fraction_active <= fraction_active[0] / 2)
    return float(step[below[0]]) if below.size else np.nan
