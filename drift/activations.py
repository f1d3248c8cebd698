"""Activation functions of the hidden units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from drift.checks import check_choice


@dataclass(frozen=True)
class Activation:
    """An activation function and its slope, of the pre-activation."""

    function: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    leak: float | None
    """Slope below zero if it is the identity above, else None: what the fast kernels can do."""

    @property
    def can_be_silent(self) -> bool:
        """Whether a unit can be off exactly, without a threshold."""
        return self.leak == 0


LEAK = 0.01
"""Slope of the leaky rectifier below zero, torch's default."""

ACTIVATIONS = {
    "relu": Activation(lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0), 0.0),
    "leaky relu": Activation(
        lambda z: np.where(z > 0, z, LEAK * z), lambda z: np.where(z > 0, 1.0, LEAK), LEAK
    ),
    "softplus": Activation(lambda z: np.logaddexp(z, 0), expit, None),
    "tanh": Activation(np.tanh, lambda z: 1 - np.tanh(z) ** 2, None),
}
"""The study uses ReLU; its text says that others were tried, not which."""


def find_activation(name: str) -> Activation:
    """The activation function called ``name``; ValueError if there is none."""
    return ACTIVATIONS[check_choice("activation", name, ACTIVATIONS)]
