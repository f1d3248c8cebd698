"""One network of the study *which rule*: trained, then recorded several times as in an experiment.

Only what the recordings tell is kept. A network is observed from a random time after learning, over
sessions between which its code changes by an amount that is drawn for each recording, whatever the
rule and its speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from drift.analysis.belonging import snapshots_of
from drift.analysis.tuning import directed_place
from drift.inference.drift_features import FEATURES, features
from drift.inference.recording import Recording, matched_sessions, record
from drift.network import hidden_activity
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.study.settings import make_rule, make_task, simulation_arguments
from drift.tasks.base_task import Task

__all__ = ["FROZEN", "RECORDINGS", "describe_network", "draw_recording"]

FROZEN = "no drift"
"""The class of networks that do not change while they are recorded."""

RECORDINGS = 3
"""How often each network is recorded, each time in another way."""

TIMES = 401
"""At so many evenly spaced times of a run its network is kept."""

LEARNED = 0.1
"""Share of the run after which recordings may begin."""

LATEST = 0.6
"""Share of the run by which they have begun."""


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
        Between 0.3 and 0.9; see :func:`~drift.inference.recording.matched_sessions`.
    """
    recording = Recording(
        units=round(np.exp(random.uniform(np.log(30), np.log(300)))),
        sessions=int(random.integers(4, 17)),
        noise="poisson" if random.random() < 0.5 else "calcium",
        events=float(np.exp(random.uniform(np.log(2), np.log(20)))),
    )
    return recording, float(random.uniform(0.3, 0.9))


def describe_network(settings: Mapping[str, Any], recordings: int = RECORDINGS) -> xr.Dataset:
    """Train the network of a study's row and give the features of its recordings.

    Parameters
    ----------
    settings : mapping
        A row of the study: task, rule and their settings, ``steps``, ``hidden``, ``init``,
        ``seed`` and ``part``, the class; networks of the class :data:`FROZEN` are trained, and
        then stay as they are.
    recordings : int
        How often it is recorded.

    Returns
    -------
    xarray.Dataset
        ``features`` (recording, feature), and along ``recording`` how it was recorded: ``units``,
        ``sessions``, ``calcium``, ``events``, ``correlation`` (wanted) and ``reached``. No
        recordings if the network diverged or fell silent. Attributes: those of
        :func:`~drift.simulation.simulate.simulate`.
    """
    task = make_task(settings)
    arguments = simulation_arguments(settings) | {
        "measures": ("loss", "fraction_active_units"),
        "record": LinearSpacing(11),
        "snapshots": LinearSpacing(TIMES),
    }
    run = simulate(task, make_rule(settings), **arguments, progress=False)
    random = np.random.default_rng([settings["seed"], recordings])
    rows = []
    if run.attrs["status"] == "finished":
        codes = _codes(run, task)
        for _ in range(recordings):
            rows.append(_describe(codes, settings["part"] == FROZEN, random))
    columns = ("units", "sessions", "calcium", "events", "correlation", "reached")
    return xr.Dataset(
        {"features": (("recording", "feature"), _table(rows, list(FEATURES)))}
        | {name: ("recording", _table(rows, [name])[:, 0]) for name in columns}
        | {"final_loss": run["loss"][-1].drop_vars("step", errors="ignore")},
        attrs=run.attrs,
    )


def _codes(run: xr.Dataset, task: Task) -> np.ndarray:
    """Responses (times, units, conditions) of a run, conditions in the order of their places."""
    order = np.arange(task.samples)
    if task.position is not None and task.heading is not None:
        order = np.argsort(directed_place(task), kind="stable")
    networks, activation = snapshots_of(run, task)
    return np.stack(
        [hidden_activity(network, task.inputs[order], activation).T for network in networks]
    )


def _describe(codes: np.ndarray, frozen: bool, random: np.random.Generator) -> dict[str, float]:
    """One recording, and what it tells."""
    recording, correlation = draw_recording(random)
    first, last = (round(share * (len(codes) - 1)) for share in (LEARNED, LATEST))
    begins = int(random.integers(first, last + 1))
    chosen = begins + matched_sessions(codes[begins:], recording.sessions, correlation)
    observed = codes[np.full(recording.sessions, begins) if frozen else chosen]
    return features(record(observed, recording, random)) | {
        "units": recording.units,
        "sessions": recording.sessions,
        "calcium": float(recording.noise == "calcium"),
        "events": recording.events,
        "correlation": correlation,
        "reached": float(chosen[-1] - chosen[0]),
    }


def _table(rows: list[dict[str, float]], names: list[str]) -> np.ndarray:
    return np.array([[row[name] for name in names] for row in rows]).reshape(len(rows), len(names))
