"""Spectra of the loss's Hessian along a run: eigenvalues, rank and pseudo-determinant."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from drift.analysis.hessian import gauss_newton_eigenvalues, hessian_trace, residual_eigenvalues
from drift.network import Parameters
from drift.support.progress import each
from drift.tasks.base_task import Task

__all__ = ["log_pseudo_determinant", "rank", "spectra"]

RANK_TOLERANCE = 1e-6
"""Eigenvalues below this share of the largest count as zero."""


def rank(eigenvalues: np.ndarray, tolerance: float = RANK_TOLERANCE) -> int:
    """How many eigenvalues have a size above ``tolerance`` times the largest.

    Parameters
    ----------
    eigenvalues : (count,) array
        In any order, at least one.
    tolerance : float
        Share of the largest size.

    Returns
    -------
    int
        Number of eigenvalues that are not counted as zero.
    """
    return len(_above(eigenvalues, tolerance))


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
    """
    return float(np.log(_above(eigenvalues, tolerance)).sum())


def _above(eigenvalues: np.ndarray, tolerance: float) -> np.ndarray:
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
        Indices of snapshots; all by default.
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
    ValueError
        If the activation function of the run is curved.
    """
    activation = run.attrs["activation"]
    indices = list(range(run.sizes["snapshot"]) if snapshots is None else snapshots)
    rows = []
    for index in each(indices, "snapshots", progress):
        arguments = (task, Parameters.of_snapshot(run, index), activation)
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
        coords={"snapshot": run["snapshot"].values[indices]},
    )
