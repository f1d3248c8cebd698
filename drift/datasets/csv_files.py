"""Tables of data sets that are text files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from drift.datasets.matlab import LayoutError

__all__ = ["read_table"]


def read_table(path: Path, columns: Sequence[str] = (), **options: Any) -> pd.DataFrame:
    """A table of a CSV file.

    Parameters
    ----------
    path : pathlib.Path
    columns : sequence of str
        Those that it needs; others may be there.
    **options
        Of :func:`pandas.read_csv`.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    LayoutError
        If it is no table, or a column is missing.
    """
    try:
        table = pd.read_csv(path, **options)
    except FileNotFoundError:
        raise
    except Exception as problem:  # pandas raises many kinds on damaged files
        raise LayoutError(f"{path} cannot be read as a table: {problem}") from problem
    missing = [column for column in columns if column not in table]
    if missing:
        raise LayoutError(f"{path} lacks the columns {', '.join(missing)}.")
    return table
