"""Input weights as far as the data can see them.

A network sees its input weights and bias only through the pre-activations x_t m^T + b of the
task's n samples. With n < d_in + 1 these depend on n coordinates of each unit's d_in + 1 numbers
(m, b), those in the span of the vectors (x_t, 1). The gradient lies in that span. Noise that is
normal and alike in all directions stays so in any orthonormal basis: its part within the span acts
on the coordinates, the part outside is a random walk that nothing sees and that can be drawn at
once, when someone asks for the parameters. Working with the coordinates is therefore exact in law,
and a step works with n numbers a unit instead of d_in + 1.

As basis serves that of Gram and Schmidt, sample after sample: the coordinates of sample t are zero
beyond the t-th.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drift.engine.noise import add_normal
from drift.engine.simd import LANES, address, splat
from drift.support import portable
from drift.support.compiled import njit


class Features(NamedTuple):
    """What the kernels take for the inputs of the network."""

    inputs: np.ndarray
    """(samples, features): (x_t, 1), or its coordinates"""
    basis: np.ndarray | None
    """(features, d_in + 1), orthonormal rows that the coordinates belong to; None for (x_t, 1)"""


def input_features(inputs: np.ndarray, can_rotate: bool) -> Features:
    """Features of ``inputs`` (samples, d_in): coordinates where these are fewer and allowed."""
    with_bias = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
    samples, whole = with_bias.shape
    if not can_rotate or samples >= whole:
        return Features(with_bias, None)
    coordinates, basis = portable.orthonormal_basis(with_bias)
    return Features(coordinates, basis)


@njit(cache=True)
def _add_normal(state, numbers, scale):
    add_normal(address(state), address(numbers), 0, numbers.size // LANES, splat(scale))


def walk_unseen(
    unseen: np.ndarray, basis: np.ndarray, random_state: np.ndarray, variance: float
) -> None:
    """Move what lies outside the span of ``basis`` by normal noise of ``variance``, in place.

    ``unseen`` is (hidden, d_in + 1), float64.
    """
    padded = np.zeros(-(-unseen.size // LANES) * LANES)
    _add_normal(random_state, padded, np.sqrt(variance))
    noise = padded[: unseen.size].reshape(unseen.shape)
    unseen += noise - portable.product(portable.product(noise, basis.T), basis)
