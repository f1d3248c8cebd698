"""The hierarchical model of both slopes on the table of all animals, under several choices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from drift.analysis.joint_slopes import JointFit, joint_fit
from drift.analysis.paired_slopes import MEASURES, PairedSlopes, slope_covariances
from drift.results.lap_tables import BLOCKS
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


def fit_rows(
    rows: pd.DataFrame,
    *,
    sets_differ: bool = True,
    whole: bool = False,
    spread_by_place: bool = False,
) -> JointFit:
    """The hierarchical model on slopes of animals, one row each.

    Parameters
    ----------
    whole : bool
        Whether slopes are per recording (from the first session to the last), not per session.
    sets_differ, spread_by_place : bool
        As for :func:`drift.analysis.joint_slopes.joint_fit`.
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
        spread_by_place=spread_by_place,
    )


def means_of_sets(rows: pd.DataFrame, fit: JointFit) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean slopes of each data set and the covariance of their error, by what the set is called.

    Animals are weighted by the covariance of their slopes: that of the errors of their lines and
    that between animals, as of the model.

    Returns
    -------
    dict of str to ((2,) array, (2, 2) array)
    """
    found = paired(rows)
    total = slope_covariances(found, rows["set"].to_numpy(str)) + fit.between_animals
    means = {}
    for name, label in NAMES.items():
        members = (rows["set"] == name).to_numpy()
        if members.any():
            weights = np.linalg.inv(total[members])
            covariance = np.linalg.inv(weights.sum(axis=0))
            weighted = (weights @ found.slopes[members][:, :, None]).sum(axis=0)[:, 0]
            means[label] = (covariance @ weighted, covariance)
    return means


def sensitivity(table: pd.DataFrame, choice: Mapping[str, object]) -> pd.DataFrame:
    """The model's means under other choices, as text, a row a choice.

    Returns
    -------
    DataFrame
        ``novel`` and ``difference`` (novel less familiar) of both measures with 95 % intervals, in
        percent per session; ``units``, data sets or animals, whichever the intervals count. A set
        is left out where others of both kinds are left.
    """
    rows = chosen_slopes(table, choice)
    fits = {"as chosen": fit_rows(rows)}
    wanted = MAIN | dict(choice)
    for label, change in _changes(wanted).items():
        fits[label] = fit_rows(chosen_slopes(table, wanted | change))
    for name, label in NAMES.items():
        rest = rows[rows["set"] != name]
        if len(rest) < len(rows) and rest["place"].nunique() == 2 and rest["set"].nunique() >= 3:
            fits[f"without {label}"] = fit_rows(rest)
    fits["animals as units, sets taken as alike"] = fit_rows(rows, sets_differ=False)
    fits["animals differ otherwise in novel places"] = fit_rows(rows, spread_by_place=True)
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
    for laps in BLOCKS:
        if laps != wanted["laps"]:
            changes[f"blocks of {laps} laps"] = {"laps": laps}
    return changes


def _in_words(fit: JointFit) -> dict[str, str]:
    titles = {"active_cells": "active cells", "information": "information"}
    return {
        f"{place}: {title}": fit.effect(place, measure).in_percent()
        for place in ("novel", "difference")
        for measure, title in titles.items()
    } | {"units": str(fit.freedom + 2)}


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
