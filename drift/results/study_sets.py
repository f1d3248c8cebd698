"""The study's own data sets (its Fig. 3 and Table 3): how to get them, and their sessions."""

from __future__ import annotations

import pandas as pd

from drift.datasets import DATASETS, DataMissingError, brought_sessions, files_at_hand, folder_of
from drift.datasets.published_sessions import LOADERS
from drift.results.animal_tables import w_track_sessions

PUBLIC = ("sheintuch-2023", "geva-2023")
STUDY_SETS = ("khatib-2023", "jercog-hc22", "karlsson-hc6", *PUBLIC)
MEASURES = ("active_cells", "place_cell_fraction", "information")


def how_to_get() -> str:
    """What to do for each of the five sets, as a list in Markdown; the same on every machine."""
    return "\n".join(
        f"- {DATASETS[name].about}: "
        + (DATASETS[name].how_to_get or f"`drift data fetch {name}` downloads it.")
        for name in STUDY_SETS
    )


def at_hand() -> list[str]:
    """Which of the five sets are on this machine, in the order of the study's figure."""
    return [name for name in STUDY_SETS if _is_there(name)]


def _is_there(name: str) -> bool:
    if name in PUBLIC:
        return files_at_hand(name) == len(DATASETS[name].files)
    if name in brought_sessions.CELLS:
        return (folder_of(name) / brought_sessions.FILE).is_file()
    return bool(_rats())


def _rats() -> list[str]:
    """Rats of the W tracks that have a folder."""
    folder = folder_of("karlsson-hc6")
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def check_at_hand() -> None:
    """Refuse if none of the sets is on this machine.

    Raises
    ------
    DataMissingError
        Says the commands that download the public ones.
    """
    if not at_hand():
        commands = ", ".join(f"`drift data fetch {name}`" for name in PUBLIC)
        raise DataMissingError(
            f"own_sets needs at least one of {', '.join(STUDY_SETS)}, and none is on this machine. "
            f"Two can be downloaded: {commands}."
        )


def sessions() -> dict[str, pd.DataFrame]:
    """Sessions of those sets that are on this machine, by name.

    Raises
    ------
    DataMissingError, DataDamagedError, LayoutError
        If no set is at hand, or one is not as published or documented.
    """
    check_at_hand()
    return {name: _load(name) for name in at_hand()}


def _load(name: str) -> pd.DataFrame:
    if name in PUBLIC:
        return LOADERS[name]()
    if name in brought_sessions.CELLS:
        return brought_sessions.load(name)
    return w_track_sessions(_rats())


def measures_of(found: pd.DataFrame) -> list[str]:
    """Which of :data:`MEASURES` a table of sessions has."""
    return [name for name in MEASURES if name in found]
