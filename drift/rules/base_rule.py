"""What a learning rule is, and the rules that there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

import numpy as np

from drift.engine.workspace import Workspace
from drift.support.provenance import plain
from drift.tasks.base_task import Task

__all__ = ["RULES", "LearningRule", "ReferenceState", "rule"]


class ReferenceState(Protocol):  # numpydoc ignore=PR01
    """What the reference step of a rule works on, a network in training; float64.

    Attributes
    ----------
    task : Task
        Inputs and targets.
    values : list of array
        The parameters m (hidden, d_in), b (hidden,) and n (d_out, hidden); changed in place.
    """

    task: Task
    values: list[np.ndarray]

    def gradient(
        self,
        input_noise: float | np.ndarray = 0.0,
        target_noise: float | np.ndarray = 0.0,
        *,
        unit_noise: float | np.ndarray = 0.0,
        activity_factor: float | np.ndarray = 1.0,
        on: Task | None = None,
    ) -> list[np.ndarray]:
        """Gradient of the loss with respect to m, b and n, with noise of several kinds.

        Parameters
        ----------
        input_noise, target_noise : float or array
            Added to the inputs (samples, d_in) and to the targets (samples, d_out).
        unit_noise, activity_factor : float or array
            Added to the pre-activations, and what multiplies the activity, (samples, hidden).
        on : Task, optional
            Samples in place of those of ``task``.

        Returns
        -------
        list of array
            With the shapes of ``values``.
        """

    def loss(self, values: list[np.ndarray]) -> float:
        """The loss of the network with other parameters, without noise.

        Parameters
        ----------
        values : list of array
            m, b and n.

        Returns
        -------
        float
            Mean over samples and outputs of the squared error.
        """

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Standard normal numbers.

        Parameters
        ----------
        shape : tuple of int
            Shape of the array.

        Returns
        -------
        array of ``shape``
            Fresh at each call.
        """

    def uniform(self, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers uniform between 0 and 1.

        Parameters
        ----------
        shape : tuple of int
            Shape of the array.

        Returns
        -------
        array of ``shape``
            Fresh at each call.
        """

    def remember(self, name: str) -> list[np.ndarray]:
        """One number a parameter, kept from step to step under ``name``; zero at first.

        Parameters
        ----------
        name : str
            Any word.

        Returns
        -------
        list of array
            With the shapes of ``values``; to be changed in place, or by assigning its entries.
        """

    def count_step(self) -> int:
        """Number of this step, from 1 on; to be called once in a step.

        Returns
        -------
        int
            Number of calls so far.
        """


class LearningRule(ABC):
    """A learning rule: a frozen dataclass of settings, checked when it is made, and its step.

    :meth:`reference_step` is the plain program that defines the rule; with it alone a rule trains
    by ``engine="reference"``. :meth:`advance` is the fast program, a Numba kernel on a workspace,
    which tests compare with it.

    Attributes
    ----------
    learning_rate : float
        Size of a step, above 0; a setting that every rule has.
    """

    learning_rate: float

    @abstractmethod
    def reference_step(self, state: ReferenceState) -> None:
        """Change ``state.values`` (m, b, n) by one step, in place.

        Parameters
        ----------
        state : ReferenceState
            The network in training.
        """

    def advance(self, workspace: Workspace, steps: int) -> None:
        """Train for ``steps`` steps, in place; deterministic given the workspace.

        Parameters
        ----------
        workspace : Workspace
            The network, the task and the state of the noise.
        steps : int
            Number of training steps.

        Raises
        ------
        ValueError
            If the rule does not define this method.
        """
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

    def check_task(self, task: Task) -> None:  # noqa: B027
        """Refuse a task that this rule cannot train on; by default there is none.

        Parameters
        ----------
        task : Task
            What is to be learned.

        Raises
        ------
        ValueError
            If the rule needs something that the task does not have.
        """

    def batch_size(self) -> int | None:
        """Number of samples that the kernel draws for each step.

        Returns
        -------
        int or None
            None unless a rule says otherwise: each step works on all of the task's samples.
        """
        return None

    @property
    def noise_scale(self) -> float:
        """Standard deviation of the noise that each step adds to each parameter."""
        return 0.0

    def can_skip_silent(self) -> bool:
        """Whether only noise, of size :attr:`noise_scale`, moves a unit silent for all samples.

        Returns
        -------
        bool
            False unless a rule says otherwise.
        """
        return False

    def is_rotation_invariant(self) -> bool:
        """Whether rotating (m, b) of every unit rotates its changes, noise in distribution.

        Then the kernel may work on coordinates (:mod:`drift.engine.features`), and adds to
        ``workspace.unseen_variance`` the variance of its noise along any single direction.

        Returns
        -------
        bool
            False unless a rule says otherwise.
        """
        return False

    def settle(self, workspace: Workspace) -> None:  # noqa: B027
        """Apply changes of parameters that were put off; by default there are none.

        Parameters
        ----------
        workspace : Workspace
            Changed in place.
        """

    def settings(self) -> dict[str, Any]:
        """The rule's name and settings, for the record.

        Returns
        -------
        dict
            The class's name as ``rule``, and each setting under its own name.
        """
        own = plain(asdict(self))  # type: ignore[call-overload]
        return {"rule": type(self).__name__} | own


RULES: dict[str, type[LearningRule]] = {}
"""Every learning rule by its name, as studies name it."""

Rule = TypeVar("Rule", bound=type[LearningRule])


def rule(made: Rule) -> Rule:
    """Register a learning rule (decorator of its class), so that studies can use it by name.

    Parameters
    ----------
    made : type
        A subclass of :class:`LearningRule`.

    Returns
    -------
    type
        The same class.

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
