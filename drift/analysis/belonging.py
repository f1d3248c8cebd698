"""Whether runs, parameters and tasks belong together, before anything is measured of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from drift.network import PARAMETER_AXES, Parameters, fitting
from drift.support.array_checks import check_indices, check_variables, refuse_where
from drift.support.checks import check_kind
from drift.tasks.base_task import Task


def check_parameters(task: Task, parameters: Parameters) -> Parameters:
    """``parameters`` as finite float64 arrays that fit each other and ``task``."""
    check_kind("task", task, Task)
    given, _ = fitting(parameters, task.inputs)
    for name, array in given._asdict().items():
        refuse_where(f"parameters.{name}", array, ~np.isfinite(array), "it must be finite.")
    if len(given.output_weights) != task.d_out:
        raise ValueError(
            f"parameters.output_weights has {len(given.output_weights)} outputs, and the task "
            f"{task.name!r} has {task.d_out}: pass parameters of a network for this task."
        )
    return given


def snapshots_of(
    run: xr.Dataset, task: Task, indices: Iterable[int] | None = None
) -> tuple[list[Parameters], str]:
    """Parameters at snapshots of a run, all by default, and the name of its activation function.

    Refuses a run that is not of a task of the shape of ``task``.
    """
    check_variables("run", run, PARAMETER_AXES)
    check_kind("task", task, Task)
    of_run = run.sizes["input"], run.sizes["output"]
    if of_run != (task.d_in, task.d_out):
        raise ValueError(
            f"run has {of_run[0]} inputs and {of_run[1]} outputs, and the task {task.name!r} has "
            f"{task.d_in} and {task.d_out}: pass the task that the run was trained on."
        )
    count = run.sizes["snapshot"]
    chosen = range(count) if indices is None else check_indices("snapshots", indices, count)
    activation = run.attrs.get("activation", "relu")
    return [Parameters.of_snapshot(run, index) for index in chosen], activation


def refuse_overflow(result: np.ndarray) -> np.ndarray:
    """``result``, unless parameters are so large that it left the range of float64."""
    if not np.isfinite(result).all():
        raise ValueError("parameters are too large: what follows from them is not finite.")
    return result
