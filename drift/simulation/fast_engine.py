"""The fast engine: a workspace, and a rule's kernel that works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.engine.features import input_features, walk_unseen
from drift.engine.noise import random_state
from drift.engine.workspace import STATE, make_workspace, read_weights
from drift.network import ACTIVATIONS, Parameters, find_activation
from drift.support import portable
from drift.tasks.base_task import Task

if TYPE_CHECKING:
    from drift.rules.base_rule import LearningRule


class FastEngine:
    """The engine of ``drift.simulate`` that runs Numba kernels on one core."""

    def __init__(
        self,
        task: Task,
        rule: LearningRule,
        start: Parameters,
        sequence: np.random.SeedSequence,
        activation: str,
        dtype: str,
        skip_silent: bool,
    ) -> None:
        rule.require_kernel()
        chosen = find_activation(activation)
        if chosen.leak is None:
            fast = [name for name, other in ACTIVATIONS.items() if other.leak is not None]
            raise ValueError(
                f"activation={activation!r} has no fast kernel: pass engine='reference', or choose "
                f"one of {', '.join(map(repr, fast))}."
            )
        self.rule = rule
        self.d_in = task.d_in
        self.features = input_features(task.inputs, rule.is_rotation_invariant())
        basis = self.features.basis
        given = np.concatenate([start.input_weights, start.bias[:, None]], axis=1).astype(float)
        seen = given if basis is None else portable.product(given, basis.T)
        self.unseen = np.zeros_like(given)
        if basis is not None:
            self.unseen = given - portable.product(seen, basis)
        self.workspace = make_workspace(
            task,
            self.features,
            np.concatenate([seen, start.output_weights.T], axis=1),
            random_state(sequence),
            np.dtype(dtype),
            noise_scale=rule.noise_scale,
            skip_silent=skip_silent and chosen.can_be_silent and rule.can_skip_silent(),
            leak=chosen.leak,
            batch=rule.batch_size(),
        )

    def advance(self, steps: int) -> None:
        """Train for ``steps`` steps."""
        self.rule.advance(self.workspace, steps)

    def parameters(self) -> Parameters:
        """A copy of the present parameters."""
        self.rule.settle(self.workspace)
        variance, basis = self.workspace.unseen_variance, self.features.basis
        if basis is not None and variance[0] > 0:
            walk_unseen(self.unseen, basis, self.workspace.random_state, variance[0])
        variance[0] = 0
        by_unit = read_weights(self.workspace, self.workspace.weights)
        seen, output_weights = np.split(by_unit, [self.workspace.features], axis=1)
        whole = seen
        if basis is not None:
            whole = portable.product(seen.astype(float), basis) + self.unseen
            whole = whole.astype(seen.dtype)
        return Parameters(
            input_weights=whole[:, : self.d_in].copy(),
            bias=whole[:, self.d_in].copy(),
            output_weights=np.ascontiguousarray(output_weights.T),
        )

    def state(self) -> dict[str, np.ndarray]:
        """All that a run goes on from."""
        arrays = {name: getattr(self.workspace, name) for name in STATE}
        return arrays | {"unseen": self.unseen}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned."""
        for name, array in self.state().items():
            array[:] = state[name]
