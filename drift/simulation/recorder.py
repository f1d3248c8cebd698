"""At which steps of a simulation something is recorded, and what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from drift.network import Parameters
from drift.simulation.measures import Measure, observe
from drift.support.checks import check_integer
from drift.tasks.base_task import Task


@dataclass(frozen=True)
class LinearSpacing:
    """``count`` evenly spaced steps, the first 0 and the last the end of the run."""

    count: int

    def __post_init__(self) -> None:
        check_integer("count", self.count, minimum=2)

    def steps(self, total: int) -> np.ndarray:
        """The steps for a run of ``total`` steps, rounded, each once: int64."""
        return np.unique(np.round(np.linspace(0, total, self.count)).astype(np.int64))


@dataclass(frozen=True)
class LogSpacing:
    """Step 0 and about ``count`` steps evenly spaced in their logarithm, from 1 to the end."""

    count: int

    def __post_init__(self) -> None:
        check_integer("count", self.count, minimum=2)

    def steps(self, total: int) -> np.ndarray:
        """The steps for a run of ``total`` steps, rounded, each once: int64."""
        if total == 0:
            return np.zeros(1, np.int64)
        spaced = np.geomspace(1, total, self.count)
        return np.unique(np.concatenate([[0], np.round(spaced)]).astype(np.int64))


Schedule: TypeAlias = LinearSpacing | LogSpacing | Iterable[int]
"""When to record: a spacing, or the steps themselves."""


def scheduled_steps(name: str, schedule: Schedule, total: int) -> np.ndarray:
    """The steps of ``schedule`` in a run of ``total`` steps, ascending, each once: int64.

    Raises
    ------
    ValueError
        If explicit steps are not whole numbers between 0 and ``total``.
    """
    if isinstance(schedule, (LinearSpacing, LogSpacing)):
        return schedule.steps(total)
    explicit = np.asarray(list(schedule))
    if explicit.ndim != 1 or explicit.size == 0 or (explicit != np.round(explicit)).any():
        raise ValueError(f"{name} must be a spacing or a list of whole step numbers.")
    if explicit.min() < 0 or explicit.max() > total:
        raise ValueError(
            f"{name} runs from {explicit.min()} to {explicit.max()}: steps must lie between 0 "
            f"and the end of the run, {total}."
        )
    return np.unique(explicit.astype(np.int64))


PARAMETER_AXES = {
    "input_weights": ("snapshot", "unit", "input"),
    "bias": ("snapshot", "unit"),
    "output_weights": ("snapshot", "output", "unit"),
}
"""Dimensions of the parameters in a run's dataset."""


class Recorder:
    """Collects what a run's visited steps show."""

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
        """Record what is due; ``"diverged"`` (then nothing is recorded), ``"silent"`` or ``""``."""
        if not parameters.are_finite():
            return "diverged"
        seen = observe(self.task, parameters, self.activation, self.threshold)
        if step in self.record:
            self.recorded_at.append(step)
            self.recorded.append([measure(seen) for measure in self.measures.values()])
        if step in self.snapshots:
            self.kept_at.append(step)
            self.kept.append(parameters)
        return "" if seen.active.any() else "silent"

    def state(self) -> dict[str, np.ndarray]:
        """All that was recorded so far."""
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
        """Go on from what :meth:`state` returned."""
        self.recorded_at = state["recorded_at"].tolist()
        self.recorded = state["recorded"].tolist()
        self.kept_at = state["kept_at"].tolist()
        arrays = [state[f"kept_{name}"] for name in PARAMETER_AXES] if self.kept_at else []
        self.kept = [Parameters(*one) for one in zip(*arrays, strict=True)]

    def dataset(self, origin: dict[str, Any]) -> xr.Dataset:
        """What was recorded, with ``origin`` for attributes."""
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
