"""Mean losses under noisy units against enumeration, quadrature and the steps of the rules."""

import itertools

import numpy as np
import pytest
import torch
from helpers import parameters, random_network, random_task

import drift
from drift.simulation.fast_engine import FastEngine
from drift.simulation.reference_engine import ReferenceEngine
from drift.theory.noisy_units import dropout_loss, unit_noise_loss

TASK = random_task(2, 3, 2, seed=1)
"""Two samples: with three units 64 choices of what is dropped."""
START = random_network(TASK, 3, seed=4)


class Given(ReferenceEngine):
    """The reference engine with one array for its random numbers."""

    def uniform(self, shape):
        assert self.drawn.shape == shape
        return self.drawn

    normal = uniform


def step(rule, activation, drawn, start=START):
    """What one reference step with the numbers ``drawn`` changes, over -eta: its gradient."""
    engine = Given(TASK, rule, start, np.random.SeedSequence(0), activation)
    engine.drawn = drawn
    engine.advance(1)
    pairs = zip(start, engine.parameters(), strict=True)
    return np.concatenate([((a - b) / rule.learning_rate).ravel() for a, b in pairs])


def numerical_gradient(loss):
    """Of ``loss`` by all parameters at START, central differences."""
    flat = np.concatenate([array.ravel() for array in START])
    sizes = np.cumsum([array.size for array in START])[:-1]

    def at(values):
        pieces = zip(np.split(values, sizes), START, strict=True)
        return loss(drift.Parameters(*(piece.reshape(array.shape) for piece, array in pieces)))

    shifts = 1e-6 * np.eye(flat.size)
    return np.array([(at(flat + shift) - at(flat - shift)) / 2e-6 for shift in shifts])


def choices(rule):
    """All that can be dropped, (rows, hidden), and how likely each is."""
    rows = 1 if rule.dropout_mask == "step" else TASK.samples
    for word in itertools.product([0, 1], repeat=3 * rows):
        kept = np.reshape(word, (rows, 3))
        yield kept, rule.dropout ** (kept == 0).sum() * (1 - rule.dropout) ** kept.sum()


ACTIVATIONS = ["relu", "leaky relu", "identity"]


@pytest.mark.parametrize("mask", ["sample", "step"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_mean_loss_and_step_under_dropout_are_those_over_all_choices(activation, mask):
    rule = drift.Dropout(dropout=0.3, dropout_mask=mask)
    activity = drift.hidden_activity(START, TASK.inputs, activation)
    assert (activity > 0).any() and (activity <= 0).any()
    loss, slope = 0.0, 0.0
    for kept, likely in choices(rule):
        error = (kept * activity / 0.7) @ START.output_weights.T - TASK.targets
        loss += likely * (error**2).mean()
        slope += likely * step(rule, activation, np.where(kept, 0.9, 0.1))
    assert dropout_loss(TASK, START, rule, activation) == pytest.approx(loss, rel=1e-12)
    wanted = numerical_gradient(lambda at: dropout_loss(TASK, at, rule, activation))
    np.testing.assert_allclose(slope, wanted, atol=1e-8 * np.abs(wanted).max())


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_the_mean_loss_under_unit_noise_is_that_of_quadrature(activation):
    """Two units, over both noises on a grid of 400 x 400; errors of the grid are below 1e-4."""
    start = drift.Parameters(START.input_weights[:2], START.bias[:2], START.output_weights[:, :2])
    rule = drift.PreactivationNoise(unit_noise=0.8)
    edges = np.linspace(-6, 6, 401)
    noise = (edges[:-1] + edges[1:]) / 2
    weight = np.exp(-(noise**2) / 2)
    weight /= weight.sum()
    function = drift.network.find_activation(activation).function
    z = TASK.inputs @ start.input_weights.T + start.bias
    loss = 0.0
    for sample, target in zip(z, TASK.targets, strict=True):
        first, second = (function(value + 0.8 * noise) for value in sample)
        for k, wanted in enumerate(target):
            n = start.output_weights[k]
            error = n[0] * first[:, None] + n[1] * second[None, :] - wanted
            loss += (weight[:, None] * weight * error**2).sum() / TASK.targets.size
    assert unit_noise_loss(TASK, start, rule, activation) == pytest.approx(loss, rel=1e-4)
    silent = drift.PreactivationNoise(unit_noise=0.0)
    plain = ((drift.network.forward(start, TASK.inputs, activation)[1] - TASK.targets) ** 2).mean()
    assert unit_noise_loss(TASK, start, silent, activation) == pytest.approx(plain, rel=1e-12)


def test_the_mean_loss_of_another_activation_function_is_refused():
    with pytest.raises(ValueError, match="choose one of 'relu', 'identity'"):
        unit_noise_loss(TASK, START, drift.PreactivationNoise(), "tanh")


MEANS = {
    "dropout": (drift.Dropout(dropout=0.4), dropout_loss),
    "dropout for a step": (drift.Dropout(dropout=0.4, dropout_mask="step"), dropout_loss),
    "pre-activation noise": (drift.PreactivationNoise(unit_noise=0.8), unit_noise_loss),
}


@pytest.mark.parametrize("name", MEANS)
def test_the_mean_step_of_the_kernel_descends_the_mean_loss(name):
    """20 times 100 steps from one start; 17 means, each within six standard errors."""
    rule, mean_loss = MEANS[name]
    engine = FastEngine(TASK, rule, START, np.random.SeedSequence(1), "relu", "float64", False)
    weights = engine.workspace.weights
    begin, gradients = weights.copy(), []
    for _ in range(20):
        total = np.zeros_like(begin)
        for _ in range(100):
            weights[:] = begin
            engine.advance(1)
            total += weights
        weights[:] = total / 100
        pairs = zip(START, engine.parameters(), strict=True)
        gradients.append(np.concatenate([((a - b) / 0.1).ravel() for a, b in pairs]))
    wanted = numerical_gradient(lambda at: mean_loss(TASK, at, rule))
    plain = numerical_gradient(lambda at: mean_loss(TASK, at, type(rule)(0.1, 0.0)))
    error = np.std(gradients, axis=0, ddof=1) / np.sqrt(20)
    off = np.abs(np.mean(gradients, axis=0) - wanted)
    assert (off <= 6 * error + 1e-8).all()
    # The gradient without noise is another one: the test would notice.
    assert (np.abs(wanted - plain) > 8 * error + 1e-8).any()


def test_dropout_descends_its_mean_loss():
    """Small steps: the course is that of descent on the mean loss, not on the loss, to 3 %."""
    rule = drift.Dropout(learning_rate=0.001, dropout=0.3)
    task = random_task(5, 6, 2, seed=3)
    run = drift.simulate(
        task, rule, hidden=60, steps=20_000, seed=1, record=[0], snapshots=[0, 20_000]
    )
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True)
              for array in parameters(run, 0)]  # fmt: skip
    inputs, targets = torch.tensor(task.inputs), torch.tensor(task.targets)

    def mean_loss():
        activity = torch.relu(inputs @ leaves[0].T + leaves[1])
        error = activity @ leaves[2].T - targets
        return (error**2).mean() + 0.3 / 0.7 * (activity**2 @ (leaves[2] ** 2).T).mean()

    optimiser = torch.optim.SGD(leaves, lr=0.02)
    for _ in range(1000):
        optimiser.zero_grad()
        mean_loss().backward()
        optimiser.step()
    found = dropout_loss(task, parameters(run, 1), rule)
    assert found == pytest.approx(mean_loss().item(), rel=0.03)
    assert dropout_loss(task, parameters(run, 0), rule) > 50 * found
