"""What is measured of a network during a run: loss and sparsity.

Each measure is a function of the task and the activity and outputs of the network on it. A new
one is a function here and a line in :data:`MEASURES`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drift.task import Task


def loss(task: Task, activity: np.ndarray, outputs: np.ndarray) -> float:
    """Mean over samples and outputs of the squared error, without label noise."""
    return float(np.mean((outputs - task.targets) ** 2))


def active_fraction(task: Task, activity: np.ndarray, outputs: np.ndarray) -> float:
    """Share of (sample, unit) pairs with activity above zero (Methods, *Measuring sparsity*)."""
    return float(np.mean(activity > 0))


def fraction_active_units(task: Task, activity: np.ndarray, outputs: np.ndarray) -> float:
    """Share of units active for at least one sample (Methods, *Measuring sparsity*)."""
    return float(np.mean((activity > 0).any(axis=0)))


Measure = Callable[[Task, np.ndarray, np.ndarray], float]
"""(task, activity (samples, hidden), outputs (samples, d_out)) -> number."""

MEASURES: dict[str, Measure] = {
    "loss": loss,
    "active_fraction": active_fraction,
    "fraction_active_units": fraction_active_units,
}


def relative_loss(loss: np.ndarray, task: Task, per_output: bool = False) -> np.ndarray:
    """log10(loss / variance of the targets): zero for a network that always answers their mean.

    The mean and variance are over all targets, as in the study's tables, or, if ``per_output``,
    around each output's own mean, as in its Fig. 2B ("zero loss corresponds to a mean estimator").
    """
    axis = 0 if per_output else None
    variance = np.mean(task.targets.var(axis=axis))
    return np.log10(loss / variance)
