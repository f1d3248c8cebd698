"""Rats on a linear track, lap by lap (Bendor lab).

Files at github.com/bendor-lab/Representational_drift_and_replay_analysis, one a session: units of
the hippocampus of four rats during the first run of a day on a track of two metres, running in one
of the two directions only. Their authors smoothed the counts over half a second, and left out time
bins in which the animal was slower than 5 cm/s. Nineteen sessions; how familiar each track was to
its rat, the repository does not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from drift.datasets.csv_files import read_table
from drift.datasets.matlab import LayoutError
from drift.datasets.sessions import locator, recording_session
from drift.support.checks import check_choice

__all__ = ["RATS", "SESSIONS", "load", "pyramidal"]

SESSIONS = tuple(
    (rat, f"16x{laps}")
    for laps, rats in ((8, "MNPQ"), (4, "NPQ"), (3, "MNPQ"), (2, "MNPQ"), (1, "MNPQ"))
    for rat in rats
)
"""Rat and protocol of each file, in the order of their numbers."""

RATS = ("M", "N", "P", "Q")

BIN_SECONDS = 0.1
TRACK_CENTIMETRES = 200.0
BIN_CENTIMETRES = 10.0

HIGHEST_PYRAMIDAL_RATE = 5.0
"""Hz; units with a higher mean rate are taken for interneurons."""

_PATH = "Dimension Reduction/UMAP/data_cross_validation/data_{number}_T1.csv"


def load(rat: str, folder: Path | None = None) -> Iterator[xr.Dataset]:
    """Sessions of one rat, in the order of its files; each is read when it comes.

    Parameters
    ----------
    rat : str
        One of ``RATS``.
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    iterator of xarray.Dataset
        See :func:`drift.datasets.sessions.recording_session`; besides, ``lap`` (time), from 1, and
        the attribute ``protocol``, laps on the first and on the second track of the day.

    Raises
    ------
    ValueError
        If the rat is unknown.
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a column is missing, unknown or not of numbers, a count is negative or a place is not on
        the track, or the laps are not numbered 1, 2, 3 and so on, each in one piece.
    """
    check_choice("rat", rat, RATS)
    locate = locator("bendor-rats", folder)
    numbers = [number for number, (of, _) in enumerate(SESSIONS, 1) if of == rat]
    paths = [locate(_PATH.format(number=number)) for number in numbers]
    return _sessions(rat, numbers, paths)


def _sessions(rat: str, numbers: list[int], paths: list[Path]) -> Iterator[xr.Dataset]:
    for session, (number, path) in enumerate(zip(numbers, paths, strict=True), 1):
        place, lap, counts = _read(path)
        bins = np.minimum(place // BIN_CENTIMETRES, TRACK_CENTIMETRES / BIN_CENTIMETRES - 1)
        found = recording_session(
            counts,
            bins,
            dt=BIN_SECONDS,
            bin_width=BIN_CENTIMETRES,
            animal=rat,
            area="hippocampus",
            environment="first track",
            session=session,
            direction="one direction",
        )
        found["lap"] = ("time", lap)
        found.attrs["protocol"] = SESSIONS[number - 1][1]
        yield found


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places (cm), laps and counts of each unit."""
    table = read_table(path)
    units = len(table.columns) - 2
    expected = ["x", "lap", *(f"c{number}" for number in range(1, units + 1))]
    if units < 1 or list(table.columns) != expected:
        raise LayoutError(
            f"{path} has the columns {', '.join(map(str, table.columns[:4]))} ...: x, lap, c1, c2 "
            "and so on are expected."
        )
    if table.empty:
        raise LayoutError(f"{path} has no time bins.")
    wrong = [name for name, kind in table.dtypes.items() if kind.kind not in "iuf"]
    if wrong:
        raise LayoutError(f"{path}: the column {wrong[0]!r} holds values that are not numbers.")
    values = table.to_numpy(float)
    missing = np.argwhere(~np.isfinite(values))
    if missing.size:
        row, column = missing[0]
        raise LayoutError(
            f"{path}: the column {expected[column]!r} is not a finite number in row {row + 1}."
        )
    place, lap, counts = values[:, 0], values[:, 1], values[:, 2:]
    if place.min() < 0 or place.max() > TRACK_CENTIMETRES:
        raise LayoutError(f"{path}: x must lie on the track, 0 to {TRACK_CENTIMETRES:g} cm.")
    if (counts < 0).any():
        raise LayoutError(f"{path} has negative counts.")
    numbers = np.unique(lap)
    in_order = (np.diff(lap) >= 0).all() and (numbers == np.arange(1, numbers.size + 1)).all()
    if not in_order:
        raise LayoutError(f"{path}: laps must be numbered 1, 2, 3 and so on, each in one piece.")
    return place, lap.astype(int), counts


def pyramidal(session: xr.Dataset) -> np.ndarray:
    """Which units fire slowly enough to be taken for pyramidal cells.

    Parameters
    ----------
    session : xarray.Dataset
        As of :func:`load`.

    Returns
    -------
    (cell,) bool array
        Mean rate over the session of at most ``HIGHEST_PYRAMIDAL_RATE``.

    Raises
    ------
    TypeError, ValueError
        If ``session`` has no activity in time bins, or no length of these.
    """
    if not isinstance(session, xr.Dataset) or "activity" not in session:
        raise TypeError(f"session={type(session).__name__} must be a recording session.")
    if "dt" not in session.attrs or not session.sizes.get("time"):
        raise ValueError("session has no time bins, or does not say how long they are.")
    rates = session["activity"].values.mean(axis=0, dtype=float) / session.attrs["dt"]
    return np.asarray(rates <= HIGHEST_PYRAMIDAL_RATE)
