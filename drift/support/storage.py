"""Datasets on disk: netCDF files that are whole or absent, and that know their own content."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr  # takes most of a second, and `drift study status` may do without

_CHECKSUM = "content_sha256"


class DamagedFileError(ValueError):
    """A file is not what :func:`write_dataset` wrote: unreadable, altered or foreign."""


def content_checksum(dataset: xr.Dataset) -> str:
    """SHA-256 over names, dimensions, types, values and attributes."""
    total = hashlib.sha256()
    for name in sorted(dataset.variables, key=str):
        values = dataset.variables[name]
        total.update(f"{name} {values.dims} {values.dtype.str} {values.shape};".encode())
        total.update(np.ascontiguousarray(values.values).tobytes())
    for name in sorted(dataset.attrs):
        if name != _CHECKSUM:
            total.update(f"{name}={np.asarray(dataset.attrs[name]).tolist()!r};".encode())
    return total.hexdigest()


def write_dataset(dataset: xr.Dataset, path: Path) -> None:
    """Write ``dataset`` (numbers only) to ``path`` as compressed netCDF, under its name at once.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; ``path`` is then as it was.
    """
    stamped = dataset.assign_attrs({_CHECKSUM: content_checksum(dataset)})
    encoding = {
        name: {"zlib": True, "complevel": 4, "shuffle": True, "_FillValue": None}
        for name, values in dataset.variables.items()
        if values.ndim > 0
    }
    with _appearing(path) as temporary:
        stamped.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)


def write_text(text: str, path: Path) -> None:
    """Write ``text`` to ``path``, under its name at once."""
    with _appearing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its name when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part", prefix=path.stem, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_dataset(path: Path) -> xr.Dataset:
    """The dataset in ``path``, in memory, as it was written.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    DamagedFileError
        If it is not a file of :func:`write_dataset` or not as it left it.
    """
    import xarray as xr

    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with xr.open_dataset(path, engine="h5netcdf", decode_cf=False) as opened:
            dataset = opened.load()
    except Exception as error:
        raise DamagedFileError(f"{path} cannot be read as netCDF: {error}") from error
    expected = dataset.attrs.pop(_CHECKSUM, None)
    if expected is None:
        raise DamagedFileError(f"{path} carries no checksum: it was not written by drift.")
    if content_checksum(dataset) != expected:
        raise DamagedFileError(f"{path} does not match its checksum: its content was altered.")
    return dataset
