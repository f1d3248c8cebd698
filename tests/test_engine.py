"""The fast kernels against the float64 reference, that against autograd, and both against laws."""

import numpy as np
import pytest
import torch
from helpers import parameters, random_network, random_task
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import drift
from drift.network import forward
from drift.simulation.reference_engine import ReferenceEngine

# Rules that are deterministic without noise. The adaptive ones divide by the size of the gradient;
# near convergence that size is rounding error, which the two engines do not share, so that epsilon
# must be well above it here.
RULES = {
    "gradient descent": drift.GradientDescent(learning_rate=0.05),
    "Adam": drift.Adam(learning_rate=1e-3, epsilon=1e-4),
    "RMSprop": drift.RMSprop(learning_rate=1e-4, epsilon=1e-3),
}


def assert_engines_agree(task, rule, steps=1000, **settings):
    """Both engines from one start: parameters equal to 1e-10 at the end."""
    fast, slow = (
        drift.simulate(
            task, rule, steps=steps, engine=engine, dtype="float64", snapshots=[0, steps],
            record=[steps], active_threshold=0.0, **settings,
        )
        for engine in ("fast", "reference")
    )  # fmt: skip
    assert slow.sizes["snapshot"] == 2
    for ours, theirs in zip(parameters(fast, 1), parameters(slow, 1), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
@settings(max_examples=12, deadline=None)
@given(
    samples=st.integers(1, 20),
    d_in=st.integers(1, 30),
    d_out=st.integers(1, 30),
    hidden=st.integers(1, 70),
    init=st.sampled_from(["lazy", "rich"]),
    activation=st.sampled_from(["relu", "leaky relu"]),
    skip_silent=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_without_noise_the_kernel_is_the_reference(rule, samples, d_in, d_out, seed, **settings):
    task = random_task(samples, d_in, d_out, seed)
    assert_engines_agree(task, rule, seed=seed, stop_when_silent=False, **settings)


TASKS = {
    "corridor": drift.corridor(seed=1),
    "abstract predictive": drift.abstract_predictive(seed=1),
    "random": drift.random_mapping(seed=1),
    "smoothed": drift.smoothed_mapping(seed=1),
    "random autoencoder": drift.random_autoencoder(seed=1),
    "smoothed autoencoder": drift.smoothed_autoencoder(seed=1),
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_the_kernel_is_the_reference_on_every_task(task):
    assert_engines_agree(task, drift.GradientDescent(learning_rate=0.1), hidden=100, init="lazy")


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "softplus", "tanh"])
def test_the_gradient_of_the_reference_is_autograds(activation, small_task):
    """With noise of every kind, and on other samples; loss and gradient in float64, to 1e-12."""
    start = random_network(small_task, 30)
    random = np.random.default_rng(3)
    noise = {
        "input_noise": random.normal(size=small_task.inputs.shape),
        "target_noise": random.normal(size=small_task.targets.shape),
        "unit_noise": random.normal(size=(small_task.samples, 30)),
        "activity_factor": random.uniform(size=(small_task.samples, 30)),
    }
    name = activation.replace("_", " ")
    engine = ReferenceEngine(small_task, None, start, np.random.SeedSequence(0), name)
    values = [torch.tensor(array, requires_grad=True) for array in start]
    function = getattr(torch.nn.functional, activation)

    def loss(
        input_noise=0.0, target_noise=0.0, unit_noise=0.0, activity_factor=1.0, on=small_task
    ):  # fmt: skip
        inputs = torch.tensor(on.inputs + input_noise)
        units = inputs @ values[0].T + values[1] + torch.tensor(unit_noise)
        predicted = (function(units) * torch.tensor(activity_factor)) @ values[2].T
        return ((predicted - torch.tensor(on.targets + target_noise)) ** 2).mean()

    assert engine.loss(engine.values) == pytest.approx(loss().item(), rel=1e-12)
    for kinds in (noise, {"on": random_task(3, small_task.d_in, small_task.d_out, seed=8)}):
        slopes = torch.autograd.grad(loss(**kinds), values)
        for ours, theirs in zip(engine.gradient(**kinds), slopes, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("rule", [drift.Adam(), drift.RMSprop()], ids=["Adam", "RMSprop"])
def test_adaptive_rules_are_torchs(rule, small_task):
    """The reference against torch.optim with the same settings, 200 steps."""
    run = drift.simulate(
        small_task, rule, hidden=20, steps=200, engine="reference", snapshots=[0, 200]
    )
    values = [torch.nn.Parameter(torch.tensor(array)) for array in parameters(run, 0)]
    if isinstance(rule, drift.Adam):
        optimiser = torch.optim.Adam(values, lr=rule.learning_rate)
    else:
        optimiser = torch.optim.RMSprop(values, lr=rule.learning_rate, alpha=rule.decay)
    inputs, targets = torch.tensor(small_task.inputs), torch.tensor(small_task.targets)
    for _ in range(200):
        optimiser.zero_grad()
        predicted = torch.relu(inputs @ values[0].T + values[1]) @ values[2].T
        torch.nn.functional.mse_loss(predicted, targets).backward()
        optimiser.step()
    for ours, theirs in zip(parameters(run, 1), values, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=0, atol=1e-10)


def test_single_precision_follows_double(small_task):
    rule = drift.GradientDescent(update_noise=0.03)
    runs = [
        drift.simulate(small_task, rule, steps=200, seed=4, dtype=dtype, snapshots=[200])
        for dtype in ("float32", "float64")
    ]
    # 200 steps, each rounding parameters of order 1 to 6e-8.
    for single, double in zip(parameters(runs[0], 0), parameters(runs[1], 0), strict=True):
        np.testing.assert_allclose(single, double, rtol=0, atol=2e-5)


def one_step(rule, task, seeds):
    """Change of all parameters in one step, (seeds, parameters)."""
    changes = []
    start = drift.simulate(task, rule, hidden=3, steps=0, seed=0, snapshots=[0])
    for seed in range(seeds):
        run = drift.simulate(
            task, rule, init=parameters(start, 0), steps=1, seed=seed, dtype="float64",
            snapshots=[0, 1],
        )  # fmt: skip
        before, after = (np.concatenate([p.ravel() for p in parameters(run, i)]) for i in (0, 1))
        changes.append(after - before)
    return np.array(changes)


def test_update_noise_has_the_stated_law():
    """After one step from a fixed start: the gradient, plus independent noise of s.d. eta sigma."""
    task = random_task(2, 2, 1)
    rule = drift.GradientDescent(learning_rate=0.2, update_noise=0.5)
    plain = one_step(drift.GradientDescent(learning_rate=0.2), task, 1)[0]
    noise = (one_step(rule, task, 2000) - plain) / (0.2 * 0.5)
    # 12 parameters; each test fails by chance for one seed set in 10^5.
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-5
    deviation = np.cov(noise.T) - np.eye(noise.shape[1])
    assert np.abs(deviation).max() < 6 / np.sqrt(2000)


@pytest.mark.parametrize(("distribution", "variance"), [("uniform", 1 / 12), ("gaussian", 1.0)])
def test_label_noise_has_the_stated_law(distribution, variance):
    """After one step: -eta times the gradient's response to independent target noise."""
    task = random_task(2, 3, 2)
    eta, width = 0.2, 0.7
    rule = drift.GradientDescent(
        learning_rate=eta, label_noise=width, label_noise_distribution=distribution
    )
    plain = one_step(drift.GradientDescent(learning_rate=eta), task, 1)[0]
    noise = one_step(rule, task, 3000) - plain
    start = parameters(drift.simulate(task, rule, hidden=3, steps=0, snapshots=[0]), 0)
    jacobian = network_jacobian(start, task)  # (outputs, parameters)
    factor = 2 * eta / task.targets.size
    expected = (factor * width) ** 2 * variance * jacobian.T @ jacobian
    # Entries of a covariance of 3000 draws: 6 standard errors of at most sqrt(2 / 3000) var.
    scale = expected.diagonal().max()
    assert np.abs(np.cov(noise.T) - expected).max() < 6 * np.sqrt(2 / 3000) * scale


def network_jacobian(start, task):
    """Derivative of all outputs by all parameters, by central differences."""
    flat = np.concatenate([p.ravel() for p in start]).astype(float)
    sizes = np.cumsum([p.size for p in start])[:-1]
    columns = []
    for i in range(flat.size):
        shifted = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[i] += sign * 1e-6
            pieces = np.split(moved, sizes)
            shape = [piece.reshape(p.shape) for piece, p in zip(pieces, start, strict=True)]
            shifted.append(forward(drift.Parameters(*shape), task.inputs)[1].ravel())
        columns.append((shifted[0] - shifted[1]) / 2e-6)
    return np.array(columns).T


def test_label_noise_gives_the_same_run_with_silent_units_skipped(small_task):
    """Without update noise a silent unit never moves: skipping it changes rounding only."""
    rule = drift.GradientDescent(label_noise=1.0)
    runs = [
        drift.simulate(small_task, rule, steps=3000, seed=2, dtype="float64", skip_silent=skip)
        for skip in (True, False)
    ]
    assert runs[0].fraction_active_units[-1] < 1
    for name in ("loss", "active_fraction", "fraction_active_units"):
        np.testing.assert_allclose(runs[0][name], runs[1][name], rtol=1e-6, atol=1e-12)


def test_skipping_silent_units_keeps_the_law(small_task):
    """Two-sample Kolmogorov-Smirnov tests of 60 runs each, at four times, on three measures.

    Twelve tests at 1e-4 each: a correct kernel fails for at most 12 in 10^4 choices of the seeds.
    """
    rule = drift.GradientDescent(update_noise=0.1)
    times = [500, 2000, 8000, 20000]
    samples = {}
    for skip in (True, False):
        runs = [
            drift.simulate(
                small_task, rule, hidden=50, steps=20000, seed=seed + 1000 * skip,
                record=times, snapshots=[0], skip_silent=skip,
            )
            for seed in range(60)
        ]  # fmt: skip
        samples[skip] = runs
    assert np.mean([run.fraction_active_units.values[-1] for run in samples[True]]) < 0.7
    for name in ("loss", "active_fraction", "fraction_active_units"):
        for i in range(len(times)):
            pair = [[run[name].values[i] for run in samples[skip]] for skip in (True, False)]
            assert stats.ks_2samp(*pair).pvalue > 1e-4, (name, times[i])


@pytest.mark.parametrize("samples", [1, 3], ids=["in coordinates", "in weights"])
def test_a_parked_unit_does_the_random_walk_of_its_noise(samples):
    """With a bias of -100 none ever wakes: after k steps variance k (eta sigma)^2."""
    task = random_task(samples, 2, 1)
    hidden, steps, eta, sigma = 400, 1000, 0.1, 0.2
    asleep = drift.Parameters(np.zeros((hidden, 2)), np.full(hidden, -100.0), np.zeros((1, hidden)))
    rule = drift.GradientDescent(learning_rate=eta, update_noise=sigma)
    run = drift.simulate(
        task, rule, init=asleep, steps=steps, snapshots=[0, 300, steps], stop_when_silent=False
    )
    walk = np.concatenate(
        [run.input_weights.values, run.bias.values[..., None] + 100,
         run.output_weights.values.transpose(0, 2, 1)], axis=2
    )  # fmt: skip
    standard = eta * sigma
    early = walk[1].ravel() / (standard * np.sqrt(300))
    late = (walk[2] - walk[1]).ravel() / (standard * np.sqrt(steps - 300))
    # 1600 draws each; false alarms 1e-5 a test.
    assert stats.kstest(early, "norm").pvalue > 1e-5
    assert stats.kstest(late, "norm").pvalue > 1e-5
    assert abs(np.corrcoef(early, late)[0, 1]) < 4.5 / np.sqrt(early.size)


def test_noise_reaches_the_same_statistics_as_the_reference(small_task, noisy_rule):
    """Loss and active fraction after 300 noisy steps, 40 runs of each kind; false alarms 4e-4."""
    runs = {
        engine: [
            drift.simulate(
                small_task,
                noisy_rule,
                hidden=20,
                steps=300,
                seed=seed,
                engine=engine,
                record=[300],
            )
            for seed in range(first, first + 40)
        ]
        for engine, first in (("fast", 0), ("reference", 500))
    }
    for name in ("loss", "active_fraction"):
        ours, theirs = ([run[name].item() for run in group] for group in runs.values())
        assert stats.ks_2samp(ours, theirs).pvalue > 2e-4, name
