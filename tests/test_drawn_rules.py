"""Rules that draw samples, units or noise at each step: kernels against reference steps.

Both engines are given the same random bits: those that the kernel uses are made again here, by the
published generator on NumPy's integers, and handed to the reference in the order of its calls.
"""

import numpy as np
import pytest
from helpers import parameters, random_task
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import drift
from drift.engine.noise import add_normal
from drift.engine.simd import LANES, address, splat
from drift.network import initial_parameters
from drift.simulation.fast_engine import FastEngine
from drift.simulation.reference_engine import ReferenceEngine
from drift.study.reading import read_study
from drift.study.settings import check_settings, make_rule


class Bits:
    """xoshiro128+ in sixteen lanes, from the state of the kernel's."""

    def __init__(self, state):
        self.words = state.reshape(4, LANES).copy()

    def uniform(self, vectors):
        """Numbers uniform between 0 and 1, (vectors, LANES): the middles of 2^24 intervals."""
        found = np.zeros((vectors, LANES), np.uint32)
        for vector in range(vectors):
            a, b, c, d = self.words
            found[vector] = a + d
            c, d = c ^ a, d ^ b
            self.words = np.array([a ^ d, b ^ c, c ^ (b << 9), (d << 11) | (d >> 21)])
        return (found >> 8) * 2.0**-24 + 2.0**-25


@njit
def _add_normal(state, numbers, vectors):
    add_normal(address(state), address(numbers), 0, vectors, splat(1.0))


class GivenDraws(ReferenceEngine):
    """The reference engine with random numbers from a list."""

    def give(self, *arrays):
        self.given = list(arrays)

    def normal(self, shape):
        return self.given.pop(0).reshape(shape)

    uniform = normal


def by_unit(workspace, columns):
    """What was drawn for each unit, (rows, hidden), of (blocks, rows, LANES); 1 if nothing was."""
    blocks, rows, _ = np.shape(columns)
    wide = np.swapaxes(columns, 0, 1).reshape(rows, blocks * LANES)
    found = np.ones((rows, np.count_nonzero(workspace.unit_of_column >= 0)))
    units = workspace.unit_of_column[: blocks * LANES]
    found[:, units[units >= 0]] = wide[:, units >= 0]
    return found


def draws_of_dropout(rule, workspace, state):
    rows = 1 if rule.dropout_mask == "step" else workspace.samples
    awake = workspace.awake_blocks[0]
    uniform = Bits(state).uniform(awake * rows).reshape(awake, rows, LANES)
    return [by_unit(workspace, uniform)]


def draws_of_unit_noise(rule, workspace, state):
    state, drawn = state.copy(), []
    for _ in range(workspace.blocks):
        normal = np.zeros(workspace.samples * LANES)
        _add_normal(state, normal, workspace.samples)
        drawn.append(normal.reshape(workspace.samples, LANES))
    return [by_unit(workspace, drawn)]


def draws_of_online_descent(rule, workspace, state):
    state = state.copy()
    outputs = rule.batch * workspace.d_out
    if rule.fresh_samples:
        vectors = -(-rule.batch * workspace.features // LANES)
        normal = np.zeros(vectors * LANES)
        _add_normal(state, normal, vectors)
        rows = normal[: rule.batch * workspace.features].reshape(rule.batch, -1)
        first, bits = rows[:, :-1], Bits(state)
    else:
        bits = Bits(state)
        first = bits.uniform(-(-rule.batch // LANES)).ravel()[: rule.batch]
    if rule.label_noise == 0:
        return [first, np.full(outputs, 0.5)]
    return [first, bits.uniform(-(-outputs // LANES)).ravel()[:outputs]]


def assert_kernel_is_reference(task, rule, draws, hidden, activation, skip, seed, steps=34):
    """Step by step with the same bits, parameters equal to 1e-10; over a look for silent units."""
    start = initial_parameters(task, hidden, "rich", np.random.default_rng(seed))
    sequence = np.random.SeedSequence(seed)
    fast = FastEngine(task, rule, start, sequence, activation, "float64", skip)
    slow = GivenDraws(task, rule, start, sequence, activation)
    for _ in range(steps):
        state = fast.workspace.random_state.copy()
        fast.advance(1)
        slow.give(*draws(rule, fast.workspace, state))
        slow.advance(1)
        assert slow.given == []
        for ours, theirs in zip(fast.parameters(), slow.parameters(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


RULES = {
    "dropout": (drift.Dropout(learning_rate=0.001, dropout=0.3), draws_of_dropout),
    "dropout for a step": (
        drift.Dropout(learning_rate=0.001, dropout=0.6, dropout_mask="step"), draws_of_dropout,
    ),
    "pre-activation noise": (
        drift.PreactivationNoise(learning_rate=0.001, unit_noise=0.5), draws_of_unit_noise,
    ),
    "one sample": (drift.OnlineGradientDescent(learning_rate=0.001), draws_of_online_descent),
    "a minibatch": (
        drift.OnlineGradientDescent(
            learning_rate=0.001, batch=19, label_noise=0.4, weight_decay=0.5
        ),
        draws_of_online_descent,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=10, deadline=None)
@given(
    samples=st.integers(1, 20),
    d_in=st.integers(1, 30),
    d_out=st.integers(1, 30),
    hidden=st.integers(1, 70),
    activation=st.sampled_from(["relu", "leaky relu", "identity"]),
    skip=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_the_kernel_is_the_reference(
    name, samples, d_in, d_out, hidden, activation, skip, seed
):  # fmt: skip
    rule, draws = RULES[name]
    task = random_task(samples, d_in, d_out, seed)
    assert_kernel_is_reference(task, rule, draws, hidden, activation, skip, seed)


@settings(max_examples=10, deadline=None)
@given(
    relevant=st.integers(1, 9),
    irrelevant=st.integers(0, 20),
    batch=st.integers(1, 18),
    samples=st.integers(1, 9),
    hidden=st.integers(1, 40),
    seed=st.integers(0, 2**32),
)
def test_the_kernel_is_the_reference_on_fresh_samples(
    relevant, irrelevant, batch, samples, hidden, seed
):  # fmt: skip
    task = drift.relevant_inputs(
        seed, relevant=relevant, irrelevant=irrelevant, irrelevant_variance=0.7, samples=samples
    )
    rule = drift.OnlineGradientDescent(0.002, batch, True, label_noise=0.3, weight_decay=0.1)
    assert_kernel_is_reference(
        task, rule, draws_of_online_descent, hidden, "relu", True, seed, steps=15
    )


def test_a_run_is_the_same_with_silent_units_skipped(small_task):
    """Which samples are drawn does not depend on it; over several looks, to rounding."""
    rule = drift.OnlineGradientDescent(label_noise=1.0)
    runs = [
        drift.simulate(small_task, rule, steps=3000, seed=2, dtype="float64", skip_silent=skip)
        for skip in (True, False)
    ]
    assert runs[0].fraction_active_units[-1] < 0.95
    for name in ("loss", "active_fraction", "fraction_active_units"):
        np.testing.assert_allclose(runs[0][name], runs[1][name], rtol=1e-6, atol=1e-12)


def asleep(task, hidden=40, depth=0.5):
    """Units that are all silent on ``task``, by at least ``depth``."""
    random = np.random.default_rng(5)
    weights = random.normal(size=(hidden, task.d_in))
    bias = -(task.inputs @ weights.T).max(axis=0) - depth
    return drift.Parameters(weights, bias, random.normal(size=(task.d_out, hidden)))


STILL = {
    "online descent": drift.OnlineGradientDescent(label_noise=1.0),
    "dropout": drift.Dropout(),
}


@pytest.mark.parametrize("name", STILL)
@pytest.mark.parametrize("skip", [True, False])
def test_units_that_may_be_left_alone_never_move(name, skip, small_task):
    """What the rules say of units that are silent for all samples, whether they are parked or not.

    Coordinates of the inputs bring each weight back to a few units in the last place.
    """
    assert STILL[name].can_skip_silent()
    start = asleep(small_task)
    run = drift.simulate(
        small_task, STILL[name], init=start, steps=500, dtype="float64", snapshots=[500],
        record=[0], skip_silent=skip, stop_when_silent=False,
    )  # fmt: skip
    for before, after in zip(start, parameters(run, 0), strict=True):
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-13)


MOVING = {
    "pre-activation noise": drift.PreactivationNoise(unit_noise=1.0),
    "weight decay": drift.OnlineGradientDescent(weight_decay=0.1),
    "fresh samples": drift.OnlineGradientDescent(fresh_samples=True),
}


@pytest.mark.parametrize("name", MOVING)
def test_units_that_may_move_are_not_left_alone(name):
    task = drift.relevant_inputs(samples=3)
    assert not MOVING[name].can_skip_silent()
    start = asleep(task)
    run = drift.simulate(
        task, MOVING[name], init=start, steps=500, snapshots=[500], record=[0],
        stop_when_silent=False,
    )  # fmt: skip
    moved = np.abs(parameters(run, 0).output_weights - start.output_weights)
    assert (moved > 1e-3).any(axis=0).mean() > 0.9


def test_weights_that_the_data_cannot_see_decay_too():
    """One sample of ten inputs: what lies across it shrinks by 1 - eta gamma a step."""
    task = random_task(1, 10, 1)
    rule = drift.OnlineGradientDescent(learning_rate=0.02, weight_decay=0.5)
    run = drift.simulate(task, rule, steps=100, hidden=5, dtype="float64", snapshots=[0, 100])
    across = np.eye(11) - np.outer(*2 * [np.append(task.inputs, 1)]) / ((task.inputs**2).sum() + 1)
    weights = np.concatenate([run.input_weights, run.bias.values[..., None]], axis=2) @ across
    np.testing.assert_allclose(weights[1], 0.99**100 * weights[0], atol=1e-12)


def test_dropout_learns_to_classify():
    """Three kinds of stimuli, 60 noisy examples, one output a kind; new examples of the kinds."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 10))
    kinds = np.arange(60) % 3
    seen, other = (centres[kinds] + 0.4 * random.normal(size=(60, 10)) for _ in range(2))
    run = drift.simulate(
        drift.Task(seen, np.eye(3)[kinds]), drift.Dropout(learning_rate=0.05), hidden=80,
        steps=4000, record=[0, 4000], snapshots=[4000],
    )  # fmt: skip
    outputs = drift.network.forward(parameters(run, 0), other)[1]
    assert (outputs.argmax(axis=1) == kinds).mean() > 0.95
    assert run.fraction_active_units[-1] > 0.5


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: drift.Dropout(dropout=1.0), ValueError, "dropout=1.0 is too large"),
        (lambda: drift.Dropout(dropout_mask="batch"), ValueError, "choose one of 'sample', 'step'"),
        (lambda: drift.PreactivationNoise(unit_noise=-1), ValueError, "unit_noise=-1 is negative"),
        (lambda: drift.OnlineGradientDescent(batch=0), ValueError, "batch=0 is too small"),
        (lambda: drift.OnlineGradientDescent(batch=1.5), TypeError, "batch=1.5 is not an integer"),
        (
            lambda: drift.OnlineGradientDescent(0.5, weight_decay=2.0), ValueError,
            "weight_decay=2.0 is too large: it must be below 1 / learning_rate = 2",
        ),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_fresh_samples_need_a_task_that_has_them(engine, small_task):
    rule = drift.OnlineGradientDescent(fresh_samples=True)
    with pytest.raises(ValueError, match="does not: give it a `stream`, choose the task"):
        drift.simulate(small_task, rule, steps=10, engine=engine)


STUDY = """
study: rivals
settings: {task: relevant_inputs, hidden: 10, steps: 10}
parts:
  - part: online
    settings: {rule: OnlineGradientDescent, batch: {each: [1, 4]}, fresh_samples: true}
  - part: dropout
    settings: {rule: Dropout, dropout: {uniform: [0.1, 0.9]}, dropout_mask: step}
  - part: noisy
    settings: {rule: PreactivationNoise, unit_noise: 0.3, irrelevant: 2}
"""


def test_studies_know_the_rules_by_name():
    runs = read_study("rivals", STUDY).runs()
    rules = [make_rule(run) for run in runs]
    assert rules[:2] == [drift.OnlineGradientDescent(0.02, batch, True) for batch in (1, 4)]
    assert 0.1 < rules[2].dropout < 0.9
    assert rules[2].dropout_mask == "step"
    assert rules[3] == drift.PreactivationNoise(unit_noise=0.3)
    for run in runs:
        check_settings(run)
