"""Stochastic error descent: learning from random changes of the parameters, without gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drift.engine.blocks import forward, squared_error
from drift.engine.noise import add_normal
from drift.engine.simd import (
    LANES,
    add,
    load,
    multiply,
    multiply_add,
    splat,
    store,
    zeros_like,
)
from drift.engine.workspace import Workspace, addresses
from drift.rules.base_rule import LearningRule, ReferenceState, rule
from drift.support.checks import check_number
from drift.support.compiled import njit

__all__ = ["StochasticErrorDescent"]


@rule
@dataclass(frozen=True)
class StochasticErrorDescent(LearningRule):
    """theta <- theta - eta (L(theta + xi) - L(theta)) xi, with fresh normal xi at each step.

    Cauwenberghs 1993; Ratzon et al. 2024 (doi:10.7554/eLife.90069), Methods, *Stochastic Error
    Descent*. As in the study's program, the standard deviation of xi is ``perturbation`` over the
    root of an array's first dimension: of the number of hidden units for m and b, and of the number
    of outputs for n.

    Parameters
    ----------
    learning_rate : float
        eta, above 0; the study has 0.9 to 1.
    perturbation : float
        Scale of the standard deviation of xi, above 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not a number or out of its range.
    """

    learning_rate: float = 1.0
    perturbation: float = 0.1

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, positive=True)
        check_number("perturbation", self.perturbation, positive=True)

    def advance(self, workspace: Workspace, steps: int) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.advance`."""
        real = workspace.weights.dtype.type
        hidden = np.count_nonzero(workspace.unit_of_column >= 0)
        _descend_by_error(
            workspace,
            steps,
            self.learning_rate,
            real(self.perturbation / np.sqrt(hidden)),
            real(self.perturbation / np.sqrt(workspace.d_out)),
        )

    def is_rotation_invariant(self) -> bool:
        """True: the perturbation of (m, b) prefers no direction, and the change lies along it."""
        return True

    def reference_step(self, state: ReferenceState) -> None:
        """See :meth:`~drift.rules.base_rule.LearningRule.reference_step`."""
        perturbation = [
            self.perturbation / np.sqrt(value.shape[0]) * state.normal(value.shape)
            for value in state.values
        ]
        shifted = [v + p for v, p in zip(state.values, perturbation, strict=True)]
        rise = state.loss(shifted) - state.loss(state.values)
        for value, change in zip(state.values, perturbation, strict=True):
            value -= self.learning_rate * rise * change


@njit(cache=True, nogil=True)
def _descend_by_error(workspace, steps, learning_rate, input_scale, output_scale):
    """The perturbation of a step is in ``w.memory``, the parameters it starts from in the other."""
    real = workspace.weights.dtype.type
    w = addresses(workspace)
    zero = zeros_like(w.weights)
    outputs = w.samples * w.d_out
    for _ in range(steps):
        forward(w)
        before = squared_error(w)
        for b in range(w.blocks):
            mask = load(w.unit_mask, b * LANES)
            start = b * w.rows * LANES
            for r in range(w.rows):
                store(w.memory, start + r * LANES, zero)
            upper = w.features
            scale = multiply(mask, splat(input_scale))
            add_normal(w.random_state, w.memory, start, upper, scale)
            scale = multiply(mask, splat(output_scale))
            add_normal(w.random_state, w.memory, start + upper * LANES, w.d_out, scale)
            for r in range(w.rows):
                at = start + r * LANES
                store(w.second_memory, at, load(w.weights, at))
                store(w.weights, at, add(load(w.weights, at), load(w.memory, at)))
        forward(w)
        rise = (squared_error(w) - before) / outputs
        factor = splat(real(-learning_rate * rise))
        w.unseen_variance[0] += (learning_rate * rise * input_scale) ** 2
        for v in range(w.blocks * w.rows):
            at = v * LANES
            kept = load(w.second_memory, at)
            store(w.weights, at, multiply_add(factor, load(w.memory, at), kept))
        w.clock[0] += 1
