"""Train a network and record what happens."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr
from threadpoolctl import ThreadpoolController

from drift.network import Parameters, initial_parameters
from drift.rules.base_rule import LearningRule
from drift.simulation.checkpoint import Checkpoint
from drift.simulation.fast_engine import FastEngine
from drift.simulation.measures import Measure, activity_threshold, named_measures
from drift.simulation.recorder import LinearSpacing, Recorder, Schedule, scheduled_steps
from drift.simulation.reference_engine import ReferenceEngine
from drift.support.checks import check_choice, check_integer
from drift.support.progress import progress_bar
from drift.support.provenance import code_version
from drift.tasks.base_task import Task

__all__ = ["check_simulation", "simulate", "split_seed"]

DEFAULT_RECORD = LinearSpacing(1001)
DEFAULT_SNAPSHOTS = LinearSpacing(51)
DEFAULT_MEASURES = ("loss", "active_fraction", "fraction_active_units")

TRIAL_STEPS = 2000

_SECONDS_BETWEEN_SIGNS_OF_LIFE = 0.2


class Engine(Protocol):
    """What trains a network: the fast one or the reference."""

    def advance(self, steps: int) -> None:
        """Train for ``steps`` steps."""

    def parameters(self) -> Parameters:
        """A copy of the present parameters."""

    def state(self) -> dict[str, np.ndarray]:
        """All that a run goes on from."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what :meth:`state` returned."""


def simulate(
    task: Task,
    rule: LearningRule,
    *,
    hidden: int = 100,
    init: Literal["lazy", "rich"] | Parameters = "rich",
    steps: int,
    seed: int = 0,
    measures: Iterable[str | Measure] = DEFAULT_MEASURES,
    record: Schedule = DEFAULT_RECORD,
    snapshots: Schedule = DEFAULT_SNAPSHOTS,
    activation: str = "relu",
    active_threshold: float | None = None,
    dtype: Literal["float32", "float64"] = "float32",
    engine: Literal["fast", "reference"] = "fast",
    skip_silent: bool = True,
    stop_when_silent: bool = True,
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 60.0,
    progress: bool | None = None,
) -> xr.Dataset:
    """Train a network on ``task`` by ``rule`` for ``steps`` steps.

    The same arguments give the same bits, on every machine (:mod:`drift.support.portable`).

    Parameters
    ----------
    task, rule : Task, LearningRule
    hidden : int
        Number of hidden units N; without effect if ``init`` gives the parameters.
    init : {"lazy", "rich"} or Parameters
        Regime of the random start (:func:`~drift.network.initial_parameters`), or the start itself.
    steps, seed : int
        Number of training steps, and seed of the start and of all noise.
    measures : iterable of str or functions
        Names in :data:`drift.simulation.measures.MEASURES`, or functions of an ``Observation``.
    record, snapshots : LinearSpacing, LogSpacing or iterable of int
        Steps at which the measures are recorded, and at which the parameters are kept.
    activation : str
        Name in :data:`drift.network.ACTIVATIONS`; some need ``engine="reference"``.
    active_threshold : float, optional
        Activity above which a unit is active; for sparsity, all but rectified linear units need it.
    dtype : {"float32", "float64"}
        Precision of the fast engine; both see the same noise.
    engine : {"fast", "reference"}
        Numba kernels, or plain float64 arrays (:mod:`drift.simulation.reference_engine`), slower.
    skip_silent : bool
        Let gradient descent leave out units while they are silent for all samples: runs of the same
        law, whose noise depends on ``record`` and ``snapshots`` too (:mod:`drift.engine.silence`).
    stop_when_silent : bool
        End the run when a record or snapshot finds all units silent for all samples.
    checkpoint : Path, optional
        File to write the state to every ``checkpoint_seconds``, from which the same call goes on
        to the same bits; removed at the end, but not if the run is interrupted.
    checkpoint_seconds : float
    progress : bool, optional
        Show a progress bar; by default in a terminal.

    Returns
    -------
    xarray.Dataset
        Measures by name along ``step``; ``input_weights`` (snapshot, unit, input), ``bias``
        (snapshot, unit), ``output_weights`` (snapshot, output, unit). Attribute ``status``:
        ``"finished"`` or, with a warning, ``"interrupted"`` (Ctrl-C), ``"silent"``, ``"diverged"``.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible or the checkpoint is another run's; before any training.

    Examples
    --------
    >>> import drift
    >>> run = drift.simulate(drift.random_mapping(), drift.GradientDescent(), hidden=20, steps=100)
    >>> run["loss"].values[[0, -1]].round(4).tolist()
    [0.8144, 0.0005]
    """
    steps = check_integer("steps", steps)
    seed = check_integer("seed", seed)
    check_choice("dtype", dtype, ("float32", "float64"))
    check_choice("engine", engine, ("fast", "reference"))
    rule.check_task(task)
    functions = named_measures(measures)
    threshold = activity_threshold(functions.values(), activation, active_threshold)
    record_steps = scheduled_steps("record", record, steps)
    snapshot_steps = scheduled_steps("snapshots", snapshots, steps)
    start_sequence, noise_sequence = split_seed(seed)
    start = _start(task, hidden, init, start_sequence)

    running: Engine
    if engine == "fast":
        running = FastEngine(task, rule, start, noise_sequence, activation, dtype, skip_silent)
    else:
        running = ReferenceEngine(task, rule, start, noise_sequence, activation)
    origin = {
        **rule.settings(),
        "task": task.name,
        "task_constants": json.dumps(task.constants),
        "hidden": start.bias.size,
        "init": init if isinstance(init, str) else "given",
        "steps": steps,
        "seed": seed,
        "activation": activation,
        "active_threshold": threshold,
        "dtype": dtype if engine == "fast" else "float64",
        "engine": engine,
        "code_version": code_version(),
    }
    recorder = Recorder(task, functions, record_steps, snapshot_steps, activation, threshold)
    saved = None
    if checkpoint is not None:
        digest = hashlib.sha256(b"".join(array.tobytes() for array in start)).hexdigest()
        whole = {"task": task.digest(), "start": digest, "skip_silent": skip_silent}
        plan = {
            "record": record_steps.tolist(),
            "snapshots": snapshot_steps.tolist(),
            "measures": list(functions),
        }
        saved = Checkpoint(checkpoint, checkpoint_seconds, origin | whole | plan)
    stops = np.union1d(np.union1d(record_steps, snapshot_steps), [0, steps])
    status = "finished"
    try:
        # One thread a run: many runs share the cores, and sums come out the same on any number.
        with _linear_algebra().limit(limits=1), progress_bar(steps, progress) as advance_bar:
            for step in _advance(running, recorder, stops, saved, advance_bar):
                found = recorder.visit(step, running.parameters())
                if found == "diverged" or (found == "silent" and stop_when_silent):
                    status = found
                    break
    except KeyboardInterrupt:
        status = "interrupted"
    if status != "finished":
        reached = recorder.recorded_at[-1] if recorder.recorded_at else 0
        warnings.warn(f"the run {_ENDINGS[status]} at step {reached} of {steps}", stacklevel=2)
    if saved is not None and status != "interrupted":
        saved.remove()
    return recorder.dataset(origin | {"status": status})


@cache
def _linear_algebra() -> ThreadpoolController:
    """The thread pools of the libraries that are loaded; looking for them takes milliseconds."""
    return ThreadpoolController()


_ENDINGS = {
    "interrupted": "was interrupted, last recorded",
    "diverged": "diverged, last recorded",
    "silent": "fell silent in all units",
}


def check_simulation(task: Task, rule: LearningRule, *, steps: int, **settings: Any) -> None:
    """Refuse what :func:`simulate` could not finish, by trying its first ``TRIAL_STEPS`` steps.

    Parameters
    ----------
    task, rule, steps : as in :func:`simulate`
    **settings
        Likewise, but not ``measures``, ``record``, ``snapshots`` or ``progress``.

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible or learning diverges: a parameter is not finite, or the loss
        ends above a hundred times both its first value and the variance of the targets.
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


def _advance(
    engine: Engine,
    recorder: Recorder,
    stops: np.ndarray,
    checkpoint: Checkpoint | None,
    advance_bar: Callable[[int], object],
) -> Iterator[int]:
    """Train to each stop and yield it, in slices short enough to interrupt; from a checkpoint."""
    slice_steps = 1
    done = 0

    def keep() -> None:
        if checkpoint is not None and checkpoint.is_due():
            checkpoint.write(
                {**engine.state(), **recorder.state(), "done": np.array(done, np.int64)}
            )

    if checkpoint is not None:
        saved = checkpoint.read()
        if saved is not None:
            engine.restore(saved)
            recorder.restore(saved)
            done = int(saved["done"])
            advance_bar(done)
            stops = stops[stops > done]
    for stop in stops.tolist():
        while done < stop:
            now = min(slice_steps, stop - done)
            began = time.perf_counter()
            engine.advance(now)
            seconds = time.perf_counter() - began
            done += now
            advance_bar(now)
            if now == slice_steps and seconds < _SECONDS_BETWEEN_SIGNS_OF_LIFE / 2:
                slice_steps *= 2
            elif seconds > _SECONDS_BETWEEN_SIGNS_OF_LIFE and now > 1:
                slice_steps = max(1, now // 2)
            if done < stop:
                keep()
        yield stop
        keep()  # now with what was recorded at the stop, which may be a slice's length away
