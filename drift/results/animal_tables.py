"""What the recordings show, session by session: the numbers behind the chapter *In the animal*."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from drift.analysis.information import PlaceCells, corrected_information, place_cells, tuning_curves
from drift.analysis.trends import slopes
from drift.analysis.tuning import population_vector_correlation, rate_map_correlation
from drift.datasets import familiar_tracks, folder_of, karlsson, registered_tracks
from drift.datasets.published_sessions import load_novel
from drift.support.progress import each

GRID_CENTIMETRES = 4.0
"""Width of the squares that an arena is divided into."""

MAP_BINS = np.arange(registered_tracks.FIRST_BIN, registered_tracks.LAST_BIN + 1)
MAP_SMOOTHING = 1.0
"""Width in bins of the Gaussian that rate maps of registered cells are smoothed with."""
SHOWN_SESSIONS = (1, 3, 6, 8)
SHOWN_CELLS = 120


def familiar_sessions(
    mice: Iterable[str] = familiar_tracks.MICE, shuffles: int = 1000, progress: bool = True
) -> pd.DataFrame:
    """Place cells and their information in each session of the familiar tracks.

    Returns
    -------
    DataFrame
        One row a mouse, environment and session: ``cells``; ``active_cells``, active in at least
        ten time bins of either running direction; ``place_cells``, significant in either;
        ``place_cell_fraction``, of the active; ``information``, ``information_ssr`` and
        ``information_bae``, bits per spike as it is and with its bias removed, means over place
        cells and directions (see :func:`drift.analysis.information.corrected_information`).
    """
    rows = []
    for mouse in each(list(mice), "mice", progress):
        sessions = itertools.groupby(
            familiar_tracks.load(mouse), lambda found: (found.environment, found.session)
        )
        for (environment, session), directions in sessions:
            tests, values = [], []
            for found in directions:
                activity, place = found["activity"].values, found["place_bin"].values
                tested = place_cells(activity, place, shuffles=shuffles)
                tests.append(tested)
                values.append(corrected_information(activity[:, tested.significant], place))
            naive, reduced, extrapolated = (
                np.concatenate(kind) for kind in zip(*values, strict=True)
            )
            active = np.any([tested.active for tested in tests], axis=0)
            significant = np.any([tested.significant for tested in tests], axis=0)
            rows.append(
                {
                    "animal": mouse,
                    "area": familiar_tracks.MICE[mouse],
                    "environment": environment,
                    "session": session,
                    "cells": active.size,
                    "active_cells": int(active.sum()),
                    "place_cells": int(significant.sum()),
                    "place_cell_fraction": significant.sum() / active.sum(),
                    "information": np.nanmean(naive),
                    "information_ssr": np.nanmean(reduced),
                    "information_bae": np.nanmean(extrapolated),
                }
            )
    return pd.DataFrame(rows)


def by_session(sessions: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Each animal's measures over its first session, averaged over animals, by session.

    An animal's environments are averaged before. Returns one row a measure and session: ``mean``,
    ``sem`` (standard error over animals), ``animals``.
    """
    rows = []
    for measure in measures:
        table = _by_animal(sessions, measure)
        relative = table.div(table.iloc[:, 0], axis=0)
        for session, values in relative.items():
            rows.append(
                {"measure": measure, "session": session, "mean": values.mean(),
                 "sem": values.sem(), "animals": int(values.notna().sum())}
            )  # fmt: skip
    return pd.DataFrame(rows)


def slopes_by_animal(sessions: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Each animal's slope per session of each measure over its first value.

    Returns one row a measure and animal: ``measure``, ``animal``, what is known of it (``area``,
    ``group``), ``slope``, and ``last_over_first``.
    """
    known = [name for name in ("area", "group") if name in sessions]
    about = sessions.groupby("animal")[known].first()
    parts = []
    for measure in measures:
        table = _by_animal(sessions, measure)
        relative = table.div(table.iloc[:, 0], axis=0).to_numpy()
        found = about.loc[table.index].assign(
            slope=slopes(table.columns.to_numpy(float), relative), last_over_first=relative[:, -1]
        )
        parts.append(found.assign(measure=measure).reset_index())
    columns = ["measure", "animal", *known, "slope", "last_over_first"]
    return pd.concat(parts, ignore_index=True)[columns]


def _by_animal(sessions: pd.DataFrame, measure: str) -> pd.DataFrame:
    return sessions.pivot_table(index="animal", columns="session", values=measure, aggfunc="mean")


def w_track_sessions(
    animals: Iterable[str], folder: Path | None = None, shuffles: int = 1000, progress: bool = True
) -> pd.DataFrame:
    """Place cells of rats on W tracks by how often they had been there (Fig. 3C).

    The track is covered by a square grid of :data:`GRID_CENTIMETRES`; frames in which the rat ran;
    cells of CA1 of all epochs on the n-th day in an environment are pooled.

    Parameters
    ----------
    animals : iterable of str
        Short names, with which the files begin.
    folder : Path, optional
        Holds a folder for each; by default that of the data set.

    Returns
    -------
    DataFrame
        One row an animal and visit, as ``session``: ``active_cells``, ``place_cells``,
        ``place_cell_fraction`` (of the active) and ``information`` (bits per spike, mean over place
        cells).
    """
    place = folder or folder_of("karlsson-hc6")
    rows = []
    for animal in each(list(animals), "animals", progress):
        visits: dict[int, list[PlaceCells]] = {}
        for epoch in karlsson.load(animal, place / animal):
            running = epoch["running"].values
            grid = np.stack([epoch[axis].values[running] for axis in "xy"]) // GRID_CENTIMETRES
            column, row = (grid - grid.min(axis=1, keepdims=True)).astype(int)
            tested = place_cells(
                epoch["spikes"].values[running], row * (column.max() + 1) + column,
                shuffles=shuffles,
            )  # fmt: skip
            visits.setdefault(epoch.attrs["exposure"], []).append(tested)
        for visit, tests in sorted(visits.items()):
            active = sum(int(tested.active.sum()) for tested in tests)
            significant = sum(int(tested.significant.sum()) for tested in tests)
            bits = np.concatenate([tested.information[tested.significant] for tested in tests])
            rows.append(
                {"animal": animal, "session": visit, "active_cells": active,
                 "place_cells": significant,
                 "place_cell_fraction": significant / active if active else np.nan,
                 "information": bits.mean() if bits.size else np.nan}
            )  # fmt: skip
    return pd.DataFrame(rows)


FAMILIAR_MEASURES = (
    "active_cells",
    "place_cell_fraction",
    "information",
    "information_ssr",
    "information_bae",
)
NOVEL_MEASURES = (
    "active_cells",
    "place_cell_fraction",
    "place_cells_of_all",
    "information",
    "information_rate",
    "information_reduced",
)


def _novel() -> pd.DataFrame:
    found = load_novel()
    of_all = found["active_fraction"] * found["place_cell_fraction"]
    return found.assign(place_cells_of_all=of_all)


def novel_by_session() -> pd.DataFrame:
    """:func:`by_session` of the mice in novel environments."""
    return by_session(_novel(), NOVEL_MEASURES)


def novel_slopes() -> pd.DataFrame:
    """:func:`slopes_by_animal` of the mice in novel environments."""
    return slopes_by_animal(_novel(), NOVEL_MEASURES)


def registered_maps(mouse: str, environment: str) -> tuple[np.ndarray, np.ndarray]:
    """Rate maps of registered cells in every session: both directions, one after the other.

    Events are counted, not weighted by their size, and maps smoothed by :data:`MAP_SMOOTHING`.

    Returns
    -------
    (session, cell, 2 * bin) array; (session, cell) bool, whether a cell was found in a session
    """
    found: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for session in registered_tracks.load(mouse, environment):
        events = session["activity"].values > 0
        rates, _ = tuning_curves(events, session["place_bin"].values, MAP_BINS)
        smooth = gaussian_filter1d(rates, MAP_SMOOTHING, axis=1, mode="nearest")
        found.setdefault(session.attrs["session"], []).append((session["cell"].values, smooth))
    cells = 1 + max(numbers.max() for pair in found.values() for numbers, _ in pair)
    maps = np.zeros((len(found), cells, 2 * MAP_BINS.size))
    present = np.zeros((len(found), cells), bool)
    for place, session in enumerate(sorted(found)):
        for direction, (numbers, smooth) in enumerate(found[session]):
            columns = slice(direction * MAP_BINS.size, (direction + 1) * MAP_BINS.size)
            maps[place, numbers, columns] = smooth
            present[place, numbers] = True
    return maps, present


def all_registered_maps() -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Mouse, environment and :func:`registered_maps`, for each mouse in each environment."""
    for mouse, environment in itertools.product(
        registered_tracks.MICE, registered_tracks.ENVIRONMENTS
    ):
        yield mouse, environment, *registered_maps(mouse, environment)


def correlation_by_lag() -> pd.DataFrame:
    """How alike the codes of two sessions are, by the number of sessions between them.

    Returns
    -------
    DataFrame
        One row a mouse, environment and lag in sessions, also in ``days``: ``population_vector``,
        the correlation across cells at each place, and ``rate_map``, that along the track of each
        cell active in both sessions; means over pairs of sessions, of cells found in both.
    """
    rows = []
    for mouse, environment, maps, present in all_registered_maps():
        similar = rate_map_correlation(maps, present & (maps.max(axis=2) > 0))
        count = len(maps)
        vectors = np.full((count, count), np.nan)
        for a, b in itertools.combinations(range(count), 2):
            both = present[a] & present[b]
            vectors[a, b] = population_vector_correlation(maps[a, both].T, maps[b, both].T)
        for lag in range(1, count):
            rows.append(
                {"animal": mouse, "environment": environment, "lag": lag,
                 "days": lag * registered_tracks.DAYS_BETWEEN,
                 "population_vector": np.nanmean(np.diagonal(vectors, lag)),
                 "rate_map": np.nanmean(np.diagonal(similar, lag))}
            )  # fmt: skip
    return pd.DataFrame(rows)


def maps_over_days(mouse: str = "C16_M4", environment: str = "A") -> pd.DataFrame:
    """Rate maps of cells found in all of four sessions, each divided by its maximum, two digits.

    Returns
    -------
    DataFrame
        One row a session and cell: ``session``, ``day``, ``cell``, and one column a bin, those of
        the way back after those of the way out. Of the cells that are in every session, the
        :data:`SHOWN_CELLS` with the most activity in all.
    """
    maps, present = registered_maps(mouse, environment)
    places = [session - 1 for session in SHOWN_SESSIONS]
    everywhere = np.flatnonzero(present[places].all(axis=0) & (maps[places].max(axis=2) > 0).all(0))
    busiest = everywhere[np.argsort(-maps[places][:, everywhere].sum(axis=(0, 2)))][:SHOWN_CELLS]
    rows = []
    for place in places:
        for number, cell in enumerate(np.sort(busiest)):
            shape = maps[place, cell] / maps[place, cell].max()
            rows.append(
                {"session": place + 1, "day": 1 + place * registered_tracks.DAYS_BETWEEN,
                 "cell": number}
                | {f"bin_{bin_number}": round(value, 2) for bin_number, value in enumerate(shape)}
            )  # fmt: skip
    return pd.DataFrame(rows)
