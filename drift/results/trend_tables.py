"""Trends over sessions as tables for notebooks: slopes with intervals, and their differences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from drift.analysis.trends import Trend, difference_of_trends, trend_of

LABELS = {
    "active_cells": "active cells",
    "place_cell_fraction": "place cells, share of active",
    "place_cells_of_all": "place cells, share of all",
    "information": "information",
    "information_rate": "information per second",
    "information_reduced": "information per second, shuffles subtracted",
    "information_ssr": "information, bias removed (SSR)",
    "information_bae": "information, bias removed (BAE)",
}
"""How measures are called."""


def trends_in_words(groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a group and measure, of slopes as of :func:`animal_tables.slopes_by_animal`.

    Returns
    -------
    DataFrame
        As text: the mean ``slope per session``, ``p``, in how many animals it rises, and the
        ``last over first`` session; intervals are of 95 % over animals.
    """
    rows = {}
    for group, slopes in groups.items():
        for measure, found in slopes.groupby("measure", sort=False):
            trend, ratio = trend_of(found["slope"]), trend_of(found["last_over_first"])
            change = f"{ratio.slope:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
            rows[group, LABELS[str(measure)]] = {
                "slope per session (95 %)": trend.in_percent(),
                "p": f"{trend.p_value:.2g}",
                "rising in": f"{(found['slope'] > 0).sum()} of {trend.animals}",
                "last over first (95 %)": change,
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["place", "measure"])


def differences(slopes: pd.DataFrame, others: pd.DataFrame) -> dict[str, Trend]:
    """By measure of both tables, the mean slope of the first less that of the second (Welch)."""
    common = [name for name in slopes["measure"].unique() if name in set(others["measure"])]
    return {
        measure: difference_of_trends(
            slopes.loc[slopes["measure"] == measure, "slope"],
            others.loc[others["measure"] == measure, "slope"],
        )
        for measure in common
    }


def differences_in_words(pairs: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """A row a pair of groups and measure: the difference with its interval, and p, as text."""
    rows = {
        (pair, LABELS[measure]): {
            "difference of slopes (95 %)": found.in_percent(),
            "p": f"{found.p_value:.2g}",
        }
        for pair, (slopes, others) in pairs.items()
        for measure, found in differences(slopes, others).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["groups", "measure"])
