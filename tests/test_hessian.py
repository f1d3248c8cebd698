"""Curvature from the network's structure against automatic differentiation."""

import numpy as np
import pytest
import torch
from helpers import random_network, random_task
from scipy.sparse.linalg import eigsh

import drift
from drift.analysis.hessian import (
    active_hessian,
    gauss_newton_eigenvalues,
    gauss_newton_kernel,
    hessian_eigenvalues,
    hessian_trace,
    residual_eigenvalues,
)
from drift.analysis.spectra import count_above_zero, log_pseudo_determinant, rank, spectra

# torch.func and a library that curvlinops imports compile something when first used.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is:DeprecationWarning")


def autograd(task, parameters, activation):
    """Hessian of the loss and Jacobian of the outputs by torch.func, float64."""
    shapes = [np.shape(array) for array in parameters]
    sizes = [int(np.prod(shape)) for shape in shapes]
    inputs, targets = torch.tensor(task.inputs), torch.tensor(task.targets)

    def outputs(flat):
        m, b, n = (
            piece.reshape(shape)
            for piece, shape in zip(torch.split(flat, sizes), shapes, strict=True)
        )
        return getattr(torch.nn.functional, activation)(inputs @ m.T + b) @ n.T

    flat = torch.tensor(np.concatenate([np.ravel(array) for array in parameters]))
    hessian = torch.func.hessian(lambda flat: ((outputs(flat) - targets) ** 2).mean())(flat)
    jacobian = torch.func.jacrev(outputs)(flat).reshape(task.targets.size, -1)
    return hessian.numpy(), jacobian.numpy()


@pytest.mark.parametrize(
    ("activation", "torch_name"), [("relu", "relu"), ("leaky relu", "leaky_relu")]
)
@pytest.mark.parametrize("shape", [(4, 3, 2, 10), (1, 6, 1, 5), (7, 2, 5, 12)])
def test_trace_and_kernel_are_those_of_autograd(shape, activation, torch_name):
    samples, d_in, d_out, hidden = shape
    task = random_task(samples, d_in, d_out)
    parameters = random_network(task, hidden)
    hessian, jacobian = autograd(task, parameters, torch_name)
    # The loss is far from zero here: the trace is exact all the same.
    np.testing.assert_allclose(
        hessian_trace(task, parameters, activation), np.trace(hessian), rtol=1e-12
    )
    kernel = 2 / task.targets.size * jacobian @ jacobian.T
    np.testing.assert_allclose(
        gauss_newton_kernel(task, parameters, activation), kernel, atol=1e-12
    )


def test_eigenvalues_are_the_hessians_where_the_loss_is_zero():
    """The six of three samples and two outputs; all 142 - 6 others are zero."""
    task = random_task(3, 4, 2)
    parameters = random_network(task, 20)
    solved = drift.Task(task.inputs, drift.network.forward(parameters, task.inputs)[1])
    hessian, _ = autograd(solved, parameters, "relu")
    expected = np.linalg.eigvalsh(hessian)
    found = gauss_newton_eigenvalues(solved, parameters)
    np.testing.assert_allclose(found, expected[-6:], rtol=1e-10)
    assert np.abs(expected[:-6]).max() < 1e-12
    assert rank(found) == 6
    assert rank(np.array([1e-7, 0.5, 1.0])) == 2


@pytest.mark.parametrize(
    ("activation", "torch_name"), [("relu", "relu"), ("leaky relu", "leaky_relu")]
)
@pytest.mark.parametrize("shape", [(4, 3, 2, 10), (1, 6, 1, 5), (7, 2, 5, 12), (5, 20, 5, 115)])
def test_the_whole_spectrum_is_that_of_autograd_far_from_zero_loss(shape, activation, torch_name):
    """Up to 2990 parameters; some of the rectified units are silent."""
    samples, d_in, d_out, hidden = shape
    task = random_task(samples, d_in, d_out)
    parameters = random_network(task, hidden)
    hessian, jacobian = autograd(task, parameters, torch_name)
    expected = np.linalg.eigvalsh(hessian)
    scale = expected[-1]
    found = hessian_eigenvalues(task, parameters, activation)
    np.testing.assert_allclose(found, expected, atol=1e-12 * scale)
    assert rank(found) == rank(expected)
    assert log_pseudo_determinant(found) == pytest.approx(log_pseudo_determinant(expected))
    residual = np.linalg.eigvalsh(hessian - 2 / task.targets.size * jacobian.T @ jacobian)
    largest = residual[np.abs(residual) > 1e-9 * scale]
    ours = residual_eigenvalues(task, parameters, activation)
    np.testing.assert_allclose(ours[np.abs(ours) > 1e-9 * scale], largest, atol=1e-12 * scale)


def test_a_silent_unit_has_only_zeros_in_its_rows():
    """d_in + 1 + d_out of them, exactly, in the Hessian of automatic differentiation."""
    task = random_task(4, 3, 2)
    parameters = random_network(task, 10)
    parameters.bias[[2, 5]] = -100
    hessian, _ = autograd(task, parameters, "relu")
    rows = [*range(6, 9), *range(15, 18), 32, 35, 42, 45, 52, 55]
    assert len(rows) == 2 * (3 + 1 + 2)
    assert (hessian[rows] == 0).all()
    silent = ~(task.inputs @ parameters.input_weights.T + parameters.bias > 0).any(axis=0)
    assert len(active_hessian(task, parameters)) == (10 - silent.sum()) * 6


def test_a_larger_network_agrees_with_curvlinops():
    """5400 parameters on a corridor: products with vectors, and the largest eigenvalue."""
    from curvlinops import HessianLinearOperator

    task = drift.corridor(samples=40)
    parameters = drift.Parameters(*(array / 4 for array in random_network(task, 150)))
    layers = torch.nn.Sequential(
        torch.nn.Linear(task.d_in, 150), torch.nn.ReLU(), torch.nn.Linear(150, task.d_out, False)
    ).double()
    for layer, given in zip(layers.parameters(), parameters, strict=True):
        layer.data = torch.tensor(given)
    operator = HessianLinearOperator(
        layers,
        torch.nn.MSELoss(),
        list(layers.parameters()),
        [(torch.tensor(task.inputs), torch.tensor(task.targets))],
    ).to_scipy()
    order = [np.arange(150 * 18).reshape(150, 18), np.arange(2700, 2850)[:, None],
             np.arange(2850, 5400).reshape(17, 150).T]  # fmt: skip
    active = (drift.network.hidden_activity(parameters, task.inputs) > 0).any(axis=0)
    by_unit = np.hstack(order)[active].ravel()
    vectors = np.random.default_rng(1).normal(size=(5400, 3))
    expected = operator @ vectors
    found = np.zeros_like(expected)
    found[by_unit] = active_hessian(task, parameters) @ vectors[by_unit]
    np.testing.assert_allclose(found, expected, atol=1e-12 * np.abs(expected).max())
    largest = eigsh(operator, 1, which="LA", tol=1e-9)[0]
    np.testing.assert_allclose(hessian_eigenvalues(task, parameters)[-1:], largest, rtol=1e-8)


def test_counting_without_a_tolerance_counts_round_off():
    """At zero loss the rank is n d_out = 6; the study's way of counting finds many more."""
    task = random_task(3, 12, 2)
    parameters = random_network(task, 40)
    solved = drift.Task(task.inputs, drift.network.forward(parameters, task.inputs)[1])
    size = len(active_hessian(solved, parameters))
    assert rank(hessian_eigenvalues(solved, parameters)) == 6
    assert 0.3 < count_above_zero(solved, parameters) / size < 0.6


def test_spectra_over_a_run():
    task = random_task(5, 6, 3)
    run = drift.simulate(
        task, drift.GradientDescent(update_noise=0.05), hidden=20, steps=500,
        snapshots=[0, 100, 500], measures=["hessian_trace"], record=[0, 100, 500], progress=False,
    )  # fmt: skip
    found = spectra(run, task)
    np.testing.assert_allclose(found.trace, run.hessian_trace, rtol=1e-12)
    for place in range(3):
        parameters = drift.Parameters.of_snapshot(run, place)
        expected = gauss_newton_eigenvalues(task, parameters)[::-1]
        np.testing.assert_array_equal(found.eigenvalues[place], expected)
        assert found["rank"][place] == rank(expected)
        whole = hessian_eigenvalues(task, parameters)
        # Weyl: the residual part moves no eigenvalue further than its own largest.
        bound = found.residual_eigenvalue[place] + 1e-12
        assert abs(whole[-1] - found.largest_eigenvalue[place]) <= bound
    assert list(spectra(run, task, snapshots=[2]).snapshot) == [500]


def test_curved_activation_functions_are_refused():
    task = random_task(3, 4, 2)
    with pytest.raises(ValueError, match="'tanh' is curved"):
        hessian_trace(task, random_network(task, 5), "tanh")
    with pytest.raises(ValueError, match="'softplus' is curved"):
        drift.simulate(
            task, drift.GradientDescent(), steps=1, measures=["hessian_trace"],
            activation="softplus", engine="reference",
        )  # fmt: skip
