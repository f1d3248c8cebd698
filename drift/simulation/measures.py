"""What is measured of a network during a run: loss and sparsity.

Each measure is a function of one :class:`Observation`, and any such function can be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, TypeAlias

import numpy as np

from drift.analysis import hessian
from drift.network import Parameters, find_activation, forward
from drift.support.checks import about, check_choice, check_number
from drift.tasks.base_task import Task

__all__ = [
    "MEASURES",
    "Measure",
    "Observation",
    "active_fraction",
    "activity_threshold",
    "fraction_active_units",
    "hessian_trace",
    "loss",
    "named_measures",
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
    ValueError
        If the activation function is unknown.
    """
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
        At least 0, in squared units of the targets.
    """
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
    """
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
    """
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
    ValueError
        If the activation function is not piecewise linear.
    """
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

OF_SPARSITY = frozenset({active_fraction, fraction_active_units})
"""Measures that need to know when a unit counts as active."""


def named_measures(wanted: Iterable[str | Measure]) -> dict[str, Measure]:
    """Functions by the names under which they are recorded.

    Parameters
    ----------
    wanted : iterable of str or functions
        Names in :data:`MEASURES`, or functions of an :class:`Observation`, recorded under their
        own names.

    Returns
    -------
    dict of str to function
        In the order of ``wanted``.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or a function has no proper name.
    """
    found: dict[str, Measure] = {}
    for one in wanted:
        name = one.__name__ if callable(one) else check_choice("measures", one, MEASURES)
        if not name.isidentifier():
            raise about("measures", ValueError(f"measures: {name} is no name: define a function."))
        if name in found:
            raise about("measures", ValueError(f"measures has {name!r} twice: give it once."))
        found[name] = one if callable(one) else MEASURES[name]
    return found


def activity_threshold(
    measures: Collection[Measure], activation: str, threshold: float | None
) -> float:
    """The threshold of activity, checked against what the measures need.

    A rectified linear unit can be exactly silent, and its threshold is 0. Units with other
    activation functions cannot, and how many count as active depends on a threshold that has to be
    chosen. The Hessian is that of piecewise linear units.

    Parameters
    ----------
    measures : collection of functions
        What is to be recorded.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`.
    threshold : float or None
        The threshold asked for, at least 0.

    Returns
    -------
    float
        The threshold asked for, else 0.

    Raises
    ------
    TypeError
        If the threshold is not a number.
    ValueError
        If the threshold is negative or not finite, or missing where a measure of sparsity needs it;
        if the activation function is unknown, or curved where :func:`hessian_trace` is wanted.
    """
    units = find_activation(activation)
    if hessian_trace in measures:
        hessian.check_activation(activation)
    if threshold is not None:
        return check_number("active_threshold", threshold)
    needing = [measure.__name__ for measure in measures if measure in OF_SPARSITY]
    if needing and not units.can_be_silent:
        problem = (
            f"with activation {activation!r} no unit is ever exactly silent, so that "
            f"{', '.join(needing)} would be 1 throughout: pass active_threshold, the size of "
            "activity that counts, 0.01 for example."
        )
        raise about("activation", ValueError(problem))
    return 0.0


def relative_loss(loss: np.ndarray, task: Task, per_output: bool = False) -> np.ndarray:
    """log10(loss / variance of the targets): zero for a network that always answers their mean.

    Parameters
    ----------
    loss : float or array
        Mean squared error, as :func:`loss` gives it.
    task : Task
        What the loss was measured on.
    per_output : bool
        Take the variance around each output's own mean, as in the study's Fig. 2B ("zero loss
        corresponds to a mean estimator"), not around the mean of all targets, as in its tables.

    Returns
    -------
    float or array
        Like ``loss``.

    Examples
    --------
    >>> import drift
    >>> from drift.simulation.measures import relative_loss
    >>> task, rule = drift.random_mapping(), drift.GradientDescent(learning_rate=0.1)
    >>> run = drift.simulate(task, rule, hidden=20, steps=200, record=[0, 200])
    >>> relative_loss(run["loss"].values, task).round(2).tolist()
    [0.28, -5.5]
    """
    axis = 0 if per_output else None
    variance = np.mean(task.targets.var(axis=axis))
    return np.log10(loss / variance)
