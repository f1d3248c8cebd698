"""Networks run together against networks run alone."""

import numpy as np
import pytest
import torch
from scipy import stats

import drift
from drift.batch import simulate_batch

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
def test_without_noise_a_batch_is_its_networks_run_alone(device):
    """Different tasks, learning rates and seeds; parameters equal to 1e-10 after 1000 steps."""
    tasks = [drift.random_mapping(seed=seed) for seed in range(3)]
    rules = [drift.GradientDescent(learning_rate=rate) for rate in (0.02, 0.05, 0.1)]
    settings = {"hidden": 40, "steps": 1000, "dtype": "float64", "record": [0, 1000]}
    batch = simulate_batch(tasks, rules, [7, 8, 9], device=device, **settings)
    for i in range(3):
        alone = drift.simulate(tasks[i], rules[i], seed=7 + i, snapshots=[1000], **settings)
        for name in drift.Parameters._fields:
            np.testing.assert_allclose(batch[name][i], alone[name][0], rtol=0, atol=1e-10)
        np.testing.assert_allclose(batch.loss[i], alone.loss, rtol=1e-9, atol=1e-20)
        # A unit may come to rest where it just falls silent: rounding decides on which side.
        for name, one in (("active_fraction", 1 / (40 * 5)), ("fraction_active_units", 1 / 40)):
            np.testing.assert_allclose(batch[name][i], alone[name], rtol=0, atol=1.01 * one)
    assert batch.status.values.tolist() == ["finished"] * 3


@pytest.mark.parametrize("device", DEVICES)
def test_with_noise_a_batch_has_the_law_of_networks_run_alone(device, noisy_rule):
    """Loss and active fraction after 300 steps, 60 runs of each kind; false alarms 4e-4."""
    task = drift.random_mapping()
    settings = {"hidden": 20, "steps": 300, "record": [300]}
    batch = simulate_batch(
        [task] * 60, [noisy_rule] * 60, list(range(60)), device=device, **settings
    )
    alone = [drift.simulate(task, noisy_rule, seed=100 + seed, **settings) for seed in range(60)]
    for name in ("loss", "active_fraction"):
        theirs = [run[name].item() for run in alone]
        assert stats.ks_2samp(batch[name].values[:, 0], theirs).pvalue > 2e-4, name


def test_one_diverging_network_does_not_spoil_the_others():
    task = drift.random_mapping()
    rules = [drift.GradientDescent(learning_rate=rate) for rate in (0.05, 50.0)]
    batch = simulate_batch([task] * 2, rules, [0, 0], hidden=20, steps=200, record=[0, 200])
    assert batch.status.values.tolist() == ["finished", "diverged"]
    assert np.isnan(batch.loss.values[1, 1])
    alone = drift.simulate(task, rules[0], hidden=20, steps=200, record=[0, 200])
    np.testing.assert_allclose(batch.loss[0], alone.loss, rtol=1e-4)


def test_what_cannot_be_run_together_is_refused():
    task, rule = drift.random_mapping(), drift.GradientDescent()
    with pytest.raises(ValueError, match="2 tasks, 1 rules and 2 seeds"):
        simulate_batch([task, task], [rule], [0, 1], steps=1)
    with pytest.raises(ValueError, match="a batch must be of one shape"):
        simulate_batch([task, drift.random_mapping(samples=4)], [rule] * 2, [0, 1], steps=1)
    with pytest.raises(TypeError, match="only GradientDescent can"):
        simulate_batch([task], [drift.Adam()], [0], steps=1)
    gaussian = drift.GradientDescent(label_noise_distribution="gaussian")
    with pytest.raises(ValueError, match="differ in label_noise_distribution"):
        simulate_batch([task] * 2, [rule, gaussian], [0, 1], steps=1)
