"""Figures of the inference of a learning rule from drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from drift.inference.answer import Answer
from drift.plots.style import COLOURS, Panels, panel, panels
from drift.support.array_checks import check_columns

__all__ = ["features_by_rule", "inferred_rule"]

USUAL = (0.025, 0.975)
"""Quantiles of known recordings between which a feature is usual."""


def inferred_rule(answer: Answer, known: pd.DataFrame, *, axes: Any = None) -> Panels:
    """What sessions say about the rule, and where their features lie among those of networks.

    Parameters
    ----------
    answer : Answer
        Of :func:`~drift.inference.answer.infer`.
    known : pandas.DataFrame
        The recordings of known networks that it was inferred with.
    axes : array of two matplotlib.axes.Axes, optional
        For the probabilities and for the features; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If ``known`` lacks a feature, or ``axes`` are not two.
    """
    check_columns("known", known, answer.features.index)
    drawn = panels(axes, columns=2, figsize=(9, 5.2), width_ratios=(1, 1.3))
    chances, places = drawn
    shares = answer.probabilities[::-1]
    colour = COLOURS["active_units"] if answer.is_familiar else "0.7"
    chances.barh(shares.index, shares.to_numpy(), color=colour)
    chances.set(xlim=(0, 1), xlabel="probability")
    chances.set_title(
        "the rule" if answer.is_familiar else "none of these rules", fontsize="medium"
    )
    told = answer.features.dropna()
    ranks = pd.Series({name: (known[name] < value).mean() for name, value in told.items()})[::-1]
    unusual = (ranks < USUAL[0]) | (ranks > USUAL[1])
    rows = np.arange(len(ranks))
    places.axvspan(*USUAL, color="0.93", lw=0)
    places.plot(ranks[~unusual], rows[~unusual], "o", color="0.3", ms=4)
    places.plot(ranks[unusual], rows[unusual], "D", color=COLOURS["loss"], ms=5)
    places.set_yticks(rows, ranks.index, fontsize=10)
    places.set(xlim=(-0.03, 1.03), xlabel="share of known recordings with a smaller value")
    places.set_title("the features", fontsize="medium")
    return drawn


def features_by_rule(
    table: pd.DataFrame, groups: Mapping[str, str], *, ax: Axes | None = None
) -> Axes:
    """Median of each feature for each rule, on the scale of all recordings' ranks.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings, with the features and ``rule``.
    groups : mapping of str to str
        The group of each feature; features are shown in this order.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If ``table`` lacks a column.
    """
    check_columns("table", table, (*groups, "rule"))
    ax = panel(ax, figsize=(7, 7.5))
    names = list(groups)
    medians = table[names].rank(pct=True).groupby(table["rule"]).median().T
    image = ax.imshow(medians, cmap="RdBu_r", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(medians.columns)), medians.columns, rotation=45, ha="right")
    ax.set_yticks(range(len(names)), names, fontsize=9)
    begins = [
        row for row, name in enumerate(names[1:], 1) if groups[name] != groups[names[row - 1]]
    ]
    for row in begins:
        ax.axhline(row - 0.5, color="white", lw=2)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.6)
    bar.set_label("median rank among all recordings")
    return ax
