"""What is measured of a network during a run: loss and sparsity.

Each measure is a function of one :class:`Observation`, and any such function can be recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from drift.analysis import hessian
from drift.analysis.belonging import check_parameters
from drift.network import Parameters, forward
from drift.support.array_checks import ROUNDING, as_array, refuse_where
from drift.support.checks import check_bool, check_kind, check_number
from drift.tasks.base_task import Task

__all__ = [
    "MEASURES",
    "Measure",
    "Observation",
    "active_fraction",
    "fraction_active_units",
    "hessian_trace",
    "loss",
    "observe",
    "relative_loss",
]


class Observation(NamedTuple):
    """A network on its task at one step.

    Parameters
    ----------
    task : Task
        Inputs and targets.
    parameters : Parameters
        Weights and biases, in the precision of the run.
    activity : (samples, hidden) array
        Activity of the hidden units, float64.
    active : (samples, hidden) bool array
        Whether the activity counts as such.
    outputs : (samples, d_out) array
        Outputs of the network, float64.
    activation : str
        Name of the hidden units' activation function.
    """

    task: Task
    parameters: Parameters
    activity: np.ndarray
    active: np.ndarray
    outputs: np.ndarray
    activation: str = "relu"


def observe(
    task: Task, parameters: Parameters, activation: str = "relu", threshold: float = 0.0
) -> Observation:
    """The network with ``parameters`` on ``task``; active are units beyond +-``threshold``.

    Parameters
    ----------
    task : Task
        Inputs and targets.
    parameters : Parameters
        Weights and biases.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.
    threshold : float
        Size of activity above which a unit counts as active for a sample.

    Returns
    -------
    Observation
        What a measure takes.

    Raises
    ------
    TypeError, ValueError
        If the activation function is unknown, the parameters do not fit the task or are not
        finite, or ``threshold`` is not a number of at least 0.
    """
    check_parameters(task, parameters)
    return observation_of(task, parameters, activation, check_number("threshold", threshold))


def observation_of(
    task: Task, parameters: Parameters, activation: str, threshold: float
) -> Observation:
    """As :func:`observe`, of arguments that were checked when the run began."""
    activity, outputs = forward(parameters, task.inputs, activation)
    return Observation(
        task, parameters, activity, np.abs(activity) > threshold, outputs, activation
    )


def loss(seen: Observation) -> float:
    """Mean over samples and outputs of the squared error, without label noise.

    Parameters
    ----------
    seen : Observation
        Network and task.

    Returns
    -------
    float
        At least 0, in squared units of the targets; infinite where it is too large for float64.

    Raises
    ------
    TypeError
        If ``seen`` is not an Observation.
    """
    check_kind("seen", seen, Observation)
    with np.errstate(over="ignore"):
        return float(np.mean((seen.outputs - seen.task.targets) ** 2))


def active_fraction(seen: Observation) -> float:
    """Share of (sample, unit) pairs that are active (Methods, *Measuring sparsity*).

    Parameters
    ----------
    seen : Observation
        Network and task.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TypeError
        If ``seen`` is not an Observation.
    """
    check_kind("seen", seen, Observation)
    return float(np.mean(seen.active))


def fraction_active_units(seen: Observation) -> float:
    """Share of units active for at least one sample (Methods, *Measuring sparsity*).

    Parameters
    ----------
    seen : Observation
        Network and task.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TypeError
        If ``seen`` is not an Observation.
    """
    check_kind("seen", seen, Observation)
    return float(np.mean(seen.active.any(axis=0)))


def hessian_trace(seen: Observation) -> float:
    """Sum of the eigenvalues of the loss's Hessian (Fig. 5D, :mod:`drift.analysis.hessian`).

    Parameters
    ----------
    seen : Observation
        Network and task.

    Returns
    -------
    float
        The trace of the Hessian.

    Raises
    ------
    TypeError, ValueError
        If ``seen`` is not an Observation, or its activation function is not piecewise linear.
    """
    check_kind("seen", seen, Observation)
    return hessian.hessian_trace(seen.task, seen.parameters, seen.activation)


Measure: TypeAlias = Callable[[Observation], float]
"""Something to record of a network along a run."""

MEASURES: dict[str, Measure] = {
    "loss": loss,
    "active_fraction": active_fraction,
    "fraction_active_units": fraction_active_units,
    "hessian_trace": hessian_trace,
}
"""Measures that are known by name."""


def relative_loss(loss: np.ndarray, task: Task, per_output: bool = False) -> np.ndarray:
    """log10(loss / variance of the targets): zero for a network that always answers their mean.

    Parameters
    ----------
    loss : float or array
        Mean squared error, as :func:`loss` gives it, at least 0; NaN if it is missing.
    task : Task
        What the loss was measured on.
    per_output : bool
        Take the variance around each output's own mean, as in the study's Fig. 2B ("zero loss
        corresponds to a mean estimator"), not around the mean of all targets, as in its tables.

    Returns
    -------
    float or array
        Like ``loss``: minus infinity where it is 0, infinite or NaN where it is.

    Raises
    ------
    TypeError, ValueError
        If a loss is negative or not a number, or the targets do not vary.

    Examples
    --------
    >>> import drift
    >>> from drift.simulation.measures import relative_loss
    >>> task, rule = drift.random_mapping(), drift.GradientDescent(learning_rate=0.1)
    >>> run = drift.simulate(task, rule, hidden=20, steps=200, record=[0, 200])
    >>> relative_loss(run["loss"].values, task).round(2).tolist()
    [0.28, -5.5]
    """
    check_kind("task", task, Task)
    values = as_array("loss", loss, None, empty=True)
    refuse_where("loss", values, values < 0, "it must be at least 0.")
    axis = 0 if check_bool("per_output", per_output) else None
    variance = np.mean(task.targets.var(axis=axis))
    if np.sqrt(variance) <= ROUNDING * np.abs(task.targets).max():
        raise ValueError("the targets of task do not vary: a loss relative to them has no meaning.")
    with np.errstate(divide="ignore", over="ignore"):
        return np.log10(values / variance)
