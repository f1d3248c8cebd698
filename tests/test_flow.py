"""The flow along zero loss against automatic differentiation and against simulated label noise."""

import numpy as np
import pytest
import torch
from helpers import random_network, random_task

import drift
from drift.analysis.hessian import gauss_newton_eigenvalues, gauss_newton_kernel, hessian_trace
from drift.theory import flow


def flat(parameters):
    return np.concatenate([np.ravel(array) for array in parameters])


def torch_kernel(task, m, b, n):
    """K from the hidden activity, differentiable."""
    inputs = torch.tensor(task.inputs)
    z = inputs @ m.T + b
    h, a = torch.relu(z), (z > 0).double()
    back = a[:, None, :] * n
    inner = torch.einsum("sok,tpk,st->sotp", back, back, inputs @ inputs.T + 1)
    outer = torch.einsum("sk,tk,op->sotp", h, h, torch.eye(task.d_out, dtype=torch.float64))
    size = task.targets.size
    return 2 / size * (inner + outer).reshape(size, size)


def test_gradient_of_the_weighted_trace_is_that_of_autograd():
    task = random_task(4, 3, 2)
    point = random_network(task, 12)
    random = np.random.default_rng(3).normal(size=(8, 8))
    weight = random + random.T
    leaves = [torch.tensor(array, requires_grad=True) for array in point]
    kernel = torch_kernel(task, *leaves)
    np.testing.assert_allclose(kernel.detach(), gauss_newton_kernel(task, point), atol=1e-12)
    (torch.tensor(weight) * kernel).sum().backward()
    expected = np.concatenate([leaf.grad.ravel() for leaf in leaves])
    found = flow.weighted_trace_gradient(task, point, weight)
    np.testing.assert_allclose(flat(found), expected, atol=1e-12)


def test_the_flow_stays_tangent_to_zero_loss():
    """To first order the outputs do not change along it, against a difference of outputs."""
    task = random_task(4, 3, 2)
    point = random_network(task, 30)
    slope = flow._tangent_gradient(task, point, 0.0)
    step = 1e-7
    moved = drift.Parameters(*(a + step * b for a, b in zip(point, slope, strict=True)))
    before, after = (drift.network.forward(p, task.inputs)[1] for p in (point, moved))
    gradient = flow.weighted_trace_gradient(task, point, np.eye(8))
    assert np.linalg.norm(flat(slope)) > 0.1 * np.linalg.norm(flat(gradient))
    np.testing.assert_allclose(after, before, atol=1e-4 * step * np.linalg.norm(flat(gradient)))


def test_to_zero_loss_takes_the_shortest_way():
    """For small residuals the change is in the rows of the Jacobian, and the loss is gone."""
    task = random_task(4, 3, 2)
    point = random_network(task, 30)
    outputs = drift.network.forward(point, task.inputs)[1]
    near = drift.Task(task.inputs, outputs + 1e-4)
    solved = flow.to_zero_loss(near, point)
    np.testing.assert_allclose(
        drift.network.forward(solved, near.inputs)[1], near.targets, atol=1e-6
    )
    leaves = [torch.tensor(array, requires_grad=True) for array in point]
    m, b, n = leaves
    found = torch.relu(torch.tensor(task.inputs) @ m.T + b) @ n.T
    jacobian = np.array(
        [flat(torch.autograd.grad(value, leaves, retain_graph=True)) for value in found.ravel()]
    )
    shortest = np.linalg.lstsq(jacobian, np.full(8, 1e-4), rcond=None)[0]
    np.testing.assert_allclose(flat(solved) - flat(point), shortest, atol=1e-7)
    with pytest.raises(flow.NotAtZeroLossError, match="give it more units"):
        flow.to_zero_loss(random_task(20, 2, 3), random_network(random_task(20, 2, 3), 2))


@pytest.fixture(scope="module")
def converged():
    """Five samples of 20 inputs and 5 outputs, learned without noise to zero loss."""
    task = drift.random_mapping(samples=5, d_in=20, d_out=5)
    learned = drift.simulate(
        task, drift.GradientDescent(), steps=30_000, snapshots=[30_000], record=[0], progress=False
    )
    return task, flow.to_zero_loss(task, drift.Parameters.of_snapshot(learned, 0))


@pytest.mark.parametrize(("learning_rate", "label_noise"), [(0.1, 1.0), (0.05, 1.0), (0.1, 0.7)])
def test_simulated_label_noise_follows_the_flow(converged, learning_rate, label_noise):
    """The trace falls from 110 to 8, within 5 % of the flow's, the mean of three runs; no fit.

    The runs differ by 1 to 2 % from each other.
    """
    task, start = converged
    rule = drift.GradientDescent(learning_rate=learning_rate, label_noise=label_noise)
    unit = 1.67e-5 / flow.time_per_step(task, rule)
    steps = [round(share * unit) for share in (2_000, 10_000, 50_000, 100_000)]
    theory = flow.label_noise_flow(task, start, rule, steps)
    runs = [
        drift.simulate(
            task, rule, init=start, steps=steps[-1], seed=seed, record=steps, snapshots=[0],
            measures=["hessian_trace"], progress=False,
        ).hessian_trace.values
        for seed in range(3)
    ]  # fmt: skip
    assert hessian_trace(task, start) > 100
    assert theory.hessian_trace[-1] < 10
    np.testing.assert_allclose(np.mean(runs, axis=0), theory.hessian_trace, rtol=0.05)


def test_the_pace_is_the_closed_form_of_both_distributions():
    task = random_task(5, 3, 4)
    uniform = drift.GradientDescent(learning_rate=0.2, label_noise=0.6)
    assert flow.time_per_step(task, uniform) == pytest.approx(0.2**2 * 0.6**2 / (24 * 20))
    normal = drift.GradientDescent(
        learning_rate=0.2, label_noise=0.6, label_noise_distribution="gaussian"
    )
    assert flow.time_per_step(task, normal) == pytest.approx(0.2**2 * 0.6**2 / (2 * 20))


def test_a_flow_without_noise_or_beyond_stability_is_refused(converged):
    task, start = converged
    with pytest.raises(ValueError, match="label_noise"):
        flow.label_noise_flow(task, start, drift.GradientDescent(), [10])
    largest = gauss_newton_eigenvalues(task, start)[-1]
    rule = drift.GradientDescent(learning_rate=2.1 / largest, label_noise=1.0)
    with pytest.raises(ValueError, match="is unstable here"):
        flow.label_noise_flow(task, start, rule, [10])
