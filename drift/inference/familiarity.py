"""Whether a recording looks like any network that the classifier was trained on.

A classifier names a rule whatever it is shown. Here a recording's distance from those of known
networks is compared with how far apart known networks on different tasks lie, which gives a
p-value (conformal prediction, Vovk et al. 2005). Below a level, the answer is "none of these".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer

from drift.support.array_checks import check_columns

__all__ = ["LEVEL", "Familiarity"]

LEVEL = 0.05
"""A recording less likely than this among known networks is of none of the rules."""

NEIGHBOURS = 10
"""A recording's distance is the mean to so many nearest ones."""


class Familiarity:
    """How far recordings lie from those of known networks.

    Parameters
    ----------
    table : pandas.DataFrame
        Recordings of known networks, with the columns ``names`` and ``task``, of at least two
        tasks.
    names : sequence of str
        The features to use; a missing value counts as its median.

    Raises
    ------
    ValueError
        If a column is missing, or there is one task.
    """

    def __init__(self, table: pd.DataFrame, names: Sequence[str]):
        check_columns("the table", table, (*names, "task"))
        if table["task"].nunique() < 2:
            raise ValueError("the table has one task: distances between tasks need at least two.")
        self.names = list(names)
        self._scale = scale_of_ranks(len(table))
        known = self._scale.fit_transform(table[self.names])
        tasks = table["task"].to_numpy()
        self._reference = np.empty(len(known))
        for task in np.unique(tasks):
            inside = tasks == task
            self._reference[inside] = _distance(_neighbours(known[~inside]), known[inside])
        self._known = _neighbours(known)

    def p_values(self, table: pd.DataFrame) -> np.ndarray:
        """Share of known recordings that lie at least as far from those on other tasks.

        Parameters
        ----------
        table : pandas.DataFrame
            Recordings, with the same columns of features.

        Returns
        -------
        (recordings,) array
            Above 0; small for a recording unlike all known ones.
        """
        distances = _distance(self._known, self._scale.transform(table[self.names]))
        further = (self._reference[None, :] >= distances[:, None]).sum(axis=1)
        return (further + 1) / (len(self._reference) + 1)


def scale_of_ranks(recordings: int) -> Pipeline:
    """Features on one scale, whatever their distribution: as normal numbers of the same rank."""
    ranks = QuantileTransformer(
        n_quantiles=min(1000, recordings), output_distribution="normal", random_state=0
    )
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), ranks)


def _neighbours(known: np.ndarray) -> NearestNeighbors:
    return NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(known))).fit(known)


def _distance(known: NearestNeighbors, values: np.ndarray) -> np.ndarray:
    distances, _ = known.kneighbors(values)
    return distances.mean(axis=1)
