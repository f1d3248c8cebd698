"""At which steps of a simulation something is recorded, and what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from drift.network import PARAMETER_AXES, Parameters
from drift.simulation.measures import Measure, observation_of
from drift.support.array_checks import EXACT, check_whole_numbers
from drift.support.checks import check_integer, check_several
from drift.tasks.base_task import Task

__all__ = ["LinearSpacing", "LogSpacing", "Recorder", "Schedule", "scheduled_steps"]


@dataclass(frozen=True)
class LinearSpacing:
    """``count`` evenly spaced steps, the first 0 and the last the end of the run.

    Parameters
    ----------
    count : int
        Number of steps, at least 2; a run shorter than that has fewer.

    Raises
    ------
    TypeError, ValueError
        If ``count`` is not an integer of at least 2.

    Examples
    --------
    >>> import drift
    >>> drift.LinearSpacing(5).steps(200).tolist()
    [0, 50, 100, 150, 200]
    >>> task, rule = drift.random_mapping(), drift.GradientDescent()
    >>> run = drift.simulate(task, rule, hidden=20, steps=200, record=drift.LinearSpacing(3))
    >>> run["step"].values.tolist()
    [0, 100, 200]
    """

    count: int

    def __post_init__(self) -> None:
        check_integer("count", self.count, minimum=2)

    def steps(self, total: int) -> np.ndarray:
        """The steps for a run of ``total`` steps, rounded, each once.

        Parameters
        ----------
        total : int
            Length of the run in steps.

        Returns
        -------
        (steps,) int64 array
            Ascending.
        """
        return np.unique(np.round(np.linspace(0, total, self.count)).astype(np.int64))


@dataclass(frozen=True)
class LogSpacing:
    """Step 0 and about ``count`` steps evenly spaced in their logarithm, from 1 to the end.

    Parameters
    ----------
    count : int
        Number of steps after 0, at least 2; steps that round to the same number count once.

    Raises
    ------
    TypeError, ValueError
        If ``count`` is not an integer of at least 2.
    """

    count: int

    def __post_init__(self) -> None:
        check_integer("count", self.count, minimum=2)

    def steps(self, total: int) -> np.ndarray:
        """The steps for a run of ``total`` steps, rounded, each once.

        Parameters
        ----------
        total : int
            Length of the run in steps.

        Returns
        -------
        (steps,) int64 array
            Ascending.
        """
        if total == 0:
            return np.zeros(1, np.int64)
        spaced = np.geomspace(1, total, self.count)
        return np.unique(np.concatenate([[0], np.round(spaced)]).astype(np.int64))


Schedule: TypeAlias = LinearSpacing | LogSpacing | Iterable[int]
"""When to record, as a spacing or as the steps themselves."""


def scheduled_steps(schedule: Schedule, total: int, name: str = "schedule") -> np.ndarray:
    """The steps of ``schedule`` in a run of ``total`` steps.

    Parameters
    ----------
    schedule : LinearSpacing, LogSpacing or iterable of int
        A spacing, or the steps themselves.
    total : int
        Length of the run in steps.
    name : str
        What errors call the schedule.

    Returns
    -------
    (steps,) int64 array
        Ascending, each step once.

    Raises
    ------
    TypeError, ValueError
        If explicit steps are not whole numbers between 0 and ``total``, or there are none.
    """
    total = check_integer("total", total, maximum=EXACT)
    if isinstance(schedule, (LinearSpacing, LogSpacing)):
        return schedule.steps(total)
    steps = list(check_several(name, schedule, "steps, or a spacing"))
    return np.unique(check_whole_numbers(name, steps, ("steps",), minimum=0, maximum=total))


class Recorder:
    """Collects what a run shows at the steps where it is visited.

    Parameters
    ----------
    task : Task
        What the network is trained on.
    measures : mapping of str to function
        What to record, by name.
    record, snapshots : (steps,) int array
        Steps at which measures are recorded, and at which parameters are kept.
    activation : str
        Name of the hidden units' activation function.
    threshold : float
        Size of activity above which a unit counts as active.
    """

    def __init__(
        self,
        task: Task,
        measures: Mapping[str, Measure],
        record: np.ndarray,
        snapshots: np.ndarray,
        activation: str,
        threshold: float,
    ) -> None:
        self.task = task
        self.measures = measures
        self.record = set(record.tolist())
        self.snapshots = set(snapshots.tolist())
        self.activation = activation
        self.threshold = threshold
        self.recorded_at: list[int] = []
        self.recorded: list[list[float]] = []
        self.kept_at: list[int] = []
        self.kept: list[Parameters] = []

    def visit(self, step: int, parameters: Parameters) -> str:
        """Record what is due at a step.

        Parameters
        ----------
        step : int
            Number of the step.
        parameters : Parameters
            Weights and biases at that step; kept as they are, not copied.

        Returns
        -------
        str
            ``"diverged"`` if a parameter is not finite (then nothing is recorded), ``"silent"`` if
            no unit is active for any sample, else ``""``.
        """
        if not parameters.are_finite():
            return "diverged"
        seen = observation_of(self.task, parameters, self.activation, self.threshold)
        if step in self.record:
            self.recorded_at.append(step)
            self.recorded.append([measure(seen) for measure in self.measures.values()])
        if step in self.snapshots:
            self.kept_at.append(step)
            self.kept.append(parameters)
        return "" if seen.active.any() else "silent"

    def state(self) -> dict[str, np.ndarray]:
        """All that was recorded so far.

        Returns
        -------
        dict of str to array
            Recorded and kept steps, values of the measures (step, measure), and parameters.
        """
        state = {
            "recorded_at": np.array(self.recorded_at, np.int64),
            "recorded": np.array(self.recorded, float).reshape(
                len(self.recorded_at), len(self.measures)
            ),
            "kept_at": np.array(self.kept_at, np.int64),
        }
        for name in PARAMETER_AXES:
            if self.kept:
                state[f"kept_{name}"] = np.stack([getattr(kept, name) for kept in self.kept])
        return state

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned.

        Parameters
        ----------
        state : dict of str to array
            Replaces what was recorded.
        """
        self.recorded_at = state["recorded_at"].tolist()
        self.recorded = state["recorded"].tolist()
        self.kept_at = state["kept_at"].tolist()
        arrays = [state[f"kept_{name}"] for name in PARAMETER_AXES] if self.kept_at else []
        self.kept = [Parameters(*one) for one in zip(*arrays, strict=True)]

    def dataset(self, origin: dict[str, Any]) -> xr.Dataset:
        """What was recorded.

        Parameters
        ----------
        origin : dict
            The dataset's attributes.

        Returns
        -------
        xarray.Dataset
            Each measure along ``step``, and the parameters along ``snapshot``
            (``PARAMETER_AXES``), if any were kept.
        """
        state = self.state()
        data: dict[str, Any] = {
            name: ("step", column)
            for name, column in zip(self.measures, state["recorded"].T, strict=True)
        }
        for name, axes in PARAMETER_AXES.items():
            if self.kept:
                data[name] = (axes, state[f"kept_{name}"])
        coordinates = {"step": state["recorded_at"], "snapshot": state["kept_at"]}
        return xr.Dataset(data, coordinates, origin)
