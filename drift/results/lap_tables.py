"""Rats on a track lap by lap, and sessions of mice, at equal observation time: tables of numbers.

A cell counts as active if it is active in at least ten time bins, as everywhere in this book. The
longer one looks, the more cells are. Laps, blocks of laps and sessions are therefore also compared
over as many time bins of each as the shortest has, chosen at random.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.information import MINIMAL_EVENTS
from drift.analysis.shuffled_information import information_above_shuffles
from drift.datasets import familiar_tracks, lap_recordings, registered_tracks
from drift.support.progress import each

SHUFFLES = 100
CHOICES = 5
"""How often time bins are chosen at random, to average over."""
LAP_CHOICES = 20
"""The same for single laps, of which only active cells are counted."""

BLOCKS = (2, 3, 4, 5)
"""Laps in a block."""


def equal_bins(lengths: list[int], wanted: int, random: np.random.Generator) -> list[np.ndarray]:
    """Of parts of these lengths, as many time bins of each, in order of time."""
    return [np.sort(random.choice(length, wanted, replace=False)) for length in lengths]


def cell_numbers(activity: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Whether each cell is active, its information, and that without the mean of shuffles.

    Returns
    -------
    (3, cell) array
        Information is NaN for cells that are not active.
    """
    active = (activity > 0).sum(axis=0) >= MINIMAL_EVENTS
    bits = np.full((2, active.size), np.nan)
    if active.any():
        found = information_above_shuffles(activity[:, active], place, shuffles=SHUFFLES)
        bits[:, active] = found.naive, found.excess
    return np.vstack([active, bits])


def _averages(numbers: list[np.ndarray], cells: np.ndarray) -> dict[str, float]:
    """Means over random choices of what some ``cells`` do."""
    chosen = [one[:, cells] for one in numbers]
    return {
        "active_cells": float(np.mean([one[0].sum() for one in chosen])),
        "information": float(np.mean([np.nanmean(one[1]) for one in chosen])),
        "information_excess": float(np.mean([np.nanmean(one[2]) for one in chosen])),
    }


def rat_laps() -> pd.DataFrame:
    """Share of the pyramidal cells that are active in each lap of each session of each rat.

    Returns
    -------
    DataFrame
        One row a rat, session and lap: ``cells``, ``bins`` of the lap; ``active_share`` over as
        many time bins as the shortest lap of the session has, mean over random choices, and
        ``active_share_all`` over all time bins of the lap. A cell is active in a lap if it fires.
    """
    rows = []
    for session in _rat_sessions():
        activity = session["activity"].values[:, lap_recordings.pyramidal(session)] > 0
        laps = _parts(session["lap"].values - 1)
        random = np.random.default_rng(0)
        fewest = min(map(len, laps))
        shares = np.zeros(len(laps))
        for _ in range(LAP_CHOICES):
            for lap, chosen in enumerate(equal_bins([*map(len, laps)], fewest, random)):
                shares[lap] += activity[laps[lap][chosen]].any(axis=0).mean() / LAP_CHOICES
        for lap, bins in enumerate(laps):
            rows.append(
                _label(session) | {
                    "lap": lap + 1, "cells": activity.shape[1], "bins": len(bins),
                    "active_share": shares[lap],
                    "active_share_all": activity[bins].any(axis=0).mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


@cache
def rat_blocks() -> pd.DataFrame:
    """Active cells and their information in blocks of laps of each session of each rat.

    Laps that do not fill a block at the end of a session are left out.

    Returns
    -------
    DataFrame
        One row a rat, session, number of ``laps`` in a block, ``block``, and choice of
        ``equal_time`` and of ``interneurons`` (whether fast units count as well): ``cells``,
        ``active_cells``, and their mean ``information`` and ``information_excess`` in bits per
        spike, without and with the mean of shuffles removed.
    """
    rows = []
    for session in _rat_sessions():
        slow = lap_recordings.pyramidal(session)
        groups = {False: slow, True: np.ones_like(slow)}
        for laps, equal_time in itertools.product(BLOCKS, (True, False)):
            number = (session["lap"].values - 1) // laps
            blocks = _parts(number)[: int(session["lap"].max()) // laps]
            found = _numbers_of_parts([(session, bins) for bins in blocks], equal_time)
            for block, numbers in enumerate(found):
                for interneurons, cells in groups.items():
                    rows.append(
                        _label(session) | {
                            "laps": laps, "block": block + 1, "equal_time": equal_time,
                            "interneurons": interneurons, "cells": int(cells.sum()),
                        } | _averages(numbers, cells)
                    )  # fmt: skip
    return pd.DataFrame(rows)


def _rat_sessions() -> Iterator[xr.Dataset]:
    for rat in each(list(lap_recordings.RATS), "rats", True):
        yield from lap_recordings.load(rat)


def _label(session: xr.Dataset) -> dict[str, object]:
    return {name: session.attrs[name] for name in ("animal", "protocol", "session")}


def _parts(number: np.ndarray) -> list[np.ndarray]:
    """Time bins of each part, by the number of the part from 0."""
    return [np.flatnonzero(number == part) for part in range(int(number.max()) + 1)]


def _numbers_of_parts(
    parts: list[tuple[xr.Dataset, np.ndarray]], equal_time: bool
) -> list[list[np.ndarray]]:
    """:func:`cell_numbers` of time bins of sessions, once or for each of some random choices."""
    lengths = [len(bins) for _, bins in parts]
    random = np.random.default_rng(0)
    found: list[list[np.ndarray]] = [[] for _ in parts]
    for _ in range(CHOICES if equal_time else 1):
        chosen = (
            equal_bins(lengths, min(lengths), random) if equal_time else [slice(None)] * len(parts)
        )
        for part, (session, bins) in enumerate(parts):
            at = bins[chosen[part]]
            found[part].append(
                cell_numbers(session["activity"].values[at], session["place_bin"].values[at])
            )
    return found


@cache
def track_sessions() -> pd.DataFrame:
    """Active cells and their information in mice on tracks they knew, at equal time or not.

    Nine mice of Sheintuch et al. 2022, and two of 2020. Cells count if they are active in either
    running direction, their information in each direction.

    Returns
    -------
    DataFrame
        One row a ``set``, animal, environment, session and choice of ``equal_time``:
        ``active_cells``, ``information``, ``information_excess`` as in :func:`rat_blocks`.
    """
    loaded = {
        ("sheintuch-2022", mouse): [familiar_tracks.load(mouse)] for mouse in familiar_tracks.MICE
    } | {
        ("sheintuch-2020", mouse): [
            registered_tracks.load(mouse, environment)
            for environment in registered_tracks.ENVIRONMENTS
        ]
        for mouse in registered_tracks.MICE
    }
    rows = []
    for (name, mouse), parts in each(list(loaded.items()), "mice", True):
        sessions = list(itertools.chain.from_iterable(parts))
        for environment, equal_time in itertools.product("AB", (True, False)):
            here = [found for found in sessions if found.attrs["environment"] == environment]
            rows += [
                {"set": name, "animal": mouse, "environment": environment,
                 "session": session, "equal_time": equal_time} | numbers
                for session, numbers in _both_directions(here, equal_time)
            ]  # fmt: skip
    return pd.DataFrame(rows)


def _both_directions(
    sessions: list[xr.Dataset], equal_time: bool
) -> Iterator[tuple[int, dict[str, float]]]:
    """By session, what cells do in either direction; each direction at equal time by itself."""
    by_direction = []
    for direction in ("right", "left"):
        chosen = [found for found in sessions if found.attrs["direction"] == direction]
        parts = [(found, np.arange(found.sizes["time"])) for found in chosen]
        by_direction.append(_numbers_of_parts(parts, equal_time))
    for number, pair in enumerate(zip(*by_direction, strict=True)):
        values = []
        for right, left in zip(*pair, strict=True):
            active = (right[0] + left[0]) > 0
            bits = [np.nanmean(np.append(right[row], left[row])) for row in (1, 2)]
            values.append([active.sum(), *bits])
        names = ("active_cells", "information", "information_excess")
        yield number + 1, dict(zip(names, np.mean(values, axis=0).tolist(), strict=True))
