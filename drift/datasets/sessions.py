"""What a recording session is, whatever data set it is from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from drift.datasets.fetching import data_path

__all__ = ["Locate", "locator", "recording_session"]

Locate = Callable[[str], Path]
"""From a file's path within a data set to where it lies."""


def locator(name: str, folder: Path | None) -> Locate:
    """Files of the data set ``name``, checked; or as they are, of a folder of the same layout.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.
    folder : Path or None
        The folder of the same layout; None for the data folder.

    Returns
    -------
    Locate
        Raises the errors of :func:`~drift.datasets.fetching.data_path` where it checks.
    """
    if folder is None:
        return lambda path: data_path(name, path)
    return lambda path: Path(folder) / path


def recording_session(
    activity: np.ndarray,
    place_bin: np.ndarray,
    *,
    dt: float,
    bin_width: float | None,
    animal: str,
    area: str,
    environment: str,
    session: int,
    direction: str,
    cell: np.ndarray | None = None,
) -> xr.Dataset:
    """Activity of many cells while an animal runs along a track in one direction.

    Parameters
    ----------
    activity : (time, cell) array
        Spikes or deconvolved events in each time bin, at least 0.
    place_bin : (time,) int array
        The animal's place, as the number of a bin of the track.
    dt : float
        Length of a time bin, s.
    bin_width : float or None
        Length of a place bin, cm; None where it is not known.
    animal, area, environment : str
        Labels of the session.
    session : int
        Counts from 1 within the environment.
    direction : str
        Label of the running direction.
    cell : (cell,) int array, optional
        Numbers that are the same for the same cell in other sessions; by default cells are only
        counted.

    Returns
    -------
    xarray.Dataset
        ``activity`` (time, cell) and ``place_bin`` (time); ``time`` in s; the rest as attributes,
        with ``registered``: 1 if ``cell`` was given, else 0.
    """
    numbers = np.arange(activity.shape[1]) if cell is None else cell
    return xr.Dataset(
        {
            "activity": (("time", "cell"), np.asarray(activity, np.float32)),
            "place_bin": ("time", np.asarray(place_bin, np.int16)),
        },
        {"time": dt * np.arange(len(place_bin)), "cell": numbers},
        {
            "dt": dt,
            "bin_width": np.nan if bin_width is None else bin_width,
            "animal": animal,
            "area": area,
            "environment": environment,
            "session": session,
            "direction": direction,
            "registered": int(cell is not None),
        },
    )
