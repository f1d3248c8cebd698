"""What the chapter *Similarity matching* writes out, and what it promises for other parameters."""

import numpy as np
import pytest
from chapter_cells import promised, written_out

from drift.analysis.tuning import population_vector_correlation
from drift.engine.noise import random_state
from drift.similarity import SimilarityMatching, _learn, response, ring, simulate_matching

STEPS = 1500


def rest_and_learn(**settings):
    """The functions that the chapter writes out, with these settings."""
    space = {"np": np, "network": SimilarityMatching(), "learning_rate": 0.02, "noise": 0.001}
    return written_out("similarity", "rest", "learn", **space | settings)


def run(**settings):
    record = [*range(0, STEPS + 1, 50)]
    return simulate_matching(SimilarityMatching(**settings), steps=STEPS, record=record)


@pytest.fixture(scope="module")
def default():
    return run()


def kept(of):
    """Correlation of the code over the last 500 steps."""
    ends = of.activity.sel(step=[STEPS - 500, STEPS]).values
    return population_vector_correlation(*ends)


def over_start(of):
    fraction = of.fraction_active_units.values
    return fraction[-1] / fraction[0]


def weights(units=40):
    random = np.random.default_rng(1)
    activity = np.maximum(random.normal(size=(units, 300)), 0)
    return random.normal(size=(units, 2)), activity @ activity.T / 300


@pytest.mark.parametrize("position", [0, 3, 7])
def test_the_rest_that_the_chapter_writes_out_is_the_exact_one(position):
    rest, _ = rest_and_learn()
    feedforward, lateral = weights()
    x = ring(12)[position]
    whole = lateral + SimilarityMatching().ridge * np.eye(40)
    exact, _ = response(whole, feedforward @ x, feedforward @ x > 0)
    assert 0 < (exact > 0).sum() < 40
    np.testing.assert_allclose(rest(feedforward, lateral, x), exact, atol=1e-6)


def test_the_learning_that_the_chapter_writes_out_is_the_package_s():
    _, learn = rest_and_learn(noise=0.0)
    feedforward, lateral = weights()
    inputs = ring(12)
    first, second = learn(feedforward, lateral, inputs[5], np.random.default_rng(0))
    own = feedforward.copy(), lateral.copy()
    guesses, state = inputs @ feedforward.T > 0, random_state(np.random.SeedSequence(0))
    assert _learn(*own, inputs, guesses, np.array([5]), 0.02, 0.0, 0.01, state)
    np.testing.assert_allclose(first, own[0], atol=1e-8)
    np.testing.assert_allclose(second, own[1], atol=1e-8)
    assert np.abs(first - feedforward).max() > 1e-3
    assert np.abs(second - lateral).max() > 1e-3


def test_the_noise_that_the_chapter_writes_out_has_the_size_of_the_package_s():
    """sqrt(eta) sigma on each weight; 3200 numbers, 5 standard errors."""
    feedforward, lateral = weights()
    lateral += 1  # so that none is cut off at zero
    x = ring(12)[0]
    quiet, loud = (
        rest_and_learn(noise=noise)[1](feedforward, lateral, x, np.random.default_rng(0))
        for noise in (0.0, 0.1)
    )
    for at, size in ((0, 80), (1, 1600)):
        spread = np.std(loud[at] - quiet[at])
        assert spread == pytest.approx(np.sqrt(0.02) * 0.1, rel=5 / np.sqrt(2 * size))


def test_without_noise_the_code_stays(default):
    assert promised("similarity", "-p noise 0")
    still = run(noise=0.0)
    assert still.loss.values[-1] == pytest.approx(default.loss.values[-1], abs=0.003)
    assert over_start(still) > 0.9 > over_start(default)
    assert kept(still) > 0.95 > 0.8 > kept(default)


def test_more_noise_is_sooner_sparse_and_forgets_faster(default):
    assert promised("similarity", "-p noise 0.003")
    noisy = run(noise=0.003)

    def halfway(of):
        fraction = of.fraction_active_units.values
        return of.step.values[np.flatnonzero(fraction < 0.75)[0]]

    assert halfway(noisy) < 0.65 * halfway(default)
    assert kept(noisy) < kept(default) - 0.1
    assert 1.01 < noisy.loss.values[-1] / default.loss.values[-1] < 1.1


def test_thirty_units_drift_without_becoming_sparse(default):
    """The mean over the end of the run, since two units are 7 % of thirty."""
    assert promised("similarity", "-p units 30")
    assert default.fraction_active_units[-5:].mean() < 0.65
    for seed in range(2):
        network, record = SimilarityMatching(units=30), [0, *range(1000, 2001, 100)]
        few = simulate_matching(network, steps=2000, seed=seed, record=record)
        assert few.fraction_active_units[1:].mean() > 0.85
        codes = few.activity.sel(step=[1000, 2000]).values
        assert population_vector_correlation(*codes) < 0.8
