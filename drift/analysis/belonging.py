"""Whether runs, parameters and tasks belong together, before anything is measured of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from drift.network import PARAMETER_AXES, Parameters, fitting
from drift.support.array_checks import check_array, check_indices, check_variables, refuse_where
from drift.support.checks import check_kind
from drift.tasks.base_task import Task


def check_parameters(task: Task, parameters: Parameters, name: str = "parameters") -> Parameters:
    """``parameters`` as finite float64 arrays that fit each other and ``task``."""
    check_kind("task", task, Task)
    given = fitting(parameters, name)
    for part, array in given._asdict().items():
        where = f"{name}.{part}"
        refuse_where(where, array, ~np.isfinite(array), "all numbers must be finite.")
    _check_sizes(name, given.input_weights.shape[1], len(given.output_weights), task)
    return given


def _check_sizes(name: str, d_in: int, d_out: int, task: Task) -> None:
    if (d_in, d_out) != (task.d_in, task.d_out):
        raise ValueError(
            f"{name}: {d_in} inputs and {d_out} outputs, where the task {task.name!r} has "
            f"{task.d_in} and {task.d_out}: pass {name} and task of one network."
        )


def snapshots_of(
    run: xr.Dataset, task: Task, indices: Iterable[int] | None = None
) -> tuple[list[Parameters], str]:
    """Parameters at snapshots of a run, all by default, and the name of its activation function.

    Refuses a run that is not of a task of the shape of ``task``.
    """
    check_variables("run", run, PARAMETER_AXES)
    check_kind("task", task, Task)
    _check_sizes("run", run.sizes["input"], run.sizes["output"], task)
    for name in PARAMETER_AXES:
        check_array(f"run[{name!r}]", run[name].values, None)
    count = run.sizes["snapshot"]
    chosen = range(count) if indices is None else check_indices("snapshots", indices, count)
    activation = run.attrs.get("activation", "relu")
    return [Parameters.of_snapshot(run, index) for index in chosen], activation


def refuse_overflow(result: np.ndarray) -> np.ndarray:
    """``result``, unless parameters are so large that it left the range of float64."""
    if not np.isfinite(result).all():
        raise ValueError("parameters are too large: what follows from them is not finite.")
    return result
