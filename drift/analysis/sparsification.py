"""How fast and how far a code becomes sparse."""

from __future__ import annotations

from typing import Literal

import numpy as np

from drift.support.array_checks import ROUNDING, check_curve, check_steps
from drift.support.checks import check_choice

__all__ = ["half_time", "sparsification_rate"]

SHARE_OF_CHANGE = 0.9
"""The curve is fitted up to where it has made this share of its whole change."""

TINY = 1e-10
"""What the study's program adds to the shifted curve, so that its last point has a logarithm."""


def sparsification_rate(
    step: np.ndarray,
    fraction: np.ndarray,
    definition: Literal["program", "equal errors"] = "program",
) -> float:
    """Rate 1/tau of an exponential fall of ``fraction`` (active units) over ``step``; per step.

    As in the study (Methods, *Sparsification timescale*; doi:10.7554/eLife.90069): the curve is
    clipped where it has made 90 % of its whole change, shifted so that it ends at zero, and its
    logarithm fitted by a line. The text does not say with which weights. The study's program has
    roots of the steps in reverse, from one to zero, and takes the end of the clipped curve for
    zero. With ``"equal errors"`` the end of the whole curve is zero, and the weights are the
    curve itself, by which equal errors of the fraction count alike. The levels of the two differ,
    slopes against the noise hardly do. The study's plot labelled log(tau) shows log10 of this rate.

    Parameters
    ----------
    step, fraction : (times,) array
        Training steps, ascending, and the share of active units at each, at least 0; NaN shares are
        left out. The program's have even spacing.
    definition : {"program", "equal errors"}
        Weights and zero of the fit.

    Returns
    -------
    float
        NaN if the curve does not fall or has fewer than three points up to the clip, or if the line
        falls by less than 1e-9 over these points. With ``"equal errors"`` a fall of the curve below
        1e-9 of its size is none; the program has no tolerance there.

    Raises
    ------
    TypeError, ValueError
        If there is no such definition, or a curve is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.sparsification import sparsification_rate
    >>> step = np.arange(0, 10_001, 100)
    >>> fraction = 0.2 + 0.8 * np.exp(-step / 1000)
    >>> round(sparsification_rate(step, fraction, "equal errors"), 4)
    0.001
    >>> round(sparsification_rate(step, fraction), 4)
    0.0014
    """
    check_choice("definition", definition, ("program", "equal errors"))
    step, fraction = _known(step, "fraction", fraction)
    tolerance = 0 if definition == "program" else ROUNDING
    if step.size < 3 or not fraction[-1] < (1 - tolerance) * fraction[0]:
        return float("nan")
    fall = fraction - fraction[-1]
    reached = np.flatnonzero(fall <= (1 - SHARE_OF_CHANGE) * fall[0] * (1 + ROUNDING))
    before = slice(0, int(reached[0]) + 1)
    time, height = step[before], fall[before]
    if definition == "program":
        height = height - height.min() + TINY
        weights = np.sqrt(time[::-1] / time.max())
    else:
        weights = height
    kept = height > tolerance * height.max()
    if kept.sum() < 3:
        return float("nan")
    slope = np.polyfit(time[kept], np.log(height[kept]), 1, w=weights[kept])[0]
    if abs(slope) * np.ptp(time[kept]) <= ROUNDING:
        return float("nan")
    return float(-slope)


def half_time(step: np.ndarray, fraction_active: np.ndarray) -> float:
    """The step at which a curve first is at half its first value or below.

    It needs no fit, and does not depend on how far the run went on afterwards.

    Parameters
    ----------
    step, fraction_active : (times,) array
        Training steps, ascending, and the curve, at least 0; NaN values are left out.

    Returns
    -------
    float
        A training step; NaN if the curve never is that low.

    Raises
    ------
    TypeError, ValueError
        If a curve is not as above.
    """
    step, curve = _known(step, "fraction_active", fraction_active)
    below = np.flatnonzero(curve <= (1 + ROUNDING) * curve[:1] / 2)
    return float(step[below[0]]) if below.size else np.nan


def _known(step: np.ndarray, name: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values where there is a value."""
    step = check_steps("step", step)
    curve = check_curve(name, values, step, minimum=0, missing=True)
    return step[np.isfinite(curve)], curve[np.isfinite(curve)]
