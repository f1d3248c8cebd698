"""Mice in one place that also spent time elsewhere (Elyasaf, Rubin and Ziv 2024).

Files at github.com/zivlab/Novel-Experience: numbers a session, as published. CA1 of eight mice,
sixteen sessions in the same place, one every second day. From the sixth session on the mice also
spent 15 minutes a day in other places, from the eleventh on 24 hours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from drift.datasets.matlab import MatlabFile
from drift.datasets.sessions import locator

__all__ = ["PHASES", "load", "load_correlations"]

PHASES = {
    "baseline": (1, 6),
    "15 minutes elsewhere": (6, 11),
    "24 hours elsewhere": (11, 16),
}
"""First and last session of each phase; one begins with the last session of that before."""


def load(folder: Path | None = None) -> pd.DataFrame:
    """Eight mice, sixteen sessions in one place, every second day (Elyasaf et al. 2024).

    From the sixth session on the mice also spent time in other places each day
    (:data:`PHASES`). Measures: ``place_cells`` (number with significant tuning),
    ``information`` (bits per spike, of place cells), ``mean_activity`` and ``within_session``
    (correlation of population vectors within a session).

    Parameters
    ----------
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    pandas.DataFrame
        A mean activity of exactly zero is taken for missing, NaN: seven of one mouse are.

    Raises
    ------
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If a field is missing or not as documented, or a measure is negative.
    """
    path = "Data/Parameters_across_days_data.mat"
    file = MatlabFile(locator("elyasaf-2024", folder)(path))
    names = {
        "place_cells": "num_sig_cells_mice",
        "information": "sp_spike_mice",
        "mean_activity": "mean_activity_mice",
        "within_session": "pv_within_lap",
    }
    measures = {measure: file.numbers(name, (8, 16)) for measure, name in names.items()}
    for measure in ("place_cells", "information", "mean_activity"):
        if (measures[measure] < 0).any():
            raise file.refuse(names[measure], "has negative values.")
    activity = measures["mean_activity"]
    measures["mean_activity"] = np.where(activity == 0, np.nan, activity)
    rows = [
        {"animal": f"mouse {mouse + 1}", "environment": "A", "session": session + 1,
         "day": 1 + 2 * session}
        | {measure: values[mouse, session] for measure, values in measures.items()}
        for mouse, session in np.ndindex(8, 16)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def load_correlations(folder: Path | None = None) -> pd.DataFrame:
    """How alike the codes of two sessions are in those mice, with and without other places.

    Parameters
    ----------
    folder : Path, optional
        Take the files from this folder of the same layout, without checking their digests.

    Returns
    -------
    pandas.DataFrame
        One row a mouse, ``phase`` ("baseline" or "elsewhere") and ``lag`` in sessions, also in
        ``days``: ``population_vector``, ``tuning_curve`` and ``ensemble_rate``.

    Raises
    ------
    DataMissingError, DataDamagedError, FileNotFoundError
        If a file is not at hand (in ``folder``: FileNotFoundError), or is not as published.
    LayoutError
        If the field is missing or not as documented, or a correlation is beyond 1.
    """
    path = "Data/Comparing_corr_across_phases_data.mat"
    file = MatlabFile(locator("elyasaf-2024", folder)(path))
    name = "drift_bs_vs_enr"
    values = file.numbers(name, (2, 5, 3, 8))
    if (np.abs(values) > 1).any():
        raise file.refuse(name, "has correlations beyond 1.")
    measures = ("population_vector", "tuning_curve", "ensemble_rate")
    rows = [
        {"animal": f"mouse {mouse + 1}", "phase": ("baseline", "elsewhere")[phase],
         "lag": lag + 1, "days": 2 * (lag + 1)}
        | dict(zip(measures, values[phase, lag, :, mouse], strict=True))
        for mouse, phase, lag in np.ndindex(8, 2, 5)
    ]  # fmt: skip
    return pd.DataFrame(rows)
