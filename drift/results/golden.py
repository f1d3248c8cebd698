"""Digests of what drift computes, to see whether this machine computes the same.

``golden.json`` holds a SHA-256 of every task, of the state that every learning rule comes to, and
of what else is promised to be the same everywhere (:mod:`drift.support.portable`). ``drift check``
makes them again; so do the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal

import numpy as np

from drift.network import Parameters
from drift.results.versions import GOLDEN, recorded_digests
from drift.rules.adam import Adam
from drift.rules.base_rule import LearningRule
from drift.rules.dropout import Dropout
from drift.rules.error_descent import StochasticErrorDescent
from drift.rules.gradient_descent import GradientDescent
from drift.rules.online_descent import OnlineGradientDescent
from drift.rules.preactivation_noise import PreactivationNoise
from drift.rules.rmsprop import RMSprop
from drift.similarity import SimilarityMatching, simulate_matching
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.study.reading import list_designs, read_study
from drift.support.storage import write_text
from drift.tasks.base_task import TASKS, Task
from drift.tasks.corridor import corridor
from drift.tasks.mappings import random_mapping
from drift.tasks.selection import relevant_inputs
from drift.theory.valleys import NOISES, walk_in_valley
from drift.theory.walks import RingOfMinima, simulate_walks

SEEDS = range(3)

RULES: dict[str, LearningRule] = {
    "gradient descent": GradientDescent(),
    "update noise": GradientDescent(update_noise=0.1),
    "label noise": GradientDescent(label_noise=0.7),
    "gaussian label noise": GradientDescent(label_noise=0.3, label_noise_distribution="gaussian"),
    "input noise": GradientDescent(learning_rate=0.05, input_noise=0.1),
    "Adam": Adam(),
    "RMSprop": RMSprop(),
    "stochastic error descent": StochasticErrorDescent(learning_rate=0.3),
    "online descent": OnlineGradientDescent(batch=3, label_noise=0.3),
    "dropout": Dropout(dropout=0.3),
    "dropout for a whole step": Dropout(dropout=0.3, dropout_mask="step"),
    "pre-activation noise": PreactivationNoise(unit_noise=0.2),
}
"""Every learning rule, and gradient descent with every kind of noise."""

SHAPES = {"coordinates": {"samples": 5, "d_in": 20}, "weights": {"samples": 9, "d_in": 4}}
"""Of tasks on which the kernels work on coordinates, and on weights."""


def _digest(*arrays: np.ndarray) -> str:
    total = hashlib.sha256()
    for array in arrays:
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
        total.update(f"{little.dtype.str}{little.shape}".encode() + little.tobytes())
    return total.hexdigest()


def _task(make: Callable[..., Task], seed: int) -> str:
    return make(seed=seed).digest()


def _end(
    make: Callable[..., Task],
    rule: LearningRule,
    steps: int,
    engine: Literal["fast", "reference"] = "fast",
    hidden: int = 100,
) -> str:
    """Digest of the parameters that a run ends with."""
    run = simulate(
        make(), rule, hidden=hidden, steps=steps, seed=1, engine=engine, progress=False,
        record=LinearSpacing(5), snapshots=[steps], stop_when_silent=False,
    )  # fmt: skip
    return _digest(*Parameters.of_snapshot(run, -1))


def _similarity() -> str:
    run = simulate_matching(SimilarityMatching(), steps=300, record=[300])
    return _digest(run["activity"].values)


def _walks() -> str:
    ring = RingOfMinima(modulation=2.0)
    walks = simulate_walks(ring, walks=20, steps=10_000, record=[5_000, 10_000])
    return _digest(walks["x"].values, walks["y"].values)


def _valley(noise: str) -> str:
    walks = walk_in_valley(
        noise, walks=20, steps=10_000, record=[5_000, 10_000],
        start=1.5, learning_rate=0.01, width=0.5,
    )  # fmt: skip
    return _digest(walks["x"].values, walks["y"].values)


def _study(name: str) -> str:
    text = json.dumps(read_study(list_designs()[name]).runs(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _cases() -> dict[str, Callable[[], str]]:
    cases: dict[str, Callable[[], str]] = {}
    for name, make in TASKS.items():
        for seed in SEEDS:
            cases[f"task {name}, seed {seed}"] = partial(_task, make, seed)
    for shape, sizes in SHAPES.items():
        make = partial(random_mapping, seed=1, **sizes)
        for name, rule in RULES.items():
            cases[f"{name}, in {shape}"] = partial(_end, make, rule, 10_000)
            cases[f"{name}, in {shape}, reference"] = partial(_end, make, rule, 200, "reference")
    online = OnlineGradientDescent(
        fresh_samples=True, label_noise=0.5, label_noise_distribution="gaussian", weight_decay=0.01
    )
    fresh = partial(_end, relevant_inputs, online)
    cases |= {
        "online descent, fresh samples": partial(fresh, 10_000),
        "online descent, fresh samples, reference": partial(fresh, 200, "reference"),
    }
    published = GradientDescent(learning_rate=0.1, update_noise=0.013895)
    cases["corridor network"] = partial(_end, corridor, published, 500, hidden=500)
    cases["similarity matching"] = _similarity
    cases["walks on a circle"] = _walks
    for noise in NOISES:
        cases[f"walks in a valley, {noise}"] = partial(_valley, noise)
    for name in list_designs():
        cases[f"runs of the study {name}"] = partial(_study, name)
    return cases


CASES = _cases()
"""What is compared, by name: a function that makes its digest."""


def differing(names: Iterable[str] = CASES) -> list[str]:
    """Those of ``names`` for which this machine finds another digest than the recorded one."""
    recorded = recorded_digests()
    return [name for name in names if CASES[name]() != recorded.get(name)]


def record_digests() -> None:
    """Write the digests that this machine finds as those that every machine should find."""
    digests = {name: make() for name, make in CASES.items()}
    write_text(json.dumps(digests, indent=1) + "\n", GOLDEN)
