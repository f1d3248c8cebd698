"""The results of a study in one dataset, and in a table like the published one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.hessian import gauss_newton_eigenvalues
from drift.analysis.sparsification import half_time, sparsification_rate
from drift.analysis.spectra import rank
from drift.network import Parameters
from drift.study.folder import StudyFolder
from drift.study.settings import RECORDED, make_rule, make_task
from drift.support.progress import each
from drift.support.storage import DamagedFileError

_PUBLISHED_TASKS = {
    "abstract_predictive": "predictive",
    "random_mapping": "random",
    "smoothed_mapping": "smoothed",
}
_PUBLISHED_RULES = {"GradientDescent": "SGD", "StochasticErrorDescent": "RLgrad"}

_DEFAULTED = ("samples", "d_in", "d_out", "learning_rate", "init")

SPECTRAL_SHARES = (0.0, 0.01, 0.1, 0.3, 0.6, 1.0)
"""Times, as shares of the run, at which the spectrum of the Hessian is looked at."""


def collect(folder: StudyFolder, progress: bool = True) -> xr.Dataset:
    """Every run of a study in one dataset, along ``run``; runs without a result are NaN.

    Returns
    -------
    xarray.Dataset
        ``step`` (run, record), -1 where a run has fewer records, and the measures along them;
        each setting along ``run``, words as numbers with their meaning in ``flag_meanings``
        (CF conventions), sizes and learning rates also where the study leaves them to the
        defaults; ``status`` likewise; ``target_variance``; ``largest_eigenvalue`` of the
        Hessian's Gauss-Newton part at the end, and along ``snapshot`` (times as shares of the run)
        its ``hessian_rank``. ``damaged`` names results that could not be read.
    """
    settings = folder.settings()
    results: list[dict[str, Any]] = []
    damaged = []
    for number in each(range(len(settings)), "runs", progress):
        try:
            run = folder.result(number)
        except FileNotFoundError:
            results.append({})
            continue
        except DamagedFileError as problem:
            damaged.append(str(problem))
            results.append({})
            continue
        task = make_task(settings[number])
        spectra = [
            gauss_newton_eigenvalues(task, Parameters.of_snapshot(run, i))
            for i in _spectral_snapshots(run, settings[number]["steps"])
        ]
        results.append(
            {name: run[name].values for name in ("step", *RECORDED)}
            | {
                "status": run.attrs["status"],
                "code_version": run.attrs["code_version"],
                "target_variance": float(task.targets.var()),
                "samples": task.samples,
                "d_in": task.d_in,
                "d_out": task.d_out,
                "learning_rate": make_rule(settings[number]).learning_rate,
                "init": "rich",  # as simulate has it
                "largest_eigenvalue": spectra[-1][-1],
                "hessian_rank": np.array([rank(spectrum) for spectrum in spectra], float),
            }
        )
    records = max((found["step"].size for found in results if found), default=0)
    data: dict[str, Any] = {"step": (("run", "record"), _padded(results, "step", records, -1))}
    for name in RECORDED:
        data[name] = (("run", "record"), _padded(results, name, records, np.nan))
    for name in ("target_variance", "largest_eigenvalue"):
        data[name] = ("run", np.array([found.get(name, np.nan) for found in results]))
    data["hessian_rank"] = (
        ("run", "snapshot"),
        _padded(results, "hessian_rank", len(SPECTRAL_SHARES), np.nan),
    )
    data["snapshot"] = np.array(SPECTRAL_SHARES)
    for name in dict.fromkeys((*itertools.chain.from_iterable(settings), *_DEFAULTED)):
        data[name] = _column(
            [run.get(name, found.get(name)) for run, found in zip(settings, results, strict=True)]
        )
    data["status"] = _column([found.get("status", "missing") for found in results])
    attributes = {
        "study": folder.name,
        "code_versions": ", ".join(sorted({f["code_version"] for f in results if f})),
        "damaged": "; ".join(damaged),
    }
    return xr.Dataset(data, attrs=attributes)


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


def _column(values: list[Any]) -> tuple:
    """A setting along ``run``: numbers as they are (NaN where absent), words as flags."""
    words = sorted({value for value in values if isinstance(value, str)})
    if not words:
        return "run", np.array([np.nan if value is None else value for value in values])
    codes = [words.index(value) if isinstance(value, str) else -1 for value in values]
    meaning = {"flag_values": np.arange(len(words)), "flag_meanings": "|".join(words)}
    return "run", np.array(codes, np.int16), meaning


def words(column: xr.DataArray) -> np.ndarray:
    """The words of a setting that :func:`collect` keeps as flags."""
    meanings = np.array([*column.attrs["flag_meanings"].split("|"), ""])
    return meanings[column.values]


def table_of_runs(collected: xr.Dataset) -> pd.DataFrame:
    """One row a run with a result, in the columns of the study's published tables.

    ``loss`` is log10(loss / variance of the targets) at the end; ``active`` and ``active_units``
    the final over the initial active fraction and fraction of active units; ``log_rate`` log10 of
    the rate of sparsification; ``eig_sum`` and ``eig_max`` sum and largest eigenvalue of the
    Hessian; ``sim_len`` the number of steps. Ours are ``part``, ``status``, ``ended_at`` (the last
    recorded step, earlier for runs that ended early), ``half_time`` (the step at which half of the
    active units are silent) and ``raw_loss``, log10 of the loss against
    targets with label noise, not divided by their variance (:mod:`drift.datasets.published_runs`).
    """
    done = collected.isel(run=np.flatnonzero(words(collected.status) != "missing"))
    steps = done.step.values
    ends = (steps >= 0).sum(axis=1) - 1
    everyone = np.arange(len(ends))

    def final(name: str) -> np.ndarray:
        return done[name].values[everyone, ends].astype(float)

    def final_over_initial(name: str) -> np.ndarray:
        return final(name) / done[name].values[:, 0]

    units = done.fraction_active_units.values
    rates = [
        sparsification_rate(steps[run, : end + 1], units[run, : end + 1])
        for run, end in enumerate(ends)
    ]
    halves = [
        half_time(steps[run, : end + 1], units[run, : end + 1]) for run, end in enumerate(ends)
    ]
    label_noise = np.nan_to_num(_number(done, "label_noise"))
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
            "lr": _number(done, "learning_rate"),
            "update_noise": np.nan_to_num(_number(done, "update_noise")),
            "label_noise": label_noise,
            "loss": np.log10(final("loss") / done.target_variance.values),
            "raw_loss": np.log10(final("loss") + label_noise**2 / 12),
            "active": final_over_initial("active_fraction"),
            "active_units": final_over_initial("fraction_active_units"),
            "log_rate": np.log10(rates),
            "half_time": halves,
            "eig_sum": final("hessian_trace"),
            "eig_max": done.largest_eigenvalue.values,
            "sim_len": done.steps.values,
            "ended_at": steps[everyone, ends],
        }
    return pd.DataFrame(columns)


def _number(collected: xr.Dataset, name: str) -> np.ndarray:
    missing = np.full(collected.sizes["run"], np.nan)
    return collected[name].values if name in collected else missing
