"""The slow, obvious simulation: float64, autograd, one step after another.

It does what the study's own program does, and is what every fast kernel is tested against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drift.activations import find_activation
from drift.network import Parameters
from drift.task import Task

if TYPE_CHECKING:
    import torch

    from drift.rules.base import LearningRule


class ReferenceEngine:
    """The engine of :func:`drift.simulate` that is slow and obvious.

    Its noise is torch's: equal to that of the fast engine in distribution only.
    """

    def __init__(
        self, task: Task, rule: LearningRule, start: Parameters, seed: int, activation: str
    ) -> None:
        import torch

        self.task = task
        self.rule = rule
        self.activation = activation
        self.generator = torch.Generator().manual_seed(seed)
        self.values = [
            torch.tensor(np.asarray(array, float), requires_grad=True) for array in start
        ]
        self.memory: dict[str, Any] = {}

    def advance(self, steps: int) -> None:
        """Train for ``steps`` steps."""
        for _ in range(steps):
            self.rule.reference_step(self)

    def parameters(self) -> Parameters:
        """A copy of the present parameters."""
        return Parameters(*(value.detach().numpy().copy() for value in self.values))

    def state(self) -> dict[str, np.ndarray]:
        """All that a run goes on from."""
        state = {f"value_{i}": value.detach().numpy() for i, value in enumerate(self.values)}
        state["generator"] = self.generator.get_state().numpy()
        for name, kept in self.memory.items():
            for i, value in enumerate(kept):
                state[f"memory_{name}_{i}"] = np.asarray(value)
        return state

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned."""
        import torch

        with torch.no_grad():
            for i, value in enumerate(self.values):
                value[...] = torch.tensor(state[f"value_{i}"])
        self.generator.set_state(torch.tensor(state["generator"]))
        names = {key.split("_")[1] for key in state if key.startswith("memory_")}
        self.memory = {
            name: [
                torch.tensor(state[f"memory_{name}_{i}"])
                for i in range(len(self.values))
                if f"memory_{name}_{i}" in state
            ]
            for name in names
        }

    def remember(self, name: str) -> list[torch.Tensor]:
        """One number for every parameter, kept from step to step under ``name``; zero at first."""
        import torch

        if name not in self.memory:
            self.memory[name] = [torch.zeros_like(value) for value in self.values]
        return self.memory[name]

    def count_step(self) -> int:
        """Number of this step, from 1 on."""
        import torch

        self.memory["steps"] = [self.memory.get("steps", [torch.tensor(0)])[0] + 1]
        return int(self.memory["steps"][0])

    def normal(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Standard normal numbers."""
        import torch

        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def uniform(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Numbers uniform between 0 and 1."""
        import torch

        return torch.rand(shape, generator=self.generator, dtype=torch.float64)

    def loss(
        self,
        values: list[torch.Tensor],
        input_noise: float | torch.Tensor = 0.0,
        target_noise: float | torch.Tensor = 0.0,
    ) -> torch.Tensor:
        """Mean over samples and outputs of (f(x m^T + b) n^T - target)^2."""
        import torch

        input_weights, bias, output_weights = values
        inputs = torch.tensor(self.task.inputs) + input_noise
        targets = torch.tensor(self.task.targets) + target_noise
        function = getattr(torch.nn.functional, find_activation(self.activation).torch_name)
        predicted = function(inputs @ input_weights.T + bias) @ output_weights.T
        return ((predicted - targets) ** 2).mean()

    def gradient(self, **noise: float | torch.Tensor) -> list[torch.Tensor]:
        """Gradient of :meth:`loss` by every parameter, by autograd."""
        import torch

        return list(torch.autograd.grad(self.loss(self.values, **noise), self.values))
