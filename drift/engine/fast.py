"""The fast engine: a workspace, and a rule's kernel that works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.activations import ACTIVATIONS, find_activation
from drift.engine.noise import random_state
from drift.engine.workspace import STATE, make_workspace, read_parameters
from drift.network import Parameters
from drift.task import Task

if TYPE_CHECKING:
    from drift.rules.base import LearningRule


class FastEngine:
    """The engine of :func:`drift.simulate` that runs Numba kernels on one core."""

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
        chosen = find_activation(activation)
        if chosen.leak is None:
            fast = [name for name, other in ACTIVATIONS.items() if other.leak is not None]
            raise ValueError(
                f"activation={activation!r} has no fast kernel: pass engine='reference', or choose "
                f"one of {', '.join(map(repr, fast))}."
            )
        self.rule = rule
        self.workspace = make_workspace(
            task,
            start,
            random_state(sequence),
            np.dtype(dtype),
            noise_scale=rule.noise_scale,
            skip_silent=skip_silent and chosen.can_be_silent and rule.can_skip_silent(),
            leak=chosen.leak,
        )

    def advance(self, steps: int) -> None:
        """Train for ``steps`` steps."""
        self.rule.advance(self.workspace, steps)

    def parameters(self) -> Parameters:
        """A copy of the present parameters."""
        self.rule.settle(self.workspace)
        return read_parameters(self.workspace)

    def state(self) -> dict[str, np.ndarray]:
        """All that a run goes on from."""
        return {name: getattr(self.workspace, name) for name in STATE}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned."""
        for name in STATE:
            getattr(self.workspace, name)[:] = state[name]
