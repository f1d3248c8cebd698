"""Which rule do these sessions speak for: the door for an experimenter's own recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.drift import check_responses
from drift.analysis.information import tuning_curves
from drift.inference.classifier import train
from drift.inference.drift_features import FEATURES, features
from drift.inference.familiarity import LEVEL, Familiarity
from drift.inference.known_networks import known_recordings
from drift.support.array_checks import check_variables

__all__ = ["Answer", "infer", "responses_of_sessions"]

FEWEST_FEATURES = 15
"""With fewer features than this nothing is inferred."""


class Answer(NamedTuple):
    """What the sessions say about the rule.

    Parameters
    ----------
    probabilities : pandas.Series
        By rule, the likeliest first; they mean something only for a recording that is familiar.
    p_value : float
        Share of known networks on other tasks that lie as far away (see
        :class:`~drift.inference.familiarity.Familiarity`).
    features : pandas.Series
        By name; NaN for what the sessions do not tell.
    """

    probabilities: pd.Series
    p_value: float
    features: pd.Series

    @property
    def is_familiar(self) -> bool:
        """Whether the recording looks like one of the known networks at all."""
        return self.p_value >= LEVEL

    def __str__(self) -> str:
        known = self.features.notna()
        missing = ", ".join(self.features.index[~known])
        lines = [
            f"{known.sum()} of {len(known)} features could be computed"
            + (f"; not: {missing}." if missing else "."),
            f"Of known networks on other tasks {100 * self.p_value:.1f} % lie as far away.",
        ]
        if not self.is_familiar:
            lines.append("None of these rules: the recording is unlike all known networks.")
        lines += [f"{share:6.1%}  {rule}" for rule, share in self.probabilities.items()]
        return "\n".join(lines)


def responses_of_sessions(sessions: xr.Dataset | Sequence[xr.Dataset]) -> np.ndarray:
    """Responses of the same cells in all sessions, from rate maps or from activity and place.

    Parameters
    ----------
    sessions : xarray.Dataset or sequence of xarray.Dataset
        Either one dataset with ``rate`` (session, cell, place), NaN throughout a session for a cell
        that is not in it; or for each session, in order, one with ``activity`` (time, cell) and
        ``place_bin`` (time) and the cells' numbers, the same in all sessions, as coordinate
        ``cell``.

    Returns
    -------
    (sessions, cells, places) array
        At places visited in all sessions.

    Raises
    ------
    ValueError
        If a variable or a dimension is missing, cells have no numbers, or nothing is shared.
    """
    if isinstance(sessions, xr.Dataset):
        check_variables("sessions", sessions, {"rate": ("session", "cell", "place")})
        rate = sessions["rate"].transpose("session", "cell", "place").values
        known = ~np.isnan(rate).all(axis=1).any(axis=0)
        return check_responses(rate[:, :, known])[0]
    if len(sessions) < 2:
        raise ValueError(f"got {len(sessions)} sessions: drift needs at least two.")
    for session in sessions:
        check_variables(
            "a session", session, {"activity": ("time", "cell"), "place_bin": ("time",)}
        )
        if "cell" not in session.coords:
            raise ValueError("cells have no numbers: give them as the coordinate `cell`.")
    visited = [set(np.unique(session["place_bin"].values).tolist()) for session in sessions]
    shared = np.array(sorted(set.intersection(*visited)))
    if shared.size < 3:
        raise ValueError(f"{shared.size} places were visited in all sessions: three are needed.")
    cells = np.unique(np.concatenate([session["cell"].values for session in sessions]))
    responses = np.full((len(sessions), cells.size, shared.size), np.nan)
    for row, session in zip(responses, sessions, strict=True):
        kept = np.isin(session["place_bin"].values, shared)
        activity = session["activity"].transpose("time", "cell").values[kept]
        curves, _ = tuning_curves(activity, session["place_bin"].values[kept], shared)
        row[np.searchsorted(cells, session["cell"].values)] = curves
    return check_responses(responses)[0]


def infer(
    sessions: xr.Dataset | Sequence[xr.Dataset] | np.ndarray, known: pd.DataFrame | None = None
) -> Answer:
    """Probabilities of the rules for a recording, from features that it tells.

    Parameters
    ----------
    sessions : xarray.Dataset, sequence of xarray.Dataset or array
        See :func:`responses_of_sessions`; or (sessions, cells, conditions) responses.
    known : pandas.DataFrame, optional
        Recordings of known networks, see :mod:`drift.inference.classifier`, with a column ``task``;
        by default those that ship with the package.

    Returns
    -------
    Answer

    Raises
    ------
    ValueError
        If the sessions are not as described, or tell fewer than 15 features.
    """
    if known is None:
        known = known_recordings()
    responses = sessions if isinstance(sessions, np.ndarray) else responses_of_sessions(sessions)
    found = pd.Series(features(responses))
    names = tuple(found.index[found.notna()])
    if len(names) < FEWEST_FEATURES:
        raise ValueError(
            f"the sessions tell {len(names)} of {len(FEATURES)} features, and at least "
            f"{FEWEST_FEATURES} are needed: more sessions, or more cells in several of them."
        )
    table = found[list(names)].to_frame().T
    classifier = train(known, names)
    shares = classifier.predict_proba(table.to_numpy())[0]
    probabilities = pd.Series(shares, classifier.classes_).sort_values(ascending=False)
    return Answer(probabilities, float(Familiarity(known, names).p_values(table)[0]), found)
