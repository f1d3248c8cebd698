"""Recordings of CA1 with cells registered over 15 days (Sheintuch et al. 2020).

Files at github.com/zivlab/multiple_maps. Eight sessions, one every second day, in each of two
environments; five trials of about three minutes each. The two mice whose files are public keep one
map of each environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.ndimage import uniform_filter1d

from drift.datasets.csv_files import read_table
from drift.datasets.matlab import LayoutError, MatlabFile
from drift.datasets.sessions import Locate, locator, recording_session
from drift.support.checks import check_choice

__all__ = ["DAYS_BETWEEN", "ENVIRONMENTS", "FIRST_BIN", "LAST_BIN", "MICE", "load"]

MICE = ("C6_M4", "C16_M4")
ENVIRONMENTS = ("A", "B")
SESSIONS = 8
DAYS_BETWEEN = 2
TRIALS = range(2, 7)
"""The trials on the track, counted from 1; the others were elsewhere."""

FRAME_SECONDS = 0.05
BINS = 24
FIRST_BIN, LAST_BIN = 3, 22
RUNNING = 1.0
"""Speed in cm/s beyond which the animal runs, after smoothing over :data:`SMOOTHED_FRAMES`."""
SMOOTHED_FRAMES = 8

_FIELDS = {"A": ("velocity", "position"), "B": ("velocity_VER2", "rough_linearized_location")}


def load(mouse: str, environment: str, folder: Path | None = None) -> Iterator[xr.Dataset]:
    """Sessions of one mouse in one environment, each once for either running direction.

    The registration is read at once, the sessions one after the other.

    Parameters
    ----------
    mouse : str
        One of ``MICE``.
    environment : {"A", "B"}
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    iterator of xarray.Dataset
        See :func:`drift.datasets.sessions.recording_session`; ``cell`` holds numbers of registered
        cells, those present in the session.

    Raises
    ------
    ValueError
        If the mouse or the environment is unknown.
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field, a column or a trial is missing or not as documented, an index of a cell is not
        whole, given twice or of no cell, or the animal never runs in one of the directions.
    """
    check_choice("mouse", mouse, MICE)
    check_choice("environment", environment, ENVIRONMENTS)
    locate = locator("sheintuch-2020", folder)
    subfolder = f"Data/{mouse}/Environment {environment}/"
    registration = MatlabFile(locate(subfolder + "cell_registration.mat"))
    name = "cell_to_index_map"
    table = registration.whole_numbers(registration.variable(name), name, (None, SESSIONS))
    for session, index in enumerate(table.T, 1):
        given, times = np.unique(index[index > 0], return_counts=True)  # 0: not in this session
        if (times > 1).any():
            twice = f"has cell {given[times > 1][0]} of session {session} for several cells."
            raise registration.refuse(name, twice)
    return _sessions(mouse, environment, locate, subfolder, registration, table)


def _sessions(
    mouse: str,
    environment: str,
    locate: Locate,
    subfolder: str,
    registration: MatlabFile,
    table: np.ndarray,
) -> Iterator[xr.Dataset]:
    for session in range(1, SESSIONS + 1):
        events = MatlabFile(locate(f"{subfolder}finalEventsMat_{session}.mat"))
        activity = events.numbers("allEventsMat", (None, None))
        if (activity < 0).any():
            raise events.refuse("allEventsMat", "has negative activity.")
        bins, speed, frames = _behaviour(locate, subfolder, session, environment, len(activity))
        index = table[:, session - 1]
        registered = np.flatnonzero(index)
        if index.max(initial=0) > activity.shape[1]:
            raise registration.refuse(
                "cell_to_index_map",
                f"names cell {index.max()} of session {session}, which has {activity.shape[1]}.",
            )
        of_registered = activity[:, index[registered] - 1]
        on_track = (bins >= FIRST_BIN) & (bins <= LAST_BIN)
        for direction, runs in (("right", speed >= RUNNING), ("left", speed < -RUNNING)):
            chosen = on_track & runs
            if not chosen.any():
                raise LayoutError(
                    f"{locate(f'{subfolder}behavior_{session}.mat')}: the animal never runs to the "
                    f"{direction}, at {RUNNING:g} cm/s, in bins {FIRST_BIN} to {LAST_BIN}."
                )
            yield recording_session(
                of_registered[frames[chosen]],
                bins[chosen],
                dt=FRAME_SECONDS,
                bin_width=None,
                animal=mouse,
                area="CA1",
                environment=environment,
                session=session,
                direction=direction,
                cell=registered,
            )


def _behaviour(
    locate: Locate, subfolder: str, session: int, environment: str, recorded: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place bins, smoothed speed, and the numbers of the frames in the recording, of all trials."""
    movement = MatlabFile(locate(f"{subfolder}behavior_{session}.mat"))
    log_path = locate(f"{subfolder}frameLog_{session}.csv")
    columns = ["trial", "begFrame", "endFrame"]
    log = read_table(log_path, columns)
    # Of a trial without frames the fields are empty, here NaN; only those on the track are used.
    rows = log[columns].apply(pd.to_numeric, errors="coerce")
    logged = {trial: (first, last) for trial, first, last in rows.to_numpy(float)}
    trials = movement.cells("my_mvmt")
    speeds, positions, frames = [], [], []
    for trial in TRIALS:
        name = f"my_mvmt{{{trial}}}"
        if trials.size < trial or trial not in logged:
            where = movement.path if trials.size < trial else log_path
            raise LayoutError(f"{where}: trial {trial} is missing.")
        entry = trials.ravel()[trial - 1]
        speed, position = (
            movement.check_numbers(movement.member(entry, field, name), f"{name}.{field}").ravel()
            for field in _FIELDS[environment]
        )
        first, last = logged[trial]
        if not (1 <= first <= last <= recorded and first % 1 == last % 1 == 0):
            found = f"trial {trial} has frames {first:g} to {last:g} of {recorded} recorded."
            raise LayoutError(f"{log_path}: {found}")
        first, last = int(first), int(last)
        # The camera of the animal and that of the cells differ by a few frames in the end.
        length = min(len(speed), len(position), last - first + 1)
        if length == 0:
            raise LayoutError(f"{movement.path}: trial {trial} has no frames.")
        speeds.append(uniform_filter1d(speed[:length], SMOOTHED_FRAMES))
        positions.append(position[:length])
        frames.append(first - 1 + np.arange(length))
    along = np.concatenate(positions)
    low, high = (0.0, 1.0) if environment == "A" else (along.min(), along.max())
    if high <= low:
        raise LayoutError(f"{movement.path}: the animal stays at one place, {low:g}.")
    bins = np.clip(np.ceil((along - low) / (high - low) * BINS), 1, BINS).astype(int)
    return bins, np.concatenate(speeds), np.concatenate(frames)
