"""Numbers a session that other studies published: fractions of place cells, information.

Each loader returns one row an animal, environment and session, with the columns ``animal``,
``environment``, ``session`` (from 1), ``day`` (from 1 where days are known) and the measures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from drift.datasets.matlab import MatlabFile
from drift.datasets.sessions import locator

__all__ = ["ASSEMBLY_MICE", "LOADERS", "load_assemblies", "load_experience", "load_novel"]

EXERCISE_DAYS = 1 + 3 * np.arange(8)
"""Rechavi et al. recorded every third day."""

ASSEMBLY_MICE = ("C5M1", "C6M3", "C6M4", "C8M2", "C14M4", "C15M2", "C23M4", "C24M3", "C24M4")
ASSEMBLY_DAYS = np.concatenate([1 + 2 * np.arange(8), 19 + 2 * np.arange(8)])
"""Sheintuch et al. 2023: eight sessions in a first environment, then eight in a second."""


def load_novel(folder: Path | None = None) -> pd.DataFrame:
    """Ten mice, eight sessions in environments that were new (Rechavi et al. 2022).

    Five mice could run in a wheel between sessions (``group`` "runner"), five could not
    ("sedentary"). Both environments are averaged. Measures: ``active_cells`` (number),
    ``active_fraction`` (of all cells), ``place_cell_fraction`` (of the active), ``information``
    (bits per spike, of place cells), ``information_rate`` and ``information_reduced`` (bits per
    second, as recorded, and with what shuffled activity has subtracted).

    Parameters
    ----------
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field is missing or not as documented.
    """
    locate = locator("rechavi-2022", folder)
    rows = []
    for group, prefix in (("runner", "funct"), ("sedentary", "stuck")):
        rate = f"SI_per_sec_mat_per_day_{prefix}"
        names = {
            "active_cells": f"{prefix}_abs_number_of_active_cells",
            "active_fraction": f"frac_active_cells_{prefix}",
            "place_cell_fraction": f"{prefix}_PC_percentage",
            "information": f"{prefix}_information_per_day",
            "information_rate": rate,
            "information_reduced": f"{rate}_shuffle_reducted",
        }
        variables = names | {"information_reduced": rate}
        measures = {
            measure: MatlabFile(locate(f"{name}.mat")).numbers(variables[measure], (5, 8))
            for measure, name in names.items()
        }
        for mouse, session in np.ndindex(5, 8):
            rows.append(
                {"animal": f"{group} {mouse + 1}", "group": group, "environment": "both",
                 "session": session + 1, "day": int(EXERCISE_DAYS[session])}
                | {measure: values[mouse, session] for measure, values in measures.items()}
            )  # fmt: skip
    return pd.DataFrame(rows)


def load_assemblies(folder: Path | None = None) -> pd.DataFrame:
    """Nine mice, eight sessions in each of two environments (Sheintuch et al. 2023; Fig. 3D).

    Measures: ``cells`` (number), ``place_cell_fraction`` (those with a significant field in any
    trial and direction, over all), ``information`` (bits per spike, mean over place cells, bias
    removed by shuffles).

    Parameters
    ----------
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field is missing or not as documented.
    """
    locate = locator("sheintuch-2023", folder)
    rows = []
    for mouse in ASSEMBLY_MICE:
        file = MatlabFile(locate(f"Data/{mouse}.mat"))
        data = file.variable("this_mouse_data")

        def field(name: str, file: MatlabFile = file, data: object = data) -> object:
            return file.member(data, name, "this_mouse_data")

        numbers = {
            name: file.check_numbers(field(name), f"this_mouse_data.{name}", (1, 16), missing)
            for name, missing in (
                ("number_of_neurons_sessions", False),
                ("average_SI_SSR_bit_spike_sessions", True),
            )
        }
        significant = [
            file.check_cells(field(name), f"this_mouse_data.{name}", (16, None))
            for name in ("significant_right_trials", "significant_left_trials")
        ]
        for session in range(16):
            lists = [entry for cells in significant for entry in cells[session]]
            found = np.unique(np.concatenate([np.ravel(entry) for entry in lists]))
            if found.size:
                file.whole_numbers(found, "this_mouse_data.significant_right_trials", minimum=1)
            cells = int(numbers["number_of_neurons_sessions"][0, session])
            if cells < 1:
                where = "this_mouse_data.number_of_neurons_sessions"
                raise file.refuse(where, f"has no cells in session {session + 1}.")
            if found.size > cells or (found.size and not 1 <= found.min() <= found.max() <= cells):
                raise file.refuse(
                    "this_mouse_data.significant_right_trials",
                    f"names cells beyond the {cells} of session {session + 1}.",
                )
            rows.append(
                {
                    "animal": mouse,
                    "environment": "AB"[session // 8],
                    "session": session % 8 + 1,
                    "day": int(ASSEMBLY_DAYS[session]),
                    "cells": cells,
                    "place_cell_fraction": found.size / cells,
                    "information": numbers["average_SI_SSR_bit_spike_sessions"][0, session],
                }
            )
    return pd.DataFrame(rows)


def load_experience(folder: Path | None = None) -> pd.DataFrame:
    """Eight mice in two familiar environments (Geva et al. 2023), six or ten sessions each.

    Measures: ``place_cells`` (number), ``place_cell_fraction``, ``information`` (bits per event).

    Parameters
    ----------
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field is missing or not as documented.
    """
    file = MatlabFile(locator("geva-2023", folder)("data/processed_data.mat"))
    names = {
        "place_cells": "num_place_cells_each_sess_all_mice",
        "place_cell_fraction": "fraction_pc_each_sess_all_mice",
        "information": "mean_info_each_sess_all_mice",
    }
    measures = {measure: file.cells(name, (8, 2)) for measure, name in names.items()}
    rows = []
    for mouse, environment in np.ndindex(8, 2):
        values = {
            measure: file.check_numbers(
                cells[mouse, environment],
                f"{names[measure]}{{{mouse + 1},{environment + 1}}}",
                (1, None),
                allow_missing=True,
            )[0]
            for measure, cells in measures.items()
        }
        lengths = {len(entry) for entry in values.values()}
        if len(lengths) > 1:
            raise file.refuse(
                names["place_cells"], f"and the others differ in length for mouse {mouse + 1}."
            )
        for session in range(lengths.pop()):
            rows.append(
                {"animal": f"mouse {mouse + 1}", "environment": "AB"[environment],
                 "session": session + 1}
                | {measure: entry[session] for measure, entry in values.items()}
            )  # fmt: skip
    return pd.DataFrame(rows)


LOADERS: dict[str, Callable[..., pd.DataFrame]] = {
    "rechavi-2022": load_novel,
    "sheintuch-2023": load_assemblies,
    "geva-2023": load_experience,
}
