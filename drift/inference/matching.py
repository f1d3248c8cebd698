"""Recordings of all rules over the same amounts of drift, so that the amount tells nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.inference.recorded_networks import AMOUNTS
from drift.support.array_checks import check_columns
from drift.support.checks import check_integer

__all__ = ["matched_amounts", "speeds"]


def matched_amounts(table: pd.DataFrame, bins: int = 6, seed: int = 0) -> pd.DataFrame:
    """As many recordings of each rule in each class of amounts of drift.

    Slow rules have fewer recordings over which the code changed much. Were all used, then how
    much a code changed, which depends on how long it was observed, would tell of its rule.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings, with the columns ``rule`` and ``correlation``, that of the last session's code
        with the first's.
    bins : int
        Number of classes of ``correlation``, equally wide within
        :data:`~drift.inference.recorded_networks.AMOUNTS`.
    seed : int
        Of the choice of recordings.

    Returns
    -------
    pandas.DataFrame
        Rows of ``table``, in their order.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, or no class has recordings of all rules.
    """
    check_integer("bins", bins, minimum=1)
    check_columns("the table", table, ("rule", "correlation"))
    check_integer("seed", seed)
    edges = np.linspace(*AMOUNTS, bins + 1)[1:-1]
    amount = pd.Series(np.searchsorted(edges, table["correlation"]), index=table.index)
    sizes = pd.crosstab(amount, table["rule"])
    fewest = amount.map(sizes.min(axis=1))
    if not fewest.any():
        raise ValueError(
            f"no class of amounts has recordings of all rules ({sizes.sum().to_dict()} in all): "
            "fewer bins or more recordings are needed."
        )
    shuffled = table.sample(frac=1, random_state=seed)
    place = shuffled.groupby([amount, "rule"]).cumcount()
    return table[place.reindex(table.index) < fewest]


def speeds(table: pd.DataFrame) -> pd.Series:
    """Which recordings drift faster from session to session than half of those of their rule.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings, with the columns ``rule``, ``correlation`` and ``sessions``.

    Returns
    -------
    pandas.Series
        ``"fast"`` or ``"slow"``, with the index of ``table``.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    check_columns("the table", table, ("rule", "correlation", "sessions"))
    change = (1 - table["correlation"]) / (table["sessions"] - 1)
    median = change.groupby(table["rule"]).transform("median")
    return pd.Series(np.where(change > median, "fast", "slow"), index=table.index)
