"""The study's own table of runs in which the noise varies, and what it gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from drift.analysis.trends import power_law
from drift.datasets.fetching import data_path
from drift.datasets.published_runs import tidied
from drift.support.checks import check_integer

__all__ = ["published_scan", "scan_by_noise", "scan_relations"]


def published_scan() -> pd.DataFrame:
    """``SGD_update_noise.csv``: 118 runs in which the update noise varies (Fig. 4B, Fig. 5B).

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`~drift.datasets.published_runs.published_runs`.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    return tidied(pd.read_csv(data_path("ratzon-2024", "Tables/SGD_update_noise.csv")))


def scan_by_noise(bins: int = 12) -> pd.DataFrame:
    """:func:`published_scan` in ``bins`` groups of about as many runs, by size of the noise.

    Parameters
    ----------
    bins : int
        Number of groups, at most 100.

    Returns
    -------
    pandas.DataFrame
        ``runs``, and the medians of ``update_noise``, ``active_units`` (final over initial fraction
        of active units), ``eig_nonzero`` (final share of non-zero eigenvalues, as the study counted
        them) and ``log_rate`` (log10 of the rate of sparsification).

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    TypeError, ValueError
        If ``bins`` is not an integer from 1 to 100.
    """
    bins = check_integer("bins", bins, minimum=1, maximum=100)
    scan = published_scan()
    group = pd.qcut(scan["update_noise"], bins, labels=False)
    columns = ["update_noise", "active_units", "eig_nonzero", "log_rate"]
    medians = scan.groupby(group)[columns].median()
    medians.insert(0, "runs", scan.groupby(group).size())
    return medians.reset_index(drop=True)


def scan_relations() -> pd.DataFrame:
    """Numbers that :func:`published_scan` as a whole gives.

    Returns
    -------
    pandas.DataFrame
        ``quantity``, ``value`` and ``runs`` (number of runs that it is made from): slope and 95 %
        confidence interval of log rate against log noise, the rate's level, correlations, and how
        many runs are on which task.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    scan = published_scan()
    law = power_law(scan["update_noise"].to_numpy(), 10 ** scan["log_rate"].to_numpy())
    correlation = np.corrcoef(scan["active_units"], scan["eig_nonzero"])[0, 1]
    falls = {
        name: stats.spearmanr(scan["update_noise"], scan[name]).statistic
        for name in ("active_units", "active")
    }
    rows = [
        ("slope of log rate against log update noise", law.slope, law.points),
        ("lower end of its 95 % confidence interval", law.low, law.points),
        ("upper end of its 95 % confidence interval", law.high, law.points),
        ("log10 of the rate at update noise 0.03, by that line", law.at(0.03), law.points),
        ("correlation of active_units and eig_nonzero", correlation, len(scan)),
        ("rank correlation of update_noise and active_units", falls["active_units"], len(scan)),
        ("rank correlation of update_noise and active", falls["active"], len(scan)),
    ]
    tasks = scan.groupby("data_type").size()
    rows += [(f"runs on {task} mappings or views", count, count) for task, count in tasks.items()]
    return pd.DataFrame(rows, columns=["quantity", "value", "runs"])
