"""The manifold of zero loss: the way onto it, and what moves along and across it.

With J the Jacobian of the outputs by the parameters of rectified linear units, J J^T has the
kernel K of :mod:`drift.analysis.hessian` without its factor 2 / (n d_out).
"""

from __future__ import annotations

import numpy as np

from drift.analysis.belonging import check_parameters
from drift.analysis.hessian import gauss_newton_kernel
from drift.network import Parameters, forward
from drift.support.checks import check_integer
from drift.tasks.base_task import Task

__all__ = ["NotAtZeroLossError", "to_zero_loss"]


class NotAtZeroLossError(ValueError):
    """Newton's steps of least length do not lead to parameters of zero loss."""


def to_zero_loss(task: Task, parameters: Parameters, steps: int = 50) -> Parameters:
    """The point of zero loss that Newton's steps of least length lead to.

    Parameters
    ----------
    task, parameters : Task, Parameters
        Training set, and the parameters of a network of rectified linear units.
    steps : int
        At most so many of Newton's steps are made.

    Returns
    -------
    point : Parameters
        In float64; the loss before the last of the steps was below 1e-12.

    Raises
    ------
    NotAtZeroLossError
        If they do not lead to zero loss: the network cannot solve the task, or began too far away.
    TypeError, ValueError
        If ``steps`` is not an integer of at least 1, or the parameters do not fit the task, are not
        finite or too large.
    """
    point = check_parameters(task, parameters)
    for _ in range(check_integer("steps", steps, minimum=1)):
        point, distance = onto_manifold(task, point)
        if distance < 1e-12:
            return point
    raise NotAtZeroLossError(
        f"after {steps} of Newton's steps the loss is still {distance:.3g}: train the network "
        "without noise first, or give it more units."
    )


def onto_manifold(task: Task, point: Parameters) -> tuple[Parameters, float]:
    """One of Newton's steps of least length, and the loss before it."""
    outputs = forward(point, task.inputs)[1]
    residuals = (outputs - task.targets).ravel()
    change = pull_back(task, point, pseudo_inverse(task, point) @ residuals)
    moved = (array - part for array, part in zip(point, change, strict=True))
    return Parameters(*moved), float((residuals**2).mean())


def pseudo_inverse(task: Task, point: Parameters) -> np.ndarray:
    """Of J J^T: outputs to what :func:`pull_back` takes to the shortest step there."""
    kernel = gauss_newton_kernel(task, point)
    return 2 / task.targets.size * np.linalg.pinv(kernel, rcond=1e-10, hermitian=True)


def pull_back(task: Task, point: Parameters, outputs: np.ndarray) -> Parameters:
    """J^T times a vector of (n d_out,) outputs."""
    shaped = outputs.reshape(task.targets.shape)
    activity = forward(point, task.inputs)[0]
    inner = (shaped @ point.output_weights) * (activity > 0)
    return Parameters(inner.T @ task.inputs, inner.sum(axis=0), shaped.T @ activity)


def push_forward(task: Task, point: Parameters, change: Parameters) -> np.ndarray:
    """J times a change of the parameters: (n d_out,)."""
    activity = forward(point, task.inputs)[0]
    inner = (task.inputs @ change.input_weights.T + change.bias) * (activity > 0)
    outputs = inner @ point.output_weights.T + activity @ change.output_weights.T
    return outputs.ravel()
