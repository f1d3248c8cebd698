"""What a learning rule is, and the rules that there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

import numpy as np

from drift.engine.workspace import Workspace
from drift.tasks.base_task import Task


class ReferenceState(Protocol):
    """What :meth:`LearningRule.reference_step` works on: a network in training, in float64."""

    task: Task
    values: list[np.ndarray]
    """The parameters m (hidden, d_in), b (hidden,) and n (d_out, hidden); changed in place."""

    def gradient(
        self, input_noise: float | np.ndarray = 0.0, target_noise: float | np.ndarray = 0.0
    ) -> list[np.ndarray]:
        """Gradient of the loss by m, b and n, with noise on inputs and targets."""

    def loss(self, values: list[np.ndarray]) -> float:
        """The loss of a network with other parameters."""

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Standard normal numbers."""

    def uniform(self, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers uniform between 0 and 1."""

    def remember(self, name: str) -> list[np.ndarray]:
        """One number a parameter, kept from step to step under ``name``; zero at first."""

    def count_step(self) -> int:
        """Number of this step, from 1 on."""


class LearningRule(ABC):
    """A learning rule: a frozen dataclass of settings, checked when it is made, and its step.

    :meth:`reference_step` is the obvious program, which defines the rule; with it alone a rule
    trains by ``engine="reference"``. :meth:`advance` is the fast program, a Numba kernel on a
    workspace, which tests hold to it.
    """

    learning_rate: float

    @abstractmethod
    def reference_step(self, state: ReferenceState) -> None:
        """Change ``state.values`` (m, b, n) by one step, in place."""

    def advance(self, workspace: Workspace, steps: int) -> None:
        """Train for ``steps`` steps, in place; deterministic given the workspace."""
        self.require_kernel()

    def require_kernel(self) -> None:
        """Refuse a rule that has no fast program.

        Raises
        ------
        ValueError
            If the rule does not define :meth:`advance`.
        """
        if type(self).advance is LearningRule.advance:
            raise ValueError(
                f"{type(self).__name__} has no fast kernel (a method `advance`): pass "
                "engine='reference', or choose another rule."
            )

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


RULES: dict[str, type[LearningRule]] = {}
"""Every learning rule by its name, as studies name it."""

Rule = TypeVar("Rule", bound=type[LearningRule])


def rule(made: Rule) -> Rule:
    """Register a learning rule (decorator of its class), so that studies can use it by name.

    Raises
    ------
    ValueError
        If another class has the name.
    """
    known = RULES.get(made.__name__, made)
    if (known.__module__, known.__qualname__) != (made.__module__, made.__qualname__):
        raise ValueError(f"there is a rule {made.__name__!r} already, in {known.__module__}.")
    RULES[made.__name__] = made
    return made
