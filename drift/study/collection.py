"""The results of a study in one dataset, and in a table like the published one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.hessian import gauss_newton_eigenvalues
from drift.analysis.sparsification import half_time, sparsification_rate
from drift.analysis.spectra import rank
from drift.network import Parameters
from drift.study.folder import StudyFolder
from drift.study.index import read_results_of
from drift.study.settings import RECORDED, make_rule, make_task
from drift.support.flags import column, words

_PUBLISHED_TASKS = {
    "abstract_predictive": "predictive",
    "random_mapping": "random",
    "smoothed_mapping": "smoothed",
}
_PUBLISHED_RULES = {"GradientDescent": "SGD", "StochasticErrorDescent": "RLgrad"}

DEFAULTED = ("samples", "d_in", "d_out", "learning_rate", "init")

EVEN_RECORDS = 201
"""Evenly spaced times at which a curve is looked at for the study's rate of sparsification."""

SPECTRAL_SHARES = (0.0, 0.01, 0.1, 0.3, 0.6, 1.0)
"""Times, as shares of the run, at which the spectrum of the Hessian is looked at."""


def collect(
    folder: StudyFolder, progress: bool = True, known: Mapping[int, dict[str, Any]] | None = None
) -> xr.Dataset:
    """Every run of a study in one dataset, along ``run``; runs without a result are NaN.

    Parameters
    ----------
    folder : StudyFolder
    progress : bool
        Show a progress bar.
    known : mapping of int to dict, optional
        By number, runs that were collected before, see :mod:`drift.study.collected_parts`. They
        stand where the folder has no result.

    Returns
    -------
    xarray.Dataset
        ``step`` (run, record), -1 where a run has fewer records, and the measures along them;
        each setting along ``run``, words as numbers with their meaning in ``flag_meanings``
        (CF conventions), sizes and learning rates also where the study leaves them to the
        defaults; ``status`` likewise; ``target_variance``; and of the Hessian's Gauss-Newton part
        ``hessian_rank`` and ``largest_eigenvalue`` along ``snapshot`` (times as shares of the run;
        runs that ended earlier have their last one at the next of these times).
        ``damaged`` names what lies among the results and could not be used, and says why.
    """
    settings = folder.settings()
    results, left_out = read_results_of(folder.results, settings, _result, progress)
    for number, result in (known or {}).items():
        results[number] = results[number] or result
    records = max((found["step"].size for found in results if found), default=1)
    data: dict[str, Any] = {"step": (("run", "record"), _padded(results, "step", records, -1))}
    for name in RECORDED:
        data[name] = (("run", "record"), _padded(results, name, records, np.nan))
    for name in ("hessian_rank", "largest_eigenvalue"):
        spectral = _padded(results, name, len(SPECTRAL_SHARES), np.nan)
        data[name] = (("run", "snapshot"), spectral)
    data["snapshot"] = np.array(SPECTRAL_SHARES)
    data["target_variance"] = ("run", _values(results, "target_variance"))
    for name in dict.fromkeys((*itertools.chain.from_iterable(settings), *DEFAULTED)):
        data[name] = column(
            [run.get(name, found.get(name)) for run, found in zip(settings, results, strict=True)]
        )
    data["status"] = column([found.get("status", "missing") for found in results])
    attributes = {
        "study": folder.name,
        "code_versions": ", ".join(sorted({f["code_version"] for f in results if f})),
        "damaged": "; ".join(left_out),
    }
    return xr.Dataset(data, attrs=attributes)


def _result(run: xr.Dataset, settings: dict[str, Any]) -> dict[str, Any]:
    """What is collected of one run."""
    task = make_task(settings)
    kept = [run[name].values for name in Parameters._fields]  # once: xarray takes its time for each
    spectra = [
        gauss_newton_eigenvalues(task, Parameters(*(values[i] for values in kept)))
        for i in _spectral_snapshots(run, settings["steps"])
    ]
    measures = {name: run[name].values.astype(np.float32) for name in RECORDED}
    return {"step": run["step"].values, **measures} | {
        "status": run.attrs["status"],
        "code_version": run.attrs["code_version"],
        "target_variance": float(task.targets.var()),
        "samples": task.samples,
        "d_in": task.d_in,
        "d_out": task.d_out,
        "learning_rate": make_rule(settings).learning_rate,
        "init": "rich",  # as simulate has it
        "largest_eigenvalue": np.array([spectrum[-1] for spectrum in spectra]),
        "hessian_rank": np.array([rank(spectrum) for spectrum in spectra], float),
    }


def _spectral_snapshots(run: xr.Dataset, steps: int) -> list[int]:
    """Places of the snapshots at :data:`SPECTRAL_SHARES`, as far as the run came; the last one."""
    wanted = [round(share * steps) for share in SPECTRAL_SHARES]
    reached = [step for step in wanted if step <= run["snapshot"].values[-1]]
    return np.searchsorted(run["snapshot"].values, reached).tolist()


def _padded(results: list[dict[str, Any]], name: str, length: int, filler: float) -> np.ndarray:
    kind = np.int64 if name == "step" else np.float32
    table = np.full((len(results), length), filler, kind)
    for row, found in zip(table, results, strict=True):
        if found:
            row[: found[name].size] = found[name]
    return table


def _values(results: list[dict[str, Any]], name: str) -> np.ndarray:
    return np.array([found.get(name, np.nan) for found in results])


def table_of_runs(collected: xr.Dataset) -> pd.DataFrame:
    """One row a run with a result, in the columns of the study's published tables.

    ``loss`` is log10(loss / variance of the targets) at the end; ``active`` and ``active_units``
    the final over the initial active fraction and fraction of active units; ``log_rate`` log10 of
    the rate of sparsification as the study's program has it, from evenly spaced records, and
    ``log_rate_equal_errors`` by the other definition
    (:func:`~drift.analysis.sparsification.sparsification_rate`); ``eig_sum`` the mean sum of the
    Hessian's eigenvalues over the last tenth of the run, over that over the first; ``eig_max`` the
    largest at the end; ``sim_len`` the number of steps. Ours are ``part``, ``status``, ``ended_at``
    (the last recorded step, earlier for runs that ended early), ``half_time`` (the step at which
    half of the active units are silent), ``sharpness_at_start`` and ``sharpness`` (learning rate
    times largest eigenvalue of the Hessian over two, at the start and at the end; one is the edge
    of stability), and ``raw_loss``, log10 of the loss against targets with label noise, not
    divided by their variance (:mod:`drift.datasets.published_runs`).
    """
    done = collected.isel(run=np.flatnonzero(words(collected.status) != "missing"))
    ends = (done.step.values >= 0).sum(axis=1) - 1
    everyone = np.arange(len(ends))

    def final(name: str) -> np.ndarray:
        return done[name].values[everyone, ends].astype(float)

    def final_over_initial(name: str) -> np.ndarray:
        return final(name) / done[name].values[:, 0]

    label_noise = np.nan_to_num(_number(done, "label_noise"))
    learning_rate = _number(done, "learning_rate")
    eigenvalues = _largest_eigenvalues(done)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "part": words(done.part),
            "status": words(done.status),
            "data_type": [_PUBLISHED_TASKS.get(name, name) for name in words(done.task)],
            "regime": words(done.init),
            "Xdim": _number(done, "d_in"),
            "ydim": _number(done, "d_out"),
            "nsamples": _number(done, "samples"),
            "learning_algo": [_PUBLISHED_RULES.get(name, name) for name in words(done.rule)],
            "lr": learning_rate,
            "update_noise": np.nan_to_num(_number(done, "update_noise")),
            "label_noise": label_noise,
            "loss": np.log10(final("loss") / done.target_variance.values),
            "raw_loss": np.log10(final("loss") + label_noise**2 / 12),
            "active": final_over_initial("active_fraction"),
            "active_units": final_over_initial("fraction_active_units"),
            **_sparsification(done, ends),
            "eig_sum": _last_over_first_tenth(done, "hessian_trace"),
            "eig_max": eigenvalues[:, 1],
            "sharpness_at_start": learning_rate * eigenvalues[:, 0] / 2,
            "sharpness": learning_rate * eigenvalues[:, 1] / 2,
            "sim_len": done.steps.values,
            "ended_at": done.step.values[everyone, ends],
        }
    return pd.DataFrame(columns)


def _sparsification(done: xr.Dataset, ends: np.ndarray) -> dict[str, list[float]]:
    """How fast each run became sparse, by three definitions."""
    rows = []
    for run, end in enumerate(ends):
        step = done.step.values[run, : end + 1]
        units = done.fraction_active_units.values[run, : end + 1]
        even = np.linspace(0, step[-1], EVEN_RECORDS)
        program = sparsification_rate(even, np.interp(even, step, units), "program")
        equal_errors = sparsification_rate(step, units, "equal errors")
        rows.append((np.log10(program), np.log10(equal_errors), half_time(step, units)))
    names = ("log_rate", "log_rate_equal_errors", "half_time")
    columns = np.array(rows, float).reshape(-1, len(names)).T
    return dict(zip(names, columns.tolist(), strict=True))


def _last_over_first_tenth(done: xr.Dataset, name: str) -> np.ndarray:
    """Mean of a measure over the last tenth of each run, over that over the first."""
    first, last = np.linspace(0, 0.1, 21), np.linspace(0.9, 1, 21)
    ratios = np.full(done.sizes["run"], np.nan)
    for run, (step, values) in enumerate(zip(done.step.values, done[name].values, strict=True)):
        known = (step >= 0) & np.isfinite(values)
        means = [
            np.interp(shares * step[known][-1], step[known], values[known]).mean()
            for shares in (first, last)
        ]
        ratios[run] = means[1] / means[0]
    return ratios


def _largest_eigenvalues(done: xr.Dataset) -> np.ndarray:
    """Largest eigenvalue of the Hessian's Gauss-Newton part, at the start and at the end."""
    values = done["largest_eigenvalue"].values
    last = np.isfinite(values).sum(axis=1) - 1
    return np.column_stack([values[:, 0], values[np.arange(len(values)), last]])


def _number(collected: xr.Dataset, name: str) -> np.ndarray:
    missing = np.full(collected.sizes["run"], np.nan)
    return collected[name].values if name in collected else missing
