"""The live network's compiled engine: made of its source, and training as drift does."""

from pathlib import Path

import numpy as np
import pytest
from conftest import required
from engine_reader import LANES, CompiledNetwork, Noise, by_unit, task_like_the_page
from scipy import stats
from test_live_numerics import RULES, GivenNoise, rows

import drift
from drift.engine.noise import fill_normal
from drift.network import initial_parameters
from drift.simulation.call import split_seed
from drift.site.live import HIDDEN, live_data, live_task
from drift.site.live_engine import (
    COMPILER,
    COMPILER_VERSION,
    VARIANTS,
    CompilerError,
    compile_engine,
    installed_compiler,
    read_engine,
)

FOLDER = Path(__file__).parent.parent / "book" / "_static" / "live"
WORDS = np.random.default_rng(0).integers(2**32, size=16, dtype=np.uint32)


@pytest.fixture(params=VARIANTS)
def variant(request):
    return request.param


def network(variant, start, task=None, words=WORDS, **options):
    return CompiledNetwork(FOLDER, variant, task or live_task(), rows(start), words, **options)


def starting(init, seed=1):
    random = np.random.default_rng(split_seed(seed)[0])
    return initial_parameters(live_task(), HIDDEN, init, random)


def test_the_committed_modules_are_those_of_the_source():
    if installed_compiler() != COMPILER_VERSION:
        message = f"{COMPILER} {COMPILER_VERSION} is not installed"
        if required("compiler"):
            pytest.fail(f"{message}, and DRIFT_REQUIRE asks for it")
        pytest.skip(message)
    assert compile_engine(FOLDER) == read_engine(FOLDER)


def test_another_compiler_is_refused_by_name_and_version(monkeypatch):
    monkeypatch.setattr("drift.site.live_engine.installed_compiler", lambda: "0.1")
    with pytest.raises(CompilerError, match=rf"0\.1.*pip install {COMPILER}=={COMPILER_VERSION}"):
        compile_engine(FOLDER)


def test_the_modules_are_small_and_need_nothing(variant):
    module = read_engine(FOLDER)[variant]
    assert len(module) < 20_000
    network(variant, starting("rich"))  # an instance without any import


def test_normal_numbers_are_those_of_drift(variant):
    # Its sixteen streams, of which the engine has the first four.
    state = np.random.default_rng(1).integers(2**32, size=(4, 16), dtype=np.uint32)
    words = state[:, :LANES]
    found = network(variant, starting("rich"), words=words.ravel())
    found = found.read("draw", 64 * LANES, 64).reshape(64, LANES)
    there = np.zeros(64 * 16)
    fill_normal(state.ravel().copy(), there)
    np.testing.assert_allclose(found, there.reshape(64, 16)[:, :LANES], rtol=0, atol=2e-6)
    np.testing.assert_allclose(found, Noise(words).normal(64), rtol=0, atol=2e-6)


def test_each_seed_of_the_page_begins_as_the_noise_of_drift():
    for seed, words in enumerate(live_data()["noise"]):
        assert words == split_seed(seed)[1].generate_state(16, np.uint32).tolist()


@pytest.mark.parametrize(
    ("rule", "rate", "init"),
    [
        ("update-noise", 0.2, "rich"),
        ("label-noise", 0.1, "lazy"),
        ("adam", 0.01, "rich"),
        ("adam", 0.001, "lazy"),
    ],
)
def test_without_noise_the_course_is_that_of_drift(variant, rule, rate, init):
    # In single precision; the reference is in double. Rounding has 300 steps to grow.
    start, stops = starting(init), [0, 1, 10, 100, 300]
    here = network(variant, start)
    here.choose(rule, rate, 0.0)
    run = drift.simulate(
        live_task(), RULES[rule](rate, 0.0), init=start, steps=300, engine="reference",
        record=stops, snapshots=stops,
    )  # fmt: skip
    for i, before in enumerate([0, *stops[:-1]]):
        here.advance(stops[i] - before)
        (loss, units, pairs), weights, activity = here.observe()
        parameters = drift.Parameters.of_snapshot(run, i)
        wanted = rows(parameters)
        assert np.abs(weights - wanted).max() < 2e-4 * np.abs(wanted).max()
        shown = drift.network.hidden_activity(parameters, live_task().inputs).T
        np.testing.assert_allclose(activity, shown, atol=2e-3)
        assert loss == pytest.approx(run.loss.values[i], rel=2e-3)
        assert units == run.fraction_active_units.values[i]
        assert pairs == pytest.approx(run.active_fraction.values[i], abs=2 / 1200)
    assert run.loss.values[-1] < 0.2 * run.loss.values[0]


def drawn_by_definition(rule, steps):
    """Normal numbers, rows of units, and uniform ones, as the engine should draw them."""
    task, noise = live_task(), Noise(WORDS)
    features, outputs = task.d_in + 1, task.d_out
    for _ in range(steps):
        normal = np.zeros((HIDDEN, features + outputs))
        uniform = np.full(task.targets.shape, 0.5)
        if rule == "update-noise":
            normal = -by_unit(noise.normal(HIDDEN // LANES * (features + outputs)))
        elif rule == "label-noise":
            # The engine adds -s (u - 1/2) to outputs less targets, as the reference does.
            uniform = noise.uniform(task.targets.size // LANES).reshape(task.targets.shape)
        else:
            groups = [
                np.concatenate([noise.normal(features), noise.normal(outputs)])
                for _ in range(HIDDEN // LANES)
            ]
            normal = by_unit(np.concatenate(groups))
        yield normal, uniform


@pytest.mark.parametrize(
    ("rule", "rate", "noise"),
    [("update-noise", 0.1, 0.3), ("label-noise", 0.1, 0.8), ("error-descent", 0.9, 0.2)],
)
def test_with_its_noise_the_course_is_that_of_drift(variant, rule, rate, noise):
    task, start, steps = task_like_the_page(5), starting("lazy"), 60
    here = network(variant, start, task, skip_silent=False)
    here.choose(rule, rate, noise)
    here.advance(steps)
    _, weights, _ = here.observe()
    engine = GivenNoise(task, RULES[rule](rate, noise), start, np.random.SeedSequence(0), "relu")
    for normal, uniform in drawn_by_definition(rule, steps):
        engine.give(normal, uniform)
        engine.advance(1)
    wanted = rows(engine.parameters())
    assert np.abs(weights - wanted).max() < 2e-4 * np.abs(wanted).max()
    assert np.abs(wanted - rows(start)).max() > 0.02


def test_settings_that_change_hold_from_then_on(variant):
    start = starting("rich")
    here = network(variant, start)
    rules = [("update-noise", 0.2), ("adam", 0.005), ("label-noise", 0.1)]
    for rule, rate in rules:
        here.choose(rule, rate, 0.0)
        here.advance(60)
        run = drift.simulate(
            live_task(), RULES[rule](rate, 0.0), init=start, steps=60, engine="reference"
        )
        start = drift.Parameters.of_snapshot(run, -1)
    _, weights, _ = here.observe()
    assert np.abs(weights - rows(start)).max() < 5e-4 * np.abs(rows(start)).max()


def test_parked_units_are_not_worked_on_and_walk_as_the_noise_says(variant):
    # Units that are silent by far; what they missed is theirs when the settings next change.
    start, rate, noise, steps = starting("rich"), 0.1, 0.05, 2000
    start.bias[20:] = -50
    here = network(variant, start)
    here.choose("update-noise", rate, noise)
    here.advance(steps)
    assert here.call("count_awake_groups") == 20 // LANES
    _, weights, _ = here.observe()
    np.testing.assert_array_equal(weights[20:], rows(start)[20:].astype(np.float32))
    here.choose("update-noise", rate, 0.0)
    _, weights, _ = here.observe()
    walked = (weights - rows(start))[20:] / (rate * noise * np.sqrt(steps))
    assert stats.kstest(walked.ravel(), "norm").pvalue > 1e-3  # one seed, 520 numbers
    assert here.call("count_awake_groups") == HIDDEN // LANES


def test_with_noise_the_statistics_are_those_of_drift():
    # One seed for each of 100 runs. Half of the units begin silent, some nearer to waking than
    # others, and both programs park them. Noise larger by a half is told apart.
    start, rate, noise, steps, seeds = starting("lazy"), 0.2, 0.1, 1500, 100
    start.bias[30:] -= np.linspace(0, 4, 30)
    measures = ["loss", "fraction_active_units", "active_fraction"]
    there = []
    for seed in range(seeds):
        run = drift.simulate(
            live_task(), drift.GradientDescent(rate, update_noise=noise), init=start, steps=steps,
            seed=seed, measures=measures, record=[steps], snapshots=[steps],
        )  # fmt: skip
        there.append([run[name].item() for name in measures])

    def likely(noise):
        found, parked = [], 0
        for seed in range(seeds):
            words = np.random.default_rng(seed).integers(2**32, size=16, dtype=np.uint32)
            here = network("relaxed", start, words=words)
            here.choose("update-noise", rate, noise)
            here.advance(steps)
            found.append(here.observe()[0])
            parked += here.call("count_awake_groups") < HIDDEN // LANES
        pairs = zip(np.transpose(found), np.transpose(there), strict=True)
        same = min(stats.ks_2samp(one, other, method="asymp").pvalue for one, other in pairs)
        return same, parked

    same, parked = likely(noise)
    assert same > 1e-3
    assert parked > seeds / 2
    assert likely(1.5 * noise)[0] < 1e-3


@pytest.mark.parametrize("skip", [True, False])
def test_the_page_computes_what_this_computes(live_page, variant, skip):
    start = starting("rich")
    here = network(variant, start, skip_silent=skip)
    here.choose("update-noise", 0.2, 0.1)
    here.advance(700)
    measures, weights, activity = here.observe()
    found = live_page.execute_script(
        "const [variant, rows, settings, words] = arguments;"
        "const bytes = Uint8Array.from(atob(liveEngine[variant]), (c) => c.charCodeAt(0));"
        "const network = makeCompiledNetwork(bytes, liveData.task, rows, settings, words);"
        "network.advance(700); const now = network.observe();"
        "return [[now.loss, now.activeUnits, now.activeFraction], [...now.weights],"
        "  [...now.activity], now.step, now.diverged];",
        variant, rows(start).ravel().tolist(),
        {"rule": "update-noise", "rate": 0.2, "noise": 0.1, "skipSilent": skip}, WORDS.tolist(),
    )  # fmt: skip
    assert found[0] == pytest.approx(measures, rel=1e-12)
    np.testing.assert_array_equal(found[1], weights.ravel())
    np.testing.assert_array_equal(found[2], activity.ravel())
    assert found[3:] == [700, False]
