"""Networks of the page *A network to play with* by which its guess of a hidden rule is trained.

Each is trained by one of the page's rules, of random strength, and observed in eight sessions over
an equal amount of drift. What is kept are measures that the page can compute itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from drift.inference.drift_features import features
from drift.inference.recorded_networks import codes_of
from drift.inference.recording import matched_sessions
from drift.rules.adam import Adam
from drift.rules.base_rule import LearningRule
from drift.rules.error_descent import StochasticErrorDescent
from drift.rules.gradient_descent import GradientDescent
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.support import portable
from drift.support.progress import each
from drift.tasks.base_task import Task
from drift.tasks.ring import abstract_predictive

__all__ = [
    "CONSTANTS",
    "HIDDEN",
    "MEASURES",
    "RULES",
    "classifier_of",
    "hidden_rules_archive",
    "live_task",
    "numbers_of",
    "sessions_of",
]

CONSTANTS = {"seed": 3, "samples": 20, "d_in": 6, "speed": 2}
"""Of the page's task: one lap round the ring in twenty views of six points."""

HIDDEN = 60
"""Hidden units of the page's network."""

MEASURES = (
    "active share", "trend of active share", "information", "trend of information",
    "trend of mean rate", "overlap", "map correlation, next session",
    "map correlation, longest lag", "deaths", "births", "returns",
)  # fmt: skip
"""Features (:data:`drift.inference.drift_features.FEATURES`) that the page computes."""

STEPS = 200_000
SNAPSHOTS = 200
"""Evenly spaced times at which the code is kept, besides the start."""

FIRST = 50
"""Of them, the first that is observed: after learning, at a quarter of the run."""

SESSIONS = 8
CORRELATION = 0.9
"""Of the last session's code with the first's, as of
:func:`~drift.inference.recording.matched_sessions`."""

FIRST_SEED = 1000
"""Readers choose among smaller ones, so that their networks are new to the classifier."""

DIGITS = 4
"""Significant ones, of the numbers that the page is given."""


class RandomRule(NamedTuple):
    """A rule of the page with a strength that is drawn evenly in its logarithm.

    Parameters
    ----------
    setting : {"noise", "rate"}
        What is drawn, as the page calls it; the other is as the page has it at first.
    low, high : float
        Bounds of the strength.
    make : callable
        From a strength.
    """

    setting: str
    low: float
    high: float
    make: Callable[[float], LearningRule]


RULES: Mapping[str, RandomRule] = {
    "update-noise": RandomRule(
        "noise", 0.01, 0.1, lambda strength: GradientDescent(0.2, update_noise=strength)
    ),
    "label-noise": RandomRule(
        "noise", 0.3, 3.0, lambda strength: GradientDescent(0.2, label_noise=strength)
    ),
    "adam": RandomRule("rate", 0.003, 0.02, lambda strength: Adam(strength)),
    "error-descent": RandomRule(
        "rate", 1.0, 5.0, lambda strength: StochasticErrorDescent(strength, perturbation=0.05)
    ),
}
"""By the page's names."""


def live_task() -> Task:
    """The task of the page."""
    return abstract_predictive(**CONSTANTS)


def sessions_of(codes: np.ndarray) -> np.ndarray:
    """The sessions of a run: evenly spaced, over a given amount of drift.

    Parameters
    ----------
    codes : (SNAPSHOTS + 1, units, samples) array
        Activity at the start and at all snapshots.

    Returns
    -------
    (SESSIONS, units, samples) array
    """
    observed = codes[FIRST:]
    return observed[matched_sessions(observed, SESSIONS, CORRELATION)]


def hidden_rules_archive(networks: int = 60) -> xr.Dataset:
    """Measures of networks by each of the page's rules.

    Parameters
    ----------
    networks : int
        Of each rule.

    Returns
    -------
    xarray.Dataset
        ``measures`` (network, measure), NaN for what a network does not tell; ``rule`` (network),
        the number of the key in ``RULES``; ``strength`` (network).
    """
    task, rows = live_task(), []
    drawn = [(number, rule) for rule in range(len(RULES)) for number in range(networks)]
    for number, rule in each(drawn, "networks"):
        random_rule = list(RULES.values())[rule]
        seed = FIRST_SEED + number
        ends = portable.log(np.array([random_rule.low, random_rule.high]))
        random = np.random.default_rng([seed, rule])
        strength = float(portable.exp(portable.uniform(random, ends[0], ends[1], 1))[0])
        run = simulate(
            task, random_rule.make(strength), hidden=HIDDEN, steps=STEPS, seed=seed,
            measures=("loss",), record=[STEPS], snapshots=LinearSpacing(SNAPSHOTS + 1),
            progress=False,
        )  # fmt: skip
        found = features(sessions_of(codes_of(run, task)))
        rows.append({name: found[name] for name in MEASURES} | {"rule": rule, "strength": strength})
    table = pd.DataFrame(rows)
    return xr.Dataset(
        {
            "measures": (("network", "measure"), table[list(MEASURES)].to_numpy()),
            "rule": ("network", table["rule"].to_numpy()),
            "strength": ("network", table["strength"].to_numpy()),
        },
        {"measure": list(MEASURES)},
    )


def classifier_of(archive: xr.Dataset) -> Pipeline:
    """Logistic regression on the measures, each less its mean and over its standard deviation.

    Parameters
    ----------
    archive : xarray.Dataset
        Of :func:`hidden_rule_archive`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Trained. A measure that is NaN counts as the mean of the others.
    """
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=5000))
    return model.fit(archive["measures"].values, archive["rule"].values)


def numbers_of(classifier: Pipeline) -> dict[str, Any]:
    """What the page computes the classifier's probabilities from.

    Parameters
    ----------
    classifier : sklearn.pipeline.Pipeline
        Of :func:`classifier_of`.

    Returns
    -------
    dict
        ``mean`` and ``scale`` (measures), ``weights`` (rules, measures) and ``bias`` (rules), to
        four digits.
    """
    scale, model = classifier[1], classifier[2]
    found = {"mean": scale.mean_, "scale": scale.scale_, "weights": model.coef_}
    found["bias"] = model.intercept_
    return {name: _rounded(values) for name, values in found.items()}


def _rounded(values: np.ndarray) -> Any:
    return np.vectorize(lambda value: float(f"{value:.{DIGITS}g}"))(values).tolist()
