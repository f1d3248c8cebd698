"""At which steps of a simulation something is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from drift.checks import check_integer


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
