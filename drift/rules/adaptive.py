"""Gradient descent with a step size for every parameter: Adam and RMSprop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from drift.checks import check_number, check_share
from drift.engine.blocks import add_gradient, backward, forward, residuals
from drift.engine.simd import (
    LANES,
    add,
    divide,
    load,
    multiply,
    multiply_add,
    splat,
    square_root,
    store,
    without_tiny,
    zeros_like,
)
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import Workspace, addresses
from drift.portable import whole_power
from drift.rules.base import LearningRule

if TYPE_CHECKING:
    from drift.reference import ReferenceEngine


@dataclass(frozen=True)
class Adam(LearningRule):
    """Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1), full batch and without added noise.

    Parameters
    ----------
    learning_rate : float
        Step size, above 0; the study has 5e-4 to 1.5e-3.
    first_decay, second_decay : float
        beta_1 and beta_2, at least 0 and below 1.
    epsilon : float
        Added to the root of the second moment, above 0.
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

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`LearningRule.advance`."""
        _adapt(
            workspace,
            steps,
            self.learning_rate,
            self.first_decay,
            self.second_decay,
            self.epsilon,
            True,
        )

    def reference_step(self, engine: ReferenceEngine) -> None:
        """See :meth:`LearningRule.reference_step`."""
        step = engine.count_step()
        first, second = engine.remember("first"), engine.remember("second")
        for i, slope in enumerate(engine.gradient()):
            first[i] = self.first_decay * first[i] + (1 - self.first_decay) * slope
            second[i] = self.second_decay * second[i] + (1 - self.second_decay) * slope**2
            mean = first[i] / (1 - whole_power(self.first_decay, step))
            size = np.sqrt(second[i] / (1 - whole_power(self.second_decay, step))) + self.epsilon
            engine.values[i] -= self.learning_rate * mean / size


@dataclass(frozen=True)
class RMSprop(LearningRule):
    """RMSprop (Tieleman & Hinton 2012, lecture 6.5), full batch and without added noise.

    The study's text names it; its program does not have it.

    Parameters
    ----------
    learning_rate : float
        Step size, above 0.
    decay : float
        Share of the mean square that is kept from step to step, at least 0 and below 1.
    epsilon : float
        Added to the root of the mean square, above 0.
    """

    learning_rate: float = 1e-3
    decay: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_share("decay", self.decay)
        check_number("epsilon", self.epsilon, positive=True)

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`LearningRule.advance`."""
        _adapt(workspace, steps, self.learning_rate, 0.0, self.decay, self.epsilon, False)

    def reference_step(self, engine: ReferenceEngine) -> None:
        """See :meth:`LearningRule.reference_step`."""
        square = engine.remember("square")
        for i, slope in enumerate(engine.gradient()):
            square[i] = self.decay * square[i] + (1 - self.decay) * slope**2
            engine.values[i] -= self.learning_rate * slope / (np.sqrt(square[i]) + self.epsilon)


@njit(cache=True, nogil=True)
def _adapt(workspace, steps, learning_rate, first_decay, second_decay, epsilon, corrected):
    """Both rules: a moving mean of the gradient over the root of one of its square.

    Without correction of the moments' start at zero, and with first_decay 0, it is RMSprop.
    """
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    factor = real(2 / (w.samples * w.d_out))
    keep_first, take_first = splat(real(first_decay)), splat(real(1 - first_decay))
    keep_second, take_second = splat(real(second_decay)), splat(real(1 - second_decay))
    one, small = splat(real(1)), splat(real(epsilon))
    tiny, tiny_square = splat(real(1e-17)), splat(real(1e-34))
    for _ in range(steps):
        w.clock[0] += 1
        step_size, size_factor = learning_rate, 1.0
        if corrected:
            step_size = learning_rate / (1 - whole_power(first_decay, w.clock[0]))
            size_factor = 1 / (1 - whole_power(second_decay, w.clock[0]))
        rate, correction = splat(real(-step_size)), splat(real(size_factor))
        forward(w)
        residuals(w, factor, real(0), False)
        for b in range(0, w.blocks, TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.blocks - b)
            for r in range(blocks * w.rows):
                store(w.gradient, r * LANES, zeros_like(w.gradient))
            backward(w, b, blocks)
            add_gradient(w, b, blocks, (w.gradient, 0, w.rows * LANES), one)
            for r in range(blocks * w.rows):
                row = (b * w.rows + r) * LANES
                gradient = without_tiny(load(w.gradient, r * LANES), tiny)
                square = multiply(take_second, multiply(gradient, gradient))
                first = multiply_add(
                    keep_first, load(w.memory, row), multiply(take_first, gradient)
                )
                second = multiply_add(keep_second, load(w.second_memory, row), square)
                store(w.memory, row, without_tiny(first, tiny))
                store(w.second_memory, row, without_tiny(second, tiny_square))
                size = add(square_root(multiply(second, correction)), small)
                change = multiply(rate, divide(first, size))
                store(w.weights, row, add(load(w.weights, row), change))
