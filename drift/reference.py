"""The slow, obvious simulation: float64, autograd, one step after another.

It does what the study's own program does, and is what every fast kernel is tested against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.network import Parameters
from drift.task import Task

if TYPE_CHECKING:
    import torch

    from drift.rules.base import LearningRule


def simulate_reference(
    task: Task, rule: LearningRule, start: Parameters, steps: int, seed: int = 0
) -> Parameters:
    """Parameters after ``steps`` steps of ``rule`` from ``start``; float64.

    Its noise is torch's: equal to that of :func:`drift.simulate` in distribution only.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    parameters = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in start]
    state: dict[str, object] = {}
    for _ in range(steps):
        rule.reference_step(parameters, task, generator, state)
    return Parameters(*(parameter.detach().numpy() for parameter in parameters))


def squared_error(
    parameters: list[torch.Tensor], task: Task, targets: torch.Tensor
) -> torch.Tensor:
    """Mean over samples and outputs of (relu(x m^T + b) n^T - targets)^2."""
    import torch

    input_weights, bias, output_weights = parameters
    inputs = torch.as_tensor(np.array(task.inputs))
    predicted = torch.relu(inputs @ input_weights.T + bias) @ output_weights.T
    return ((predicted - targets) ** 2).mean()


def noisy_targets(
    task: Task, label_noise: float, distribution: str, generator: torch.Generator
) -> torch.Tensor:
    """Targets plus label noise, uniform of that width or normal of that standard deviation."""
    import torch

    targets = torch.as_tensor(np.array(task.targets))
    if distribution == "gaussian":
        noise = torch.randn(targets.shape, generator=generator, dtype=torch.float64)
    else:
        noise = torch.rand(targets.shape, generator=generator, dtype=torch.float64) - 0.5
    return targets + label_noise * noise
