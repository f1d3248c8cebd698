"""Public data that the book uses: found or fetched by name, and checked.

The files lie in the folder ``$DRIFT_DATA`` (or in the user's cache folder), each at
``owner/repository/path`` of the public repository that it is from. A folder that already holds them
is used as it is; nothing is downloaded unless :func:`fetch` is called.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from drift.datasets.catalogue import find_dataset, is_published
from drift.support.checks import check_kind
from drift.support.errors import FailedError
from drift.support.locations import cache_directory

__all__ = [
    "DataDamagedError",
    "DataMissingError",
    "data_directory",
    "data_path",
    "fetch",
    "files_at_hand",
    "folder_of",
]

_SOURCE = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"


class DataMissingError(FailedError, FileNotFoundError):
    """A data file is not at hand."""


class DataDamagedError(FailedError, ValueError):
    """A data file is not as it was published."""


def data_directory() -> Path:
    """Where data files lie: ``$DRIFT_DATA``, or ``data`` in the cache folder.

    Returns
    -------
    Path
        The folder, which need not exist yet.
    """
    chosen = os.environ.get("DRIFT_DATA")
    return Path(chosen).expanduser() if chosen else cache_directory() / "data"


def folder_of(name: str) -> Path:
    """The folder that the files of a data set belong in.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.

    Returns
    -------
    Path
        The folder, which need not exist yet.

    Raises
    ------
    ValueError
        If there is no data set of this name.
    """
    return data_directory() / find_dataset(name).repository


def data_path(name: str, path: str) -> Path:
    """The file ``path`` of the data set ``name``, checked.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.
    path : str
        Path of the file within the data set.

    Returns
    -------
    Path
        Where it lies.

    Raises
    ------
    DataMissingError
        If it is not at hand; says how to get it.
    DataDamagedError
        If it is not the file that was published.
    TypeError, ValueError
        If there is no such data set, or it has no such file.
    """
    dataset = find_dataset(name)
    check_kind("path", path, str)
    known = dataset.files[dataset.files["path"] == path]
    if known.empty:
        raise ValueError(f"the data set {name!r} has no file {path!r}.")
    found = folder_of(name) / path
    if not found.exists():
        raise DataMissingError(
            f"{found} is not at hand: `drift data fetch {name}` downloads it, or let $DRIFT_DATA "
            "name a folder that holds it."
        )
    if not is_published(found, next(known.itertuples())):
        raise DataDamagedError(
            f"{found} is not the published file: its digest differs (a truncated, altered or "
            f"wrong file). Remove it; `drift data fetch {name}` downloads it again."
        )
    return found


def files_at_hand(name: str) -> int:
    """How many of the known files of a data set are there, whole or not.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there is no data set of this name.
    """
    return sum((folder_of(name) / path).exists() for path in find_dataset(name).files["path"])


def fetch(name: str, progress: bool = True) -> Path:
    """Download the files of a data set that are not at hand, and check all; the folder they are in.

    A file appears under its name when it is complete and checked; what was fetched before an
    interruption is kept.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.
    progress : bool
        Whether to show a bar for each download.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataMissingError
        If it cannot be downloaded, for want of an account or of a connection; says what a person
        has to do.
    DataDamagedError
        If a file at hand, or a file that was downloaded, is not as published.
    ValueError
        If there is no data set of this name.
    OSError
        If there is no space.
    """
    dataset = find_dataset(name)
    folder = folder_of(name)
    if dataset.how_to_get:
        raise DataMissingError(f"{folder}: {dataset.how_to_get}")
    for entry in dataset.files.itertuples():
        try:
            data_path(name, str(entry.path))
        except DataMissingError:
            _download(name, entry, folder / str(entry.path), progress)
    return folder


def _download(name: str, entry: Any, target: Path, progress: bool) -> None:
    import pooch  # warns in notebooks that it can draw no bar there
    from requests import RequestException  # what pooch asks with

    pooch.get_logger().setLevel("WARNING")
    target.parent.mkdir(parents=True, exist_ok=True)
    url = _SOURCE.format(repository=entry.repository, commit=entry.commit, path=entry.path)
    with tempfile.TemporaryDirectory(dir=data_directory(), prefix=".fetching-") as staging:
        downloader = pooch.HTTPDownloader(progressbar=progress)
        try:
            arrived = Path(pooch.retrieve(url, None, "file", staging, downloader=downloader))
        except RequestException as problem:
            raise DataMissingError(
                f"{url} cannot be downloaded ({type(problem).__name__}): try again with a "
                f"connection to it, or bring the file from elsewhere to {target}."
            ) from problem
        if not is_published(arrived, entry):
            raise DataDamagedError(
                f"what was downloaded as {entry.path} of {name!r} is not the published file "
                "(its digest differs), and was not kept."
            )
        arrived.replace(target)
