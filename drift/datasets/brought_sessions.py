"""Numbers a session of recordings that are not public, in a table that a reader brings.

The files of two of the study's data sets cannot be read here: one is not public, and the layout of
the other is not documented. Whoever has them brings a table ``sessions.csv`` of their numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from drift.datasets.catalogue import find_dataset
from drift.datasets.csv_files import read_table
from drift.datasets.fetching import DataMissingError, folder_of
from drift.datasets.matlab import LayoutError

__all__ = ["CELLS", "FILE", "load"]

FILE = "sessions.csv"
CELLS = {"khatib-2023": "place_cell_fraction", "jercog-hc22": "active_cells"}
"""The two data sets, and the column of cells that the study counts in each (its Fig. 3)."""

FEWEST = 2
"""Animals, and sessions of each: fewer have no trend with an interval."""


def load(name: str, folder: Path | None = None) -> pd.DataFrame:
    """The numbers of each animal and session.

    Parameters
    ----------
    name : str
        Key of ``CELLS``.
    folder : Path, optional
        Where ``sessions.csv`` lies; by default the folder of the data set.

    Returns
    -------
    pandas.DataFrame
        One row an animal and session: ``animal``, ``session`` (from 1), the column of ``CELLS``,
        and ``information`` (bits per spike).

    Raises
    ------
    ValueError
        If the data set is none of ``CELLS``.
    DataMissingError
        If the file is not there; says how to make it.
    LayoutError
        If a column is missing or holds what it may not, a session is given twice, an animal lacks
        the first session or has fewer than two, or there are fewer than two animals.
    """
    dataset = find_dataset(name)
    if name not in CELLS:
        raise ValueError(f"name={name!r} is none of {', '.join(CELLS)}: it has files of its own.")
    path = (folder_of(name) if folder is None else Path(folder)) / FILE
    if not path.is_file():
        raise DataMissingError(f"{path} is not at hand. {dataset.how_to_get}")
    columns = ["animal", "session", CELLS[name], "information"]
    table = read_table(path, columns, dtype={"animal": str})[columns]
    _check(path, table, CELLS[name])
    return table


def _check(path: Path, table: pd.DataFrame, cells: str) -> None:
    for column in table.columns[1:]:
        values = table[column]
        if values.dtype.kind not in "iuf" or not np.isfinite(values).all() or (values < 0).any():
            raise LayoutError(f"{path}: {column} must be finite numbers of at least 0.")
    if cells.endswith("fraction") and (table[cells] > 1).any():
        raise LayoutError(f"{path}: {cells} is a share, and must be at most 1.")
    if table["animal"].isna().any() or (table["session"] % 1 != 0).any():
        raise LayoutError(f"{path}: each row has the name of an animal, and a whole session.")
    if table.duplicated(["animal", "session"]).any():
        raise LayoutError(f"{path} has a session of an animal twice.")
    sessions = table.groupby("animal")["session"]
    if not (sessions.min() == 1).all() or (sessions.size() < FEWEST).any():
        raise LayoutError(f"{path}: each animal needs session 1 and at least one more.")
    first = table.loc[table["session"] == 1, table.columns[2:]]
    if len(first) < FEWEST or (first == 0).any(axis=None):
        raise LayoutError(
            f"{path}: at least two animals are needed, with first values above 0, to which the "
            "later ones are compared."
        )
