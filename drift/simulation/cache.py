"""Simulations kept on disk by what went into them."""

from __future__ import annotations

import hashlib
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xarray as xr

from drift.rules.base_rule import LearningRule
from drift.simulation.call import MADE_FROM, Call, checked_call, differences
from drift.simulation.checkpoint import remove_state
from drift.simulation.measures import MEASURES
from drift.simulation.simulate import simulate
from drift.support.locations import cache_directory
from drift.support.storage import (
    DamagedFileError,
    ForeignFileError,
    check_target,
    read_dataset,
    write_dataset,
)
from drift.tasks.base_task import Task

__all__ = ["cache_path", "cached_simulate"]

_WITHOUT_EFFECT = ("progress", "checkpoint", "checkpoint_seconds", "keep_checkpoint")


def cached_simulate(task: Task, rule: LearningRule, **settings: Any) -> xr.Dataset:
    """``drift.simulate``, or its result from an earlier call with the same arguments.

    Results are kept in the folder ``$DRIFT_CACHE`` (or the user's cache folder), under the SHA-256
    of task, rule, settings and the source code of the simulation, which the files also state. A
    damaged file there, or one that states something else, is reported by a warning and replaced;
    one that was not written by drift, or that cannot be read, is reported and left alone. Only
    finished runs are kept; an interrupted run goes on from its last checkpoint. Where nothing can
    be written, a warning says so before the run, and the result is returned all the same.

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
        If an argument is impossible, or a measure is a function: what it depends on may change
        without its code.
    OSError
        If a ``checkpoint`` of one's own cannot be read or written.
    """
    settings = _with_lists(settings)
    wanted = _call(task, rule, settings)
    path = _path(wanted)
    found = _kept_result(path, wanted.statement)
    if found is not None:
        return found
    state = path.with_suffix(".checkpoint")
    problem = _why_not_writable(path) or _why_not_writable(state)
    if problem:
        warnings.warn(
            f"{problem}. The simulation is run, and its result will be in memory only; the "
            "variable DRIFT_CACHE names the folder that results are kept in.",
            stacklevel=2,
        )
    else:
        settings.setdefault("checkpoint", state)
    is_state_wanted = settings.pop("keep_checkpoint", False)
    run = simulate(task, rule, **settings, keep_checkpoint=True)
    ending = run.attrs["status"]
    if ending == "finished":
        is_state_wanted |= bool(problem) or not _keep(run, path)
    elif ending == "interrupted":
        is_state_wanted = True
    if settings.get("checkpoint") is not None and not is_state_wanted:
        remove_state(Path(settings["checkpoint"]))
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
    TypeError, ValueError
        If an argument is impossible or unknown, or a measure is a function.
    """
    return _path(_call(task, rule, settings))


def _with_lists(settings: dict[str, Any]) -> dict[str, Any]:
    """``settings`` with iterators, which can be read only once, as lists."""
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in settings.items()
    }


def _call(task: Task, rule: LearningRule, settings: dict[str, Any]) -> Call:
    bound = inspect.signature(simulate).bind(task, rule, **_with_lists(settings))
    bound.apply_defaults()
    arguments = {
        name: value for name, value in bound.arguments.items() if name not in _WITHOUT_EFFECT
    }
    call = checked_call(**arguments)
    own = [name for name, measure in call.measures.items() if MEASURES.get(name) is not measure]
    if own:
        raise ValueError(
            f"measures has a function, {own[0]}, and a file cannot say what it computes: call "
            "drift.simulate, which keeps nothing."
        )
    return call


def _path(call: Call) -> Path:
    name = hashlib.sha256(call.statement.encode()).hexdigest()
    return cache_directory() / "runs" / f"{name}.nc"


def _kept_result(path: Path, statement: str) -> xr.Dataset | None:
    """The result in ``path``, if it is there and that of the call.

    What is damaged or another's is reported; so is what cannot be read or is not drift's, by
    :func:`_why_not_writable`.
    """
    try:
        found = read_dataset(path)
    except (OSError, ForeignFileError):
        return None
    except DamagedFileError as damaged:
        problem = str(damaged)
    else:
        other = differences(found.attrs.get(MADE_FROM), statement)
        if not other and found.attrs.get("status") == "finished":
            return found
        problem = f"{path} holds the result of another run ({other or 'not finished'})."
    warnings.warn(f"{problem} The simulation is run again.", stacklevel=3)
    return None


def _why_not_writable(path: Path) -> str:
    """Why a result could not be written to ``path``; empty if it can."""
    try:
        check_target(path)
    except (OSError, ForeignFileError) as problem:
        return str(problem).rstrip(".")
    return ""


def _keep(run: xr.Dataset, path: Path) -> bool:
    """Write ``run`` to ``path``; whether that succeeded. If not, a warning says why."""
    try:
        write_dataset(run, path)
    except (OSError, ForeignFileError) as problem:
        warnings.warn(f"the result is in memory only, not kept: {problem}", stacklevel=3)
        return False
    return True
