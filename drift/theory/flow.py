"""Where label noise takes a network along zero loss: a gradient flow on the Hessian's eigenvalues.

Label noise of variance v shakes the parameters along the rows of the Jacobian J only, with
covariance c v H a step (c = 2 / (n d_out), H = c J^T J). At zero loss they come to the covariance
eta c v (2 - eta H)^-1 around the manifold, and the third derivatives of the loss turn it into a
drift along the manifold (Blanc et al. 2020; Damian, Ma and Lee 2021; Li, Wang and Arora 2022):

    d theta / d step = -(eta^2 c v / 4) P sum_l (1 - eta l / 2)^-1 grad l,

over the eigenvalues l of H, with P the projection onto the manifold's tangent space. For a small
learning rate that is the gradient flow on tr H. Nothing in it is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from drift.analysis.belonging import check_parameters, refuse_overflow
from drift.analysis.hessian import gauss_newton_kernel, hessian_trace
from drift.network import Parameters, forward
from drift.rules.gradient_descent import GradientDescent
from drift.simulation.measures import active_fraction, fraction_active_units, loss, observe
from drift.simulation.simulate import simulate
from drift.support.array_checks import ROUNDING, check_array, check_whole_numbers, refuse_where
from drift.support.checks import check_bool, check_integer, check_kind, check_number
from drift.tasks.base_task import Task
from drift.theory.zero_loss import (
    NotAtZeroLossError,
    onto_manifold,
    pseudo_inverse,
    pull_back,
    push_forward,
    to_zero_loss,
)

__all__ = [
    "NotAtZeroLossError",
    "label_noise_flow",
    "simulate_beside_flow",
    "time_per_step",
    "to_zero_loss",
    "weighted_trace_gradient",
]

ACCURACY = 0.05
"""A step of the flow is this share of the shortest time scale that the regulariser has."""


def time_per_step(task: Task, rule: GradientDescent) -> float:
    """Length eta^2 c v / 4 of one training step along the flow on tr H.

    Parameters
    ----------
    task, rule : Task, GradientDescent
        The number of samples and outputs, and the learning rate and label noise.

    Returns
    -------
    float
        In the time of the flow d theta / dt = -P grad tr H.

    Raises
    ------
    TypeError
        If ``task`` or ``rule`` is none.
    """
    check_kind("task", task, Task)
    check_kind("rule", rule, GradientDescent)
    width = rule.label_noise**2
    variance = width if rule.label_noise_distribution == "gaussian" else width / 12
    return rule.learning_rate**2 * 2 / task.targets.size * variance / 4


def label_noise_flow(
    task: Task,
    start: Parameters,
    rule: GradientDescent,
    steps: Iterable[int],
    *,
    finite_learning_rate: bool = True,
) -> xr.Dataset:
    """The course that gradient descent with label noise takes on average, by theory.

    Parameters
    ----------
    task, start : Task, Parameters
        Training set, and rectified linear units close to zero loss, see :func:`to_zero_loss`.
    rule : GradientDescent
        Its learning rate and label noise are used; other noise is ignored.
    steps : iterable of int
        Training steps at which the course is recorded, at least one.
    finite_learning_rate : bool
        With the factors (1 - eta l / 2)^-1; without, the flow on tr H.

    Returns
    -------
    xarray.Dataset
        Along ``step``, ascending: ``hessian_trace``, ``loss``, ``active_fraction`` and
        ``fraction_active_units``.

    Raises
    ------
    TypeError, ValueError
        If the rule has no label noise, an eigenvalue reaches 2 / eta, where descent is unstable, or
        an argument is not as above.
    NotAtZeroLossError
        If ``start`` does not lead to zero loss.
    """
    check_number(
        "label_noise", check_kind("rule", rule, GradientDescent).label_noise, positive=True
    )
    check_bool("finite_learning_rate", finite_learning_rate)
    steps = list(check_kind("steps", steps, Iterable))
    recorded_at = np.sort(check_whole_numbers("steps", steps, ("steps",), minimum=0)).tolist()
    point = to_zero_loss(task, check_parameters(task, start, "start"))
    pace = time_per_step(task, rule)
    longest = ACCURACY / _fastest_rate(task)
    done, rows = 0.0, []
    for step in recorded_at:
        remaining = step * pace - done
        pieces = int(np.ceil(remaining / longest))
        for _ in range(pieces):
            slope = _tangent_gradient(task, point, rule.learning_rate * finite_learning_rate)
            moved = (
                array - remaining / pieces * change
                for array, change in zip(point, slope, strict=True)
            )
            point, _ = onto_manifold(task, Parameters(*moved))
        done = step * pace
        seen = observe(task, point)
        measures = (loss, active_fraction, fraction_active_units)
        row = {measure.__name__: measure(seen) for measure in measures}
        rows.append(row | {"hessian_trace": hessian_trace(task, point)})
    data = {name: ("step", [row[name] for row in rows]) for name in rows[0]}
    return xr.Dataset(data, coords={"step": recorded_at})


def simulate_beside_flow(
    task: Task, start: Parameters, rule: GradientDescent, length: float, seeds: int
) -> xr.Dataset:
    """Runs with label noise from one solution, and the flow from there.

    Parameters
    ----------
    task, start, rule : Task, Parameters, GradientDescent
        As for :func:`label_noise_flow`.
    length : float
        Length of the runs in the time of the flow, see :func:`time_per_step`.
    seeds : int
        Number of runs.

    Returns
    -------
    xarray.Dataset
        Along ``time`` of the flow, from 0, then evenly spaced in its logarithm, and with ``step``
        beside it: the Hessian's ``trace`` (seed, time) of the runs, and that of the ``flow``.

    Raises
    ------
    TypeError, ValueError
        As for :func:`label_noise_flow`, or if ``length`` is not above 0 or ``seeds`` below 1.
    """
    pace = time_per_step(task, rule)
    check_number("label_noise", rule.label_noise, positive=True)
    length = check_number("length", length, positive=True, maximum=2**53 * pace)
    shares = np.concatenate([[0], np.geomspace(1e-3, 1, 25)])
    steps = np.unique((shares * length / pace).round().astype(int))
    runs = [
        simulate(
            task, rule, init=start, steps=int(steps[-1]), seed=seed, record=steps, snapshots=[0],
            measures=["hessian_trace"], progress=False,
        )["hessian_trace"].values
        for seed in range(check_integer("seeds", seeds, minimum=1))
    ]  # fmt: skip
    flow = label_noise_flow(task, start, rule, steps)["hessian_trace"].values
    return xr.Dataset(
        {"trace": (("seed", "time"), runs), "flow": ("time", flow)},
        {"time": steps * pace, "step": ("time", steps)},
    )


def _tangent_gradient(task: Task, point: Parameters, learning_rate: float) -> Parameters:
    """P sum_l (1 - eta l / 2)^-1 grad l."""
    weight = np.eye(task.targets.size)
    if learning_rate:
        kernel = gauss_newton_kernel(task, point)
        largest = np.linalg.eigvalsh(kernel)[-1]
        if learning_rate * largest >= 2:
            raise ValueError(
                f"learning_rate={learning_rate} is unstable here: the Hessian's largest eigenvalue "
                f"{largest:.3g} must stay below 2 / learning_rate. Choose a smaller one."
            )
        weight = np.linalg.inv(weight - learning_rate / 2 * kernel)
    gradient = weighted_trace_gradient(task, point, weight)
    seen = pseudo_inverse(task, point) @ push_forward(task, point, gradient)
    normal = pull_back(task, point, seen)
    return Parameters(*(a - b for a, b in zip(gradient, normal, strict=True)))


def weighted_trace_gradient(task: Task, point: Parameters, weight: np.ndarray) -> Parameters:
    """Gradient of tr(W K) by the parameters, with K the Gauss-Newton kernel and W fixed.

    Parameters
    ----------
    task, point : Task, Parameters
        Training set, and the parameters of a network of rectified linear units.
    weight : (n d_out, n d_out) array
        W, symmetric; the identity for the gradient of tr H.

    Returns
    -------
    gradient : Parameters
        The derivative by each parameter.

    Raises
    ------
    TypeError, ValueError
        If the parameters do not fit the task, or ``weight`` is not as above.
    """
    point = check_parameters(task, point, "point")
    weight = check_array("weight", weight, (task.targets.size, task.targets.size))
    skewed = np.abs(weight - weight.T) > ROUNDING * np.abs(weight).max()
    refuse_where("weight", weight, skewed, "it must be symmetric.")
    with np.errstate(over="ignore", invalid="ignore"):
        n, d_out = task.targets.shape
        activity = forward(point, task.inputs)[0]
        slopes = (activity > 0).astype(float)
        scale = 4 / task.targets.size  # 2 c
        by_sample = weight.reshape(n, d_out, n, d_out)
        of_samples = np.trace(by_sample, axis1=1, axis2=3)
        inner = scale * slopes * (of_samples @ activity)  # (samples, hidden)
        gram = task.inputs @ task.inputs.T + 1
        paired = by_sample * gram[:, None, :, None]
        back = slopes[:, None, :] * point.output_weights  # (samples, d_out, hidden)
        outer = scale * np.tensordot(paired, back, axes=([2, 3], [0, 1]))
        gradient = Parameters(
            inner.T @ task.inputs, inner.sum(axis=0), (outer * slopes[:, None, :]).sum(axis=0)
        )
    return Parameters(*(refuse_overflow(array) for array in gradient))


def _fastest_rate(task: Task) -> float:
    """A bound on how fast tr H makes any parameter decay, per unit of the flow's time."""
    gram = task.inputs @ task.inputs.T + 1
    return 4 / task.targets.size * max(task.d_out * np.linalg.eigvalsh(gram)[-1], gram.trace())
