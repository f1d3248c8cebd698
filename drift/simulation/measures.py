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


class Observation(NamedTuple):
    """A network on its task at one step; all in float64."""

    task: Task
    parameters: Parameters
    activity: np.ndarray
    """(samples, hidden)"""
    active: np.ndarray
    """(samples, hidden), bool: whether the activity counts as such"""
    outputs: np.ndarray
    """(samples, d_out)"""
    activation: str = "relu"
    """Name of the hidden units' activation function"""


def observe(
    task: Task, parameters: Parameters, activation: str = "relu", threshold: float = 0.0
) -> Observation:
    """The network with ``parameters`` on ``task``; active are units beyond +-``threshold``."""
    activity, outputs = forward(parameters, task.inputs, activation)
    return Observation(
        task, parameters, activity, np.abs(activity) > threshold, outputs, activation
    )


def loss(seen: Observation) -> float:
    """Mean over samples and outputs of the squared error, without label noise."""
    return float(np.mean((seen.outputs - seen.task.targets) ** 2))


def active_fraction(seen: Observation) -> float:
    """Share of (sample, unit) pairs that are active (Methods, *Measuring sparsity*)."""
    return float(np.mean(seen.active))


def fraction_active_units(seen: Observation) -> float:
    """Share of units active for at least one sample (Methods, *Measuring sparsity*)."""
    return float(np.mean(seen.active.any(axis=0)))


def hessian_trace(seen: Observation) -> float:
    """Sum of the eigenvalues of the loss's Hessian (Fig. 5D, :mod:`drift.analysis.hessian`)."""
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
    wanted : names in :data:`MEASURES`, or functions of an :class:`Observation`
        A function is recorded under its own name.

    Raises
    ------
    ValueError
        If a name is unknown, or two measures have the same.
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
    """The threshold of activity; ValueError if a measure means nothing for these units.

    A rectified linear unit is off exactly, and its threshold 0. Units with other activation
    functions are never quite silent, and how many count as active depends on a threshold that
    somebody has to choose. The Hessian is that of piecewise linear units.
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

    The mean and variance are over all targets, as in the study's tables, or, if ``per_output``,
    around each output's own mean, as in its Fig. 2B ("zero loss corresponds to a mean estimator").
    """
    axis = 0 if per_output else None
    variance = np.mean(task.targets.var(axis=axis))
    return np.log10(loss / variance)
