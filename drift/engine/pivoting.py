"""Where non-negative units come to rest: a linear complementarity problem, solved exactly."""

from __future__ import annotations

import numpy as np

from drift.support.compiled import njit


@njit(cache=True)
def solve(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The x with ``matrix`` x = ``values``, by elimination in place: LAPACK differs by machine."""
    size = values.size
    for k in range(size):
        pivot = k + np.argmax(np.abs(matrix[k:, k]))
        if pivot != k:
            for j in range(k, size):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            values[k], values[pivot] = values[pivot], values[k]
        for i in range(k + 1, size):
            factor = matrix[i, k] / matrix[k, k]
            for j in range(k + 1, size):
                matrix[i, j] -= factor * matrix[k, j]
            values[i] -= factor * values[k]
    for k in range(size - 1, -1, -1):
        for j in range(k + 1, size):
            values[k] -= matrix[k, j] * values[j]
        values[k] /= matrix[k, k]
    return values


@njit(cache=True)
def resting_activity(
    lateral: np.ndarray, drive: np.ndarray, guess: np.ndarray
) -> tuple[np.ndarray, int]:
    """:func:`drift.similarity.response`, unchecked."""
    units = drive.size
    active = guess.copy()
    fewest, patience = units + 1, 10
    for exchange in range(1, 50 * units):
        chosen = np.flatnonzero(active)
        activity = np.zeros(units)
        if chosen.size:
            part = np.empty((chosen.size, chosen.size))
            for i in range(chosen.size):
                for j in range(chosen.size):
                    part[i, j] = lateral[chosen[i], chosen[j]]
            activity[chosen] = solve(part, drive[chosen])
        surplus = drive.copy()
        for i in range(units):
            for j in chosen:
                surplus[i] -= lateral[i, j] * activity[j]
        wrong = np.where(active, activity < 0, surplus > 1e-12)
        count = np.count_nonzero(wrong)
        if count == 0:
            return activity, exchange
        if count < fewest:
            fewest, patience = count, 10
        else:
            patience -= 1
        if patience > 0:
            active = active ^ wrong
        else:
            last = np.flatnonzero(wrong)[-1]
            active[last] = not active[last]
    return activity, -1
