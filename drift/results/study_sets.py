"""The study's own data sets (its Fig. 3 and Table 3): how to get them, and their sessions."""

from __future__ import annotations

import pandas as pd

from drift.datasets import DATASETS, DataMissingError, files_at_hand, folder_of
from drift.datasets.published_sessions import LOADERS
from drift.results.animal_tables import w_track_sessions

PUBLIC = ("sheintuch-2023", "geva-2023")
STUDY_SETS = ("khatib-2023", "jercog-hc22", "karlsson-hc6", *PUBLIC)
MEASURES = ("place_cell_fraction", "information")


def how_to_get() -> str:
    """What to do for each of the five sets, as a list in Markdown; the same on every machine."""
    return "\n".join(
        f"- {DATASETS[name].about}: "
        + (DATASETS[name].how_to_get or f"`drift data fetch {name}` downloads it.")
        for name in STUDY_SETS
    )


def check_at_hand() -> None:
    """Refuse if one of the two public sets is not on this machine.

    Raises
    ------
    DataMissingError
        Says which, and the command that downloads it.
    """
    for name in PUBLIC:
        if files_at_hand(name) < len(DATASETS[name].files):
            raise DataMissingError(
                f"own_sets needs {name}, which is not on this machine: `drift data fetch {name}`."
            )


def sessions() -> dict[str, pd.DataFrame]:
    """Sessions of the public sets, and of the W tracks where their folder is there, by name.

    Raises
    ------
    DataMissingError, DataDamagedError, LayoutError
        If a public set is not at hand, or not as published.
    """
    check_at_hand()
    found = {name: LOADERS[name]() for name in PUBLIC}
    folder = folder_of("karlsson-hc6")
    if folder.is_dir():
        rats = sorted(path.name for path in folder.iterdir() if path.is_dir())
        found["karlsson-hc6"] = w_track_sessions(rats)
    return found
