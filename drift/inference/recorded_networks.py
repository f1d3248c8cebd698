"""A trained network recorded several times, as in an experiment: all that *which rule* keeps of it.

A network is recorded from a random time after it has learned. Between the first and the last
session its code changes by an amount that is drawn for each recording, whatever the rule and its
speed; recordings that would need a longer run are left out. What is left has for each rule its own
distribution of amounts, which :mod:`drift.inference.matching` makes equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from drift.analysis.belonging import snapshots_of
from drift.analysis.drift import check_responses
from drift.analysis.tuning import directed_place, mean_vector_correlation
from drift.inference.drift_features import FEATURES, features
from drift.inference.recording import Recording, matched_sessions, record
from drift.network import hidden_activity
from drift.simulation.recorder import LinearSpacing
from drift.support.checks import check_choice, check_integer
from drift.tasks.base_task import Task

__all__ = [
    "AMOUNTS",
    "KINDS",
    "NUMBERS",
    "RECORDED_AS",
    "codes_of",
    "draw_recording",
    "recordings_of_codes",
    "recordings_of_run",
]

KINDS = ("recordings", "recordings of a fixed network", "recordings of unstable gain")
"""Of a network as it drifts; of the network at the first session, again and again; and the same
with each unit's gain drawn anew in each session, so that the recording drifts and not the code."""

RECORDINGS = 3
"""How often each network is recorded, each time in another way."""

LEARNED = 0.03
"""Recordings begin when the loss has first fallen to this share of the targets' variance, ..."""

SETTLED = 2.0
"""... or to so many times its mean over the last quarter of the run, ..."""

WORST = 0.3
"""... which is at most this share of the variance: the network has learned something."""

LATEST = 0.6
"""Share of the run by which the network must have learned, and share of the rest by which
recordings have begun."""

AMOUNTS = (0.8, 0.98)
"""Lowest and highest correlation of the last session's code with the first's, without noise."""

TOLERANCE = 0.02
"""The correlation may lie so much below what was drawn: sessions are at whole snapshots."""

GAIN_SPREAD = 0.5
"""Standard deviation of the logarithm of a unit's gain, where it is unstable."""

TIMES = LinearSpacing(401)

RECORDED_AS: dict[str, Any] = {
    "measures": ("loss", "fraction_active_units"),
    "record": TIMES,
    "snapshots": TIMES,
}
"""What :func:`~drift.simulation.simulate.simulate` is to record of a network for this."""

NUMBERS = ("units", "sessions", "calcium", "events", "correlation", "steps_between")
"""Of each recording its units, sessions, kind of noise (1 for calcium), events (see
:class:`~drift.inference.recording.Recording`), the correlation of the last session's code with the
first's, and the number of training steps between sessions."""


def draw_recording(random: np.random.Generator) -> tuple[Recording, float]:
    """How a network is recorded, and the correlation of the last session with the first.

    Parameters
    ----------
    random : numpy.random.Generator

    Returns
    -------
    recording : Recording
        30 to 300 units, 4 to 16 sessions, with noise of either kind.
    correlation : float
        Within :data:`AMOUNTS`; see :func:`~drift.inference.recording.matched_sessions`.
    """
    recording = Recording(
        units=round(np.exp(random.uniform(np.log(30), np.log(300)))),
        sessions=int(random.integers(4, 17)),
        noise="poisson" if random.random() < 0.5 else "calcium",
        events=float(np.exp(random.uniform(np.log(2), np.log(20)))),
    )
    return recording, float(random.uniform(*AMOUNTS))


def recordings_of_run(run: xr.Dataset, task: Task, kind: str, seed: int) -> xr.Dataset:
    """The features of a run's recordings.

    Parameters
    ----------
    run : xarray.Dataset
        Of :func:`~drift.simulation.simulate.simulate`, with what :data:`RECORDED_AS` says.
    task : Task
        Its task.
    kind : str
        One of :data:`KINDS`.
    seed : int
        Of all that is random in the recordings.

    Returns
    -------
    xarray.Dataset
        As :func:`recordings_of_codes` returns it, with the run's attributes and ``learned_at``, the
        step at which the network had learned; -1, and no recordings, if it did so too late or
        never, diverged or fell silent; and ``final_loss`` over the targets' variance.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    """
    check_choice("kind", kind, KINDS)
    loss = run["loss"].values / task.targets.var()
    level = loss[-(len(loss) // 4 + 1) :].mean()
    learned = np.flatnonzero(loss <= (max(LEARNED, SETTLED * level) if level <= WORST else -1))
    last = LATEST * run.sizes["step"]
    known = run.attrs["status"] == "finished" and learned.size > 0 and learned[0] <= last
    if known:
        found = recordings_of_codes(codes_of(run, task)[learned[0] :], kind, seed)
    else:
        found = _table([])
    interval = int(run["snapshot"].values[1]) if run.sizes["snapshot"] > 1 else 0
    return found.assign(
        steps_between=found["steps_between"] * interval,
        learned_at=int(run["step"].values[learned[0]]) if known else -1,
        final_loss=float(loss[-1]),
    ).assign_attrs(run.attrs)


def codes_of(run: xr.Dataset, task: Task) -> np.ndarray:
    """Responses of a run's units at its snapshots, without noise.

    Parameters
    ----------
    run, task : xarray.Dataset, Task
        Of :func:`~drift.simulation.simulate.simulate`, and its task.

    Returns
    -------
    (snapshots, units, samples) array
        Samples in the order of their places, where the task has places.

    Raises
    ------
    TypeError, ValueError
        If the run has no snapshots, or they are not of this task.
    """
    networks, activation = snapshots_of(run, task)
    order = np.arange(task.samples)
    if task.position is not None and task.heading is not None:
        order = np.argsort(directed_place(task), kind="stable")
    inputs = task.inputs[order]
    return np.stack([hidden_activity(network, inputs, activation).T for network in networks])


def recordings_of_codes(codes: np.ndarray, kind: str, seed: int) -> xr.Dataset:
    """The features of recordings of a code that drifts.

    Parameters
    ----------
    codes : (times, units, conditions) array
        Responses of all units at many evenly spaced times after learning, at least 3 conditions.
    kind : str
        One of :data:`KINDS`.
    seed : int
        Of all that is random in the recordings.

    Returns
    -------
    xarray.Dataset
        ``features`` (recording, feature), and along ``recording`` the :data:`NUMBERS`;
        ``steps_between`` counts times. Recordings are missing for which the code changes too
        little.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    """
    check_choice("kind", kind, KINDS)
    random = np.random.default_rng([check_integer("seed", seed), KINDS.index(kind)])
    values, _ = check_responses(codes, "codes")
    rows = []
    for _ in range(RECORDINGS):
        row = _recorded(values, kind, random)
        if row is not None:
            rows.append(row)
    return _table(rows)


def _recorded(
    codes: np.ndarray, kind: str, random: np.random.Generator
) -> Mapping[str, float] | None:
    """One recording, and what it tells; None if the code changes too little or too fast for it."""
    recording, wanted = draw_recording(random)
    begins = int(random.integers(0, max(1, round(LATEST * len(codes)))))
    rest = codes[begins:]
    correlation, between = wanted, 0.0
    if kind == "recordings":
        if len(rest) < recording.sessions:
            return None
        chosen = matched_sessions(rest, recording.sessions, wanted)
        observed = rest[chosen]
        correlation = mean_vector_correlation(observed[0].T, observed[-1].T)
        between = chosen[-1] / (recording.sessions - 1)
        if not wanted - TOLERANCE <= correlation <= wanted:
            return None
    else:
        observed = np.repeat(rest[:1], recording.sessions, axis=0)
    if kind == "recordings of unstable gain":
        gains = random.lognormal(0, GAIN_SPREAD, observed.shape[:2])
        observed = observed * gains[:, :, None]
    if not observed[0].any():
        return None
    return features(record(observed, recording, random)) | {
        "units": min(recording.units, codes.shape[1]),
        "sessions": recording.sessions,
        "calcium": float(recording.noise == "calcium"),
        "events": recording.events,
        "correlation": correlation,
        "steps_between": between,
    }


def _table(rows: list[Mapping[str, float]]) -> xr.Dataset:
    def column(names: list[str]) -> np.ndarray:
        return np.array([[row[name] for name in names] for row in rows]).reshape(-1, len(names))

    return xr.Dataset(
        {"features": (("recording", "feature"), column(list(FEATURES)))}
        | {name: ("recording", column([name])[:, 0]) for name in NUMBERS}
    )
