"""The slow, obvious simulation: float64, plain arrays, one step after another.

It does what the study's own program does, and is what every fast kernel is tested against; its
gradient is tested against autograd. Sums are in a stated order (:mod:`drift.support.portable`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import numpy as np

from drift.network import Parameters, find_activation
from drift.support import portable
from drift.tasks.base_task import Task

if TYPE_CHECKING:
    from drift.rules.base_rule import LearningRule


class ReferenceEngine:
    """The engine of ``drift.simulate`` that is slow and obvious.

    Its noise is another than that of the fast engine with the same seed, of the same law.
    """

    def __init__(
        self,
        task: Task,
        rule: LearningRule,
        start: Parameters,
        sequence: np.random.SeedSequence,
        activation: str,
    ) -> None:
        self.task = task
        self.rule = rule
        self.activation = find_activation(activation)
        self.bits = np.random.SFC64(sequence)
        self.random = np.random.Generator(self.bits)
        self.values = [np.array(array, float) for array in start]
        self.memory: dict[str, list[np.ndarray]] = {}
        self.steps = 0

    def advance(self, steps: int) -> None:
        """Train for ``steps`` steps."""
        for _ in range(steps):
            self.rule.reference_step(self)

    def parameters(self) -> Parameters:
        """A copy of the present parameters."""
        return Parameters(*(value.copy() for value in self.values))

    def state(self) -> dict[str, np.ndarray]:
        """All that a run goes on from."""
        state = {f"value_{i}": value for i, value in enumerate(self.values)}
        state["generator"] = self.bits.state["state"]["state"]
        state["steps"] = np.array(self.steps, np.int64)
        for name, kept in self.memory.items():
            word = quote(name, safe="")  # any word, as a name that files can hold
            state |= {f"memory_{i}_{word}": value for i, value in enumerate(kept)}
        return state

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned."""
        for i, value in enumerate(self.values):
            value[...] = state[f"value_{i}"]
        now = self.bits.state
        now["state"]["state"] = state["generator"]
        self.bits.state = now
        self.steps = int(state["steps"])
        self.memory = {}
        for key in sorted(key for key in state if key.startswith("memory_")):
            self.memory.setdefault(unquote(key.split("_", 2)[2]), []).append(state[key].copy())

    def remember(self, name: str) -> list[np.ndarray]:
        """One number for every parameter, kept from step to step under ``name``; zero at first."""
        if name not in self.memory:
            self.memory[name] = [np.zeros_like(value) for value in self.values]
        return self.memory[name]

    def count_step(self) -> int:
        """Number of this step, from 1 on."""
        self.steps += 1
        return self.steps

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Standard normal numbers."""
        return portable.normal(self.random, shape)

    def uniform(self, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers uniform between 0 and 1."""
        return self.random.random(shape)

    def loss(self, values: list[np.ndarray]) -> float:
        """Mean over samples and outputs of (f(x m^T + b) n^T - target)^2."""
        *_, outputs = self._forward(values, self.task.inputs)
        error = (outputs - self.task.targets).reshape(1, -1)
        return float(portable.product(error, error.T)[0, 0]) / error.size

    def gradient(
        self,
        input_noise: float | np.ndarray = 0.0,
        target_noise: float | np.ndarray = 0.0,
        *,
        unit_noise: float | np.ndarray = 0.0,
        activity_factor: float | np.ndarray = 1.0,
        on: Task | None = None,
    ) -> list[np.ndarray]:
        """Gradient of the loss by every parameter (m, b, n), with noise of several kinds."""
        task = self.task if on is None else on
        inputs = task.inputs + input_noise
        pre_activation, activity, outputs = self._forward(
            self.values, inputs, unit_noise, activity_factor
        )
        residual = 2 / outputs.size * (outputs - (task.targets + target_noise))
        slope = self.activation.slope(pre_activation) * activity_factor
        back = portable.product(residual, self.values[2]) * slope
        ones = np.ones((1, len(inputs)))
        return [
            portable.product(back.T, inputs),
            portable.product(ones, back)[0],
            portable.product(residual.T, activity),
        ]

    def _forward(
        self,
        values: list[np.ndarray],
        inputs: np.ndarray,
        unit_noise: float | np.ndarray = 0.0,
        activity_factor: float | np.ndarray = 1.0,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pre-activations, activity (samples, hidden both) and outputs (samples, d_out)."""
        input_weights, bias, output_weights = values
        pre_activation = portable.product(inputs, input_weights.T) + bias + unit_noise
        activity = self.activation.function(pre_activation) * activity_factor
        return pre_activation, activity, portable.product(activity, output_weights.T)
