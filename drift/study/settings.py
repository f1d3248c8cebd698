"""From the settings of a run to the task, the rule and the call of ``drift.simulate``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import drift.rules
import drift.tasks  # noqa: F401  (they register themselves)
from drift.inference.recorded_networks import KINDS, RECORDED_AS, recordings_of_run
from drift.rules.base_rule import RULES, LearningRule
from drift.simulation.recorder import LinearSpacing, LogSpacing, Schedule
from drift.simulation.simulate import simulate
from drift.support.array_checks import MOST_NUMBERS
from drift.support.checks import about, check_choice, check_integer
from drift.tasks.base_task import TASKS, Task

if TYPE_CHECKING:
    import xarray as xr

_OF_SIMULATION = ("hidden", "init", "steps", "activation", "active_threshold", "engine")
_OF_RECORD = ("records", "keep")

WHOLE = "run"
KEPT = (WHOLE, *KINDS)
"""What a study may keep of each run: the run, or the features of recordings of its network."""

MOST_STEPS = 2**53
MOST_RECORDS = 1_000_000


class Sizes(NamedTuple):
    """The sizes of a task."""

    samples: int
    d_in: int
    d_out: int


@cache
def _own(function: Callable[..., Any]) -> frozenset[str]:
    """What a study can set of a task or a rule."""
    return frozenset(inspect.signature(function).parameters) - {"seed"}


def known_settings() -> list[str]:
    """Everything that a study can set or vary: arguments of tasks, rules and of ``simulate``.

    A setting that the task or the rule of a run does not have is left aside in that run.
    ``records`` is the number of times, evenly spaced and again evenly spaced in the logarithm, that
    a run is measured. ``keep`` is one of :data:`KEPT`.
    """
    of_tasks = sorted(set().union(*map(_own, TASKS.values())))
    of_rules = sorted(set().union(*map(_own, RULES.values())))
    return ["task", "rule", *_OF_SIMULATION, *_OF_RECORD, *of_tasks, *of_rules]


def whole_settings() -> set[str]:
    """The settings that are whole numbers."""
    functions: list[Callable[..., Any]] = [*TASKS.values(), *RULES.values()]
    return {"steps", "hidden", "records"} | {
        parameter.name
        for function in functions
        for parameter in inspect.signature(function).parameters.values()
        if parameter.annotation == "int"
    }


RECORDS = 201
RECORDED = ("loss", "active_fraction", "fraction_active_units", "hessian_trace")
SNAPSHOT_SHARES = (0, 1e-4, 1e-3, 0.01, 0.05, *np.linspace(0.1, 1, 10))
"""When parameters are kept, as shares of the run: what needs them can be computed later."""


def record_schedule(steps: int, records: int) -> Schedule:
    """``records`` evenly spaced steps and as many evenly spaced in their logarithm."""
    even, logarithmic = LinearSpacing(records), LogSpacing(records)
    return np.union1d(even.steps(steps), logarithmic.steps(steps)).tolist()


def _task_function(settings: Mapping[str, Any]) -> Callable[..., Task]:
    return TASKS[check_choice("task", settings["task"], TASKS)]


def _rule_class(settings: Mapping[str, Any]) -> type[LearningRule]:
    return RULES[check_choice("rule", settings["rule"], RULES)]


def make_task(settings: Mapping[str, Any]) -> Task:
    """The task of a run; its random numbers come from the run's seed."""
    make = _task_function(settings)
    return make(seed=settings["seed"], **_chosen(settings, _own(make)))


def task_sizes(settings: Mapping[str, Any]) -> Sizes:
    """The sizes of a run's task, which is made once for all runs that differ in their seeds only.

    Raises
    ------
    TypeError, ValueError
        If the task cannot be made.
    """
    make = _task_function(settings)
    return _sizes(make, json.dumps(_chosen(settings, _own(make)), sort_keys=True))


@lru_cache(maxsize=100_000)
def _sizes(make: Callable[..., Task], constants: str) -> Sizes:
    task = make(seed=0, **json.loads(constants))
    return Sizes(task.samples, task.d_in, task.d_out)


def _chosen(settings: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name in names}


def make_rule(settings: Mapping[str, Any]) -> LearningRule:
    """The learning rule of a run."""
    rule = _rule_class(settings)
    return rule(**_chosen(settings, _own(rule)))


def simulation_arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is passed to ``drift.simulate`` besides task and rule."""
    own = _chosen(settings, _OF_SIMULATION)
    if settings.get("keep", WHOLE) != WHOLE:
        return own | {"seed": settings["seed"]} | RECORDED_AS
    record = record_schedule(settings["steps"], settings.get("records", RECORDS))
    return own | {
        "seed": settings["seed"],
        "measures": RECORDED,
        "record": record,
        "snapshots": [round(share * settings["steps"]) for share in SNAPSHOT_SHARES],
    }


def what_is_kept(run: xr.Dataset, task: Task, settings: Mapping[str, Any]) -> xr.Dataset:
    """What a study keeps of a run on ``task`` made with :func:`simulation_arguments`."""
    kind = settings.get("keep", WHOLE)
    if kind == WHOLE:
        return run
    return recordings_of_run(run, task, kind, settings["seed"])


def check_settings(settings: Mapping[str, Any], tried: set[str] | None = None) -> set[str]:
    """Refuse settings that no run can be made of, and return those that make a difference.

    Parameters
    ----------
    settings : mapping
        Of one run.
    tried : set of str, optional
        Configurations that were found sound, to which this one is added. What is in it is not tried
        again: the same task, and the same rule and network but for numbers that the rule itself
        checks.

    Raises
    ------
    TypeError, ValueError
        Saying which setting, and what would do.
    """
    for name in ("task", "rule", "steps"):
        if name not in settings:
            raise ValueError(f"the setting {name!r} is missing.")
    make = _task_function(settings)
    kind = _rule_class(settings)
    check_integer("steps", settings["steps"], 1, MOST_STEPS)
    check_integer("records", settings.get("records", RECORDS), 2, MOST_RECORDS)
    check_choice("keep", settings.get("keep", WHOLE), KEPT)
    rule = make_rule(settings)
    _check_sizes(settings)
    words = {k: v for k, v in _chosen(settings, _own(kind)).items() if not isinstance(v, float)}
    network = {k: v for k, v in _chosen(settings, _OF_SIMULATION).items() if k != "steps"}
    task = _chosen(settings, _own(make))
    configuration = json.dumps([make.__name__, task, kind.__name__, words, network], sort_keys=True)
    if tried is None or configuration not in tried:
        trial: dict[str, Any] = network | {"seed": settings["seed"], "measures": RECORDED}
        trial |= {"steps": 0, "record": [0], "snapshots": [0]}
        simulate(make_task(settings), rule, **trial, progress=False)
        if tried is not None:
            tried.add(configuration)
    return {"task", "rule", *_OF_SIMULATION, *_OF_RECORD} | _own(make) | _own(kind)


def _check_most(name: str, value: int, most: int, setting: str = "") -> None:
    if value > most:
        problem = ValueError(f"{name}={value} is too large: it may be at most {most:_}.")
        raise about(setting or name, problem)


def _check_sizes(settings: Mapping[str, Any]) -> None:
    """Refuse what no memory would hold before it is made."""
    given = {
        name: settings[name]
        for name in ("samples", "d_in", "d_out", "hidden")
        if isinstance(settings.get(name), int)
    }
    for name, value in given.items():
        _check_most(name, value, MOST_NUMBERS)
    largest = max(given, key=lambda name: given[name], default="")
    numbers = given.get("samples", 1) * (given.get("d_in", 1) + given.get("d_out", 1))
    _check_most("samples * (d_in + d_out)", numbers, MOST_NUMBERS, largest)
    _, d_in, d_out = task_sizes(settings)
    parameters = given.get("hidden", 1) * (d_in + 1 + d_out)
    _check_most("hidden * (d_in + 1 + d_out)", parameters, MOST_NUMBERS, largest)


def cost(settings: Mapping[str, Any]) -> float:
    """About how long a run takes, in arbitrary units."""
    samples, d_in, d_out = task_sizes(settings)
    hidden = settings.get("hidden", 100)
    rows = d_out + min(d_in + 1, samples)
    passes = 2 if settings["rule"] == "GradientDescent" else 4
    return settings["steps"] * hidden * rows * (passes * samples + 10)


def seconds(settings: Mapping[str, Any]) -> float:
    """About how many seconds a run takes: good enough to tell short ones from long ones."""
    steps = settings["steps"]
    training = 1e-4 * steps if settings.get("engine") == "reference" else 5e-11 * cost(settings)
    return training + 2e-4 * min(2 * settings.get("records", RECORDS), steps)
