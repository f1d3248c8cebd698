"""Spectra of the loss's Hessian along a run: eigenvalues, rank and pseudo-determinant."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.belonging import snapshots_of
from drift.analysis.hessian import (
    active_hessian,
    check_activation,
    gauss_newton_eigenvalues,
    hessian_trace,
    residual_eigenvalues,
)
from drift.network import Parameters
from drift.support.array_checks import check_array, check_variables, check_whole_numbers
from drift.support.checks import check_bool, check_integer, check_kind, check_share
from drift.support.progress import each
from drift.tasks.base_task import Task

__all__ = [
    "count_above_zero",
    "eigenvalue_counts",
    "log_pseudo_determinant",
    "rank",
    "ratios_to",
    "spectra",
]

RANK_TOLERANCE = 1e-6
"""Eigenvalues below this share of the largest count as zero."""


def rank(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> int:
    """How many eigenvalues have a size above ``tolerance`` times the largest.

    Parameters
    ----------
    eigenvalues : (count,) array
        In any order, at least one.
    tolerance : float
        Share of the largest size, at least 0 and below 1.

    Returns
    -------
    int
        Number of eigenvalues that are not counted as zero.

    Raises
    ------
    TypeError, ValueError
        If there is no eigenvalue or one that is not finite, or ``tolerance`` is not as above.
    """
    return len(_above(*_checked(eigenvalues, tolerance)))


def log_pseudo_determinant(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> float:
    """Sum of the natural logarithms of the sizes of the eigenvalues that :func:`rank` counts.

    What update noise should make small (Li, Wang and Arora 2022, cited by the study as its
    reference 26).

    Parameters
    ----------
    eigenvalues, tolerance : (count,) array, float
        As for :func:`rank`.

    Returns
    -------
    float
        0 if all eigenvalues are zero.

    Raises
    ------
    TypeError, ValueError
        As for :func:`rank`.
    """
    return float(np.log(_above(*_checked(eigenvalues, tolerance))).sum())


def count_above_zero(task: Task, parameters: Parameters, activation: str = "relu") -> int:
    """Non-zero eigenvalues as the study's program counted them (Fig. 5B): without a tolerance.

    How many of the values that a solver for matrices without symmetry returns have a real part
    above zero. Most of the Hessian's eigenvalues are zero, and round-off gives them signs: about
    half of the parameters of active units are counted, whatever the rank.

    Parameters
    ----------
    task, parameters, activation : Task, Parameters, {"relu", "leaky relu"}
        Training set, parameters and activation function of the network.

    Returns
    -------
    int
        Of the values of :func:`numpy.linalg.eigvals` for
        :func:`~drift.analysis.hessian.active_hessian`.

    Raises
    ------
    TypeError, ValueError
        As for :func:`~drift.analysis.hessian.hessian_trace`, or if the parameters are too large
        for float64.
    """
    values = np.linalg.eigvals(active_hessian(task, parameters, activation))
    return int((values.real > 0).sum())


def _checked(eigenvalues: np.ndarray, tolerance: float) -> tuple[np.ndarray, float]:
    largest = float(np.finfo(float).max)
    given = check_array("eigenvalues", eigenvalues, ("count",), minimum=-largest, maximum=largest)
    return given, check_share("tolerance", tolerance)


def _above(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> np.ndarray:
    size = np.abs(eigenvalues)
    return size[size > tolerance * size.max()]


def spectra(
    run: xr.Dataset, task: Task, snapshots: Iterable[int] | None = None, progress: bool = False
) -> xr.Dataset:
    """The Hessian's spectrum at the snapshots of a run.

    Parameters
    ----------
    run : xarray.Dataset
        Of ``drift.simulate``.
    task : Task
        The task of the run.
    snapshots : iterable of int, optional
        Indices of snapshots, negative ones from the end; all by default.
    progress : bool
        Show a progress bar.

    Returns
    -------
    xarray.Dataset
        Along ``snapshot``: ``eigenvalues`` (snapshot, order) of the Gauss-Newton part, descending;
        their number above the tolerance ``rank``, ``log_pseudo_determinant`` and
        ``largest_eigenvalue``; ``trace`` of the Hessian; ``residual_eigenvalue``, the largest of
        the residual part.

    Raises
    ------
    TypeError, ValueError
        If the activation function of the run is curved, the run is not of a task of its shape, or
        there is no such snapshot.
    """
    chosen = None
    if snapshots is not None:
        chosen = list(check_kind("snapshots", snapshots, Iterable))
    then, activation = snapshots_of(run, task, chosen)
    check_activation(activation)
    rows = []
    for parameters in each(then, "snapshots", check_bool("progress", progress)):
        arguments = (task, parameters, activation)
        eigenvalues = gauss_newton_eigenvalues(*arguments)
        rows.append(
            {
                "eigenvalues": eigenvalues[::-1],
                "rank": rank(eigenvalues),
                "log_pseudo_determinant": log_pseudo_determinant(eigenvalues),
                "largest_eigenvalue": eigenvalues[-1],
                "trace": hessian_trace(*arguments),
                "residual_eigenvalue": residual_eigenvalues(*arguments)[-1],
            }
        )
    return xr.Dataset(
        {
            name: (("snapshot", "order")[: np.ndim(rows[0][name]) + 1], [row[name] for row in rows])
            for name in rows[0]
        },
        coords={"snapshot": run["snapshot"].values[slice(None) if chosen is None else chosen]},
    )


def ratios_to(
    found: xr.Dataset, step: int, largest: int = 100, small: tuple[int, int] = (900, 1100)
) -> xr.Dataset:
    """Eigenvalues along a run over those of the same rank at one step (Fig. 5C's comparison).

    Parameters
    ----------
    found : xarray.Dataset
        Of :func:`spectra`, with as many eigenvalues as the ranks below.
    step : int
        Training step of the snapshot that all others are compared with.
    largest : int
        Number of large eigenvalues.
    small : pair of int
        First and last rank of the small eigenvalues, from 1.

    Returns
    -------
    xarray.Dataset
        Along ``snapshot``: ``largest`` and ``small``, the median ratio over either ranks; ratios of
        ``trace`` and ``rank``.

    Raises
    ------
    TypeError, ValueError
        If there is no such snapshot, or there are fewer eigenvalues.
    """
    wanted: dict[str, tuple[str, ...]] = {"trace": ("snapshot",), "rank": ("snapshot",)}
    check_variables("found", found, wanted | {"eigenvalues": ("snapshot", "order")})
    step, largest = check_integer("step", step), check_integer("largest", largest)
    if step not in found["snapshot"].values:
        raise ValueError(f"step={step} is no snapshot: {found['snapshot'].values.tolist()}.")
    first, last = (int(one) for one in check_whole_numbers("small", small, (2,)))
    if not 0 < first <= last <= found.sizes["order"] or not 0 < largest <= found.sizes["order"]:
        raise ValueError(
            f"largest={largest} and small={small} must be ranks from 1 to the number of "
            f"eigenvalues, {found.sizes['order']}."
        )
    eigenvalues = found["eigenvalues"].astype(float)
    ratio = eigenvalues / eigenvalues.sel(snapshot=step, drop=True)
    whole = found[["trace", "rank"]].astype(float)
    return (whole / whole.sel(snapshot=step, drop=True)).assign(
        largest=ratio.isel(order=slice(0, largest)).median("order"),
        small=ratio.isel(order=slice(first - 1, last)).median("order"),
    )


def eigenvalue_counts(runs: xr.Dataset) -> pd.DataFrame:
    """Active units and non-zero eigenvalues at the end of many runs, by several counts (Fig. 5B).

    Parameters
    ----------
    runs : xarray.Dataset
        Rows of the archive of the noise scan (``drift.results.archives``), along ``run``.

    Returns
    -------
    pandas.DataFrame
        A row a run: ``active_units`` at its end and ``over_first``, their number over that at the
        start; ``samples``, and ``conditions``, their number times that of outputs; ``parameters``
        of the network; eigenvalues as the study's program counts them
        (``program``), of the whole Hessian above the tolerance of :func:`rank` (``whole``), and of
        the part that is left at zero loss (``zero_loss``; NaN for runs that ended early);
        ``relative_loss``, the loss over the variance of the targets.

    Raises
    ------
    TypeError, ValueError
        If a row lacks what is needed, or has no recorded step.
    """
    of_record = {name: ("run", "record") for name in ("step", "fraction_active_units", "loss")}
    of_run = ("target_variance", "hidden", "d_in", "d_out", "samples", "above_zero", "whole_rank")
    of_snapshot = {"hessian_rank": ("run", "snapshot")}
    check_variables("runs", runs, of_record | of_snapshot | {name: ("run",) for name in of_run})
    for name in of_run:
        check_array(f"runs[{name!r}]", runs[name].values, None)
    runs = runs.transpose("run", "record", "snapshot", ...)
    last = (runs["step"].values >= 0).sum(axis=1) - 1
    everyone = np.arange(last.size)
    share = runs["fraction_active_units"].values.astype(float)
    loss = runs["loss"].values[everyone, last] / runs["target_variance"].values
    hidden, fan = runs["hidden"].values, (runs["d_in"] + runs["d_out"] + 1).values
    return pd.DataFrame(
        {
            "active_units": check_array(
                "runs['fraction_active_units']", share[everyone, last] * hidden, None
            )
            .round()
            .astype(int),
            "over_first": share[everyone, last] / share[:, 0],
            "samples": runs["samples"].values,
            "conditions": (runs["samples"] * runs["d_out"]).values,
            "parameters": hidden * fan,
            "program": runs["above_zero"].values,
            "whole": runs["whole_rank"].values,
            "zero_loss": runs["hessian_rank"].values[:, -1].astype(float),
            "relative_loss": loss,
        }
    )
