"""Raw recordings of CA1 and CA3 in familiar tracks (Sheintuch, Rubin and Ziv 2022).

doi:10.1371/journal.pcbi.1009832, files at github.com/zivlab/unbiased_information_estimation. The
last four sessions in each of two tracks, frames in which the animal ran only. Cells are not the
same from session to session.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from drift.datasets.matlab import MatlabFile
from drift.datasets.sessions import locator, recording_session
from drift.support.checks import check_choice

__all__ = ["MICE", "load"]

MICE = {
    "C5M1": "CA1",
    "C6M3": "CA1",
    "C6M4": "CA1",
    "C8M2": "CA1",
    "C14M4": "CA3",
    "C15M2": "CA3",
    "C23M4": "CA3",
    "C24M3": "CA3",
    "C24M4": "CA3",
}
"""Each mouse and where it was recorded."""

FRAME_SECONDS = 0.05
_SLOW = {"C8M2": 0.1}
BIN_CENTIMETRES = 4.0
FIRST_BIN, LAST_BIN = 3, 22
"""The bins of the track that are used; those at its ends are left out."""

_PATH = "Real data/Full data set/{area}/{mouse}_{kind}.mat"


def load(mouse: str, folder: Path | None = None) -> Iterator[xr.Dataset]:
    """Sessions of one mouse: two environments, four sessions, two directions; in this order.

    The files are read at once; each session is checked when it comes.

    Parameters
    ----------
    mouse : str
        A key of ``MICE``.
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    iterator of xarray.Dataset
        See :func:`drift.datasets.sessions.recording_session`.

    Raises
    ------
    ValueError
        If the mouse is unknown.
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field is missing or not as documented, or a session has no frames.
    """
    area = MICE[check_choice("mouse", mouse, MICE)]
    locate = locator("sheintuch-2022", folder)
    spikes = MatlabFile(locate(_PATH.format(area=area, mouse=mouse, kind="spike_train")))
    places = MatlabFile(locate(_PATH.format(area=area, mouse=mouse, kind="stimulus_trace")))
    activities = spikes.cells("spike_train", (2, None, 2))
    positions = places.cells("stimulus_trace", activities.shape)
    return _sessions(mouse, spikes, places, activities, positions)


def _sessions(
    mouse: str,
    spikes: MatlabFile,
    places: MatlabFile,
    activities: np.ndarray,
    positions: np.ndarray,
) -> Iterator[xr.Dataset]:
    for environment, session, direction in np.ndindex(activities.shape):
        name = f"spike_train{{{environment + 1},{session + 1},{direction + 1}}}"
        activity = spikes.check_numbers(
            activities[environment, session, direction], name, (None, None)
        )
        if len(activity) == 0:
            raise spikes.refuse(name, "has no frames: the animal never runs there.")
        if (activity < 0).any():
            raise spikes.refuse(name, "has negative activity.")
        name = name.replace("spike_train", "stimulus_trace")
        place = places.check_numbers(
            positions[environment, session, direction], name, (len(activity), 1)
        )
        if place.min() < FIRST_BIN or place.max() > LAST_BIN or (place % 1 != 0).any():
            raise places.refuse(name, f"has places that are no bins {FIRST_BIN} to {LAST_BIN}.")
        yield recording_session(
            activity,
            place[:, 0],
            dt=_SLOW.get(mouse, FRAME_SECONDS),
            bin_width=BIN_CENTIMETRES,
            animal=mouse,
            area=MICE[mouse],
            environment="AB"[environment],
            session=session + 1,
            direction=("right", "left")[direction],
        )
