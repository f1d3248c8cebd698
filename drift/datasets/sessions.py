"""What a recording session is, whatever data set it is from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from drift.datasets.catalogue import find_dataset
from drift.datasets.fetching import data_path
from drift.support.array_checks import check_array, check_whole_numbers
from drift.support.checks import check_as_many, check_integer, check_kind, check_number

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

    Raises
    ------
    TypeError, ValueError
        If there is no such data set, or ``folder`` is no path.
    """
    find_dataset(name)
    if folder is not None and not isinstance(folder, (str, Path)):
        raise TypeError(f"folder={folder!r} is no path.")
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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or the arrays do not fit each other.
    """
    dt = check_number("dt", dt, positive=True)
    if bin_width is not None:
        bin_width = check_number("bin_width", bin_width, positive=True)
    labels = {"animal": animal, "area": area, "environment": environment, "direction": direction}
    for name, label in labels.items():
        check_kind(name, label, str)
    session = check_integer("session", session, minimum=1)
    limits = np.iinfo(np.int16)
    bins = check_whole_numbers(
        "place_bin", place_bin, ("time",), minimum=limits.min, maximum=limits.max
    )
    counts = check_array(
        "activity", activity, ("time", "cell"), minimum=0, maximum=1e38, empty=True
    )
    check_as_many("activity", len(counts), "place_bin", bins.size, "time bins")
    numbers = np.arange(counts.shape[1])
    if cell is not None:
        numbers = check_whole_numbers("cell", cell, ("cell",), minimum=0, empty=True)
        check_as_many("cell", numbers.size, "activity", counts.shape[1], "cells")
    return xr.Dataset(
        {
            "activity": (("time", "cell"), np.asarray(activity, np.float32)),
            "place_bin": ("time", bins.astype(np.int16)),
        },
        {"time": dt * np.arange(bins.size), "cell": numbers},
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
