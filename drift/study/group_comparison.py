"""What the runs of a study have in common, and how they compare with the published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from drift.datasets.published_runs import COMPARED

FAILS_ABOVE = 0.95
"""A run fails to sparsify if its final over initial fraction of active units is above this."""


def normalised_curves(collected: xr.Dataset, name: str, shares: np.ndarray) -> np.ndarray:
    """A measure over the course of each run, over its first value: (run, share).

    Parameters
    ----------
    collected : dataset of :func:`drift.study.collection.collect`
    name : str
        A measure.
    shares : (share,)
        Times as shares of the length that the run was to have; between records interpolated. A
        run that ended early because all units fell silent keeps its last value; one that diverged
        is NaN after that.
    """
    curves = np.full((collected.sizes["run"], len(shares)), np.nan)
    lengths = collected["steps"].values
    for run, (step, values) in enumerate(
        zip(collected["step"].values, collected[name].values, strict=True)
    ):
        known = step >= 0
        if known.any() and values[0] > 0:
            curves[run] = np.interp(shares * lengths[run], step[known], values[known]) / values[0]
    return curves


def compare_groups(
    ours: pd.DataFrame, theirs: pd.DataFrame, by: tuple[str, ...] = ("group", "data_type")
) -> pd.DataFrame:
    """Quantiles of both tables' final values, and their Kolmogorov-Smirnov distance, by group.

    Returns
    -------
    DataFrame
        A row a group and measure of :data:`drift.datasets.published_runs.COMPARED`: ``ours`` and
        ``theirs`` (numbers of runs), ``ours_10``, ``ours_50``, ``ours_90`` and likewise
        ``theirs_...`` (quantiles), ``distance``, ``p_value`` (of the two being of one law),
        ``ours_fail`` and ``theirs_fail`` (share of runs that fail to sparsify), ``ours_silent`` and
        ``theirs_silent`` (share that ends without an active unit), ``p_finished`` (as ``p_value``,
        but without those of ours that fell silent or diverged).
    """
    rows = []
    for key, mine in ours.groupby(list(by)):
        match = (theirs[list(by)] == list(key)).all(axis=1)
        other = theirs[match]
        for measure in COMPARED:
            a, b = (_finite(table[measure]) for table in (mine, other))
            if min(len(a), len(b)) < 2:
                continue
            test = stats.ks_2samp(a, b)
            row: dict[str, object] = dict(zip(by, key, strict=True)) | {"measure": measure}
            row |= {"ours": len(a), "theirs": len(b)}
            for name, values in (("ours", a), ("theirs", b)):
                for percent in (10, 50, 90):
                    row[f"{name}_{percent}"] = np.percentile(values, percent)
            row |= {"distance": test.statistic, "p_value": test.pvalue}
            row |= {"ours_fail": failing(mine), "theirs_fail": failing(other)}
            row |= {"ours_silent": silent(mine), "theirs_silent": silent(other)}
            finished = _finite(mine.loc[mine["status"] == "finished", measure])
            row["p_finished"] = stats.ks_2samp(finished, b).pvalue if len(finished) else np.nan
            rows.append(row)
    return pd.DataFrame(rows)


def failing(table: pd.DataFrame) -> float:
    """Share of runs that fail to sparsify, see :data:`FAILS_ABOVE`."""
    return float((table["active_units"] > FAILS_ABOVE).mean())


def silent(table: pd.DataFrame) -> float:
    """Share of runs that end without an active unit."""
    return float((table["active_units"] == 0).mean())


def _finite(values: pd.Series) -> np.ndarray:
    numbers = values.to_numpy(float)
    return numbers[np.isfinite(numbers)]
