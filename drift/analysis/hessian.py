"""Curvature of the loss, from the structure of the one-hidden-layer network.

With J the Jacobian of all outputs (samples and outputs stacked) by all parameters and c = 2 /
(n d_out), the Hessian of the loss is c J^T J + R. The first part, of Gauss and Newton, has the
non-zero eigenvalues of the kernel K = c J J^T, (n d_out) by (n d_out). The second couples each
unit's output weights with its input weights and bias by the matrix

    C_k = c sum_s a_sk r_s (x) [x_s; 1],    (d_out, d_in + 1),

with r the residuals and a the slope of the activation function; it has the eigenvalues plus and
minus the singular values of all C_k, and vanishes with the residuals. A unit that is silent for all
samples has only zeros in its rows of either part: d_in + 1 + d_out eigenvalues that are zero.
"""

from __future__ import annotations

import numpy as np

from drift.analysis.belonging import check_parameters, refuse_overflow
from drift.network import Parameters, find_activation, forward
from drift.tasks.base_task import Task

__all__ = [
    "active_hessian",
    "check_activation",
    "gauss_newton_eigenvalues",
    "gauss_newton_kernel",
    "hessian_eigenvalues",
    "hessian_trace",
    "residual_blocks",
    "residual_eigenvalues",
]


def check_activation(activation: str) -> float:
    """Slope below zero of a piecewise linear activation function.

    Parameters
    ----------
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.

    Returns
    -------
    float
        0 for ``"relu"``, above 0 for ``"leaky relu"``.

    Raises
    ------
    ValueError
        If the activation function is curved or unknown.
    """
    leak = find_activation(activation).leak
    if leak is None:
        raise ValueError(
            f"activation={activation!r} is curved, and the Hessian has terms that are left out "
            "here: choose 'relu' or 'leaky relu'."
        )
    return leak


def hessian_trace(task: Task, parameters: Parameters, activation: str = "relu") -> float:
    """Sum of all eigenvalues of the loss's Hessian, exact at any loss.

    ``c (d_out sum_sk h_sk^2 + sum_sk a_sk^2 (|x_s|^2 + 1) |n_k|^2)``, h the activity, a the
    slope of the activation function.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    float
        The trace of c J^T J, as that of R is zero; infinite where it is too large for float64.

    Raises
    ------
    TypeError, ValueError
        If the activation function is curved or unknown, or the parameters do not fit the task or
        are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.analysis.hessian import hessian_trace
    >>> from drift.network import Parameters
    >>> from drift.tasks.base_task import Task
    >>> task = Task(inputs=[[1.0]], targets=[[2.0]])
    >>> network = Parameters(np.array([[1.0]]), np.array([0.0]), np.array([[2.0]]))
    >>> round(hessian_trace(task, network), 6)
    18.0
    """
    parameters, activity, slopes = _checked(task, parameters, activation)
    size = (task.inputs**2).sum(axis=1) + 1
    with np.errstate(over="ignore"):
        fan_out = (parameters.output_weights**2).sum(axis=0)
        whole = task.d_out * (activity**2).sum() + size @ slopes**2 @ fan_out
    return float(2 / task.targets.size * whole)


def gauss_newton_kernel(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """The kernel K = c J J^T, which has the non-zero eigenvalues of the Gauss-Newton part.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (n d_out, n d_out) array
        Rows and columns in the order of samples, then of outputs.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    parameters, activity, slopes = _checked(task, parameters, activation)
    back = slopes[:, None, :] * parameters.output_weights  # (n, d_out, hidden)
    back = back.reshape(task.targets.size, -1)
    ones = np.ones((task.d_out, task.d_out))
    with np.errstate(over="ignore", invalid="ignore"):
        kernel = np.kron(task.inputs @ task.inputs.T + 1, ones) * (back @ back.T)
        kernel += np.kron(activity @ activity.T, np.eye(task.d_out))
    return refuse_overflow(2 / task.targets.size * kernel)


def gauss_newton_eigenvalues(
    task: Task, parameters: Parameters, activation: str = "relu"
) -> np.ndarray:
    """Eigenvalues of the kernel: where the loss is zero, the Hessian's non-zero ones are the same.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (n d_out,) array
        In ascending order.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    return np.linalg.eigvalsh(gauss_newton_kernel(task, parameters, activation))


def residual_blocks(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """The matrices C_k, which couple a unit's output weights with its input weights and bias.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (hidden, d_out, d_in + 1) array
        The bias comes last.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    parameters, _, slopes = _checked(task, parameters, activation)
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = forward(parameters, task.inputs, activation)[1] - task.targets
        pairs = residuals[:, :, None] * _with_one(task.inputs)[:, None, :]
        blocks = np.tensordot(slopes, pairs, axes=(0, 0))
    return refuse_overflow(2 / task.targets.size * blocks)


def residual_eigenvalues(
    task: Task, parameters: Parameters, activation: str = "relu"
) -> np.ndarray:
    """The eigenvalues of R that come from singular values, in pairs of either sign.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (2 hidden min(d_out, d_in + 1),) array
        In ascending order; all other eigenvalues of R are zero.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    values = np.linalg.svd(residual_blocks(task, parameters, activation), compute_uv=False)
    return np.sort(np.concatenate([values, -values], axis=None))


def active_hessian(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """The exact Hessian of the loss without the rows and columns of silent units, which are zero.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (P, P) array
        By unit; for each its d_in input weights, its bias and its d_out output weights.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    parameters, activity, slopes = _checked(task, parameters, activation)
    units = slopes.any(axis=0)
    n, d_out = task.targets.shape
    fan_in = task.d_in + 1
    jacobian = np.zeros((n, d_out, units.sum(), fan_in + d_out))
    back = slopes[:, None, units] * parameters.output_weights[:, units]
    with np.errstate(over="ignore", invalid="ignore"):
        jacobian[..., :fan_in] = back[..., None] * _with_one(task.inputs)[:, None, None, :]
        for output in range(d_out):
            jacobian[:, output, :, fan_in + output] = activity[:, units]
        flat = jacobian.reshape(n * d_out, -1)
        whole = refuse_overflow(2 / task.targets.size * (flat.T @ flat))
    blocks = residual_blocks(task, parameters, activation)[units]
    for unit, block in enumerate(blocks):
        first = unit * (fan_in + d_out)
        inner, outer = slice(first, first + fan_in), slice(first + fan_in, first + fan_in + d_out)
        whole[outer, inner] += block
        whole[inner, outer] += block.T
    return whole


def hessian_eigenvalues(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """All eigenvalues of the Hessian, at any loss.

    The time is cubic in the number of parameters of active units; silent units only add zeros.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    (hidden (d_in + 1 + d_out),) array
        In ascending order.

    Raises
    ------
    TypeError, ValueError
        As for :func:`hessian_trace`, or if the parameters are too large for float64.
    """
    found = np.linalg.eigvalsh(active_hessian(task, parameters, activation))
    size = sum(np.size(array) for array in parameters)
    return np.sort(np.concatenate([found, np.zeros(size - found.size)]))


def _with_one(inputs: np.ndarray) -> np.ndarray:
    """The inputs with a column of ones, which the bias takes: (samples, d_in + 1)."""
    return np.column_stack([inputs, np.ones(len(inputs))])


def _checked(
    task: Task, parameters: Parameters, activation: str
) -> tuple[Parameters, np.ndarray, np.ndarray]:
    """The parameters in float64, each unit's activity and its slope, (samples, hidden) both."""
    leak = check_activation(activation)
    given = check_parameters(task, parameters)
    activity, _ = forward(given, task.inputs, activation)
    return given, activity, np.where(activity > 0, 1.0, leak)
