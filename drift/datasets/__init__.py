"""Public data by name: found or fetched, and checked; a loader a data set; the published runs.

Imports support, tasks, network and analysis.
"""

from drift.datasets.catalogue import DATASETS, DataSet, find_dataset
from drift.datasets.fetching import (
    DataDamagedError,
    DataMissingError,
    data_directory,
    data_path,
    fetch,
    files_at_hand,
    folder_of,
)

__all__ = [
    "DATASETS",
    "DataDamagedError",
    "DataMissingError",
    "DataSet",
    "data_directory",
    "data_path",
    "fetch",
    "files_at_hand",
    "find_dataset",
    "folder_of",
]
