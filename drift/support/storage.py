"""Files that are whole or absent: text, and datasets that know their own content.

A file is written under another name beside its own, put safely on the disk, and renamed. What is
serialised is serialised in memory, so that only plain bytes are written, and a disk that is full or
fails is an ``OSError`` at that place (HDF5 ends the process). What a file is, is read in the file:
one that drift did not write is never replaced.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from drift.support.errors import RefusedError
from drift.support.flags import words_from_attributes, words_to_attributes
from drift.support.netcdf import from_bytes, to_bytes

if TYPE_CHECKING:
    import xarray as xr  # takes most of a second, and `drift study status` may do without

_CHECKSUM = "content_sha256"

_TEMPORARY = re.compile(r".*\.[0-9a-f]{16}\.part")
STALE_SECONDS = 24 * 3600
"""Age at which a temporary file is what a killed process has left."""

_PROBE_BYTES = 4096


class DamagedFileError(ValueError):
    """A file is not what :func:`write_dataset` wrote: altered, cut off, or foreign."""


class ForeignFileError(RefusedError, DamagedFileError):
    """Something that drift did not write: it is never replaced or removed."""


def content_checksum(dataset: xr.Dataset) -> str:
    """SHA-256 over names, dimensions, types, values and attributes."""
    total = hashlib.sha256()
    for name in sorted(dataset.variables, key=str):
        values = dataset.variables[name]
        total.update(f"{name} {values.dims} {values.dtype.str} {values.shape};".encode())
        total.update(np.ascontiguousarray(values.values).reshape(-1).view(np.uint8).data)
    for name in sorted(dataset.attrs):
        if name != _CHECKSUM:
            total.update(f"{name}={np.asarray(dataset.attrs[name]).tolist()!r};".encode())
    return total.hexdigest()


def write_dataset(dataset: xr.Dataset, path: Path) -> None:
    """Write ``dataset`` to ``path`` as compressed netCDF, under its name at once.

    It is of numbers; only the coordinate of a dimension may be words.

    Raises
    ------
    TypeError
        If a variable is not of numbers, or an attribute neither words nor numbers.
    ForeignFileError
        If something that drift did not write has this name.
    OSError
        If the disk is full or the folder cannot be written. Whatever is raised, ``path`` is then as
        it was, and nothing else is left.
    """
    content = to_bytes(_stamped(words_to_attributes(dataset)))
    _refuse_foreign(path)
    with _appearing(path) as file:
        file.write(content.getbuffer())


def write_text(text: str, path: Path) -> None:
    """Write ``text`` to ``path``, under its name at once; OSError if the disk does not take it."""
    write_bytes(text.encode(), path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write ``content`` to ``path``, under its name at once; OSError as for :func:`write_text`."""
    with _appearing(path) as file:
        file.write(content)


def check_target(path: Path) -> None:
    """Refuse, before anything long is computed, a path that :func:`write_dataset` would refuse.

    Raises
    ------
    ForeignFileError
        If something that drift did not write has this name.
    OSError
        If the folder cannot be made or written, its disk is full, or what is there cannot be read.
    """
    _refuse_foreign(path)
    with _temporary(path) as file:
        file.write(bytes(_PROBE_BYTES))
        file.flush()


def read_dataset(path: Path) -> xr.Dataset:
    """The dataset in ``path``, in memory, as it was written.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If the file cannot be read, which says nothing of what it holds.
    DamagedFileError
        If it is not as :func:`write_dataset` left it; ForeignFileError if it is not of its making.
    """
    content = _content(path)
    try:
        dataset = from_bytes(content)
    except MemoryError:
        raise
    except Exception as error:
        problem = f"{path} cannot be read as netCDF: {error}"
        raise (DamagedFileError if _is_ours(content) else ForeignFileError)(problem) from error
    expected = dataset.attrs.pop(_CHECKSUM, None)
    if expected is None:
        raise ForeignFileError(f"{path} carries no checksum: it was not written by drift.")
    if content_checksum(dataset) != expected:
        raise DamagedFileError(f"{path} does not match its checksum: its content was altered.")
    return words_from_attributes(dataset)


def remove_dataset(path: Path) -> None:
    """Remove the file of a dataset if it is there; one that drift did not write is left alone.

    Raises
    ------
    OSError
        If the file cannot be read or the folder not written.
    """
    with suppress(FileNotFoundError, ForeignFileError):
        _refuse_foreign(path)
        path.unlink()


def _stamped(dataset: xr.Dataset) -> xr.Dataset:
    """``dataset`` with its checksum, which is what a damaged file is known by, before all else."""
    stamped = dataset.copy(deep=False)
    stamped.attrs = {_CHECKSUM: content_checksum(dataset), **dataset.attrs}
    return stamped


def _content(path: Path) -> bytes:
    """What is in the file; OSError as the system says it, ForeignFileError for a pipe or device."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ForeignFileError(f"{path} is no regular file: it was not written by drift.")
    return path.read_bytes()


def _is_ours(content: bytes) -> bool:
    """Whether drift wrote a file, though it may be damaged; nothing is lost with an empty one."""
    return not content or _CHECKSUM.encode() in content


def _refuse_foreign(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not _is_ours(_content(path)):
            raise ForeignFileError(
                f"{path} was not written by drift, which does not replace it: move it away, or "
                "give another name."
            )


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` when the block has ended well."""
    path = Path(os.path.realpath(path))  # a link stays one
    with _temporary(path) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        file.close()
        Path(file.name).replace(path)
    with suppress(OSError):  # the file is safe; not every system syncs folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    _remove_stale(path.parent)


@contextmanager
def _temporary(path: Path) -> Iterator[BinaryIO]:
    """A new file in the folder of ``path``, as the umask has it, gone after the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name[:40]}.{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
    except OSError as problem:
        problem.filename = str(path)  # not the temporary name; a write that fails names none
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@cache
def _remove_stale(folder: Path) -> None:
    """Remove temporary files that killed processes left; once a folder, for it takes a listing."""
    with suppress(OSError):
        for file in folder.glob("*.part"):
            if _TEMPORARY.fullmatch(file.name) and _age(file) > STALE_SECONDS:
                file.unlink()


def _age(file: Path) -> float:
    return time.time() - file.lstat().st_mtime
