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

DEFAULT_RECORD = LinearSpacing(1001)
DEFAULT_SNAPSHOTS = LinearSpacing(51)
DEFAULT_MEASURES = ("loss", "active_fraction", "fraction_active_units")

TRIAL_STEPS = 2000
"""How many steps :func:`check_simulation` tries."""

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

    The same arguments give the same bits, on every machine (:mod:`drift.support.portable`). Ctrl-C
    ends the run early and returns what was recorded.

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
    measures : names in :data:`drift.simulation.measures.MEASURES`, or functions
        What is recorded along ``step``. A function takes an
        :class:`~drift.simulation.measures.Observation`, gives a number, and is recorded under its
        own name.
    record, snapshots : LinearSpacing, LogSpacing or step numbers
        When the measures are recorded, and when the parameters are kept.
    activation : name in :data:`drift.network.ACTIVATIONS`
        Activation function of the hidden units; those without a fast kernel need the reference.
    active_threshold : float, optional
        Size of activity beyond which a unit counts as active. A rectified linear unit is off
        exactly and needs none; others must be given one, or sparsity has no meaning.
    dtype : {"float32", "float64"}
        Precision of the fast engine. Both see the same noise.
    engine : {"fast", "reference"}
        Numba kernels, or float64 in plain arrays (:mod:`drift.simulation.reference_engine`; many
        times slower).
    skip_silent : bool
        Let gradient descent leave units alone while they are silent for all samples; the law of the
        run is the same (:mod:`drift.engine.silence`), its noise path is not. What such units missed
        is drawn when a record or a snapshot looks at them: ``record`` and ``snapshots`` then decide
        the noise path, too.
    stop_when_silent : bool
        End the run when a record finds all units silent for all samples.
    checkpoint : Path, optional
        File that the state of the run is written to every ``checkpoint_seconds``, and from which
        an earlier call with the same arguments goes on, to the same bits. Removed at the end.
    progress : bool, optional
        Show a progress bar; by default in a terminal.

    Returns
    -------
    xarray.Dataset
        Along ``step``: one variable a measure. Along ``snapshot`` (a step number too):
        ``input_weights`` (snapshot, unit, input), ``bias`` (snapshot, unit) and
        ``output_weights`` (snapshot, output, unit). The attribute ``status`` is ``"finished"``, or
        why the run ended early: ``"interrupted"``, ``"diverged"`` (a parameter stopped being a
        finite number; the records end before that) or ``"silent"`` (no unit is active any more).

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible; before anything runs.
    """
    steps = check_integer("steps", steps)
    seed = check_integer("seed", seed)
    check_choice("dtype", dtype, ("float32", "float64"))
    check_choice("engine", engine, ("fast", "reference"))
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


def split_seed(seed: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
    """Where the start of a run with ``seed`` takes its random numbers from, and where its noise."""
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
    """Train from stop to stop, yielding each; in slices short enough to be interrupted.

    With a checkpoint, go on from it, without the stops that it has behind it.
    """
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
