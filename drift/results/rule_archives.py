"""Archives of the study *which rule*: recordings of networks, and how well rules are told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from drift.claims.which_rule_claims import PAIR
from drift.inference.evaluation import evaluate, learning_curve
from drift.inference.known_networks import known_and_others, table_of_recordings
from drift.inference.recorded_networks import (
    KINDS,
    NUMBERS,
    RECORDED_AS,
    codes_of,
    recordings_of_codes,
)
from drift.inference.recording import Recording, matched_sessions, record
from drift.inference.strengths import posteriors
from drift.results.study_archives import computed_study, hours_of_work, study_in_cache
from drift.rules.gradient_descent import GradientDescent
from drift.similarity import SimilarityMatching, simulate_matching
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.study.collected_recordings import collect_recordings
from drift.support import portable
from drift.support.progress import each
from drift.tasks.ring import abstract_predictive

NAME = "which-rule"

MATCHING_NETWORKS = 60
MATCHING_STEPS = 6000
MATCHING_LEARNED = 300
"""Steps after which the loss of similarity matching has reached its level."""

MATCHING_NOISE = (0.0001, 0.0005)
"""Standard deviations, within which the code moves slowly enough to be recorded at its times."""
PLACES = 25
"""Places at which similarity matching is recorded, of the 250 at which it is tested."""


def which_rule_archive(only_done: bool = False) -> xr.Dataset:
    """The recordings of all networks of the study, and of similarity matching.

    Parameters
    ----------
    only_done : bool
        Of the networks that are done, without computing others.

    Returns
    -------
    xarray.Dataset
        As :func:`~drift.study.collected_recordings.collect_recordings` returns it; along
        ``other_recording`` those of similarity matching.
    """
    folder = study_in_cache(NAME) if only_done else computed_study(NAME)
    collected = collect_recordings(folder)
    done = len(folder.finished())
    recorded = xr.concat(
        [_matching_recordings(seed) for seed in each(range(MATCHING_NETWORKS), "matching")],
        "recording",
    ).rename(recording="other_recording")
    names = {name: f"other_{name}" for name in ("features", *NUMBERS, "network")}
    others = recorded.rename(names).astype(np.float32)
    return collected.merge(others).assign_attrs(
        hours=hours_of_work(folder), complete=f"{done} of {collected.sizes['run']} networks"
    )


def _matching_recordings(seed: int) -> xr.Dataset:
    low, high = portable.log(MATCHING_NOISE)
    noise = portable.exp(portable.uniform(np.random.default_rng(seed), low, high, 1))
    run = simulate_matching(
        SimilarityMatching(noise=float(noise[0])),
        steps=MATCHING_STEPS,
        seed=seed,
        record=LinearSpacing(101),
    )
    learned = run.sel(step=slice(MATCHING_LEARNED, None))["activity"].values
    codes = learned[:, :: learned.shape[1] // PLACES].transpose(0, 2, 1)
    found = recordings_of_codes(codes, KINDS[0], seed)
    return found.assign(network=("recording", np.full(found.sizes["recording"], seed)))


def judged_archive(archive: xr.Dataset) -> xr.Dataset:
    """How well rules are told apart in an archive of :func:`which_rule_archive`.

    Parameters
    ----------
    archive : xarray.Dataset

    Returns
    -------
    xarray.Dataset
        As :func:`~drift.inference.evaluation.evaluate` returns it, with ``learning_accuracy``
        along ``networks``, their number for each rule.
    """
    known, others = known_and_others(table_of_recordings(archive))
    judged = evaluate(known, others, PAIR)
    curve = learning_curve(known).set_index("networks")["accuracy"]
    return judged.assign(learning_accuracy=xr.DataArray.from_series(curve))


STRENGTHS = {
    "update noise": ("update noise", "update_noise"),
    "learning rate, update noise": ("update noise", "learning_rate"),
    "label noise": ("label noise", "label_noise"),
    "input noise": ("input noise", "input_noise"),
    "dropout": ("dropout", "dropout"),
    "learning rate, Adam": ("Adam", "learning_rate"),
    "learning rate, RMSprop": ("RMSprop", "learning_rate"),
}
"""What is inferred of which rule, and the setting that it is."""


def strengths_archive(archive: xr.Dataset) -> xr.Dataset:
    """Posteriors of strengths for recordings in an archive of :func:`which_rule_archive`.

    Needs the library ``sbi``.

    Parameters
    ----------
    archive : xarray.Dataset

    Returns
    -------
    xarray.Dataset
        The columns of :func:`~drift.inference.strengths.posteriors` along ``posterior``, with
        ``recording``, the row of the table, and ``strength``, the number of the key in
        ``STRENGTHS``.
    """
    table = table_of_recordings(archive)
    parts = []
    for number, (rule, setting) in enumerate(each(list(STRENGTHS.values()), "strengths")):
        found = posteriors(table[table["rule"] == rule], setting)
        parts.append(found.rename_axis("recording").reset_index().assign(strength=number))
    return pd.concat(parts, ignore_index=True).rename_axis("posterior").to_xarray()


def posteriors_by_strength(found: xr.Dataset) -> dict[str, pd.DataFrame]:
    """The tables of which an archive of :func:`strengths_archive` was made, by strength.

    Parameters
    ----------
    found : xarray.Dataset

    Returns
    -------
    dict of str to pandas.DataFrame
        With the index of the table of recordings.
    """
    table = found.to_dataframe().set_index("recording")
    return {
        name: table[table["strength"] == number].drop(columns="strength")
        for number, name in enumerate(STRENGTHS)
    }


def example_sessions() -> xr.Dataset:
    """A made recording in the layout that ``drift infer`` reads: a network with update noise.

    Returns
    -------
    xarray.Dataset
        ``rate`` (session, cell, place), spikes in each session.
    """
    task = abstract_predictive(1, samples=20)
    run = simulate(task, GradientDescent(0.1, update_noise=0.02), steps=100_000, hidden=100,
                   seed=1, **RECORDED_AS, progress=False)  # fmt: skip
    codes = codes_of(run, task)[100:]
    chosen = matched_sessions(codes, sessions=8, correlation=0.85)
    seen = record(codes[chosen], Recording(units=60, sessions=8), np.random.default_rng(1))
    return xr.Dataset({"rate": (("session", "cell", "place"), seen.astype(np.float32))})
