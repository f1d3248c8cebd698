"""The hierarchical model of both slopes on the table of all animals, under several choices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from drift.analysis.joint_slopes import JointFit, joint_fit
from drift.analysis.paired_slopes import MEASURES, PairedSlopes, slope_covariances
from drift.results.signature_tables import MAIN, PLACES

NAMES = {
    "rechavi-2022": "Rechavi et al. 2022",
    "bendor-rats": "Bendor lab, blocks of laps",
    "sheintuch-2022": "Sheintuch et al. 2022",
    "sheintuch-2020": "Sheintuch et al. 2020",
    "elyasaf-2024": "Elyasaf et al. 2024",
}
"""How data sets are called."""


def chosen_slopes(table: pd.DataFrame, choice: Mapping[str, object]) -> pd.DataFrame:
    """One row an animal of the table ``signature-slopes``, by choices of the analysis.

    Parameters
    ----------
    choice : mapping
        Any of the keys of :data:`~drift.results.signature_tables.MAIN`; the rest as there. A set
        to which a choice does not apply, or which has no such variant, has its only one.
    """
    wanted = MAIN | dict(choice)
    parts = []
    for name in PLACES:
        rows = table[table["set"] == name]
        for column, value in wanted.items():
            if value in set(rows[column]):
                rows = rows[rows[column] == value]
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def paired(rows: pd.DataFrame) -> PairedSlopes:
    """The slopes of a table as arrays."""
    residuals = rows[["residual_active_cells", "residual_product", "residual_product",
                      "residual_information"]].to_numpy()  # fmt: skip
    return PairedSlopes(
        rows[list(MEASURES)].to_numpy(float),
        residuals.reshape(-1, 2, 2),
        rows["freedom"].to_numpy(int),
        rows["spread"].to_numpy(float),
    )


def fit_rows(rows: pd.DataFrame, *, sets_differ: bool = True, whole: bool = False) -> JointFit:
    """The hierarchical model on slopes of animals, one row each.

    Parameters
    ----------
    whole : bool
        Whether slopes are per recording (from the first session to the last), not per session.
    """
    found = paired(rows)
    errors = slope_covariances(found, rows["set"].to_numpy(str))
    steps = (found.freedom + 1.0)[:, None] if whole else np.ones((len(rows), 1))
    return joint_fit(
        found.slopes * steps,
        errors * (steps**2)[:, :, None],
        rows["set"].tolist(),
        (rows["place"] == "novel").to_numpy(),
        sets_differ=sets_differ,
    )


def sensitivity(table: pd.DataFrame, choice: Mapping[str, object]) -> pd.DataFrame:
    """The model's means under other choices, as text, a row a choice.

    Returns
    -------
    DataFrame
        ``novel`` and ``difference`` (novel less familiar) of both measures with 95 % intervals, in
        percent per session; ``sets``, how many.
    """
    rows = chosen_slopes(table, choice)
    fits = {"as chosen": fit_rows(rows)}
    wanted = MAIN | dict(choice)
    for label, change in _changes(wanted).items():
        fits[label] = fit_rows(chosen_slopes(table, wanted | change))
    for name, label in NAMES.items():
        fits[f"without {label}"] = fit_rows(rows[rows["set"] != name])
    fits["animals as units, sets taken as alike"] = fit_rows(rows, sets_differ=False)
    fits["per recording, not per session"] = fit_rows(rows, whole=True)
    return pd.DataFrame.from_dict(
        {label: _in_words(fit) for label, fit in fits.items()}, orient="index"
    )


def _changes(wanted: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Each choice the other way, by what it is."""
    labels = {
        "corrected": ("information with its bias", "information less that of shuffles"),
        "equal_time": ("all time bins", "equal observation time"),
        "interneurons": ("without interneurons", "with interneurons"),
    }
    changes: dict[str, dict[str, object]] = {
        words[not wanted[name]]: {name: not wanted[name]} for name, words in labels.items()
    }
    for laps in (2, 3, 4, 5):
        if laps != wanted["laps"]:
            changes[f"blocks of {laps} laps"] = {"laps": laps}
    return changes


def _in_words(fit: JointFit) -> dict[str, str]:
    titles = {"active_cells": "active cells", "information": "information"}
    return {
        f"{place}: {title}": fit.effect(place, measure).in_percent()
        for place in ("novel", "difference")
        for measure, title in titles.items()
    } | {"sets": str(fit.freedom + 2)}


def steps_of_rats(laps: pd.DataFrame, blocks: pd.DataFrame, first: int = 4) -> pd.DataFrame:
    """What changes within the first laps of the rats' sessions, and after them.

    Parameters
    ----------
    laps, blocks : DataFrame
        The tables ``rat-laps``; and ``rat-blocks``, of one choice each of ``equal_time`` and
        ``interneurons``, with blocks of two laps.
    first : int
        Number of first laps; even.

    Returns
    -------
    DataFrame
        One row a rat, means over its sessions, relative to the first laps: ``first_active_cells``
        and ``first_information``, the change from the first laps to as many after them, and
        ``later_active_cells`` and ``later_information``, slopes per lap after the first.
    """
    pairs = blocks.assign(lap=2 * blocks["block"] - 0.5)
    kinds = {
        "active_cells": (laps, "active_share"),
        "information": (pairs, "information_excess"),
    }
    rows: dict[object, dict[str, float]] = {}
    for measure, (table, column) in kinds.items():
        for key, session in table.groupby(["animal", "session"]):
            lap, values = session["lap"].to_numpy(float), session[column].to_numpy(float)
            start = values[lap <= first].mean()
            then = values[(lap > first) & (lap <= 2 * first)].mean()
            slope = np.polyfit(lap[lap > first], values[lap > first], 1)[0]
            rows.setdefault(key, {}).update(
                {f"first_{measure}": then / start - 1, f"later_{measure}": slope / start}
            )
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["animal", "session"])
    return table.groupby("animal").mean()
