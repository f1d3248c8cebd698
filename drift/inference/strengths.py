"""How strong a rule's noise is, inferred from drift: posterior distributions by neural networks.

Needs the library ``sbi`` (``pip install drift-book[strengths]``), which is imported when it is
used.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from drift.inference.drift_features import FEATURES
from drift.inference.familiarity import scale_of_ranks
from drift.support.array_checks import check_columns
from drift.support.checks import check_integer

__all__ = ["MissingLibraryError", "covered", "explained", "posteriors", "rank_errors"]

INTERVAL = (0.05, 0.95)
"""Quantiles of the posterior that bound the stated interval of 90 %."""


class MissingLibraryError(ImportError):
    """``sbi`` is not installed."""


def posteriors(
    table: pd.DataFrame,
    parameter: str,
    names: Sequence[str] = tuple(FEATURES),
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Posterior of the logarithm of a parameter for each recording, on a task never seen.

    For each kind of task, a neural posterior estimator (Papamakarios & Murray 2016,
    arXiv:1605.06376; a mixture density network of the library ``sbi``) is trained on recordings
    on all other tasks. Features are on the scale of the training recordings' ranks, and a missing
    one counts as their median.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings of networks by one rule, with ``task`` and the parameter, which is above 0.
    parameter : str
        Its column.
    names : sequence of str
        The features to use.
    draws : int
        From each posterior.
    seed : int

    Returns
    -------
    pandas.DataFrame
        With the index of ``table``: ``true``, log10 of the parameter; ``mean`` of the posterior and
        ``low`` and ``high``, bounds of its interval of 90 %; ``rank``, the share of draws below
        the true value; ``prior_mean``, that of the recordings that were trained on.

    Raises
    ------
    MissingLibraryError
        If ``sbi`` is not installed.
    TypeError, ValueError
        If a column is missing, a parameter is not above 0, or there is one task.
    """
    check_integer("draws", draws, minimum=1)
    check_columns("the table", table, (*names, "task", parameter))
    if not (table[parameter] > 0).all():
        raise ValueError(f"{parameter} has values that are missing or not above 0.")
    if table["task"].nunique() < 2:
        raise ValueError("the table has one task: holding out a task needs at least two.")
    found = []
    for task in sorted(table["task"].unique()):
        tested = table["task"] == task
        found.append(_held_out(table[~tested], table[tested], parameter, list(names), draws, seed))
    return pd.concat(found).loc[table.index]


def _held_out(
    known: pd.DataFrame,
    tested: pd.DataFrame,
    parameter: str,
    names: list[str],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    try:
        import torch
        from sbi.inference import NPE
    except ImportError as problem:
        raise MissingLibraryError(
            "strengths are inferred by the library `sbi`: pip install drift-book[strengths]"
        ) from problem
    scale = scale_of_ranks(len(known)).fit(known[names])
    true = np.log10(known[[parameter]].to_numpy())
    torch.manual_seed(seed)
    # The library writes logs into the working directory.
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        estimator = NPE(density_estimator="mdn", show_progress_bars=False)
        estimator.append_simulations(
            torch.as_tensor(true, dtype=torch.float32),
            torch.as_tensor(scale.transform(known[names]), dtype=torch.float32),
        )
        density = estimator.train()
    seen = torch.as_tensor(scale.transform(tested[names]), dtype=torch.float32)
    with torch.no_grad():
        drawn = density.sample((draws,), condition=seen)[..., 0].numpy()
    actual = np.log10(tested[parameter].to_numpy())
    low, high = np.quantile(drawn, INTERVAL, axis=0)
    return pd.DataFrame(
        {"true": actual, "mean": drawn.mean(axis=0), "low": low, "high": high,
         "rank": (drawn < actual).mean(axis=0), "prior_mean": true.mean()},
        index=tested.index,
    )  # fmt: skip


def explained(found: pd.DataFrame) -> float:
    """Share of the variance of true values that the means of their posteriors explain.

    Parameters
    ----------
    found : pandas.DataFrame
        Of :func:`posteriors`.

    Returns
    -------
    float
        1 where each mean is the true value, 0 where they do as well as the mean of the recordings
        that were trained on, and below 0 where they do worse.
    """
    left = ((found["mean"] - found["true"]) ** 2).sum()
    return float(1 - left / ((found["prior_mean"] - found["true"]) ** 2).sum())


def covered(found: pd.DataFrame) -> float:
    """Share of intervals of 90 % that hold the true value.

    Parameters
    ----------
    found : pandas.DataFrame
        Of :func:`posteriors`.

    Returns
    -------
    float
    """
    return float(found["true"].between(found["low"], found["high"]).mean())


def rank_errors(ranks: np.ndarray, bins: int = 10) -> tuple[np.ndarray, float, float]:
    """Whether ranks of true values among draws from their posteriors are evenly distributed.

    So they are if and only if the posteriors are calibrated (simulation-based calibration, Talts et
    al. 2018, arXiv:1804.06788).

    Parameters
    ----------
    ranks : (recordings,) array
        Shares of draws below the true value.
    bins : int
        Of the histogram.

    Returns
    -------
    counts : (bins,) array
        Recordings in each bin, over what is expected.
    low, high : float
        Between these, 95 % of the bins of an even distribution lie.

    Raises
    ------
    TypeError, ValueError
        If ``bins`` is not a whole number above 0, or there are no ranks.
    """
    check_integer("bins", bins, minimum=1)
    values = np.asarray(ranks, float)
    if values.size == 0 or not ((values >= 0) & (values <= 1)).all():
        raise ValueError("ranks must be numbers from 0 to 1, at least one.")
    counts, _ = np.histogram(values, np.linspace(0, 1, bins + 1))
    expected = values.size / bins
    even = stats.binom(values.size, 1 / bins)
    return counts / expected, float(even.ppf(0.025)) / expected, float(even.ppf(0.975)) / expected
