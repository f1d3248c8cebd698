"""Results of many long runs, shipped with the package, and the code that computes them again.

``drift archive corridor`` recomputes one. An archive is a netCDF file of numbers that :mod:`drift`
itself computed; its attributes name the code and the machine that made it.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from distributed import as_completed
from tqdm import tqdm

from drift.archive.studies import (
    compact,
    noise_scan_archive,
    results_so_far,
    study_archive,
)
from drift.cache import cached_simulate
from drift.checks import check_choice
from drift.cluster import dask_client
from drift.hessian import spectra
from drift.provenance import code_version, commit
from drift.rules.gradient_descent import GradientDescent
from drift.storage import read_dataset, write_dataset
from drift.tasks.corridor import corridor
from drift.tuning import tuning_over_time

FOLDER = Path(__file__).parent

PUBLISHED_RULE = GradientDescent(learning_rate=0.1, update_noise=0.013895)
PUBLISHED_NETWORK: dict[str, Any] = {"hidden": 500, "init": "lazy", "steps": 1_000_000}
"""The study's Fig. 2: rule and network of the corridor run."""

CORRIDOR_VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "program's texture addressing": {"addressing": "program"},
    "text's constant speed": {"speed_noise": 0.0},
    "text's texture width": {"smoothing": float(np.sqrt(0.09 / 510))},
}
"""The corridor of this book, and with what the study's program or text has otherwise."""

CORRIDOR_SEEDS = range(5)


def corridor_run(variant: str, seed: int) -> xr.Dataset:
    """What the archive keeps of one run at published size and length."""
    task = corridor(seed=seed, **CORRIDOR_VARIANTS[variant])
    run = cached_simulate(task, PUBLISHED_RULE, seed=seed, **PUBLISHED_NETWORK, progress=False)
    tuning = tuning_over_time(run, task)
    kept = tuning[["place_cells", "mean_information", "rate_map_correlation"]]
    measures = run[["loss", "active_fraction", "fraction_active_units"]]
    per_output = float(task.targets.var(axis=0).mean())
    return xr.merge([measures, kept]).assign(target_variance=per_output).drop_attrs()


def corridor_archive() -> xr.Dataset:
    """Runs of the published corridor network, ``seed`` by ``variant``, five seeds each."""
    variants = list(CORRIDOR_VARIANTS)
    jobs = [(variant, seed) for variant in variants for seed in CORRIDOR_SEEDS]
    results = _on_all_cores(corridor_run, jobs)
    by_variant = [
        xr.concat([results[variant, seed] for seed in CORRIDOR_SEEDS], "seed")
        for variant in variants
    ]
    archive = xr.concat(by_variant, "variant").assign_coords(seed=list(CORRIDOR_SEEDS))
    archive.attrs["variants"] = "; ".join(variants)
    return archive


def corridor_spectra_archive() -> xr.Dataset:
    """The Hessian's spectrum at every snapshot of the default corridor run with seed 0."""
    task = corridor(seed=0)
    run = cached_simulate(task, PUBLISHED_RULE, seed=0, **PUBLISHED_NETWORK)
    found = spectra(run, task, progress=True)
    active = run["fraction_active_units"].sel(step=run["snapshot"].values).values
    found["fraction_active_units"] = ("snapshot", active)
    return compact(found.astype(np.float32).assign_coords(snapshot=run["snapshot"].values))


ARCHIVES: dict[str, Callable[[], xr.Dataset]] = {
    "corridor": corridor_archive,
    "corridor-spectra": corridor_spectra_archive,
    "noise-scan": noise_scan_archive,
    **{
        name: partial(study_archive, name)
        for name in ("generality", "published-rows", "update-vs-label")
    },
}


def load_archive(name: str) -> xr.Dataset:
    """The archive called ``name``, as shipped."""
    archive = read_dataset(archive_path(name))
    if "variants" in archive.attrs:
        archive = archive.assign_coords(variant=archive.attrs["variants"].split("; "))
    return archive


def shipped_archives() -> list[Path]:
    """The files of all archives that are shipped."""
    return sorted(FOLDER.glob("*.nc"))


def archive_path(name: str) -> Path:
    """The file of the archive called ``name``; ValueError if there is none of that name."""
    check_choice("archive", name, ARCHIVES)
    return FOLDER / f"{name}.nc"


def make_archive(name: str, path: Path | None = None, partial: bool = False) -> Path:
    """Compute the archive called ``name`` and write it to ``path``, by default where it is shipped.

    Interrupted, it keeps every finished run in the cache and goes on from there. The archive of a
    study may be ``partial``: of the runs that are done.
    """
    target = path or archive_path(name)
    began = time.monotonic()
    archive = results_so_far(name) if partial else ARCHIVES[name]()
    hours = round((time.monotonic() - began) / 3600, 2)
    archive.attrs = {
        "command": f"drift archive {name}",
        "code_version": code_version(),
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "hours": hours,
    } | archive.attrs
    write_dataset(archive, target)
    return target


def _on_all_cores(function: Callable[..., xr.Dataset], jobs: list[tuple]) -> dict:
    """``function`` of each job, one process a core, with a progress bar."""
    with dask_client() as client:
        futures = {client.submit(function, *job, pure=False): job for job in jobs}
        done = tqdm(as_completed(futures), total=len(jobs), unit="run")
        return {futures[future]: future.result() for future in done}
