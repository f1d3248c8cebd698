"""Correlation of two quantities among things that are alike in others."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from drift.analysis.vector_correlation import correlation
from drift.support.array_checks import check_array

__all__ = ["partial_rank_correlation"]


def partial_rank_correlation(
    one: np.ndarray, other: np.ndarray, given: np.ndarray | None = None
) -> float:
    """Spearman's rank correlation after the ranks of other quantities are regressed out.

    Parameters
    ----------
    one, other : (things,) array
    given : (quantities, things) array, optional
        What is held fixed.

    Returns
    -------
    float
        NaN if either does not vary, or only with what is held fixed.

    Raises
    ------
    TypeError, ValueError
        If the arrays are not of numbers or differ in their number of things.

    Examples
    --------
    >>> from drift.analysis.partial_correlation import partial_rank_correlation
    >>> age, height, words = [3, 4, 5, 6, 7], [1.0, 1.1, 1.05, 1.3, 1.2], [300, 500, 900, 800, 999]
    >>> round(partial_rank_correlation(height, words), 2)
    0.5
    >>> round(partial_rank_correlation(height, words, [age]), 2)
    -0.84
    """
    one = check_array("one", one, ("things",))
    other = check_array("other", other, one.shape)
    others = np.empty((0, one.size))
    if given is not None:
        others = check_array("given", given, ("quantities", one.size))
    ranks = rankdata(np.vstack([one, other, others]), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    pair, fixed = ranks[:2].T, ranks[2:].T
    left = pair - fixed @ np.linalg.lstsq(fixed, pair, rcond=None)[0]
    return correlation(*np.round(left.T, 9))
