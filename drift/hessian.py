"""Curvature of the loss, from the structure of the one-hidden-layer network.

With J the Jacobian of all outputs (samples and outputs stacked) by all parameters and c = 2 /
(n d_out), the Hessian of the loss is c J^T J + R. The first part, of Gauss and Newton, has the
non-zero eigenvalues of the kernel K = c J J^T, (n d_out) by (n d_out). The second couples each
unit's output weights with its input weights and bias, is zero on its diagonal, and vanishes with
the residuals.
"""

from __future__ import annotations

import numpy as np

from drift.activations import find_activation
from drift.network import Parameters, forward
from drift.task import Task


def check_activation(activation: str) -> float:
    """Slope below zero of a piecewise linear activation function; ValueError if it is curved."""
    leak = find_activation(activation).leak
    if leak is None:
        raise ValueError(
            f"activation={activation!r} is curved, and the Hessian has terms that are left out "
            "here: choose 'relu' or 'leaky relu'."
        )
    return leak


def hessian_trace(task: Task, parameters: Parameters, activation: str = "relu") -> float:
    """Sum of all eigenvalues of the loss's Hessian, exact at any loss.

    c (d_out sum_sk h_sk^2 + sum_sk a_sk^2 (|x_s|^2 + 1) |n_k|^2), where a is the slope of the
    activation function.

    Raises
    ------
    ValueError
        If the activation function is curved.
    """
    activity, slopes = _activity_and_slopes(task, parameters, activation)
    size = (task.inputs**2).sum(axis=1) + 1
    fan_out = (parameters.output_weights.astype(float) ** 2).sum(axis=0)
    whole = task.d_out * (activity**2).sum() + size @ slopes**2 @ fan_out
    return float(2 / task.targets.size * whole)


def gauss_newton_kernel(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """K = c J J^T, (n d_out, n d_out), samples slowest: what the non-zero eigenvalues come from.

    Raises
    ------
    ValueError
        If the activation function is curved.
    """
    activity, slopes = _activity_and_slopes(task, parameters, activation)
    back = slopes[:, None, :] * parameters.output_weights.astype(float)  # (n, d_out, hidden)
    back = back.reshape(task.targets.size, -1)
    ones = np.ones((task.d_out, task.d_out))
    kernel = np.kron(task.inputs @ task.inputs.T + 1, ones) * (back @ back.T)
    kernel += np.kron(activity @ activity.T, np.eye(task.d_out))
    return 2 / task.targets.size * kernel


RANK_TOLERANCE = 1e-6
"""Eigenvalues below this share of the largest count as zero."""


def gauss_newton_eigenvalues(
    task: Task, parameters: Parameters, activation: str = "relu"
) -> np.ndarray:
    """The (n d_out,) eigenvalues of the kernel, ascending: the Hessian's where the loss is zero."""
    return np.linalg.eigvalsh(gauss_newton_kernel(task, parameters, activation))


def rank(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> int:
    """How many eigenvalues are above ``tolerance`` times the largest."""
    return int((eigenvalues > tolerance * eigenvalues.max()).sum())


def _activity_and_slopes(
    task: Task, parameters: Parameters, activation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Each unit's activity and its derivative by the pre-activation, (samples, hidden) both."""
    leak = check_activation(activation)
    activity, _ = forward(parameters, task.inputs, activation)
    return activity, np.where(activity > 0, 1.0, leak)
