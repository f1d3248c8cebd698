"""The study's own tables of runs, and how ours compare with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.datasets.fetching import data_path
from drift.support.array_checks import check_columns
from drift.support.checks import check_integer, check_number

__all__ = [
    "COMPARED",
    "as_published",
    "groups",
    "listed",
    "published_runs",
    "published_shares",
    "published_starts",
    "units_at_start",
]

COMPARED = ("active_units", "active", "raw_loss", "log_rate", "eig_sum")
"""Final over initial fraction of active units and active fraction, log10 of the final loss, log10
of the rate of sparsification, and sum of the eigenvalues at the end over that at the start."""

OF_GROUPS = ("learning_algo", "update_noise", "label_noise", "sim_len")
MOST_LOSS = 1.0
"""Logarithm to base 10 of the largest final loss in the published table."""

LONG = 5_000_000
"""Runs of more steps are those of 10^7, the others those of 10^6."""


def published_runs() -> pd.DataFrame:
    """``All.csv``: the 1151 runs of Table 2, one a row.

    Their column ``loss`` is ``raw_loss`` here. In the runs of 10^7 steps by gradient descent and
    Adam it is log10 of the loss against noisy targets: of those with label noise of width s it is
    s^2 / 12 (:func:`published_shares`). In the runs of 10^6 steps and those by error descent it is
    that of the clean loss over the variance of the targets. (Inferred from the values.)

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
    return tidied(pd.read_csv(data_path("ratzon-2024", "Tables/All.csv")))


def units_at_start(active_units: float, fewest: int = 20, most: int = 100) -> int | None:
    """How many of 100 units were active at the start, if the final over that number tells.

    The published column ``active_units`` is the mean of ten counts of active units over the first
    count k: ten k times its value is a whole number. Where only one k makes it whole, it is k.

    Parameters
    ----------
    active_units : float
        A published value, at least 0.
    fewest, most : int
        The first and the last k to try; from 1 to 1000.

    Returns
    -------
    int or None
        None if no k, or more than one, would do.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.

    Examples
    --------
    >>> from drift.datasets.published_runs import units_at_start
    >>> units_at_start((50 + 9 * 49) / 10 / 73)
    73
    >>> units_at_start(0.5) is None
    True
    """
    most = check_integer("most", most, minimum=1, maximum=1000)
    counts = np.arange(check_integer("fewest", fewest, minimum=1, maximum=most), most + 1)
    sums = 10 * counts * check_number("active_units", active_units)
    whole = counts[np.abs(sums - np.round(sums)) < 1e-6]
    return int(whole[0]) if len(whole) == 1 else None


def published_starts() -> pd.DataFrame:
    """Active units at the start of the published runs, where :func:`units_at_start` tells.

    Returns
    -------
    pandas.DataFrame
        ``group`` (:func:`groups`), ``data_type``, ``units`` (of 100) and ``runs`` (how many
        published runs began with so many).

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    table = published_runs()
    units = table["active_units"].map(units_at_start)
    found = table.assign(units=units).dropna(subset="units").astype({"units": int})
    counted = found.groupby(["group", "data_type", "units"]).size()
    return counted.rename("runs").reset_index()


def published_shares() -> pd.DataFrame:
    """What the published table says of losses and of runs that fail, by group.

    Returns
    -------
    pandas.DataFrame
        ``group``; ``runs``; ``nsamples`` and ``update_noise``, their means; ``high_loss``, the
        share that ends with a loss above half of the targets' variance (of 1/12 where the column
        ``loss`` is not divided by it, in runs of 10^7 steps; not known for those with label noise);
        ``still_active``, the share with more than 95 % of the first active units; ``eig_sum``, the
        median ratio of the sum of eigenvalues at the end to that at the start, and ``sum_falls``,
        the share in which it is below one; and of runs with label noise of width s the median and
        quartiles of ``loss`` less log10(s^2 / 12): ``excess``, ``excess_25``, ``excess_75``.

    Raises
    ------
    DataMissingError, DataDamagedError
        If the table is not at hand, or is not as published.
    """
    rows = []
    for group, runs in published_runs().groupby("group"):
        divided = group == "error descent" or "10^6" in str(group)
        half = np.log10(0.5) + (0 if divided else np.log10(1 / 12))
        row = {"group": group, "runs": len(runs), "nsamples": runs["nsamples"].mean(),
               "update_noise": runs["update_noise"].mean(),
               "high_loss": (runs["raw_loss"] > half).mean(),
               "still_active": (runs["active_units"] > 0.95).mean(),
               "eig_sum": runs["eig_sum"].median(),
               "sum_falls": (runs["eig_sum"] < 1).mean()}  # fmt: skip
        if group == "label noise":
            excess = runs["raw_loss"] - np.log10(runs["label_noise"] ** 2 / 12)
            row["high_loss"] = np.nan
            quartiles = excess.quantile([0.5, 0.25, 0.75])
            row |= dict(zip(("excess", "excess_25", "excess_75"), quartiles, strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def tidied(table: pd.DataFrame) -> pd.DataFrame:
    """A published table with our names of columns, and ``group``."""
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

    Raises
    ------
    TypeError, ValueError
        If it is no table, or lacks a column.
    """
    _require("ours", ours, (*OF_GROUPS, "loss", "raw_loss"))
    divided = (ours["sim_len"] < LONG) | (ours["learning_algo"] == "RLgrad")
    final = np.where(divided, ours["loss"], ours["raw_loss"])
    return ours.assign(raw_loss=final, group=groups(ours))


def listed(ours: pd.DataFrame) -> pd.Series:
    """Which of our runs the published table would hold.

    The study's program leaves out runs whose activity reached zero, and runs whose final loss is
    above 10, silent and diverged ones among them.

    Parameters
    ----------
    ours : pandas.DataFrame
        Of :func:`as_published`.

    Returns
    -------
    pandas.Series of bool
        With the index of ``ours``.

    Raises
    ------
    TypeError, ValueError
        If it is no table, or lacks a column.
    """
    check_columns("ours", ours, ("active_units", "raw_loss"))
    return (ours["active_units"] > 0) & (ours["raw_loss"] <= MOST_LOSS)


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

    Raises
    ------
    TypeError, ValueError
        If it is no table, or lacks a column.
    """
    _require("table", table, OF_GROUPS)
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


def _require(name: str, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse what is no table with these columns, all but the first of numbers."""
    check_columns(name, table, columns)
    for column in columns[1:]:
        if table[column].dtype.kind not in "fiu":
            raise TypeError(f"{name}[{column!r}] is of {table[column].dtype}: it must be numbers.")
