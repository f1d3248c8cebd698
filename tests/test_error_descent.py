"""Stochastic error descent: its kernel against its formula, and against the reference."""

import numpy as np
from helpers import parameters, random_task
from scipy import stats

import drift
from drift.engine.workspace import read_weights
from drift.network import forward
from drift.simulation.fast_engine import FastEngine


def error_descent(task, rule):
    """A fast engine in float64 at the start of a run of 20 units."""
    start = drift.simulate(task, rule, hidden=20, steps=0, snapshots=[0])
    sequence = np.random.SeedSequence(1)
    return FastEngine(task, rule, parameters(start, 0), sequence, "relu", "float64", True)


def test_error_descent_is_its_formula():
    """Each step of the kernel, with the perturbation it drew, in plain numpy."""
    task = random_task(12, 6, 5)
    rule = drift.StochasticErrorDescent(learning_rate=0.9, perturbation=0.3)
    engine = error_descent(task, rule)
    drawn = []
    for _ in range(300):
        before = engine.parameters()
        engine.advance(1)
        after = engine.parameters()
        by_unit = read_weights(engine.workspace, engine.workspace.memory)
        perturbation = drift.Parameters(by_unit[:, :6], by_unit[:, 6], by_unit[:, 7:].T)
        shifted = drift.Parameters(*(a + b for a, b in zip(before, perturbation, strict=True)))
        rise = (
            np.mean((forward(shifted, task.inputs)[1] - task.targets) ** 2)
            - np.mean((forward(before, task.inputs)[1] - task.targets) ** 2)
        )  # fmt: skip
        for old, change, new in zip(before, perturbation, after, strict=True):
            np.testing.assert_allclose(new, old - 0.9 * rise * change, rtol=0, atol=1e-12)
        drawn.append(perturbation)
    # 300 draws of 120, 20 and 100 numbers; false alarms 1e-5 a test.
    for i, first_dimension in enumerate((20, 20, 5)):
        sample = np.concatenate([p[i].ravel() for p in drawn]) * np.sqrt(first_dimension) / 0.3
        assert stats.kstest(sample, "norm").pvalue > 1e-5


def test_error_descent_moves_all_input_weights_alike():
    """Three samples of ten inputs: in a step the unseen directions move as the seen ones do.

    Size of a step's change in both, 400 steps; false alarms 1e-5 a test.
    """
    task = random_task(3, 10, 2)
    engine = error_descent(task, drift.StochasticErrorDescent(learning_rate=0.9))
    basis = np.linalg.qr(np.column_stack([task.inputs, np.ones(3)]).T)[0]
    whole = [engine.parameters() for _ in range(400) if engine.advance(1) is None]
    weights = np.array([np.column_stack([at.input_weights, at.bias]) for at in whole])
    change = np.diff(weights, axis=0)
    seen = change @ basis
    unseen = change - seen @ basis.T
    # Per step the change is (eta rise xi): its size cancels in the ratio of mean squares, which has
    # the F distribution with 20 * 8 and 20 * 3 degrees of freedom.
    ratio = (unseen**2).sum(axis=(1, 2)) / 8 / ((seen**2).sum(axis=(1, 2)) / 3)
    assert stats.kstest(ratio, "f", args=(160, 60)).pvalue > 1e-5


def test_error_descent_learns_in_both_engines_alike(small_task):
    """Loss after 200 steps, 30 runs of each engine; false alarms 1e-4."""
    rule = drift.StochasticErrorDescent()
    losses = [
        [
            drift.simulate(
                small_task, rule, hidden=20, steps=200, seed=seed, engine=engine, record=[0, 200]
            ).loss.values
            for seed in range(first, first + 30)
        ]
        for engine, first in (("fast", 0), ("reference", 100))
    ]
    assert np.mean(losses[0], axis=0)[1] < 0.9 * np.mean(losses[0], axis=0)[0]
    ends = [np.array(group)[:, 1] / np.array(group)[:, 0] for group in losses]
    assert stats.ks_2samp(*ends).pvalue > 1e-4
