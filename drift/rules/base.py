"""The interface of a learning rule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from drift.engine.blocks import Workspace
from drift.task import Task

if TYPE_CHECKING:
    import torch


class LearningRule(ABC):
    """A learning rule: a frozen dataclass of settings, checked when it is made, and two programs.

    :meth:`advance` is the fast program, a Numba kernel on a workspace; :meth:`reference_step` the
    obvious one, which defines the rule and which tests hold the kernel to.
    """

    learning_rate: float

    @abstractmethod
    def advance(self, workspace: Workspace, steps: int) -> None:
        """Train for ``steps`` steps, in place; deterministic given the workspace."""

    @property
    def noise_scale(self) -> float:
        """Standard deviation of the noise that each step adds to each parameter."""
        return 0.0

    def settle(self, workspace: Workspace) -> None:  # noqa: B027
        """Bring parameters whose change was put off up to date; by default none is."""

    @abstractmethod
    def reference_step(
        self,
        parameters: list[torch.Tensor],
        task: Task,
        generator: torch.Generator,
        state: dict[str, Any],
    ) -> None:
        """Change ``parameters`` (m, b, n; float64) by one step, in place.

        ``state`` is an empty dictionary before the first step and the rule's to keep.
        """

    def settings(self) -> dict[str, Any]:
        """The rule's name and settings, for the record."""
        return {"rule": type(self).__name__} | asdict(self)  # type: ignore[call-overload]
