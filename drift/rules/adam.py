"""Adam: gradient descent along moving means, with a step size for every parameter."""

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
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_number, check_share
from drift.support.compiled import njit
from drift.support.portable import whole_power

__all__ = ["TINY", "TINY_SQUARE", "Adam"]

TINY, TINY_SQUARE = 1e-17, 1e-34
"""Gradients, moving means and squares below these are set to zero (see ``without_tiny``)."""


@rule
@dataclass(frozen=True)
class Adam(LearningRule):
    """Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1), full batch and without added noise.

    Parameters
    ----------
    learning_rate : float
        Step size, above 0; the study has 5e-4 to 1.5e-3.
    first_decay, second_decay : float
        beta_1 and beta_2, shares of the moving means kept at each step; at least 0 and below 1.
    epsilon : float
        Added to the root of the second moment, above 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number or out of its range.
    """

    learning_rate: float = 1e-3
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_share("first_decay", self.first_decay)
        check_share("second_decay", self.second_decay)
        check_number("epsilon", self.epsilon, positive=True)

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        step = state.count_step()
        first, second = state.remember("first"), state.remember("second")
        for i, slope in enumerate(state.gradient()):
            first[i] = self.first_decay * first[i] + (1 - self.first_decay) * slope
            second[i] = self.second_decay * second[i] + (1 - self.second_decay) * slope**2
            mean = first[i] / (1 - whole_power(self.first_decay, step))
            size = np.sqrt(second[i] / (1 - whole_power(self.second_decay, step))) + self.epsilon
            state.values[i] -= self.learning_rate * mean / size

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        _descend(
            workspace,
            steps,
            self.learning_rate,
            self.first_decay,
            self.second_decay,
            self.epsilon,
        )


@njit(cache=True, nogil=True)
def _descend(workspace, steps, learning_rate, first_decay, second_decay, epsilon):
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    factor = real(2 / (w.samples * w.d_out))
    keep_first, take_first = splat(real(first_decay)), splat(real(1 - first_decay))
    keep_second, take_second = splat(real(second_decay)), splat(real(1 - second_decay))
    small, tiny, tiny_square = splat(real(epsilon)), splat(real(TINY)), splat(real(TINY_SQUARE))
    for _ in range(steps):
        w.clock[0] += 1
        step_size = learning_rate / (1 - whole_power(first_decay, w.clock[0]))
        rate = splat(real(-step_size))
        correction = splat(real(1 / (1 - whole_power(second_decay, w.clock[0]))))
        forward(w)
        residuals(w, factor, real(0), False)
        for b in range(0, w.blocks, TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.blocks - b)
            block_gradient(w, b, blocks)
            for r in range(blocks * w.rows):
                row = (b * w.rows + r) * LANES
                gradient = without_tiny(load(w.gradient, r * LANES), tiny)
                square = multiply(gradient, gradient)
                first = moving_mean(load(w.memory, row), keep_first, take_first, gradient)
                second = moving_mean(load(w.second_memory, row), keep_second, take_second, square)
                store(w.memory, row, without_tiny(first, tiny))
                store(w.second_memory, row, without_tiny(second, tiny_square))
                size = add(square_root(multiply(second, correction)), small)
                change = multiply(rate, divide(first, size))
                store(w.weights, row, add(load(w.weights, row), change))
