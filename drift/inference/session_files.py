"""Sessions of an experiment, read from netCDF files of any program."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

__all__ = ["NotSessionsError", "read_sessions"]


class NotSessionsError(ValueError):
    """Something is no file of sessions."""


def read_sessions(path: Path) -> xr.Dataset | list[xr.Dataset]:
    """Sessions, as :func:`~drift.inference.answer.infer` takes them.

    Parameters
    ----------
    path : pathlib.Path
        A netCDF file of rate maps of all sessions; or a folder of netCDF files, a session each,
        whose names in the order of the alphabet are in the order of the sessions.

    Returns
    -------
    xarray.Dataset or list of xarray.Dataset
        In memory.

    Raises
    ------
    FileNotFoundError
        If there is nothing at ``path``.
    NotSessionsError
        If a folder has fewer than two files, or a file is not netCDF.
    """
    if not path.is_dir():
        return _read(path)
    files = sorted(path.glob("*.nc"))
    if len(files) < 2:
        raise NotSessionsError(
            f"{path} has {len(files)} files *.nc: a folder has one for each session, and at least "
            "two sessions are needed."
        )
    return [_read(file) for file in files]


def _read(path: Path) -> xr.Dataset:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        return xr.load_dataset(path)
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        raise NotSessionsError(
            f"{path} cannot be read as netCDF: write it with xarray's `to_netcdf`."
        ) from problem
