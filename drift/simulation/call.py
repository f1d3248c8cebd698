"""A call of ``simulate``, checked: all that shapes a result, and how files state it.

A result, a state to go on from and an entry of the cache carry the same statement. What is read is
compared with what is wanted, whatever the name of the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from drift.network import Parameters, initial_parameters
from drift.rules.base_rule import LearningRule
from drift.simulation.chosen_measures import activity_threshold, named_measures
from drift.simulation.measures import MEASURES, Measure
from drift.simulation.recorder import Schedule, scheduled_steps
from drift.support.array_checks import EXACT
from drift.support.checks import check_choice, check_integer
from drift.support.code_digests import code_digest
from drift.support.provenance import code_version
from drift.tasks.base_task import Task

__all__ = ["MADE_FROM", "Call", "checked_call", "differences", "split_seed"]

MADE_FROM = "made_from"
"""The attribute of a result that holds :attr:`Call.statement`."""


@dataclass(frozen=True)
class Call:
    """What a run is made from.

    Parameters
    ----------
    task : Task
        What is learned.
    rule : LearningRule
        How.
    start : Parameters
        The network before training.
    noise : numpy.random.SeedSequence
        Source of the random numbers of training.
    measures : dict of str to function
        What is recorded, by name.
    record, snapshots : (steps,) int64 array
        When measures are recorded and when parameters are kept, ascending.
    settings : dict
        The other arguments of :func:`~drift.simulate`, checked, and as far as they matter.
    """

    task: Task
    rule: LearningRule
    start: Parameters
    noise: np.random.SeedSequence
    measures: dict[str, Measure]
    record: np.ndarray
    snapshots: np.ndarray
    settings: dict[str, Any]

    @cached_property
    def statement(self) -> str:
        """Everything that shapes the result, as files hold it and as it is compared.

        A JSON object of entries such as ``steps`` and ``rule.learning_rate``; arrays and functions
        are there as digests.
        """
        whole = {
            "rule": _name_of_rule(self.rule),
            **{f"rule.{name}": value for name, value in self.rule.settings().items()},
            "task": self.task.name,
            "arrays of the task": self.task.digest(),
            **{f"task.{name}": value for name, value in self.task.constants.items()},
            "start": _digest(*self.start),
            "measures": [_name_of_measure(*one) for one in self.measures.items()],
            "record": _name_of_steps(self.record),
            "snapshots": _name_of_steps(self.snapshots),
            **self.settings,
            "code_version": code_version(),
        }
        return json.dumps(whole, default=_plain)

    def attributes(self) -> dict[str, Any]:
        """What the dataset of a run says of its making.

        Returns
        -------
        dict
            The settings that a reader looks for, under their own names, and the whole
            :attr:`statement` as ``made_from``.
        """
        own = {
            **self.rule.settings(),
            "task": self.task.name,
            "task_constants": json.dumps(self.task.constants, default=_plain),
            **{name: self.settings[name] for name in _SHOWN},
            "code_version": code_version(),
            MADE_FROM: self.statement,
        }
        return {name: _storable(value) for name, value in own.items()}


_SHOWN = (
    "hidden", "init", "steps", "seed", "activation", "active_threshold", "dtype", "engine",
)  # fmt: skip


def checked_call(
    task: Task,
    rule: LearningRule,
    *,
    hidden: int,
    init: str | Parameters,
    steps: int,
    seed: int,
    measures: Iterable[str | Measure],
    record: Schedule,
    snapshots: Schedule,
    activation: str,
    active_threshold: float | None,
    dtype: str,
    engine: str,
    skip_silent: bool,
    stop_when_silent: bool,
) -> Call:
    """The arguments of :func:`~drift.simulate` that shape its result, checked.

    Parameters
    ----------
    task : Task
        What to learn.
    rule : LearningRule
        How to learn it.
    hidden, init, steps, seed, measures, record, snapshots : as in :func:`~drift.simulate`
        What the network is, what is recorded of it and when; iterators are used up here.
    activation, active_threshold, dtype, engine, skip_silent, stop_when_silent : likewise
        How it is computed.

    Returns
    -------
    Call
        The same for arguments that mean the same.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible.
    """
    steps = check_integer("steps", steps, maximum=EXACT)
    seed = check_integer("seed", seed)
    check_choice("dtype", dtype, ("float32", "float64"))
    check_choice("engine", engine, ("fast", "reference"))
    rule.check_task(task)
    functions = named_measures(measures)
    threshold = activity_threshold(functions.values(), activation, active_threshold)
    record_steps = scheduled_steps(record, steps, "record")
    snapshot_steps = scheduled_steps(snapshots, steps, "snapshots")
    start_sequence, noise_sequence = split_seed(seed)
    start = _start(task, hidden, init, start_sequence)
    settings = {
        "hidden": start.bias.size,
        "init": init if isinstance(init, str) else "given",
        "steps": steps,
        "seed": seed,
        "activation": activation,
        "active_threshold": threshold,
        "dtype": dtype if engine == "fast" else "float64",
        "engine": engine,
        "skip_silent": bool(skip_silent),
        "stop_when_silent": bool(stop_when_silent),
    }
    return Call(
        task, rule, start, noise_sequence, functions, record_steps, snapshot_steps, settings
    )


def differences(stated: str | None, wanted: str) -> str:
    """In what two statements differ, in words.

    Parameters
    ----------
    stated : str or None
        What a file states (:attr:`Call.statement`); None if it states nothing, as those of
        earlier code.
    wanted : str
        The statement of the call that it is needed for.

    Returns
    -------
    str
        ``"steps is 200 there and 300 here; ..."``; empty if the statements are the same.
    """
    if stated == wanted:
        return ""
    here = json.loads(wanted)
    try:
        there = dict(json.loads(stated or "")) or None
    except (ValueError, TypeError):
        there = None
    if there is None:
        return "it does not state what it was made from, so that it is of other code"
    return "; ".join(
        f"{name} is {_word(there, name)} there and {_word(here, name)} here"
        for name in dict.fromkeys((*here, *there))
        if _word(there, name) != _word(here, name)
    )


def split_seed(seed: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
    """Sources of the random numbers of a run's start and of its noise.

    Parameters
    ----------
    seed : int

    Returns
    -------
    start, noise : numpy.random.SeedSequence
    """
    start, noise = np.random.SeedSequence(seed).spawn(2)
    return start, noise


def _start(
    task: Task, hidden: int, init: str | Parameters, sequence: np.random.SeedSequence
) -> Parameters:
    if not isinstance(init, Parameters):
        return initial_parameters(task, hidden, init, np.random.default_rng(sequence))
    width = np.size(init.bias)
    wanted = ((width, task.d_in), (width,), (task.d_out, width))
    given = tuple(np.shape(array) for array in init)
    if given != wanted:
        raise ValueError(f"init has arrays of shapes {given}: this task needs {wanted}.")
    return init


def _word(statement: Mapping[str, Any], name: str) -> str:
    return json.dumps(statement[name]) if name in statement else "not stated"


def _name_of_rule(rule: LearningRule) -> str:
    """The rule's class; of one that is not of this package also what it computes."""
    made = type(rule)
    name = f"{made.__module__}.{made.__qualname__}"
    return name if name.startswith("drift.") else f"{name}, code {code_digest(made)}"


def _name_of_measure(name: str, measure: Measure) -> str:
    if MEASURES.get(name) is measure:
        return name
    made = f"{measure.__module__}.{getattr(measure, '__qualname__', name)}"
    return f"{name} = {made}, code {code_digest(measure)}"


def _name_of_steps(steps: np.ndarray) -> str:
    return f"{steps.size} steps from {steps[0]} to {steps[-1]}, SHA-256 {_digest(steps)[:16]}"


def _digest(*arrays: np.ndarray) -> str:
    total = hashlib.sha256()
    for array in map(np.asarray, arrays):
        total.update(f"{array.dtype.str} {array.shape};".encode() + array.tobytes())
    return total.hexdigest()


def _plain(value: object) -> object:
    """A form of ``value`` that JSON can write and that is the same in every process."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    return f"{type(value).__qualname__}, code {code_digest(value)}"


def _storable(value: object) -> object:
    """``value`` if an attribute of a file can hold it, else as JSON."""
    if isinstance(value, str):
        return value if value.isprintable() else json.dumps(value)
    if isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value if not isinstance(value, bool) else json.dumps(value)
    return json.dumps(value, default=_plain)
