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

from collections.abc import Iterable

import numpy as np
import xarray as xr

from drift.network import Parameters, find_activation, forward
from drift.support.progress import each
from drift.tasks.base_task import Task


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


def gauss_newton_eigenvalues(
    task: Task, parameters: Parameters, activation: str = "relu"
) -> np.ndarray:
    """The (n d_out,) eigenvalues of the kernel, ascending: the Hessian's where the loss is zero."""
    return np.linalg.eigvalsh(gauss_newton_kernel(task, parameters, activation))


def residual_blocks(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """C_k, (hidden, d_out, d_in + 1): derivatives by output weights, and input weights and bias.

    Raises
    ------
    ValueError
        If the activation function is curved.
    """
    _, slopes = _activity_and_slopes(task, parameters, activation)
    residuals = forward(parameters, task.inputs, activation)[1] - task.targets
    pairs = residuals[:, :, None] * _with_one(task.inputs)[:, None, :]
    blocks = np.tensordot(slopes, pairs, axes=(0, 0))
    return 2 / task.targets.size * blocks


def residual_eigenvalues(
    task: Task, parameters: Parameters, activation: str = "relu"
) -> np.ndarray:
    """The eigenvalues of R that come from singular values, ascending: in pairs of either sign.

    Returns
    -------
    (2 hidden min(d_out, d_in + 1),) array; the others are zero
    """
    values = np.linalg.svd(residual_blocks(task, parameters, activation), compute_uv=False)
    return np.sort(np.concatenate([values, -values], axis=None))


def active_hessian(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """The exact Hessian of the loss without the rows and columns of silent units, which are zero.

    Returns
    -------
    (P, P) array
        By unit; for each its d_in input weights, its bias and its d_out output weights.

    Raises
    ------
    ValueError
        If the activation function is curved.
    """
    activity, slopes = _activity_and_slopes(task, parameters, activation)
    units = slopes.any(axis=0)
    n, d_out = task.targets.shape
    fan_in = task.d_in + 1
    jacobian = np.zeros((n, d_out, units.sum(), fan_in + d_out))
    back = slopes[:, None, units] * parameters.output_weights.astype(float)[:, units]
    jacobian[..., :fan_in] = back[..., None] * _with_one(task.inputs)[:, None, None, :]
    for output in range(d_out):
        jacobian[:, output, :, fan_in + output] = activity[:, units]
    flat = jacobian.reshape(n * d_out, -1)
    whole = 2 / task.targets.size * (flat.T @ flat)
    blocks = residual_blocks(task, parameters, activation)[units]
    for unit, block in enumerate(blocks):
        first = unit * (fan_in + d_out)
        inner, outer = slice(first, first + fan_in), slice(first + fan_in, first + fan_in + d_out)
        whole[outer, inner] += block
        whole[inner, outer] += block.T
    return whole


def hessian_eigenvalues(task: Task, parameters: Parameters, activation: str = "relu") -> np.ndarray:
    """All (hidden (d_in + 1 + d_out),) eigenvalues of the Hessian, ascending, at any loss.

    Takes time cubic in the parameters of active units; those of silent ones are zero without it.
    """
    found = np.linalg.eigvalsh(active_hessian(task, parameters, activation))
    size = sum(np.size(array) for array in parameters)
    return np.sort(np.concatenate([found, np.zeros(size - found.size)]))


def count_above_zero(task: Task, parameters: Parameters, activation: str = "relu") -> int:
    """Non-zero eigenvalues as the study's program counted them (Fig. 5B): without a tolerance.

    How many of the values that a solver for matrices without symmetry returns have a real part
    above zero. Most of the Hessian's eigenvalues are zero, and round-off gives them signs: about
    half of the parameters of active units are counted, whatever the rank.
    """
    values = np.linalg.eigvals(active_hessian(task, parameters, activation))
    return int((values.real > 0).sum())


RANK_TOLERANCE = 1e-6
"""Eigenvalues below this share of the largest count as zero."""


def rank(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> int:
    """How many eigenvalues have a size above ``tolerance`` times the largest."""
    return len(_above(eigenvalues, tolerance))


def log_pseudo_determinant(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> float:
    """Sum of the natural logarithms of the sizes of the eigenvalues that :func:`rank` counts.

    What update noise should make small (Li, Wang and Arora 2022, cited by the study as its
    reference 26).
    """
    return float(np.log(_above(eigenvalues, tolerance)).sum())


def _above(eigenvalues: np.ndarray, tolerance: float) -> np.ndarray:
    size = np.abs(eigenvalues)
    return size[size > tolerance * size.max()]


def spectra(
    run: xr.Dataset, task: Task, snapshots: Iterable[int] | None = None, progress: bool = False
) -> xr.Dataset:
    """The Hessian's spectrum at the snapshots of a run.

    Parameters
    ----------
    run : dataset of :func:`drift.simulate`
    task : Task
        What the run was on.
    snapshots : places of snapshots, by default of all
    progress : bool
        Show a progress bar.

    Returns
    -------
    xarray.Dataset
        Along ``snapshot``: ``eigenvalues`` (snapshot, order) of the Gauss-Newton part, descending;
        their number above the tolerance ``rank``, ``log_pseudo_determinant`` and
        ``largest_eigenvalue``; ``trace`` of the Hessian; ``residual_eigenvalue``, the largest of
        the residual part.
    """
    activation = run.attrs["activation"]
    places = list(range(run.sizes["snapshot"]) if snapshots is None else snapshots)
    rows = []
    for place in each(places, "snapshots", progress):
        arguments = (task, Parameters.of_snapshot(run, place), activation)
        eigenvalues = gauss_newton_eigenvalues(*arguments)
        rows.append(
            {
                "eigenvalues": eigenvalues[::-1],
                "rank": rank(eigenvalues),
                "log_pseudo_determinant": log_pseudo_determinant(eigenvalues),
                "largest_eigenvalue": eigenvalues[-1],
                "trace": hessian_trace(*arguments),
                "residual_eigenvalue": residual_eigenvalues(*arguments)[-1],
            }
        )
    return xr.Dataset(
        {
            name: (("snapshot", "order")[: np.ndim(rows[0][name]) + 1], [row[name] for row in rows])
            for name in rows[0]
        },
        coords={"snapshot": run["snapshot"].values[places]},
    )


def _with_one(inputs: np.ndarray) -> np.ndarray:
    """The inputs with a column of ones, which the bias takes: (samples, d_in + 1)."""
    return np.column_stack([inputs, np.ones(len(inputs))])


def _activity_and_slopes(
    task: Task, parameters: Parameters, activation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Each unit's activity and its derivative by the pre-activation, (samples, hidden) both."""
    leak = check_activation(activation)
    activity, _ = forward(parameters, task.inputs, activation)
    return activity, np.where(activity > 0, 1.0, leak)
