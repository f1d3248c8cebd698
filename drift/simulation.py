"""Train a network and record what happens."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from drift.checks import check_choice, check_integer
from drift.engine.blocks import make_workspace, read_parameters
from drift.engine.noise import random_state
from drift.measures import MEASURES
from drift.network import Parameters, hidden_activity, initial_parameters, outputs
from drift.provenance import code_version
from drift.recording import LinearSpacing, Schedule, scheduled_steps
from drift.rules.base import LearningRule
from drift.task import Task

DEFAULT_RECORD = LinearSpacing(1001)
DEFAULT_SNAPSHOTS = LinearSpacing(51)
DEFAULT_MEASURES = ("loss", "active_fraction", "fraction_active_units")

TRIAL_STEPS = 2000
"""How many steps :func:`check_simulation` tries."""

_SECONDS_BETWEEN_SIGNS_OF_LIFE = 0.2


def simulate(
    task: Task,
    rule: LearningRule,
    *,
    hidden: int = 100,
    init: Literal["lazy", "rich"] | Parameters = "rich",
    steps: int,
    seed: int = 0,
    measures: Iterable[str] = DEFAULT_MEASURES,
    record: Schedule = DEFAULT_RECORD,
    snapshots: Schedule = DEFAULT_SNAPSHOTS,
    dtype: Literal["float32", "float64"] = "float32",
    skip_silent: bool = True,
    progress: bool | None = None,
) -> xr.Dataset:
    """Train a network on ``task`` by ``rule`` for ``steps`` steps.

    The same arguments give the same bits, whatever else the machine does. Ctrl-C ends the run
    early and returns what was recorded.

    Parameters
    ----------
    task, rule
        What to learn and how.
    hidden : int
        Number of hidden units N.
    init : {"lazy", "rich"} or Parameters
        Regime of the random start (see :func:`~drift.network.initial_parameters`), or the
        parameters to start from (then ``hidden`` is theirs).
    steps : int
        Number of training steps.
    seed : int
        Seed of the start and of all noise.
    measures : names in :data:`drift.measures.MEASURES`
        What is recorded along ``step``.
    record, snapshots : LinearSpacing, LogSpacing or step numbers
        When the measures are recorded, and when the parameters are kept.
    dtype : {"float32", "float64"}
        Precision of the simulation. Both see the same noise.
    skip_silent : bool
        Let gradient descent leave units alone while they are silent for all samples; the law of the
        run is the same (:mod:`drift.engine.silence`), its noise path is not.
    progress : bool, optional
        Show a progress bar; by default in a terminal.

    Returns
    -------
    xarray.Dataset
        Along ``step``: one variable a measure. Along ``snapshot`` (a step number too):
        ``input_weights`` (snapshot, unit, input), ``bias`` (snapshot, unit) and
        ``output_weights`` (snapshot, output, unit). The attribute ``status`` is ``"finished"``,
        ``"interrupted"``, or ``"diverged"`` when the loss stopped being a finite number, in which
        case the records end before that.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible; before anything runs.
    """
    steps = check_integer("steps", steps)
    seed = check_integer("seed", seed)
    check_choice("dtype", dtype, ("float32", "float64"))
    measures = tuple(check_choice("measures", name, MEASURES) for name in measures)
    record_steps = scheduled_steps("record", record, steps)
    snapshot_steps = scheduled_steps("snapshots", snapshots, steps)
    start_sequence, noise_sequence = np.random.SeedSequence(seed).spawn(2)
    start = _start(task, hidden, init, start_sequence)

    workspace = make_workspace(
        task,
        start,
        random_state(noise_sequence),
        np.dtype(dtype),
        noise_scale=rule.noise_scale,
        skip_silent=skip_silent,
    )
    recorder = _Recorder(task, measures, set(record_steps.tolist()), set(snapshot_steps.tolist()))
    stops = np.union1d(np.union1d(record_steps, snapshot_steps), [0, steps])
    status = "finished"
    try:
        # One thread a run: many runs share the cores, and sums come out the same on any number.
        with threadpool_limits(1), _progress_bar(steps, progress) as bar:
            for step in _advance(rule, workspace, stops, bar):
                rule.settle(workspace)
                if not recorder.visit(step, read_parameters(workspace)):
                    status = "diverged"
                    break
    except KeyboardInterrupt:
        status = "interrupted"
    if status != "finished":
        reached = recorder.recorded_at[-1] if recorder.recorded_at else 0
        warnings.warn(f"the run {status} after step {reached} of {steps}", stacklevel=2)
    origin = {
        **rule.settings(),
        "task": task.name,
        "task_constants": json.dumps(task.constants),
        "hidden": start.bias.size,
        "init": init if isinstance(init, str) else "given",
        "steps": steps,
        "seed": seed,
        "dtype": dtype,
        "code_version": code_version(),
        "status": status,
    }
    return recorder.dataset(origin)


def check_simulation(task: Task, rule: LearningRule, *, steps: int, **settings: Any) -> None:
    """Refuse what :func:`simulate` could not finish, by trying its first steps.

    Takes the arguments of :func:`simulate`. Learning counts as divergent if, within the first
    :data:`TRIAL_STEPS` steps, the loss stops being finite, or ends above a hundred times its first
    value and the variance of the targets.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible or learning diverges.
    """
    steps = check_integer("steps", steps, minimum=1)
    trial_steps = min(steps, TRIAL_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trial = simulate(
            task, rule, **settings, steps=trial_steps, measures=["loss"],
            record=LinearSpacing(41), snapshots=[0], progress=False,
        )  # fmt: skip
    losses = trial["loss"].values
    bound = 100 * max(losses[0], float(task.targets.var()))
    if trial.attrs["status"] == "diverged" or losses[-1] > bound:
        raise ValueError(
            f"learning_rate={rule.learning_rate} diverges on this task with "
            f"{trial.attrs['hidden']} hidden units: the loss started at {losses[0]:.3g} and left "
            f"all bounds within {trial_steps} steps. Choose a smaller learning rate or less noise."
        )


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


class _Recorder:
    """Collects what a run's visited steps show."""

    def __init__(
        self, task: Task, measures: tuple[str, ...], record: set[int], snapshots: set[int]
    ) -> None:
        self.task = task
        self.measures = measures
        self.record = record
        self.snapshots = snapshots
        self.recorded_at: list[int] = []
        self.recorded: list[list[float]] = []
        self.kept_at: list[int] = []
        self.kept: list[Parameters] = []

    def visit(self, step: int, parameters: Parameters) -> bool:
        """Record what is due at ``step``; False, recording nothing, if the network has diverged."""
        if not all(np.isfinite(array).all() for array in parameters):
            return False
        activity = hidden_activity(parameters, self.task.inputs)
        answers = outputs(parameters, self.task.inputs)
        if step in self.record:
            row = [MEASURES[name](self.task, activity, answers) for name in self.measures]
            self.recorded_at.append(step)
            self.recorded.append(row)
        if step in self.snapshots:
            self.kept_at.append(step)
            self.kept.append(parameters)
        return True

    def dataset(self, origin: dict[str, Any]) -> xr.Dataset:
        values = np.array(self.recorded).reshape(len(self.recorded_at), len(self.measures))
        data: dict[str, Any] = {
            name: ("step", values[:, i]) for i, name in enumerate(self.measures)
        }
        dimensions = {
            "input_weights": ("snapshot", "unit", "input"),
            "bias": ("snapshot", "unit"),
            "output_weights": ("snapshot", "output", "unit"),
        }
        if self.kept:
            for name, axes in dimensions.items():
                data[name] = (axes, np.stack([getattr(kept, name) for kept in self.kept]))
        coordinates = {
            "step": np.array(self.recorded_at, np.int64),
            "snapshot": np.array(self.kept_at, np.int64),
        }
        return xr.Dataset(data, coordinates, origin)


def _advance(rule: LearningRule, workspace: Any, stops: np.ndarray, bar: tqdm) -> Iterator[int]:
    """Train from stop to stop, yielding each; in slices short enough to be interrupted."""
    slice_steps = 1
    done = 0
    for stop in stops.tolist():
        while done < stop:
            now = min(slice_steps, stop - done)
            began = time.perf_counter()
            rule.advance(workspace, now)
            seconds = time.perf_counter() - began
            done += now
            bar.update(now)
            if now == slice_steps and seconds < _SECONDS_BETWEEN_SIGNS_OF_LIFE / 2:
                slice_steps *= 2
            elif seconds > _SECONDS_BETWEEN_SIGNS_OF_LIFE and now > 1:
                slice_steps = max(1, now // 2)
        yield stop


@contextmanager
def _progress_bar(steps: int, wanted: bool | None) -> Iterator[tqdm]:
    """A bar on the terminal.

    The kernels of notebooks have no terminal of their own; the program that executes a chapter
    names one in ``$DRIFT_TERMINAL``.
    """
    terminal = os.environ.get("DRIFT_TERMINAL")
    if wanted is None:
        wanted = bool(terminal) or sys.stderr.isatty()
    with ExitStack() as stack:
        file = stack.enter_context(open(terminal, "w")) if wanted and terminal else sys.stderr
        bar = tqdm(total=steps, unit=" steps", unit_scale=True, disable=not wanted, file=file)
        yield stack.enter_context(bar)
