"""How well rules are told apart on networks of a kind never seen: everything that is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from drift.inference.classifier import accuracy, held_out, importance_of_groups
from drift.inference.drift_features import FEATURES
from drift.inference.familiarity import Familiarity
from drift.inference.matching import speeds
from drift.support.progress import each

__all__ = ["ACTIVITY", "LEARNING_SIZES", "SCHEMES", "evaluate", "learning_curve", "width_class"]

ACTIVITY = tuple(name for name, group in FEATURES.items() if group == "activity")
"""The features that a single session has."""

SCHEMES: dict[str, tuple[str, Sequence[str]]] = {
    "tasks": ("task", tuple(FEATURES)),
    "tasks, activity alone": ("task", ACTIVITY),
    "widths": ("width", tuple(FEATURES)),
    "speeds": ("speed", tuple(FEATURES)),
}
"""What is held out, and the features that are used."""

LEARNING_SIZES = (20, 40, 80, 160)
"""Numbers of networks a rule that a smaller study would have."""


def width_class(hidden: pd.Series) -> pd.Series:
    """Three classes of widths: below 100 hidden units, below 200, and more.

    Parameters
    ----------
    hidden : pandas.Series
        Numbers of hidden units.

    Returns
    -------
    pandas.Series
        Words, with the same index.
    """
    words = np.array(["narrow", "medium", "wide"])
    return pd.Series(words[np.searchsorted([100, 200], hidden, side="right")], index=hidden.index)


def evaluate(known: pd.DataFrame, others: pd.DataFrame, pair: tuple[str, str]) -> xr.Dataset:
    """Probabilities of the rules for recordings of a kind that the classifier has not seen.

    Parameters
    ----------
    known : pandas.DataFrame
        Recordings of networks by the rules, with the same amounts of drift
        (:func:`~drift.inference.matching.matched_amounts`).
    others : pandas.DataFrame
        Recordings of networks by none of them.
    pair : tuple of str
        Two rules that are told apart by a classifier of their own.

    Returns
    -------
    xarray.Dataset
        ``probability`` (scheme, recording, rule), see :data:`SCHEMES`; ``pair_probability``
        (recording) of the first of ``pair``, NaN for other rules; ``p_value`` (recording) and
        ``other_p_value`` (other), see :class:`~drift.inference.familiarity.Familiarity`, the former
        on tasks held out; ``importance`` (group). ``recording`` and ``other`` are the indices of
        the tables.
    """
    known = known.assign(width=width_class(known["hidden"]), speed=speeds(known))
    rules = sorted(known["rule"].unique())
    probability = np.stack(
        [
            held_out(known, by, names)[rules].to_numpy()
            for by, names in each(list(SCHEMES.values()), "schemes")
        ]
    )
    two = known[known["rule"].isin(pair)]
    told = held_out(two, "task")[pair[0]].reindex(known.index)
    names = tuple(FEATURES)
    p_value = pd.Series(np.nan, index=known.index)
    for task in known["task"].unique():
        tested = known["task"] == task
        p_value[tested] = Familiarity(known[~tested], names).p_values(known[tested])
    importance = importance_of_groups(known, "task", FEATURES)
    return xr.Dataset(
        {
            "probability": (("scheme", "recording", "rule"), probability.astype(np.float32)),
            "pair_probability": ("recording", told.to_numpy(np.float32)),
            "p_value": ("recording", p_value.to_numpy(np.float32)),
            "other_p_value": ("other", Familiarity(known, names).p_values(others)),
            "importance": ("group", importance.to_numpy()),
        },
        {
            "scheme": list(SCHEMES),
            "recording": known.index.to_numpy(),
            "rule": rules,
            "other": others.index.to_numpy(),
            "group": importance.index.to_list(),
        },
    )


def learning_curve(known: pd.DataFrame, sizes: Sequence[int] = LEARNING_SIZES) -> pd.DataFrame:
    """Accuracy on tasks held out, from studies of fewer networks.

    Parameters
    ----------
    known : pandas.DataFrame
        Recordings, as for :func:`evaluate`.
    sizes : sequence of int
        Numbers of networks a rule, the first of each rule; sizes beyond the table are left out.

    Returns
    -------
    pandas.DataFrame
        ``networks`` and ``accuracy``.
    """
    order = known.groupby("rule")["network"].rank(method="dense")
    rows = []
    for size in sizes:
        part = known[order <= size]
        if size <= order.max():
            rows.append((size, accuracy(held_out(part, "task"), part["rule"])))
    return pd.DataFrame(rows, columns=["networks", "accuracy"])
