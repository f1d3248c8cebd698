"""What an experimenter would see of a network: some of its units, noisy, in a few sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift.analysis.drift import check_responses
from drift.analysis.tuning import mean_vector_correlation
from drift.support.checks import check_choice, check_integer, check_number

__all__ = ["Recording", "matched_sessions", "record"]

CALCIUM_SPREAD = 0.5
"""Coefficient of variation of the size of a calcium transient."""

CALCIUM_THRESHOLD = 2.0
"""Calcium signals count from so many standard deviations of the baseline on."""


@dataclass(frozen=True)
class Recording:
    """How a network is recorded.

    Parameters
    ----------
    units : int
        Number of units that are recorded, chosen at random and the same in all sessions; all of a
        smaller network.
    sessions : int
        Number of sessions, at least 2.
    noise : {"poisson", "calcium", "none"}
        Counts of spikes; sums of transients of random size on a noisy baseline, with what lies
        below a threshold set to 0; or the responses themselves.
    events : float
        Expected number of events of an active unit in one condition and session, above 0, the mean
        over active units and conditions of the first session. The gain of the recording follows.
    fewest_events : int
        A unit with fewer events in a session counts as silent in it.

    Raises
    ------
    TypeError, ValueError
        If a setting is of the wrong type or out of its range.
    """

    units: int = 100
    sessions: int = 8
    noise: Literal["poisson", "calcium", "none"] = "poisson"
    events: float = 5.0
    fewest_events: int = 3

    def __post_init__(self) -> None:
        check_integer("units", self.units, minimum=1)
        check_integer("sessions", self.sessions, minimum=2)
        check_choice("noise", self.noise, ("poisson", "calcium", "none"))
        check_number("events", self.events, positive=True)
        check_integer("fewest_events", self.fewest_events)


def matched_sessions(activity: np.ndarray, sessions: int, correlation: float) -> np.ndarray:
    """Evenly spaced times between which the code changes by a given amount.

    Networks that drift at any speed are so observed over the same amount of change: the speed of
    drift, whose unit an experimenter does not know, tells nothing.

    Parameters
    ----------
    activity : (times, units, conditions) array
        Responses of all units at many evenly spaced times, without noise.
    sessions : int
        Number of times to choose, at least 2.
    correlation : float
        Correlation of the population's responses that the last session is to have with the first,
        below 1.

    Returns
    -------
    (sessions,) int array
        Indices of times, the first 0 and ascending. The last is the first time at which the
        correlation is not above ``correlation``, or the last of all if it never is; it is not
        before time ``sessions - 1``, so that all sessions differ.

    Raises
    ------
    TypeError, ValueError
        If there are fewer times than sessions, or a number is out of its range.
    """
    check_integer("sessions", sessions, minimum=2)
    check_number("correlation", correlation, signed=True)
    values, _ = check_responses(activity, "activity")
    if len(values) < sessions:
        raise ValueError(f"activity has {len(values)} times, too few for {sessions} sessions.")
    last = len(values) - 1
    for time in range(sessions - 1, len(values)):
        if mean_vector_correlation(values[0].T, values[time].T) <= correlation:
            last = time
            break
    return np.round(np.linspace(0, last, sessions)).astype(int)


def record(activity: np.ndarray, recording: Recording, random: np.random.Generator) -> np.ndarray:
    """Responses as they are recorded.

    Parameters
    ----------
    activity : (sessions, units, conditions) array
        Responses of all units in each session, without noise.
    recording : Recording
        Its number of sessions is that of ``activity``.
    random : numpy.random.Generator
        Chooses units and makes noise.

    Returns
    -------
    (sessions, recorded units, conditions) array
        At least 0, and 0 throughout for a unit that is silent or seems so.

    Raises
    ------
    ValueError
        If ``activity`` is as :func:`~drift.analysis.drift.check_responses` refuses it, has missing
        units or another number of sessions, or is 0 throughout its first session.
    """
    values, recorded = check_responses(activity, "activity")
    if not recorded.all():
        raise ValueError(
            "activity holds NaN: the responses of a network are known in all sessions."
        )
    if len(values) != recording.sessions:
        raise ValueError(
            f"activity has {len(values)} sessions and the recording {recording.sessions}: as many "
            "are needed."
        )
    heard = values[0].max(axis=1) > 0
    if not heard.any():
        raise ValueError("activity is 0 throughout the first session: there is nothing to record.")
    expected = values * recording.events / values[0, heard].mean()
    count = min(recording.units, expected.shape[1])
    chosen = expected[:, random.permutation(expected.shape[1])[:count]]
    if recording.noise == "none":
        return chosen
    counts = random.poisson(chosen)
    enough = counts.sum(axis=2) >= recording.fewest_events
    if recording.noise == "poisson":
        return np.where(enough[:, :, None], counts, 0).astype(float)
    signal = _calcium(counts, random)
    return np.where(enough[:, :, None], signal, 0.0)


def _calcium(counts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Sums of transients of mean size 1, on a baseline with a standard deviation of 1."""
    shape = 1 / CALCIUM_SPREAD**2
    sums = random.gamma(np.maximum(counts, 1) * shape, 1 / shape) * (counts > 0)
    noisy = sums + random.normal(size=counts.shape)
    return np.where(noisy > CALCIUM_THRESHOLD, noisy, 0.0)
