"""Archives of the published corridor network: sparsity and information, rate maps, spectra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from distributed import as_completed
from tqdm import tqdm

from drift.analysis.spectra import spectra
from drift.analysis.tuning import tuning_over_time
from drift.results.study_archives import compact
from drift.rules.gradient_descent import GradientDescent
from drift.simulation.cache import cached_simulate
from drift.study.cluster import dask_client
from drift.tasks.base_task import Task
from drift.tasks.corridor import corridor

PUBLISHED_RULE = GradientDescent(learning_rate=0.1, update_noise=0.013895)
PUBLISHED_NETWORK: dict[str, Any] = {"hidden": 500, "init": "lazy", "steps": 1_000_000}
"""The study's Fig. 2: rule and network of the corridor run."""


EVERY_THOUSANDTH = range(0, PUBLISHED_NETWORK["steps"] + 1, 1000)
"""Evenly spaced ones of the steps at which the archived runs are recorded."""


def recorded_steps(steps: int) -> list[int]:
    """When archived runs are recorded, up to ``steps``; a run recorded then is their beginning.

    Every thousandth step, thirty steps a decade, and the last one. (Noise that silent units missed
    is drawn when a run is looked at: see ``skip_silent`` of ``drift.simulate``.)
    """
    decades = int(np.ceil(np.log10(max(steps, 1)))) + 1
    by_ratio = np.round(10 ** (np.arange(30 * decades) / 30)).astype(int)
    by_thousand = np.arange(0, steps, 1000)
    wanted = np.union1d(by_thousand, by_ratio[by_ratio < steps])
    return [*wanted.tolist(), steps]


CORRIDOR_VARIANTS: dict[str, dict[str, Any]] = {
    "program's texture addressing": {"addressing": "program"},
    "text's constant speed": {"speed_noise": 0.0},
    "text's texture width": {"smoothing": float(np.sqrt(0.09 / 510))},
}
"""What the study's program or text has otherwise than the corridor of this book."""

SEEDS, VARIANT_SEEDS = range(20), range(5)


def corridor_run(seed: int, constants: dict[str, Any]) -> xr.Dataset:
    """What the archive keeps of one run at published size and length."""
    task = corridor(seed=seed, **constants)
    return summary(published_run(task, seed, progress=False), task)


def summary(run: xr.Dataset, task: Task) -> xr.Dataset:
    """What the archive keeps of a ``run`` on ``task``, whatever its size and length."""
    tuning = tuning_over_time(run, task)
    kept = tuning[["place_cells", "mean_information", "rate_map_correlation"]]
    measures = run[["loss", "active_fraction", "fraction_active_units"]]
    per_output = float(task.targets.var(axis=0).mean())
    return xr.merge([measures, kept]).assign(target_variance=per_output).drop_attrs()


def corridor_archive() -> xr.Dataset:
    """Runs of the published corridor network, along ``seed``."""
    results = on_all_cores(corridor_run, [(seed, {}) for seed in SEEDS])
    return xr.concat(results, "seed").assign_coords(seed=list(SEEDS))


def corridor_variants_archive() -> xr.Dataset:
    """The same for each of :data:`CORRIDOR_VARIANTS`, ``variant`` by ``seed``."""
    jobs = [(seed, constants) for constants in CORRIDOR_VARIANTS.values() for seed in VARIANT_SEEDS]
    results = on_all_cores(corridor_run, jobs)
    size = len(VARIANT_SEEDS)
    by_variant = [
        xr.concat(results[first : first + size], "seed") for first in range(0, len(jobs), size)
    ]
    return xr.concat(by_variant, "variant").assign_coords(
        seed=list(VARIANT_SEEDS), variant=list(CORRIDOR_VARIANTS)
    )


def corridor_spectra_archive() -> xr.Dataset:
    """The Hessian's spectrum at every snapshot of the default corridor run with seed 0."""
    task, run = run_with_snapshots()
    found = spectra(run, task, progress=True)
    active = run["fraction_active_units"].sel(step=run["snapshot"].values).values
    found["fraction_active_units"] = ("snapshot", active)
    return compact(found.astype(np.float32).assign_coords(snapshot=run["snapshot"].values))


def corridor_maps_archive() -> xr.Dataset:
    """Rate maps of all units at every snapshot of the default corridor run with seed 0.

    ``level`` (snapshot, unit, place) and ``peak_rate`` (snapshot, unit) of :func:`quantise`, at the
    ``place`` of each bin that was visited, and its ``place_bin`` among the hundred;
    ``spatial_information`` (snapshot, unit) in bits, NaN for silent units; and along ``snapshot``
    the loss, the fraction of active units and the mean information of place cells.
    """
    task, run = run_with_snapshots()
    tuning = tuning_over_time(run, task)
    visited = np.flatnonzero(tuning["occupancy"].values > 0)
    level, peak_rate = quantise(tuning["rate"].values[:, :, visited])
    archive = tuning[["spatial_information"]].astype(np.float32)
    archive["mean_information"] = tuning["mean_information"]
    for name in ("loss", "fraction_active_units"):
        archive[name] = ("snapshot", run[name].sel(step=run["snapshot"].values).values)
    archive["level"] = (("snapshot", "unit", "place"), level)
    archive["peak_rate"] = (("snapshot", "unit"), peak_rate)
    archive["place_bin"] = ("place", visited.astype(np.int32))
    placed = archive.assign_coords(place=tuning["place"].values[visited])
    return placed.drop_attrs().assign_attrs(seed=0)


def quantise(rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rate maps in 255 steps of their own peak: level (..., place) uint8, peak (...) float32.

    ``rate`` is at least zero and without NaN. ``level * peak / 255`` is the rate to half a step.
    """
    peak = rate.max(axis=-1)
    relative = np.divide(rate, peak[..., None], out=np.zeros_like(rate), where=peak[..., None] > 0)
    return np.round(255 * relative).astype(np.uint8), peak.astype(np.float32)


def published_run(task: Task, seed: int, progress: bool | None = None) -> xr.Dataset:
    """A run of the published network, from the cache if it is there."""
    record = recorded_steps(PUBLISHED_NETWORK["steps"])
    network = PUBLISHED_NETWORK | {"seed": seed, "record": record, "progress": progress}
    return cached_simulate(task, PUBLISHED_RULE, **network)


def run_with_snapshots() -> tuple[Task, xr.Dataset]:
    """The default corridor of seed 0 and the published run in it."""
    task = corridor(seed=0)
    return task, published_run(task, seed=0)


def on_all_cores(function: Callable[..., xr.Dataset], jobs: list[tuple]) -> list[xr.Dataset]:
    """``function`` of each job, one process a core, with a progress bar; in the order of jobs."""
    with dask_client() as client:
        futures = [client.submit(function, *job, pure=False) for job in jobs]
        for _ in tqdm(as_completed(futures), total=len(jobs), unit="run", disable=None):
            pass
        return client.gather(futures)
