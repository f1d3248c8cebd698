"""The archive of the chapter on remapping: the archived corridor networks in changed corridors."""

from __future__ import annotations

import numpy as np
import xarray as xr

from drift.analysis.hessian import gauss_newton_eigenvalues, hessian_trace
from drift.analysis.remapping import Remapping, remapping
from drift.analysis.spectra import log_pseudo_determinant
from drift.analysis.tuning import directed_place, rate_maps
from drift.network import Parameters, hidden_activity
from drift.results.corridor_runs import PUBLISHED_RULE, SEEDS, on_all_cores, published_run
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

FAMILIAR = "familiar"
"""The control: the same network for as many steps more in the corridor that it knows."""

STEPS_THERE = 5000
"""Training steps in the changed corridor."""

RECOVERED = 2.0
"""A network has recovered when its loss is below so many times the control's median loss."""


def environments() -> list[tuple[str, float]]:
    """The change and the dose of each environment, the control first."""
    changed = [(change, dose) for change, doses in DOSES.items() for dose in doses]
    return [(FAMILIAR, 0.0), *changed]


def in_environments(
    network: Parameters, task: Task, steps: int, seed: int, other_seed: int
) -> xr.Dataset:
    """A network that knows a corridor, put into each environment and trained there.

    Parameters
    ----------
    network : Parameters
    task : Task
        The corridor that it knows.
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
        there = task if change == FAMILIAR else changed_corridor(task, change, dose, other_seed)
        run = cached_simulate(
            there, PUBLISHED_RULE, init=network, steps=steps, seed=seed, measures=["loss"],
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
    return [FAMILIAR, *(f"{change} {dose:g}" for change, dose in environments()[1:])]


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


def remapping_run(seed: int) -> xr.Dataset:
    """What the archive keeps of one seed, along ``snapshot``."""
    task = corridor(seed=seed)
    run = published_run(task, seed, progress=False)
    kept = []
    for step in SNAPSHOTS:
        network = Parameters.of_snapshot(run, run["snapshot"].values.tolist().index(step))
        found = in_environments(network, task, STEPS_THERE, seed, other_seed=1000 + seed)
        kept.append(found.assign(flatness(network, task)))
    return xr.concat(kept, "snapshot").assign_coords(snapshot=list(SNAPSHOTS))


def remapping_archive() -> xr.Dataset:
    """The archived corridor networks in changed corridors, along ``seed``."""
    found = xr.concat(on_all_cores(remapping_run, [(seed,) for seed in SEEDS]), "seed")
    return found.astype(np.float32).assign_coords(seed=list(SEEDS))
