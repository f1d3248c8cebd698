"""The interface of a learning rule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from drift.engine.workspace import Workspace

if TYPE_CHECKING:
    from drift.reference import ReferenceEngine


class LearningRule(ABC):
    """A learning rule: a frozen dataclass of settings, checked when it is made, and two programs.

    :meth:`advance` is the fast program, a Numba kernel on a workspace; :meth:`reference_step` the
    obvious one, which defines the rule and which tests hold the kernel to.
    """

    learning_rate: float

    @abstractmethod
    def advance(self, workspace: Workspace, steps: int) -> None:
        """Train for ``steps`` steps, in place; deterministic given the workspace."""

    @abstractmethod
    def reference_step(self, engine: ReferenceEngine) -> None:
        """Change ``engine.values`` (m, b, n; float64 arrays) by one step, in place."""

    @property
    def noise_scale(self) -> float:
        """Standard deviation of the noise that each step adds to each parameter."""
        return 0.0

    def can_skip_silent(self) -> bool:
        """Whether a unit that is silent for all samples is moved by :attr:`noise_scale` only."""
        return False

    def is_rotation_invariant(self) -> bool:
        """Whether rotating (m, b) of every unit rotates its changes, noise in law.

        Then the kernel may work on coordinates (:mod:`drift.engine.features`), and adds to
        ``workspace.unseen_variance`` the variance of its noise along any one direction.
        """
        return False

    def settle(self, workspace: Workspace) -> None:  # noqa: B027
        """Bring parameters whose change was put off up to date; by default none is."""

    def settings(self) -> dict[str, Any]:
        """The rule's name and settings, for the record."""
        return {"rule": type(self).__name__} | asdict(self)  # type: ignore[call-overload]
