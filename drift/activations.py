"""Activation functions of the hidden units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drift.checks import check_choice


@dataclass(frozen=True)
class Activation:
    """An activation function, in numpy and by its name in ``torch.nn.functional``."""

    function: Callable[[np.ndarray], np.ndarray]
    torch_name: str
    leak: float | None
    """Slope below zero if it is the identity above, else None: what the fast kernels can do."""

    @property
    def can_be_silent(self) -> bool:
        """Whether a unit can be off exactly, without a threshold."""
        return self.leak == 0


LEAK = 0.01
"""Slope of the leaky rectifier below zero, torch's default."""

ACTIVATIONS = {
    "relu": Activation(lambda z: np.maximum(z, 0), "relu", 0.0),
    "leaky relu": Activation(lambda z: np.where(z > 0, z, LEAK * z), "leaky_relu", LEAK),
    "softplus": Activation(lambda z: np.logaddexp(z, 0), "softplus", None),
    "tanh": Activation(np.tanh, "tanh", None),
}
"""The study uses ReLU; its text says that others were tried, not which."""


def find_activation(name: str) -> Activation:
    """The activation function called ``name``; ValueError if there is none."""
    return ACTIVATIONS[check_choice("activation", name, ACTIVATIONS)]
