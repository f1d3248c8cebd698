"""The study's own tables of runs, and how ours compare with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.analysis.trends import power_law
from drift.datasets.fetching import data_path

__all__ = [
    "COMPARED",
    "as_published",
    "groups",
    "published_runs",
    "published_scan",
    "scan_by_noise",
    "scan_relations",
]

COMPARED = ("active_units", "active", "raw_loss")
"""Final over initial fraction of active units and active fraction, and log10 of the final loss."""

LONG = 5_000_000
"""Runs of more steps are those of 10^7, the others those of 10^6."""


def published_runs() -> pd.DataFrame:
    """``All.csv``: the 1151 runs of Table 2, one a row.

    Their column ``loss`` is ``raw_loss`` here. In the runs of 10^7 steps it is log10 of the loss
    against noisy targets: of those with label noise of width s it is s^2 / 12. In the runs of 10^6
    steps it is that of the clean loss over the variance of the targets. (Inferred from the values.)

    Returns
    -------
    pandas.DataFrame
        The study's columns, but for ``link``, with ``loss`` as ``raw_loss`` and ``log_tau``, which
        holds the logarithm of a rate, as ``log_rate``; and ``group`` (:func:`groups`).

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    return _tidy(pd.read_csv(data_path("ratzon-2024", "Tables/All.csv")))


def published_scan() -> pd.DataFrame:
    """``SGD_update_noise.csv``: 118 runs in which the update noise varies (Fig. 4B, Fig. 5B).

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`published_runs`.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    return _tidy(pd.read_csv(data_path("ratzon-2024", "Tables/SGD_update_noise.csv")))


def scan_by_noise(bins: int = 12) -> pd.DataFrame:
    """:func:`published_scan` in ``bins`` groups of about as many runs, by size of the noise.

    Parameters
    ----------
    bins : int
        Number of groups.

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
    """
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
        confidence interval of log rate against log noise, and a correlation.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    scan = published_scan()
    law = power_law(scan["update_noise"].to_numpy(), 10 ** scan["log_rate"].to_numpy())
    correlation = np.corrcoef(scan["active_units"], scan["eig_nonzero"])[0, 1]
    rows = [
        ("slope of log rate against log update noise", law.slope, law.points),
        ("lower end of its 95 % confidence interval", law.low, law.points),
        ("upper end of its 95 % confidence interval", law.high, law.points),
        ("correlation of active_units and eig_nonzero", correlation, len(scan)),
    ]
    return pd.DataFrame(rows, columns=["quantity", "value", "runs"])


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    table = table.drop(columns="link").rename(columns={"loss": "raw_loss", "log_tau": "log_rate"})
    return table.assign(group=groups(table))


def as_published(ours: pd.DataFrame) -> pd.DataFrame:
    """Our table of runs with ``group``, and in ``raw_loss`` what :func:`published_runs` has there.

    Parameters
    ----------
    ours : pandas.DataFrame
        As ``drift.study.collection.table_of_runs`` returns it.

    Returns
    -------
    pandas.DataFrame
        A copy; the table itself is not changed.
    """
    final = np.where(ours["sim_len"] < LONG, ours["loss"], ours["raw_loss"])
    return ours.assign(raw_loss=final, group=groups(ours))


def groups(table: pd.DataFrame) -> pd.Series:
    """What kind of run each row is: by rule, noise and length.

    Parameters
    ----------
    table : pandas.DataFrame
        With ``learning_algo``, ``update_noise``, ``label_noise`` and ``sim_len`` (steps).

    Returns
    -------
    pandas.Series
        For gradient descent "update noise" or "label noise" (also without any noise), and
        ", 10^6 steps" after it if the run is short and has that noise; else the name of the rule.
    """
    short = table["sim_len"] < LONG
    kinds = np.select(
        [
            table["learning_algo"] != "SGD",
            (table["update_noise"] > 0) & short,
            (table["label_noise"] > 0) & short,
            table["update_noise"] > 0,
        ],
        [
            table["learning_algo"].replace("RLgrad", "error descent"),
            "update noise, 10^6 steps",
            "label noise, 10^6 steps",
            "update noise",
        ],
        "label noise",
    )
    return pd.Series(kinds, table.index)
