"""Two slopes of every animal at hand, and numbers of the mice that also spent time elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from drift.analysis.paired_slopes import MEASURES, PairedSlopes, paired_slopes
from drift.datasets import time_elsewhere
from drift.datasets.published_sessions import load_novel
from drift.inference.drift_features import features
from drift.results.animal_tables import all_registered_maps, by_session
from drift.results.lap_tables import BLOCKS, rat_blocks, track_sessions

PLACES = {
    "rechavi-2022": "novel",
    "bendor-rats": "novel",
    "sheintuch-2022": "familiar",
    "sheintuch-2020": "familiar",
    "elyasaf-2024": "familiar",
}
"""The data sets, and what their places were to the animals."""

MAIN = {"corrected": True, "equal_time": True, "interneurons": False, "laps": 4}
"""The choices of the main analysis. Sets to which a choice does not apply have the same numbers
with either."""

SHOWN = {
    "map_correlation_next": "map correlation, next session",
    "map_correlation_last": "map correlation, longest lag",
    "population_correlation_next": "population correlation, next session",
    "population_correlation_last": "population correlation, longest lag",
    "curvature": "map correlation, curvature",
    "distances_kept": "distances kept, next session",
    "residual_after_rotation": "left after alignment",
    "mean_field_shift": "mean shift",
    "deaths": "deaths",
    "returns": "returns",
    "stability_with_activity": "stability with activity",
    "stability_with_redundancy": "stability with redundancy",
}
"""The features of drift that the joint test's chapter shows, by short names."""

ELSEWHERE_MEASURES = ("place_cells", "information", "mean_activity", "within_session")


def signature_slopes() -> pd.DataFrame:
    """Slopes of the number of active cells and of the information of each animal, by choices.

    Relative to the first session of the animal (of a rat: the first block of laps), per session.
    Environments of an animal are averaged before; sessions of a rat, relative to the first block.
    Information is ``corrected`` by the mean of shuffles: per cell and spike where recordings are at
    hand; in Rechavi et al. per second, as published; in Elyasaf et al. there is one number, as
    published, and place cells are counted, for active cells are not published.

    Returns
    -------
    DataFrame
        One row a ``set``, ``animal`` and the choices ``corrected``, ``equal_time``,
        ``interneurons`` and ``laps`` (in a block): ``active_cells``, ``information``, the two
        slopes; ``residual_active_cells``, ``residual_information``, ``residual_product``, sums of
        squares and of products; ``freedom``; ``spread`` of the times
        (see :class:`drift.analysis.paired_slopes.PairedSlopes`).
    """
    blocks, tracks = rat_blocks(), track_sessions()
    novel, elsewhere = load_novel(), time_elsewhere.load()
    parts = []
    for corrected, equal_time, interneurons, laps in _choices():
        choice = {"corrected": corrected, "equal_time": equal_time, "interneurons": interneurons,
                  "laps": laps}  # fmt: skip
        bits = "information_excess" if corrected else "information"
        rats = blocks[
            (blocks["laps"] == laps) & (blocks["equal_time"] == equal_time)
            & (blocks["interneurons"] == interneurons)
        ]  # fmt: skip
        parts.append(_slopes("bendor-rats", _of_rats(rats, bits), choice))
        if interneurons or laps != MAIN["laps"]:
            continue
        for name, found in tracks[tracks["equal_time"] == equal_time].groupby("set"):
            pair = _pair(found, "active_cells", bits)
            parts.append(_slopes(str(name), pair, choice))
        if equal_time:
            reduced = "information_reduced" if corrected else "information"
            pair = _pair(novel, "active_cells", reduced)
            parts.append(_slopes("rechavi-2022", pair, choice))
        if equal_time and corrected:
            pair = _pair(elsewhere, "place_cells", "information")
            parts.append(_slopes("elyasaf-2024", pair, choice))
    return pd.concat(parts, ignore_index=True)


def _choices() -> Iterator[tuple[bool, bool, bool, int]]:
    return itertools.product((True, False), (True, False), (False, True), BLOCKS)


def _pair(sessions: pd.DataFrame, cells: str, bits: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Number of cells and information, animals x sessions, mean over environments."""
    return tuple(
        sessions.pivot_table(index="animal", columns="session", values=name, aggfunc="mean")
        for name in (cells, bits)
    )  # type: ignore[return-value]


def _of_rats(blocks: pd.DataFrame, bits: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of blocks of laps, each relative to the first of its session."""
    relative = []
    for name in ("active_cells", bits):
        table = blocks.pivot_table(index=["animal", "session"], columns="block", values=name)
        relative.append(table.div(table[1], axis=0).groupby("animal").mean())
    return relative[0], relative[1]


def _slopes(
    name: str, pair: tuple[pd.DataFrame, pd.DataFrame], choice: Mapping[str, object]
) -> pd.DataFrame:
    found = _lines(pair)
    return pd.DataFrame(
        {"set": name, "place": PLACES[name], "animal": pair[0].index}
        | dict(choice)
        | dict(zip(MEASURES, found.slopes.T, strict=True))
        | {
            "residual_active_cells": found.residuals[:, 0, 0],
            "residual_information": found.residuals[:, 1, 1],
            "residual_product": found.residuals[:, 0, 1],
            "freedom": found.freedom,
            "spread": found.spread,
        }
    )


def _lines(pair: tuple[pd.DataFrame, pd.DataFrame]) -> PairedSlopes:
    """Both slopes of each animal, of numbers of cells and information by session."""
    cells, bits = pair
    return paired_slopes(cells.columns.to_numpy(float), cells.to_numpy(float), bits.to_numpy(float))


def elsewhere_sessions() -> pd.DataFrame:
    """The mice that also spent time elsewhere, by session: see ``animal_tables.by_session``."""
    return by_session(time_elsewhere.load(), ELSEWHERE_MEASURES)


def elsewhere_slopes() -> pd.DataFrame:
    """Two slopes of each of those mice in each phase, relative to the phase's first session.

    Returns
    -------
    DataFrame
        One row a ``phase`` and ``animal``: ``active_cells`` (place cells) and ``information``.
    """
    sessions = time_elsewhere.load()
    parts = []
    for phase, (first, last) in time_elsewhere.PHASES.items():
        pair = _pair(
            sessions[sessions["session"].between(first, last)], "place_cells", "information"
        )
        slopes = dict(zip(MEASURES, _lines(pair).slopes.T, strict=True))
        parts.append(pd.DataFrame({"phase": phase, "animal": pair[0].index} | slopes))
    return pd.concat(parts, ignore_index=True)


def elsewhere_correlation() -> pd.DataFrame:
    """How alike two sessions of those mice are, by phase and lag: means and standard errors."""
    found = time_elsewhere.load_correlations()
    measures = ["population_vector", "tuning_curve", "ensemble_rate"]
    grouped = found.groupby(["phase", "lag", "days"])[measures]
    error = grouped.sem().add_suffix("_sem")
    return pd.concat([grouped.mean(), error], axis=1).reset_index()


def drift_measures(responses: np.ndarray) -> dict[str, float]:
    """Some of :func:`drift.inference.drift_features.features` of a code, by short names.

    Parameters
    ----------
    responses : (sessions, units, conditions) array
        See :func:`drift.analysis.drift.check_responses`.
    """
    found = features(responses)
    return {name: found[feature] for name, feature in SHOWN.items()}


def registered_drift() -> pd.DataFrame:
    """:func:`drift_measures` of the mice whose cells are registered, a row a mouse and place.

    Rate maps as in :func:`drift.results.animal_tables.registered_maps`. A cell that was not found
    in a session counts as not recorded there, not as silent.
    """
    rows = []
    for mouse, environment, maps, present in all_registered_maps():
        known = np.where(present[:, :, None], maps, np.nan)
        rows.append({"animal": mouse, "environment": environment} | drift_measures(known))
    return pd.DataFrame(rows)
