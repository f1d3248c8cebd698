"""The contract of drift.simulate: what it returns, repeats, refuses and survives."""

import concurrent.futures
import os
import signal
import threading

import numpy as np
import pytest

import drift
from drift.network import forward
from drift.simulation.recorder import scheduled_steps

RULE = drift.GradientDescent(learning_rate=0.1, update_noise=0.05)


def test_the_dataset_has_the_promised_form(small_task):
    run = drift.simulate(
        small_task, RULE, hidden=37, init="lazy", steps=1000, seed=5,
        record=drift.LinearSpacing(11), snapshots=[0, 250, 1000],
    )  # fmt: skip
    assert run.step.values.tolist() == list(range(0, 1001, 100))
    assert run.snapshot.values.tolist() == [0, 250, 1000]
    assert {"loss", "active_fraction", "fraction_active_units"} <= set(run.data_vars)
    assert run.input_weights.dims == ("snapshot", "unit", "input")
    assert run.input_weights.shape == (3, 37, 20)
    assert run.bias.shape == (3, 37)
    assert run.output_weights.dims == ("snapshot", "output", "unit")
    assert run.attrs["status"] == "finished" and run.attrs["learning_rate"] == 0.1


def test_records_are_measures_of_the_snapshots(small_task):
    run = drift.simulate(
        small_task, RULE, hidden=20, steps=500, record=[0, 500], snapshots=[0, 500]
    )
    for i in range(2):
        kept = drift.Parameters.of_snapshot(run, i)
        activity, outputs = forward(kept, small_task.inputs)
        errors = outputs - small_task.targets
        assert run.loss.values[i] == pytest.approx(np.mean(errors**2))
        assert run.active_fraction.values[i] == np.mean(activity > 0)
        assert run.fraction_active_units.values[i] == np.mean((activity > 0).any(axis=0))


def test_without_measures_the_snapshots_are_the_same(small_task):
    settings = {"hidden": 20, "steps": 500, "record": [0, 500], "snapshots": [0, 500]}
    bare = drift.simulate(small_task, RULE, **settings, measures=[])
    assert set(bare.data_vars) == {"input_weights", "bias", "output_weights"}
    assert bare.step.values.tolist() == [0, 500]
    with_measures = drift.simulate(small_task, RULE, **settings)
    assert np.array_equal(bare.input_weights, with_measures.input_weights)


def test_the_start_has_the_stated_variances():
    """Standard deviations of 2000 units' weights, within five standard errors."""
    task = drift.Task(np.ones((2, 8)), np.ones((2, 5)))
    for init, scale in (("rich", np.sqrt(2 / 2000)), ("lazy", 2 / 2000)):
        start = drift.simulate(task, RULE, hidden=2000, init=init, steps=0)
        assert start.input_weights.values.std() == pytest.approx(0.5, rel=5 / np.sqrt(32_000))
        assert start.bias.values.std() == pytest.approx(0.5, rel=5 / np.sqrt(4000))
        assert start.output_weights.values.std() == pytest.approx(scale, rel=5 / np.sqrt(20_000))


def test_equal_arguments_give_equal_bits_in_any_company(small_task):
    def run(_, seed=1):
        return drift.simulate(
            small_task, RULE, steps=3000, seed=seed, record=[3000], snapshots=[3000]
        )

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(run, range(4)))
    for other in runs[1:]:
        assert other.identical(runs[0])
    assert not np.array_equal(run(0, seed=2).input_weights, runs[0].input_weights)


def test_slices_do_not_matter(small_task, monkeypatch):
    """However the run is cut into calls of the kernel, the bits are the same."""
    settings = {"steps": 5000, "seed": 3, "record": [0, 777, 5000], "snapshots": [777, 5000]}
    whole = drift.simulate(small_task, RULE, **settings)
    monkeypatch.setattr("drift.simulation.simulate._SECONDS_BETWEEN_SIGNS_OF_LIFE", 1e-9)
    assert drift.simulate(small_task, RULE, **settings).identical(whole)


def test_without_noise_nothing_changes_after_convergence(small_task):
    """The study's control."""
    run = drift.simulate(
        small_task, drift.GradientDescent(), steps=40_000, record=[20_000, 40_000], dtype="float64"
    )
    assert run.loss.values[0] < 1e-20
    assert run.active_fraction.values[0] == run.active_fraction.values[1]


def test_ctrl_c_keeps_what_was_recorded(small_task):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    recorded = []

    def ctrl_c_after_the_third_record(observation):
        """Soon after it, however fast the machine."""
        recorded.append(observation)
        if len(recorded) == 3:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        return 0.0

    # Without noise no unit falls silent, and nothing but Ctrl-C ends the run.
    with pytest.warns(UserWarning, match="was interrupted, last recorded at step"):
        run = drift.simulate(
            small_task, drift.GradientDescent(), steps=10**12, record=range(0, 10**10, 10**5),
            measures=["loss", ctrl_c_after_the_third_record],
        )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    assert run.attrs["status"] == "interrupted"
    assert 3 <= run.sizes["step"] < 10**5
    assert run.step.values.tolist() == list(range(0, run.sizes["step"] * 10**5, 10**5))
    assert np.isfinite(run.loss).all()


def test_divergence_ends_the_run_with_a_status(small_task):
    wild = drift.GradientDescent(learning_rate=50.0)
    with pytest.warns(UserWarning, match="diverged, last recorded at step"):
        run = drift.simulate(small_task, wild, steps=1000, record=range(0, 1001, 10))
    assert run.attrs["status"] == "diverged"
    assert np.isfinite(run.loss).all() and run.sizes["step"] < 101
    with pytest.raises(ValueError, match=r"learning_rate=50.0 diverges .* smaller learning rate"):
        drift.check_simulation(small_task, wild, steps=1000, hidden=50)


def test_a_sane_rule_passes_the_trial(small_task):
    drift.check_simulation(small_task, RULE, steps=10**7, hidden=50)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"hidden": 0}, ValueError, "hidden=0 is too small: it must be at least 1"),
        ({"hidden": 2.5}, TypeError, "hidden=2.5 is not an integer"),
        ({"steps": -1}, ValueError, "steps=-1 is too small"),
        ({"steps": True}, TypeError, "steps=True is not an integer"),
        ({"seed": -3}, ValueError, "seed=-3 is too small"),
        ({"init": "eager"}, ValueError, "init='eager' is unknown: choose one of 'lazy', 'rich'"),
        ({"dtype": "float16"}, ValueError, "dtype='float16' is unknown"),
        ({"measures": ["size"]}, ValueError, "measures='size' is unknown"),
        ({"record": [0, 200]}, ValueError, r"record\[1\] is 200.0: it must be at most 100"),
        ({"record": [0.5]}, ValueError, "it must be a whole number"),
        ({"record": b"text"}, TypeError, "record=b'text' must be a list of steps, or a spacing"),
        ({"measures": "loss"}, TypeError, "measures='loss' must be a list of names or functions"),
        ({"steps": 10**400}, ValueError, r"steps=10{36}\.\.\. is too large"),
    ],
)
def test_impossible_arguments_are_refused(small_task, arguments, error, words):
    with pytest.raises(error, match=words):
        drift.simulate(small_task, RULE, **({"steps": 100} | arguments))


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"learning_rate": 0.0}, ValueError, "learning_rate=0.0 is not positive"),
        ({"learning_rate": float("inf")}, ValueError, "learning_rate=inf is not finite"),
        ({"update_noise": -0.1}, ValueError, "update_noise=-0.1 is negative"),
        ({"label_noise": "much"}, TypeError, "label_noise='much' is not a number"),
        ({"label_noise_distribution": "cauchy"}, ValueError, "'uniform', 'gaussian'"),
    ],
)
def test_impossible_settings_of_the_rule_are_refused(settings, error, words):
    with pytest.raises(error, match=words):
        drift.GradientDescent(**settings)


def test_a_start_of_the_wrong_shape_is_refused(small_task):
    wrong = drift.Parameters(np.ones((4, 3)), np.ones(4), np.ones((5, 4)))
    with pytest.raises(ValueError, match=r"this task needs \(\(4, 20\), \(4,\), \(5, 4\)\)"):
        drift.simulate(small_task, RULE, init=wrong, steps=1)


def test_spacings():
    assert scheduled_steps(drift.LinearSpacing(3), 10).tolist() == [0, 5, 10]
    logarithmic = scheduled_steps(drift.LogSpacing(5), 10_000)
    assert logarithmic.tolist() == [0, 1, 10, 100, 1000, 10_000]
    assert scheduled_steps([7, 3, 3], 10).tolist() == [3, 7]
    with pytest.raises(ValueError, match="count=1 is too small"):
        drift.LinearSpacing(1)


def test_a_network_without_active_units_ends_the_run(small_task):
    """A null solution is a status, and can be asked to go on."""
    dead = drift.Parameters(np.zeros((3, 20)), np.full(3, -50.0), np.zeros((5, 3)))
    with pytest.warns(UserWarning, match="fell silent in all units at step 0 of 100"):
        run = drift.simulate(small_task, RULE, init=dead, steps=100)
    assert run.attrs["status"] == "silent"
    assert run.step.values.tolist() == [0]
    assert run.fraction_active_units.values.tolist() == [0]
    on = drift.simulate(small_task, RULE, init=dead, steps=100, stop_when_silent=False)
    assert on.attrs["status"] == "finished"


@pytest.mark.parametrize("activation", ["leaky relu", "softplus", "tanh"])
def test_where_no_unit_is_ever_silent_sparsity_needs_a_threshold(small_task, activation):
    settings = {"steps": 50, "activation": activation, "engine": "reference"}
    with pytest.raises(ValueError, match=r"no unit is ever exactly silent.*pass active_threshold"):
        drift.simulate(small_task, RULE, **settings)
    gentle = drift.GradientDescent(learning_rate=0.01)
    run = drift.simulate(small_task, gentle, active_threshold=0.3, **settings)
    assert 0 < run.active_fraction.values[0] < 1
    assert run.loss.values[-1] < run.loss.values[0]


def test_activations_without_a_kernel_say_so(small_task):
    with pytest.raises(ValueError, match="no fast kernel: pass engine='reference'"):
        drift.simulate(small_task, RULE, activation="tanh", active_threshold=0.1, steps=5)


@pytest.mark.parametrize(
    ("rule", "settings", "words"),
    [
        (drift.Adam, {"second_decay": 1.0}, "second_decay=1.0 is too large"),
        (drift.Adam, {"learning_rate": -1.0}, "learning_rate=-1.0 is not positive"),
        (drift.RMSprop, {"epsilon": 0.0}, "epsilon=0.0 is not positive"),
        (drift.StochasticErrorDescent, {"perturbation": 0.0}, "perturbation=0.0 is not positive"),
        (drift.GradientDescent, {"input_noise": -0.1}, "input_noise=-0.1 is negative"),
    ],
)
def test_every_rule_checks_its_settings(rule, settings, words):
    with pytest.raises(ValueError, match=words):
        rule(**settings)
