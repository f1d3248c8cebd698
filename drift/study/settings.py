"""From the settings of a run to the task, the rule and the call of ``drift.simulate``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import drift.rules
import drift.tasks  # noqa: F401  (they register themselves)
from drift.rules.base_rule import RULES, LearningRule
from drift.simulation.recorder import LinearSpacing, LogSpacing, Schedule
from drift.simulation.simulate import simulate
from drift.support.checks import check_choice, check_integer
from drift.tasks.base_task import TASKS, Task

_OF_SIMULATION = ("hidden", "init", "steps", "activation", "active_threshold", "engine")
_OF_RECORD = ("records",)


def _own(function: Callable[..., Any]) -> set[str]:
    """What a study can set of a task or a rule."""
    return set(inspect.signature(function).parameters) - {"seed"}


def known_settings() -> list[str]:
    """Everything that a study can set or vary: arguments of tasks, rules and of ``simulate``.

    A setting that the task or the rule of a run does not have is left aside in that run.
    ``records`` is the number of times, evenly spaced and again evenly spaced in the logarithm, that
    a run is measured.
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


def make_task(settings: Mapping[str, Any]) -> Task:
    """The task of a run; its random numbers come from the run's seed."""
    make = TASKS[settings["task"]]
    own = {key: settings[key] for key in settings if key in _own(make)}
    return make(seed=settings["seed"], **own)


def make_rule(settings: Mapping[str, Any]) -> LearningRule:
    """The learning rule of a run."""
    rule = RULES[settings["rule"]]
    return rule(**{key: settings[key] for key in settings if key in _own(rule)})


def simulation_arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is passed to ``drift.simulate`` besides task and rule."""
    own = {key: settings[key] for key in settings if key in _OF_SIMULATION}
    record = record_schedule(settings["steps"], settings.get("records", RECORDS))
    return own | {
        "seed": settings["seed"],
        "measures": RECORDED,
        "record": record,
        "snapshots": [round(share * settings["steps"]) for share in SNAPSHOT_SHARES],
    }


def check_settings(settings: Mapping[str, Any]) -> set[str]:
    """Refuse settings that no run can be made of, and return those that make a difference.

    Raises
    ------
    TypeError, ValueError
        Saying which setting, and what would do.
    """
    for name in ("task", "rule", "steps"):
        if name not in settings:
            raise ValueError(f"the setting {name!r} is missing.")
    make = TASKS[check_choice("task", settings["task"], TASKS)]
    kind = RULES[check_choice("rule", settings["rule"], RULES)]
    check_integer("steps", settings["steps"], minimum=1)
    check_integer("records", settings.get("records", RECORDS), minimum=2)
    task, rule = make_task(settings), make_rule(settings)
    arguments = simulation_arguments(settings) | {"steps": 0, "record": [0], "snapshots": [0]}
    simulate(task, rule, **arguments, progress=False)
    used = {"task", "rule", *_OF_SIMULATION, *_OF_RECORD}
    return used | _own(make) | _own(kind)


def cost(settings: Mapping[str, Any]) -> float:
    """About how long a run takes, in arbitrary units: what is long is begun first."""
    task = make_task(settings)
    hidden = settings.get("hidden", 100)
    rows = task.d_out + min(task.d_in + 1, task.samples)
    passes = 2 if settings["rule"] == "GradientDescent" else 4
    return settings["steps"] * hidden * rows * (passes * task.samples + 10)
