"""Simulations kept on disk by what went into them."""

from __future__ import annotations

import hashlib
import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from drift.network import Parameters
from drift.rules.base_rule import LearningRule
from drift.simulation.recorder import LinearSpacing, LogSpacing
from drift.simulation.simulate import simulate
from drift.support.locations import cache_directory
from drift.support.provenance import code_version
from drift.support.storage import DamagedFileError, read_dataset, write_dataset
from drift.tasks.base_task import Task

__all__ = ["cache_path", "cached_simulate"]


def cached_simulate(task: Task, rule: LearningRule, **settings: Any) -> xr.Dataset:
    """``drift.simulate``, or its result from an earlier call with the same arguments.

    Results are kept in the folder ``$DRIFT_CACHE`` (or the user's cache folder), under the SHA-256
    of task, rule, settings and the source code of the simulation. A damaged or foreign file there
    is reported by a warning and replaced. Only finished runs are kept; an interrupted run goes on
    from its last checkpoint.

    Parameters
    ----------
    task : Task
        What to learn.
    rule : LearningRule
        How to learn it.
    **settings
        As in ``drift.simulate``; ``checkpoint`` is by default a file beside the result.

    Returns
    -------
    xarray.Dataset
        As from ``drift.simulate``.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible, or a measure is a function: a file cannot say what it is.
    """
    path = cache_path(task, rule, **settings)
    try:
        return read_dataset(path)
    except FileNotFoundError:
        pass
    except DamagedFileError as problem:
        warnings.warn(f"{problem} The simulation is run again.", stacklevel=2)
    settings.setdefault("checkpoint", path.with_suffix(".checkpoint"))
    run = simulate(task, rule, **settings)
    if run.attrs["status"] == "finished":
        write_dataset(run, path)
    return run


def cache_path(task: Task, rule: LearningRule, **settings: Any) -> Path:
    """The file that holds, or would hold, the result of :func:`cached_simulate`.

    Parameters
    ----------
    task : Task
        What to learn.
    rule : LearningRule
        How to learn it.
    **settings
        As in ``drift.simulate``; progress bar and checkpoints do not count.

    Returns
    -------
    pathlib.Path
        A netCDF file, named by the digest of the arguments and of the code.

    Raises
    ------
    TypeError
        If ``settings`` are not arguments of ``drift.simulate``.
    ValueError
        If a measure is a function.
    """
    call = inspect.signature(simulate).bind(task, rule, **settings)
    call.apply_defaults()
    arguments = dict(call.arguments)
    own = [measure.__name__ for measure in arguments["measures"] if callable(measure)]
    if own:
        raise ValueError(
            f"measures has a function, {own[0]}, and a file cannot say what it computes: call "
            "drift.simulate, which keeps nothing."
        )
    for name in ("progress", "checkpoint", "checkpoint_seconds"):
        arguments.pop(name)
    arguments["task"] = task.digest()
    arguments["rule"] = rule.settings()
    arguments["task_record"] = {"name": task.name, "constants": task.constants}
    arguments["code_version"] = code_version()
    text = json.dumps(arguments, sort_keys=True, default=_plain)
    return cache_directory() / "runs" / f"{hashlib.sha256(text.encode()).hexdigest()}.nc"


def _plain(value: object) -> object:
    """A form of ``value`` that JSON can write."""
    if isinstance(value, Parameters):
        return [np.asarray(array, float).tolist() for array in value]
    if isinstance(value, (LinearSpacing, LogSpacing)):
        return repr(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return list(value)  # type: ignore[call-overload]
