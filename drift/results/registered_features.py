"""Statistics of drift of the mice whose cells are registered over days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drift.inference.drift_features import features
from drift.results.animal_tables import all_registered_maps

ABSENT = {"not recorded": np.nan, "silent": 0.0}
"""What it can mean that a cell was not found in a session."""


def registered_features() -> pd.DataFrame:
    """The features that rules are inferred from, of each mouse in each environment.

    Returns
    -------
    pandas.DataFrame
        One row for each mouse, environment and reading of cells that were not found in a session
        (:data:`ABSENT`): ``animal``, ``environment``, ``absent``, ``cells``, their number, and the
        features, rounded to six digits. Places are the bins of both running directions.
    """
    rows = []
    for mouse, environment, maps, present in all_registered_maps():
        cells = present.any(axis=0)
        for reading, value in ABSENT.items():
            responses = np.where(present[:, :, None], maps, value)[:, cells]
            found = {name: float(f"{number:.6g}") for name, number in features(responses).items()}
            rows.append(
                {"animal": mouse, "environment": environment, "absent": reading,
                 "cells": int(cells.sum())} | found
            )  # fmt: skip
    return pd.DataFrame(rows)
