"""The archives of the chapter on remapping: corridor networks in changed corridors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from drift.analysis.hessian import gauss_newton_eigenvalues, hessian_trace
from drift.analysis.remapping import Remapping, remapping
from drift.analysis.spectra import log_pseudo_determinant
from drift.analysis.tuning import directed_place, rate_maps
from drift.claims.remapping_claims import CONTROL
from drift.network import Parameters, hidden_activity
from drift.results.corridor_runs import (
    PUBLISHED_NETWORK,
    PUBLISHED_RULE,
    SEEDS,
    on_all_cores,
    published_run,
)
from drift.rules.base_rule import LearningRule
from drift.rules.gradient_descent import GradientDescent
from drift.simulation.cache import cached_simulate
from drift.simulation.recorder import LogSpacing
from drift.tasks.base_task import Task
from drift.tasks.changed_corridor import changed_corridor
from drift.tasks.corridor import corridor

SNAPSHOTS = (20_000, 40_000, 100_000, 200_000, 400_000, 600_000, 800_000, 1_000_000)
"""Training steps at which a network is put into changed corridors."""

DOSES = {
    "morph": (0.1, 0.25, 0.5, 1.0),
    "rotate": (0.01, 0.05, 0.25),
    "stretch": (0.05, 0.1, 0.25),
}
"""How much is changed, see :func:`~drift.tasks.changed_corridor.changed_corridor`."""

LABEL_NOISE = GradientDescent(learning_rate=0.1, label_noise=0.316)
"""The other kind of noise, whose size is the middle of the study's range from 0.1 to 1, in
logarithms. Under it the trace of the Hessian falls, and hardly any unit falls silent."""

LABEL_NOISE_SEEDS = range(10)
LABEL_NOISE_SNAPSHOTS = SNAPSHOTS[:4]

STEPS_THERE = 5000
"""Training steps in the changed corridor."""

RECOVERED = 2.0
"""A network has recovered when its loss is below so many times the control's median loss."""


def environments() -> list[tuple[str, float]]:
    """The change and the dose of each environment, the control first."""
    changed = [(change, dose) for change, doses in DOSES.items() for dose in doses]
    return [(CONTROL, 0.0), *changed]


def in_environments(
    network: Parameters, task: Task, rule: LearningRule, steps: int, seed: int, other_seed: int
) -> xr.Dataset:
    """A network that knows a corridor, put into each environment and trained there.

    Parameters
    ----------
    network : Parameters
    task : Task
        The corridor that it knows.
    rule : LearningRule
        The rule by which it goes on learning.
    steps, seed : int
        Training steps in each environment, and the seed of their noise.
    other_seed : int
        See :func:`~drift.tasks.changed_corridor.changed_corridor`.

    Returns
    -------
    xarray.Dataset
        Along ``environment``, for ``stage`` ``"at once"`` and ``"later"``: the values of
        :class:`~drift.analysis.remapping.Remapping` against the network's maps in the familiar
        corridor before, and ``loss``, over the variance of the targets there. ``recovery``, the
        number of steps until the loss is near that of the control, NaN where they do not suffice.
    """
    place = directed_place(task)

    def maps(parameters: Parameters, there: Task) -> xr.Dataset:
        return rate_maps(hidden_activity(parameters, there.inputs), place)

    before = maps(network, task)
    rows, losses, times = [], [], np.zeros(0)
    for change, dose in environments():
        there = task if change == CONTROL else changed_corridor(task, change, dose, other_seed)
        run = cached_simulate(
            there, rule, init=network, steps=steps, seed=seed, measures=["loss"],
            record=LogSpacing(60), snapshots=[steps], progress=False,
        )  # fmt: skip
        later = Parameters.of_snapshot(run, -1)
        rows.append(
            [
                remapping(before["rate"].values, maps(parameters, there)["rate"].values,
                          before["occupancy"].values)
                for parameters in (network, later)
            ]
        )  # fmt: skip
        losses.append(run["loss"].values / there.targets.var())
        times = run["step"].values
    loss = np.array(losses)
    near = loss <= RECOVERED * np.median(loss[0])
    recovery = np.where(near.any(axis=1), times[near.argmax(axis=1)], np.nan)
    values = np.array(rows)
    found = {
        name: (("environment", "stage"), values[:, :, i])
        for i, name in enumerate(Remapping._fields)
    }
    return xr.Dataset(
        found
        | {
            "loss": (("environment", "stage"), loss[:, [0, -1]]),
            "recovery": ("environment", recovery),
        },
        {"environment": names(), "stage": ["at once", "later"]},
    )


def names() -> list[str]:
    """Names of the environments, such as ``"morph 0.25"``."""
    return [CONTROL, *(f"{change} {dose:g}" for change, dose in environments()[1:])]


def flatness(network: Parameters, task: Task) -> dict[str, float]:
    """How flat the loss is at a network: smaller is flatter.

    Parameters
    ----------
    network, task : Parameters, Task

    Returns
    -------
    dict of str to float
        ``trace`` of the Hessian; ``log_pseudo_determinant`` of its Gauss-Newton part;
        ``sharpness``, the learning rate times the part's largest eigenvalue over two, 1 at the edge
        of stability; and ``active_units``, their number.
    """
    eigenvalues = gauss_newton_eigenvalues(task, network)
    activity = hidden_activity(network, task.inputs)
    return {
        "trace": hessian_trace(task, network),
        "log_pseudo_determinant": log_pseudo_determinant(eigenvalues),
        "sharpness": PUBLISHED_RULE.learning_rate * float(eigenvalues.max()) / 2,
        "active_units": float((activity > 0).any(axis=0).sum()),
    }


def put_into_changed(
    run: xr.Dataset, task: Task, rule: LearningRule, ages: Sequence[int], seed: int
) -> xr.Dataset:
    """What the archives keep of one network, along ``snapshot``, its ages in training steps."""
    kept = []
    for step in ages:
        network = Parameters.of_snapshot(run, run["snapshot"].values.tolist().index(step))
        found = in_environments(network, task, rule, STEPS_THERE, seed, other_seed=1000 + seed)
        kept.append(found.assign(flatness(network, task)))
    return xr.concat(kept, "snapshot").assign_coords(snapshot=list(ages))


def remapping_run(seed: int) -> xr.Dataset:
    """The archived corridor network of a seed, which has update noise."""
    task = corridor(seed=seed)
    run = published_run(task, seed, progress=False)
    return put_into_changed(run, task, PUBLISHED_RULE, SNAPSHOTS, seed)


def label_noise_run(seed: int) -> xr.Dataset:
    """The same network, trained with label noise."""
    task, ages = corridor(seed=seed), LABEL_NOISE_SNAPSHOTS
    network = PUBLISHED_NETWORK | {"steps": ages[-1], "seed": seed}
    run = cached_simulate(task, LABEL_NOISE, **network, snapshots=ages, progress=False)
    return put_into_changed(run, task, LABEL_NOISE, ages, seed)


def remapping_archive() -> xr.Dataset:
    """The archived corridor networks in changed corridors, along ``seed``."""
    return _along_seeds(remapping_run, SEEDS)


def label_noise_archive() -> xr.Dataset:
    """The same of networks that were trained with label noise, for a fifth of the time."""
    return _along_seeds(label_noise_run, LABEL_NOISE_SEEDS)


def _along_seeds(function: Callable[[int], xr.Dataset], seeds: range) -> xr.Dataset:
    found = xr.concat(on_all_cores(function, [(seed,) for seed in seeds]), "seed")
    return found.astype(np.float32).assign_coords(seed=list(seeds))
