"""What the runs of a study have in common, and how they compare with the published ones."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from drift.datasets.published_runs import COMPARED, listed
from drift.study.collection import words

FAILS_ABOVE = 0.95
"""A run fails to sparsify if its final over initial fraction of active units is above this."""


FEW = 20
"""With fewer runs than this, ours or published, a group's law is not compared, only its mean."""


def course(collected: xr.Dataset, name: str, shares: np.ndarray) -> np.ndarray:
    """A measure over the course of each run: (run, share).

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
        if known.any():
            curves[run] = np.interp(shares * lengths[run], step[known], values[known])
    return curves


def normalised_curves(collected: xr.Dataset, name: str, shares: np.ndarray) -> np.ndarray:
    """:func:`course` over the first value of each run; NaN where that is not above zero."""
    first = collected[name].values[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        curves = course(collected, name, shares) / first[:, None]
    curves[~(first > 0)] = np.nan
    return curves


def courses(collected: xr.Dataset, shares: np.ndarray) -> xr.Dataset:
    """The course of every run with a result, along ``run`` and ``share`` of its length.

    Returns
    -------
    xarray.Dataset
        Over their first value: ``fraction_active_units``, ``active_fraction`` and
        ``hessian_trace`` (run, share). ``relative_loss`` (run, share), the loss over the variance
        of the targets; NaN for a run with a single target. ``hessian_rank`` (run), at the end over
        the start.
    """
    done = collected.isel(run=np.flatnonzero(words(collected.status) != "missing"))
    names = ("fraction_active_units", "active_fraction", "hessian_trace")
    along = ("run", "share")
    curves = {name: (along, normalised_curves(done, name, shares)) for name in names}
    variance = done["target_variance"].where(done["target_variance"] > 0).values
    relative = course(done, "loss", shares) / variance[:, None]
    rank = done["hessian_rank"].values
    ends = np.isfinite(rank).sum(axis=1) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = rank[np.arange(len(rank)), ends] / rank[:, 0]
    return xr.Dataset(
        {**curves, "relative_loss": (along, relative), "hessian_rank": ("run", kept)},
        {"share": shares},
    )


def compare_groups(
    ours: pd.DataFrame, theirs: pd.DataFrame, by: tuple[str, ...] = ("group", "data_type")
) -> pd.DataFrame:
    """Final values of both tables by group: quantiles, difference of means, and distance.

    Of ours only runs that the published table would hold
    (:func:`drift.datasets.published_runs.listed`), but for ``p_all`` and ``ours_silent``.

    Returns
    -------
    DataFrame
        A row a group and measure of :data:`drift.datasets.published_runs.COMPARED`: ``ours`` and
        ``theirs`` (numbers of runs), ``ours_10``, ``ours_50``, ``ours_90`` and likewise
        ``theirs_...`` (quantiles); ``difference`` of the means, ours less theirs, with its 95 %
        interval ``low`` to ``high`` and ``p_mean`` (Welch's t); ``distance`` and ``p_value`` of
        Kolmogorov and Smirnov's test of one law, NaN where either has fewer than :data:`FEW` runs;
        ``p_all``, the p-value of all of our runs by the same test, or by Welch's; ``ours_fail`` and
        ``theirs_fail`` (share of runs that fail to sparsify), ``ours_silent`` and
        ``theirs_silent`` (share that ends without an active unit).
    """
    rows = []
    for key, everyone in ours.groupby(list(by)):
        mine = everyone[listed(everyone)]
        match = (theirs[list(by)] == list(key)).all(axis=1)
        other = theirs[match]
        for measure in COMPARED:
            a, b = (_finite(table[measure]) for table in (mine, other))
            if min(len(a), len(b)) < 2:
                continue
            row: dict[str, object] = dict(zip(by, key, strict=True)) | {"measure": measure}
            row |= {"ours": len(a), "theirs": len(b)}
            for name, values in (("ours", a), ("theirs", b)):
                for percent in (10, 50, 90):
                    row[f"{name}_{percent}"] = np.percentile(values, percent)
            whole = _finite(everyone[measure])
            with warnings.catch_warnings():  # that all runs of a group end alike is no fault
                warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
                means = stats.ttest_ind(a, b, equal_var=False)
                of_all = stats.ttest_ind(whole, b, equal_var=False)
            interval = means.confidence_interval(0.95)
            row |= {"difference": a.mean() - b.mean(), "low": interval.low, "high": interval.high}
            row["p_mean"] = means.pvalue
            law = stats.ks_2samp(a, b) if min(len(a), len(b)) >= FEW else None
            row["distance"], row["p_value"] = (
                (law.statistic, law.pvalue) if law else (np.nan, np.nan)
            )
            row["p_all"] = (stats.ks_2samp(whole, b) if law else of_all).pvalue
            row |= {"ours_fail": failing(mine), "theirs_fail": failing(other)}
            row |= {"ours_silent": silent(everyone), "theirs_silent": silent(other)}
            rows.append(row)
    return pd.DataFrame(rows)


def with_runs(comparison: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """``comparison`` with the quantiles of other runs as ours; groups that those lack are left out.

    Parameters
    ----------
    comparison : DataFrame
        Of :func:`compare_groups`.
    ours : DataFrame
        As for :func:`compare_groups`.
    """
    by = ["group", "data_type"]
    compared = ours[listed(ours)]
    rows = []
    for _, row in comparison.iterrows():
        values = _finite(compared.loc[(compared[by] == row[by]).all(axis=1), row["measure"]])
        if len(values):
            quantiles = np.percentile(values, [10, 50, 90])
            changed = dict(zip(("ours_10", "ours_50", "ours_90"), quantiles, strict=True))
            unknown = dict.fromkeys(("distance", "p_value", "p_all"), np.nan)
            rows.append({**row, **changed, **unknown, "ours": len(values)})
    return pd.DataFrame(rows, columns=comparison.columns)


def failing(table: pd.DataFrame) -> float:
    """Share of runs that fail to sparsify, see :data:`FAILS_ABOVE`."""
    return float((table["active_units"] > FAILS_ABOVE).mean())


def silent(table: pd.DataFrame) -> float:
    """Share of runs that end without an active unit."""
    return float((table["active_units"] == 0).mean())


def _finite(values: pd.Series) -> np.ndarray:
    numbers = values.to_numpy(float)
    return numbers[np.isfinite(numbers)]
