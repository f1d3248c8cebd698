"""RMSprop: the gradient over the root of its mean square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drift.engine.blocks import block_gradient, forward, residuals
from drift.engine.simd import (
    LANES,
    add,
    divide,
    load,
    moving_mean,
    multiply,
    splat,
    square_root,
    store,
    without_tiny,
)
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses
from drift.rules.adam import TINY, TINY_SQUARE
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_number, check_share
from drift.support.compiled import njit

__all__ = ["RMSprop"]


@rule
@dataclass(frozen=True)
class RMSprop(LearningRule):
    """RMSprop (Tieleman & Hinton 2012, lecture 6.5), full batch and without added noise.

    Named in the study's text, but not part of its program.

    Parameters
    ----------
    learning_rate : float
        Step size, above 0.
    decay : float
        Share of the mean square that is kept from step to step, at least 0 and below 1.
    epsilon : float
        Added to the root of the mean square, above 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number or out of its range.
    """

    learning_rate: float = 1e-3
    decay: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_share("decay", self.decay)
        check_number("epsilon", self.epsilon, positive=True)

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        square = state.remember("square")
        for i, slope in enumerate(state.gradient()):
            square[i] = self.decay * square[i] + (1 - self.decay) * slope**2
            state.values[i] -= self.learning_rate * slope / (np.sqrt(square[i]) + self.epsilon)

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        _descend(workspace, steps, self.learning_rate, self.decay, self.epsilon)


@njit(cache=True, nogil=True)
def _descend(workspace, steps, learning_rate, decay, epsilon):
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    factor = real(2 / (w.samples * w.d_out))
    rate, keep, take = splat(real(-learning_rate)), splat(real(decay)), splat(real(1 - decay))
    small, tiny, tiny_square = splat(real(epsilon)), splat(real(TINY)), splat(real(TINY_SQUARE))
    for _ in range(steps):
        w.clock[0] += 1
        forward(w)
        residuals(w, factor, real(0), False)
        for b in range(0, w.blocks, TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.blocks - b)
            block_gradient(w, b, blocks)
            for r in range(blocks * w.rows):
                row = (b * w.rows + r) * LANES
                gradient = without_tiny(load(w.gradient, r * LANES), tiny)
                square = moving_mean(
                    load(w.second_memory, row), keep, take, multiply(gradient, gradient)
                )
                store(w.second_memory, row, without_tiny(square, tiny_square))
                change = multiply(rate, divide(gradient, add(square_root(square), small)))
                store(w.weights, row, add(load(w.weights, row), change))
