"""Which data sets there are, where each is public, and which files it has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from drift.support.checks import check_choice

__all__ = ["DATASETS", "DataSet", "find_dataset", "is_published", "registry"]

_REGISTRY = Path(__file__).parent / "registry.csv"


@dataclass(frozen=True)
class DataSet:
    """Recordings or tables of one publication.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.
    repository : str
        Folder within the data folder; ``owner/name`` of the public repository where there is one.
    about, reference : str
        What the data are, and the publication that they belong to.
    how_to_get : str
        What a person has to do; empty for files that ``drift data fetch`` downloads.
    """

    name: str
    repository: str
    about: str
    reference: str
    how_to_get: str = ""

    @property
    def files(self) -> pd.DataFrame:
        """The rows of :func:`registry` that are of this data set."""
        known = registry()
        return known[known["repository"] == self.repository]


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
        DataSet(
            "bendor-rats",
            "bendor-lab/Representational_drift_and_replay_analysis",
            "hippocampus of four rats on tracks of two metres, lap by lap: 19 sessions",
            "Bendor lab, analysis of representational drift and replay",
        ),
        DataSet(
            "elyasaf-2024",
            "zivlab/Novel-Experience",
            "CA1 of eight mice over 31 days, in part with experience elsewhere: place cells, "
            "information, correlations",
            "Elyasaf, Rubin, Ziv 2024, Current Biology 34, 5769",
        ),
        DataSet(
            "sheintuch-2023",
            "zivlab/cell_assemblies",
            "nine mice over 16 sessions: place cells and information, as published (Fig. 3D)",
            "Sheintuch, Geva, Deitch, Rubin, Ziv 2023",
        ),
        DataSet(
            "geva-2023",
            "zivlab/time_vs_experience",
            "eight mice in familiar tracks: place cells and information, as published",
            "Geva, Deitch, Rubin, Ziv 2023",
        ),
        DataSet(
            "karlsson-hc6",
            "crcns/hc-6",
            "CA1 and CA3 of rats learning W tracks: spikes and positions (Fig. 3C), 22 GB",
            "Karlsson, Carr, Frank 2015, doi:10.6080/K0NK3BZJ",
            "It needs an account: request one at crcns.org, download hc-6 from there, and unpack "
            "it so that each animal has a folder of its own in this data set's folder "
            "(bon/bonspikes03.mat ...).",
        ),
        DataSet(
            "jercog-hc22",
            "crcns/hc-22",
            "CA1 of twelve mice in boxes: rate maps and trajectories (Fig. 3B)",
            "Jercog, Abbott, Kandel 2019",
            "It needs an account: request one at crcns.org and download hc-22 from there. Its "
            "layout is not documented publicly, so it cannot be read here: count the cells with a "
            "mean rate above 0.1 Hz in each session, take the information from the rate maps and "
            "the time spent in each bin (`drift.spatial_information`), and put the numbers into a "
            "table `sessions.csv` with the columns animal, session, active_cells and information, "
            "in the folder that `drift data path jercog-hc22` prints.",
        ),
        DataSet(
            "khatib-2023",
            "khatib-2023",
            "CA1 of eight mice on a linear track, one day of 200 minutes (Fig. 3A)",
            "Khatib, Ratzon, Sellevoll, Barak, Morris, Derdikman 2023",
            "These recordings are not public: ask their corresponding author for the share of "
            "place cells and the mean information of each animal and session, and put the numbers "
            "into a table `sessions.csv` with the columns animal, session, place_cell_fraction and "
            "information, in the folder that `drift data path khatib-2023` prints.",
        ),
    )
}


@cache
def registry() -> pd.DataFrame:
    """Every known file of all data sets.

    Returns
    -------
    pandas.DataFrame
        One row a file: ``repository``, ``commit``, ``path``, ``bytes``, ``sha256`` or ``git_blob``.
    """
    return pd.read_csv(_REGISTRY, dtype={"sha256": "string", "git_blob": "string"})


def find_dataset(name: str) -> DataSet:
    """The data set called ``name``.

    Parameters
    ----------
    name : str
        Key of ``DATASETS``.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        If there is no data set of this name.
    """
    return DATASETS[check_choice("data set", name, DATASETS)]


def is_published(path: Path, entry: Any) -> bool:
    """Whether the file ``path`` is what a row of :func:`registry` describes.

    By its SHA-256, or, where only that is known, by the id that git gives its content: the SHA-1
    of the word "blob", the number of bytes, a zero byte and the content.

    Parameters
    ----------
    path : Path
    entry : named tuple
        The row, as ``itertuples`` gives it.

    Returns
    -------
    bool
    """
    if pd.notna(entry.sha256):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    content = path.read_bytes()
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest() == entry.git_blob
