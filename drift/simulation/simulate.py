"""Train a network and record what happens."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr
from threadpoolctl import ThreadpoolController

from drift.network import Parameters
from drift.rules.base_rule import LearningRule
from drift.simulation.call import checked_call
from drift.simulation.checkpoint import Checkpoint
from drift.simulation.fast_engine import FastEngine
from drift.simulation.measures import Measure
from drift.simulation.recorder import LinearSpacing, Recorder, Schedule
from drift.simulation.reference_engine import ReferenceEngine
from drift.support.checks import check_integer
from drift.support.progress import progress_bar
from drift.tasks.base_task import Task

__all__ = ["check_simulation", "simulate"]

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
    keep_checkpoint: bool = False,
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
        to the same bits; removed at the end, but not if the run is interrupted. If the disk fills
        meanwhile, a warning says so and the run goes on.
    checkpoint_seconds : float
    keep_checkpoint : bool
        Leave the state there at the end too, until the result is safe.
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
        If an argument is impossible, or ``checkpoint`` holds anything but a state of this run; then
        the error says in what it differs. Before any training, as the next.
    OSError
        If ``checkpoint`` cannot be read or its folder not written.

    Examples
    --------
    >>> import drift
    >>> run = drift.simulate(drift.random_mapping(), drift.GradientDescent(), hidden=20, steps=100)
    >>> run["loss"].values[[0, -1]].round(4).tolist()
    [0.8144, 0.0005]
    """
    call = checked_call(
        task, rule, hidden=hidden, init=init, steps=steps, seed=seed, measures=measures,
        record=record, snapshots=snapshots, activation=activation,
        active_threshold=active_threshold, dtype=dtype, engine=engine, skip_silent=skip_silent,
        stop_when_silent=stop_when_silent,
    )  # fmt: skip
    origin = call.attributes()
    steps = call.settings["steps"]
    running: Engine
    if engine == "fast":
        running = FastEngine(task, rule, call.start, call.noise, activation, dtype, skip_silent)
    else:
        running = ReferenceEngine(task, rule, call.start, call.noise, activation)
    threshold = call.settings["active_threshold"]
    recorder = Recorder(task, call.measures, call.record, call.snapshots, activation, threshold)
    stops = np.union1d(np.union1d(call.record, call.snapshots), [0, steps])
    saved, done = None, 0
    if checkpoint is not None:
        saved = Checkpoint(checkpoint, checkpoint_seconds, call.statement)
        state = saved.read()
        if state is not None:
            running.restore(state)
            recorder.restore(state)
            done = int(state["done"])
            stops = stops[stops > done]
    status = "finished"
    try:
        # One thread a run: many runs share the cores, and sums come out the same on any number.
        with _linear_algebra().limit(limits=1), progress_bar(steps, progress) as advance_bar:
            for step in _advance(running, recorder, stops, saved, done, advance_bar):
                found = recorder.visit(step, running.parameters())
                if found == "diverged" or (found == "silent" and stop_when_silent):
                    status = found
                    break
    except KeyboardInterrupt:
        status = "interrupted"
    if status != "finished":
        reached = recorder.recorded_at[-1] if recorder.recorded_at else 0
        warnings.warn(f"the run {_ENDINGS[status]} at step {reached} of {steps}", stacklevel=2)
    if saved is not None and status != "interrupted" and not keep_checkpoint:
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
    settings = {name: value for name, value in settings.items() if "checkpoint" not in name}
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


def _advance(
    engine: Engine,
    recorder: Recorder,
    stops: np.ndarray,
    checkpoint: Checkpoint | None,
    done: int,
    advance_bar: Callable[[int], object],
) -> Iterator[int]:
    """Train to each stop and yield it, in slices short enough to interrupt; from step ``done``."""
    slice_steps = 1

    def keep() -> None:
        if checkpoint is not None and checkpoint.is_due():
            checkpoint.write(
                {**engine.state(), **recorder.state(), "done": np.array(done, np.int64)}
            )

    advance_bar(done)
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
