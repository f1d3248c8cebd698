"""Similarity matching against its own dynamics, its fixed point's conditions and known numbers."""

import numpy as np
import pytest

from drift.analysis.phases import (
    Change,
    Phases,
    find_phases,
    phase_changes,
    phase_table,
    settling_step,
)
from drift.analysis.sparsification import half_time, sparsification_rate
from drift.analysis.tuning import population_vector_correlation
from drift.similarity import (
    SimilarityMatching,
    response,
    ring,
    simulate_matching,
)

RECORD = [*range(0, 300, 20), *range(300, 6001, 100)]


@pytest.fixture(scope="module")
def runs():
    return [
        simulate_matching(SimilarityMatching(), steps=6000, seed=seed, record=RECORD)
        for seed in range(5)
    ]


def weights(seed, units=40):
    """Lateral and feedforward weights as the network might have them."""
    random = np.random.default_rng(seed)
    activity = np.maximum(random.normal(size=(units, 300)), 0)
    lateral = np.maximum(activity @ activity.T / 300 + 0.01 * random.normal(size=(units, units)), 0)
    return lateral, random.normal(size=(units, 2))


def relax(lateral, drive, ridge):
    """The program's own dynamics: u' = -u + q - (M without its diagonal) y, by Euler steps."""
    diagonal = np.diag(lateral)
    others = lateral - np.diag(diagonal)
    u = np.zeros(len(drive))
    for _ in range(200_000):
        y = np.maximum(u / (ridge + diagonal), 0)
        change = -u + drive - others @ y
        u += 0.05 * change
        if np.abs(change).max() < 1e-13:
            break
    return y


@pytest.mark.parametrize("seed", range(8))
def test_the_resting_state_is_where_the_dynamics_end(seed):
    lateral, feedforward = weights(seed)
    drive = feedforward @ ring(12)[seed]
    whole = lateral + 0.05 * np.eye(40)
    activity, exchanges = response(whole, drive, drive > 0)
    assert exchanges > 0
    np.testing.assert_allclose(activity, relax(lateral, drive, 0.05), atol=1e-9)
    surplus = whole @ activity - drive
    assert activity.min() >= 0
    assert surplus.min() > -1e-9
    assert np.abs(activity * surplus).max() < 1e-9
    # Whatever is guessed first, the answer is the same.
    for guess in (np.zeros(40, bool), np.ones(40, bool)):
        np.testing.assert_allclose(response(whole, drive, guess)[0], activity, atol=1e-9)


def test_loss_and_activity_follow_the_known_course(runs):
    """Means over five seeds against those of an independent implementation.

    Loss .271 at 100 and .2537 from 300 on; active .85 at 300, .59 at 1000, .57 at 2500, mean .56
    after. Tolerance: 3 standard errors of the difference of two means of five, from our spread.
    """

    def mean(name, step):
        return np.mean([run[name].sel(step=step).item() for run in runs])

    assert mean("loss", 100) == pytest.approx(0.271, abs=0.003)
    assert mean("loss", 300) == pytest.approx(0.2537, abs=0.001)
    assert mean("loss", 6000) == pytest.approx(0.2537, abs=0.001)
    spread = {step: np.std([run.fraction_active_units.sel(step=step) for run in runs], ddof=1)
              for step in (300, 1000, 2500)}  # fmt: skip
    for step, known in ((300, 0.85), (1000, 0.59), (2500, 0.57)):
        allowed = 3 * spread[step] * np.sqrt(2 / 5)
        assert allowed < 0.15
        assert mean("fraction_active_units", step) == pytest.approx(known, abs=allowed)
    late = [run.fraction_active_units.sel(step=slice(2500, None)).mean().item() for run in runs]
    assert np.mean(late) == pytest.approx(0.56, abs=0.02)


def test_the_code_drifts_in_the_last_phase_at_constant_loss(runs):
    """Correlation over 1000 steps about .50."""
    late = [
        population_vector_correlation(
            run.activity.sel(step=4000).values, run.activity.sel(step=5000).values
        )
        for run in runs
    ]
    assert np.mean(late) == pytest.approx(0.50, abs=0.06)


def test_without_noise_the_activity_stays():
    """The control: the loss converges alike, the share of active units stays near .90."""
    run = simulate_matching(SimilarityMatching(noise=0), steps=4000, record=RECORD[:-20])
    assert run.loss.values[-1] == pytest.approx(0.2537, abs=0.003)
    assert run.fraction_active_units.values[-1] > 0.8
    ends = run.activity.sel(step=[2000, 4000]).values
    assert population_vector_correlation(*ends) > 0.95


def test_the_same_seed_gives_the_same_run():
    first, second = (
        simulate_matching(SimilarityMatching(units=20), steps=100, seed=3, record=[0, 100])
        for _ in range(2)
    )
    assert first.identical(second)


def test_impossible_networks_are_refused():
    with pytest.raises(ValueError, match="learning_rate=2 is too large"):
        SimilarityMatching(learning_rate=2)
    with pytest.raises(ValueError, match=r"ridge=0.0 is not positive"):
        SimilarityMatching(ridge=0.0)
    with pytest.raises(ArithmeticError, match=r"ridge=0.01 the noise of 1.0 is too much"):
        simulate_matching(SimilarityMatching(noise=1.0), steps=300, record=[0, 300])


def test_correlation_is_pearsons():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 6, 30))
    expected = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(first, second, strict=True)])
    assert population_vector_correlation(first, second) == pytest.approx(expected, rel=1e-12)


def test_phases_of_known_curves():
    """Exponential approach with time constant T: all but a tenth is made by T ln 10."""
    step = np.arange(0, 20_001, 10)
    random = np.random.default_rng(0)
    loss = 1 + np.exp(-step / 100) + 0.001 * random.normal(size=step.size)
    active = 0.5 + 0.4 * np.exp(-step / 1000) + 0.001 * random.normal(size=step.size)
    phases = find_phases(step, loss, active)
    assert phases.learned == pytest.approx(100 * np.log(10), abs=20)
    assert phases.settled == pytest.approx(1000 * np.log(10), rel=0.05)
    assert np.isnan(settling_step(step, 1 - step / 30_000))


@pytest.mark.parametrize("level", [0.1, 1 / 3, 1e9])
def test_a_curve_that_does_not_change_has_settled_at_its_first_record(level):
    """Whatever the last digits of its mean are, and of the records."""
    step = np.arange(0.0, 5000, 100)
    wobbling = level * (1 + 2e-16 * np.random.default_rng(0).integers(-2, 3, step.size))
    for curve in (np.full(step.size, level), wobbling):
        assert settling_step(step, curve) == 0
        assert np.isnan(sparsification_rate(step, curve, "equal errors"))
    assert half_time(step, np.append(wobbling[:-1], level / 2 * (1 + 4e-16))) == step[-1]


def test_the_table_of_phases_has_the_mean_of_the_runs_that_reach_their_end():
    first = {"learning": Change(100.0, 0.5, -0.1, 0.9), "directed drift": Change(1, 1, 1, 1)}
    second = {"learning": Change(300.0, 0.7, -0.3, 0.7)}
    table = phase_table({"ours": [first, second]}).loc["ours"]
    assert table["runs that reach its end"].tolist() == ["2 of 2", "1 of 2", "0 of 2"]
    assert table.loc["learning", "training steps"] == "200 ± 141"
    assert table.loc["learning", "loss, end over beginning"] == "0.60 ± 0.14"
    assert table.loc["learning", "change of the fraction of active units"] == "-0.20 ± 0.14"
    assert (table.drop(columns="runs that reach its end").iloc[1:] == "-").all(axis=None)


def test_curves_that_are_too_short_for_phases_are_refused():
    step = np.arange(4)
    with pytest.raises(ValueError, match="step has 4 records: a level is the median of five"):
        phase_changes(step, step, step, Phases(1.0, 2.0), lambda *_: 1.0)
    with pytest.raises(ValueError, match="records in the second half"):
        settling_step(step[:3], step[:3])
    for tolerance in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="tolerance="):
            settling_step(np.arange(9), np.arange(9), tolerance)


def test_numbers_of_numpy_do_not_overflow():
    network = SimilarityMatching(np.uint8(20), np.uint8(250), np.float32(0.5))
    assert network == SimilarityMatching(20, 250, 0.5)
    assert type(network.units) is int
    np.testing.assert_array_equal(ring(np.uint8(200)), ring(200))
