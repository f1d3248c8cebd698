"""Correlation of vectors of numbers, in which differences by rounding are none."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from drift.support.array_checks import ROUNDING, check_array

__all__ = ["DIGITS", "rank_correlation"]

DIGITS = 12
"""Values that agree in so many digits have the same rank."""


def centred_vectors(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors along the last axis less their mean, scaled to sizes near one; whether each varies.

    What varies by less than ``ROUNDING`` of its size is constant: its mean was rounded. The scale
    is a power of two, which rounds nothing.
    """
    if vectors.shape[-1] == 0:
        return vectors, np.zeros(vectors.shape[:-1], bool)
    size = np.abs(vectors).max(axis=-1, keepdims=True)
    scaled = np.ldexp(vectors, -np.frexp(size)[1])
    centred = scaled - scaled.mean(axis=-1, keepdims=True)
    varies = np.abs(centred).max(axis=-1) > ROUNDING
    return centred, varies


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's r of two vectors; NaN if either does not vary but for rounding."""
    (one, varies), (other, also) = centred_vectors(one), centred_vectors(other)
    if not (varies and also):
        return float("nan")
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def mean_vector_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Mean over rows of Pearson's r; NaN if no row varies in both."""
    found = row_correlations(first, second)
    known = ~np.isnan(found)
    return float(np.mean(found[known])) if known.any() else float("nan")


def row_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's r of each row with the same row of the other; NaN for rows that do not vary."""
    (one, varies), (other, also) = centred_vectors(first), centred_vectors(second)
    known = varies & also
    size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    product = (one * other).sum(axis=1)
    return np.divide(product, size, out=np.full(len(product), np.nan), where=known)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of the pairs without NaN.

    Parameters
    ----------
    one, other : (pairs,) array
        Values that agree in :data:`DIGITS` digits have the same rank.

    Returns
    -------
    float
        NaN with fewer than three pairs without NaN, or if either does not vary.

    Raises
    ------
    TypeError, ValueError
        If ``one`` and ``other`` are not rows of numbers of one length.
    """
    one = check_array("one", one, ("pairs",), missing=True, empty=True)
    other = check_array("other", other, one.shape, missing=True, empty=True)
    known = np.isfinite(one) & np.isfinite(other)
    ranked = []
    for values in (one[known], other[known]):
        size = np.abs(values).max(initial=0)
        ranked.append(np.round(values / size, DIGITS) if size > 0 else values)
    if known.sum() < 3 or any(np.ptp(values) == 0 for values in ranked):
        return float("nan")
    return float(spearmanr(*ranked).statistic)
