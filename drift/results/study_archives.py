"""Archives of whole studies, small enough to be shipped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from drift.analysis.hessian import active_hessian, hessian_eigenvalues
from drift.analysis.spectra import count_above_zero, rank
from drift.network import Parameters
from drift.results.versions import is_of_this_code
from drift.rules.base_rule import LearningRule
from drift.simulation.cache import cached_simulate
from drift.simulation.simulate import simulate
from drift.study.collected_parts import collected_before
from drift.study.collection import collect, words
from drift.study.design import Study
from drift.study.folder import StudyError, StudyFolder
from drift.study.reading import list_designs, read_study
from drift.study.settings import (
    known_settings,
    make_rule,
    make_task,
    simulation_arguments,
    whole_settings,
)
from drift.study.work import run_study
from drift.support.locations import cache_directory
from drift.support.progress import each
from drift.support.provenance import code_version
from drift.tasks.mappings import random_mapping

KEPT_BITS = 10
"""Bits of the mantissa that an archive keeps of a measure: a relative error of at most 1/2048."""

LONGEST_GAP = 1800
"""Seconds between two results beyond which nobody was computing."""


def study_archive(name: str, part: xr.Dataset | None = None) -> xr.Dataset:
    """Every run of a shipped study, computed in the cache folder where it is not yet.

    Parameters
    ----------
    name : str
        The study's.
    part : xarray.Dataset, optional
        An archive of some of its runs (:func:`results_so_far`), which are not computed again.

    Raises
    ------
    StudyError
        If ``part`` is of other code, or of runs with other settings.
    RuntimeError
        If some runs failed.
    """
    known = _known_runs(part, read_study(list_designs()[name]).runs())
    folder = computed_study(name, without=known)
    return _archive(folder, name, known, part)


def computed_study(name: str, without: Collection[int] = ()) -> StudyFolder:
    """The folder of a shipped study in the cache folder, with all runs done but those ``without``.

    Raises
    ------
    RuntimeError
        If some runs failed.
    """
    design = read_study(list_designs()[name])
    return _compute(design, design.runs(), name, without)


def _known_runs(part: xr.Dataset | None, runs: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The runs in an archive of some of the ``runs``, by number."""
    if part is None:
        return {}
    if not is_of_this_code(part):
        raise StudyError("the archive is of other code: its runs have to be computed again.")
    known = collected_before(part)
    for row, number in enumerate(part["run"].values.tolist()):
        settings = archived_settings(part, row)
        if number >= len(runs) or any(
            value != runs[number].get(key) for key, value in settings.items() if key in runs[number]
        ):
            raise StudyError(f"run {number} of the archive has other settings than the study now.")
    return known


def study_now(name: str, runs: int, steps: int) -> xr.Dataset:
    """``runs`` of a shipped study, chosen at random and made ``steps`` long, computed now.

    What is computed is kept in the cache folder, for this version of the code.

    Raises
    ------
    StudyError
        If the study has fewer runs.
    RuntimeError
        If some runs failed.
    """
    design = read_study(list_designs()[name]).with_settings({"steps": steps})
    return collect(_compute(design, design.runs(runs), f"{name}-{runs}-{steps}-{code_version()}"))


def _compute(
    design: Study, runs: list[dict[str, Any]], own: str, without: Collection[int] = ()
) -> StudyFolder:
    """The folder ``own`` of the cache, with all ``runs`` done; RuntimeError if some failed."""
    folder = study_in_cache(own)
    folder.create(design.name, design.about, runs)
    failed = run_study(folder, without=without)
    if failed:
        raise RuntimeError(f"{len(failed)} runs of {design.name!r} failed: {failed}")
    return folder


def on_random_mappings(rule: LearningRule, seeds: int, steps: int) -> xr.Dataset:
    """Runs along ``seed`` on random mappings of the size of the noise scan, from the cache."""
    measures = ["loss", "fraction_active_units", "hessian_trace"]
    found = [
        cached_simulate(random_mapping(seed=seed, samples=5, d_in=20, d_out=5), rule, hidden=100,
                        init="rich", steps=steps, seed=seed, measures=measures)
        for seed in range(seeds)
    ]  # fmt: skip
    return xr.concat(found, "seed")


def results_so_far(name: str, part: xr.Dataset | None = None) -> xr.Dataset:
    """The runs of a shipped study that are done, as its archive.

    Parameters
    ----------
    name : str
        The study's.
    part : xarray.Dataset, optional
        An archive of some of its runs, which are in it too.

    Raises
    ------
    StudyError
        If the cache folder has no such study, or ``part`` is of other code or settings.
    """
    folder = study_in_cache(name)
    return _archive(folder, name, _known_runs(part, folder.settings()), part)


def study_in_cache(name: str) -> StudyFolder:
    """The folder in which a study is computed."""
    return StudyFolder(cache_directory() / "studies" / name)


def _archive(
    folder: StudyFolder, name: str, known: dict[int, dict[str, Any]], part: xr.Dataset | None
) -> xr.Dataset:
    """The runs in ``folder`` that are done and those in ``part``, which are the ``known`` ones."""
    collected = collect(folder, known=known)
    done = np.flatnonzero(words(collected["status"]) != "missing")
    numbered = collected.assign_coords(run=np.arange(collected.sizes["run"])).isel(run=done)
    return compact(numbered).assign_attrs(
        seed=read_study(list_designs()[name]).seed,
        complete=f"{len(done)} of {collected.sizes['run']} runs",
        hours=hours_of_work(folder) + (0 if part is None else float(part.attrs["hours"])),
    )


def hours_of_work(folder: StudyFolder) -> float:
    """How long the results of a study took, by when each appeared; longer gaps are pauses."""
    appeared = sorted(folder.result_path(number).stat().st_mtime for number in folder.finished())
    gaps = np.diff(appeared)
    return round(float(gaps[gaps < LONGEST_GAP].sum()) / 3600, 2)


def noise_scan_archive() -> xr.Dataset:
    """The noise scan, with the eigenvalues of its final Hessians counted in several ways.

    ``whole_rank`` is the exact whole Hessian's, :func:`~drift.analysis.spectra.rank`;
    ``above_zero`` what the study's program would count
    (:func:`~drift.analysis.spectra.count_above_zero`); ``active_parameters`` the number of
    parameters of units that are active for some sample.
    """
    archive = study_archive("noise-scan")
    folder = study_in_cache("noise-scan")
    counts = []
    for number, settings in enumerate(each(folder.settings(), "spectra")):
        task = make_task(settings)
        end = Parameters.of_snapshot(folder.result(number), -1)
        eigenvalues = hessian_eigenvalues(task, end)
        counts.append(
            (rank(eigenvalues), count_above_zero(task, end), len(active_hessian(task, end)))
        )
    names = ("whole_rank", "above_zero", "active_parameters")
    columns = np.array(counts, np.int32).T
    return archive.assign(dict(zip(names, [("run", column) for column in columns], strict=True)))


def compact(archive: xr.Dataset) -> xr.Dataset:
    """``archive`` with single-precision values rounded to :data:`KEPT_BITS`, to compress well."""
    measures = {
        name: values.copy(data=_rounded(values.values))
        for name, values in archive.data_vars.items()
        if values.dtype == np.float32
    }
    return archive.assign(measures)


def _rounded(values: np.ndarray) -> np.ndarray:
    dropped = 23 - KEPT_BITS
    bits = values.view(np.uint32)
    rounded = ((bits + (1 << (dropped - 1))) >> dropped << dropped).view(np.float32)
    return np.where(np.isfinite(values), rounded, values)


def archived_settings(archive: xr.Dataset, index: int) -> dict[str, Any]:
    """The settings of the ``index``-th run of a study's archive, as its row has them."""
    row = archive.isel(run=index)
    settings: dict[str, Any] = {}
    for name in ("seed", *known_settings()):
        if name not in row:
            continue
        value = words(row[name]) if "flag_meanings" in row[name].attrs else row[name].values
        if value.dtype.kind in "iu" or (name in whole_settings() and np.isfinite(value)):
            settings[name] = int(value)
        elif value.dtype.kind == "f" and np.isfinite(value):
            settings[name] = float(value)
        elif value.dtype.kind == "U" and value:
            settings[name] = str(value)
    return settings


def begin_again(archive: xr.Dataset, index: int, steps: int) -> xr.Dataset:
    """The first ``steps`` steps of the ``index``-th run of a study's archive, simulated now.

    It sees the same noise as the archived run, since it is looked at when that was.
    """
    settings = archived_settings(archive, index)
    arguments = simulation_arguments(settings)
    for schedule in ("record", "snapshots"):
        arguments[schedule] = [step for step in arguments[schedule] if step <= steps]
    whole = arguments | {"steps": steps, "progress": False}
    return simulate(make_task(settings), make_rule(settings), **whole)


class Beginning(NamedTuple):
    """An archived run and the same run begun now, as far as they should be alike."""

    records: int
    """How many records were compared: one, the network before training, if the archive is of
    earlier code, whose noise need not be that of now."""
    now: float
    """Fraction of active units at the last of them"""
    archived: float
    difference: float
    """Largest difference of the fraction at any of them, relative to the archived"""


def compare_beginning(archive: xr.Dataset, index: int, steps: int) -> Beginning:
    """The ``index``-th run of a study's archive against the same, begun again for ``steps``."""
    compared = steps if is_of_this_code(archive) else 0
    again = begin_again(archive, index, min(compared, int(archive["steps"][index])))
    archived = archive.isel(run=index)
    known = archived["step"].values[: again.sizes["step"]]
    if known.tolist() != again["step"].values.tolist():
        raise ValueError(f"run {index} of the archive was recorded at other steps than now.")
    ours = again["fraction_active_units"].values
    theirs = archived["fraction_active_units"].values[: ours.size]
    difference = float(np.abs(ours / theirs - 1).max())
    return Beginning(ours.size, float(ours[-1]), float(theirs[-1]), difference)
