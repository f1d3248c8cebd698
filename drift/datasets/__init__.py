"""Public data that the book uses: found or fetched by name, and checked by its SHA-256.

The files lie in the folder ``$DRIFT_DATA`` (or in the user's cache folder), each at
``owner/repository/path`` of the public repository that it is from. A folder that already holds them
is used as it is; nothing is downloaded unless :func:`fetch` is called.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from drift.checks import check_choice
from drift.provenance import cache_directory

_REGISTRY = Path(__file__).parent / "registry.csv"
_SOURCE = "https://raw.githubusercontent.com/{repository}/{commit}/"


class DataMissingError(FileNotFoundError):
    """A data file is not at hand."""


class DataDamagedError(ValueError):
    """A data file is not the one that was published."""


@dataclass(frozen=True)
class DataSet:
    """Files of one public repository at one commit."""

    name: str
    repository: str
    about: str
    reference: str

    @property
    def files(self) -> pd.DataFrame:
        """One row a file: commit, path, bytes, sha256."""
        registry = _registry()
        return registry[registry["repository"] == self.repository]


DATASETS = {
    entry.name: entry
    for entry in (
        DataSet(
            "ratzon-2024",
            "Aviv-Ratzon/DriftReg",
            "the study's own tables of runs: one row a run, parameters and final values",
            "Ratzon, Derdikman, Barak 2024, doi:10.7554/eLife.90069",
        ),
        DataSet(
            "sheintuch-2022",
            "zivlab/unbiased_information_estimation",
            "CA1 and CA3 of nine mice in familiar tracks: spike trains and positions",
            "Sheintuch, Rubin, Ziv 2022, doi:10.1371/journal.pcbi.1009832",
        ),
        DataSet(
            "rechavi-2022",
            "zivlab/hpc_physical_exercise",
            "CA1 of ten mice in novel environments: active cells, place cells, information",
            "Rechavi, Rubin, Yizhar, Ziv 2022",
        ),
        DataSet(
            "sheintuch-2020",
            "zivlab/multiple_maps",
            "CA1 of two mice, cells registered over 15 days: events, behaviour, registration",
            "Sheintuch, Geva, Baumer, Rechavi, Rubin, Ziv 2020",
        ),
    )
}


@cache
def _registry() -> pd.DataFrame:
    return pd.read_csv(_REGISTRY)


def data_directory() -> Path:
    """Where data files lie: ``$DRIFT_DATA``, or ``data`` in the user's cache folder."""
    chosen = os.environ.get("DRIFT_DATA")
    return Path(chosen).expanduser() if chosen else cache_directory() / "data"


def find_dataset(name: str) -> DataSet:
    """The data set called ``name``; ValueError if there is none."""
    return DATASETS[check_choice("data set", name, DATASETS)]


def data_path(name: str, path: str) -> Path:
    """The file ``path`` of the data set ``name``, checked.

    Raises
    ------
    DataMissingError
        If it is not at hand; says how to fetch it.
    DataDamagedError
        If it is not the file that was published.
    """
    dataset = find_dataset(name)
    entry = dataset.files[dataset.files["path"] == path]
    if entry.empty:
        raise ValueError(f"the data set {name!r} has no file {path!r}.")
    found = data_directory() / dataset.repository / path
    if not found.exists():
        raise DataMissingError(
            f"{found} is not at hand: `drift data fetch {name}` downloads it, or let $DRIFT_DATA "
            "name a folder that holds it."
        )
    with found.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != entry["sha256"].item():
        raise DataDamagedError(
            f"{found} is not the published file: its SHA-256 differs (a truncated, altered or "
            f"wrong file). Remove it; `drift data fetch {name}` downloads it again."
        )
    return found


def files_at_hand(name: str) -> int:
    """How many files of a data set are there, whole or not."""
    dataset = find_dataset(name)
    place = data_directory() / dataset.repository
    return sum((place / path).exists() for path in dataset.files["path"])


def fetch(name: str, progress: bool = True) -> Path:
    """Download the files of a data set that are not at hand, and check all; the folder they are in.

    A file appears under its name when it is complete and checked; what was fetched before an
    interruption is kept.

    Raises
    ------
    DataDamagedError
        If a file at hand, or one that was downloaded, is not the published one.
    OSError
        If there is no connection or no space.
    """
    dataset = find_dataset(name)
    folder = data_directory() / dataset.repository
    for entry in dataset.files.itertuples():
        try:
            data_path(name, str(entry.path))
        except DataMissingError:
            _download(dataset, folder, entry, progress)
    return folder


def _download(dataset: DataSet, folder: Path, entry: object, progress: bool) -> None:
    import pooch  # warns in notebooks that it can draw no bar there

    path, commit, sha256 = (str(getattr(entry, name)) for name in ("path", "commit", "sha256"))
    store = pooch.create(
        path=folder,
        base_url=_SOURCE.format(repository=dataset.repository, commit=commit),
        registry={path: f"sha256:{sha256}"},
        retry_if_failed=2,
    )
    try:
        store.fetch(path, downloader=pooch.HTTPDownloader(progressbar=progress))
    except ValueError as problem:
        raise DataDamagedError(
            f"what was downloaded as {path} of {dataset.name!r} is not the published file, and was "
            f"not kept: {problem}"
        ) from problem
