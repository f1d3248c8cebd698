"""Curvature from the network's structure against automatic differentiation."""

import numpy as np
import pytest
import torch
from helpers import random_task

import drift
from drift.hessian import gauss_newton_eigenvalues, gauss_newton_kernel, hessian_trace, rank


def autograd(task, parameters, activation):
    """Hessian of the loss and Jacobian of the outputs by torch, float64."""
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
    automatic = torch.autograd.functional
    hessian = automatic.hessian(lambda flat: ((outputs(flat) - targets) ** 2).mean(), flat)
    jacobian = automatic.jacobian(outputs, flat).reshape(task.targets.size, -1)
    return hessian.numpy(), jacobian.numpy()


def network(task, hidden, seed=0):
    random = np.random.default_rng(seed)
    return drift.Parameters(
        random.normal(size=(hidden, task.d_in)),
        random.normal(size=hidden),
        random.normal(size=(task.d_out, hidden)),
    )


@pytest.mark.parametrize(
    ("activation", "torch_name"), [("relu", "relu"), ("leaky relu", "leaky_relu")]
)
@pytest.mark.parametrize("shape", [(4, 3, 2, 10), (1, 6, 1, 5), (7, 2, 5, 12)])
def test_trace_and_kernel_are_those_of_autograd(shape, activation, torch_name):
    samples, d_in, d_out, hidden = shape
    task = random_task(samples, d_in, d_out)
    parameters = network(task, hidden)
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
    parameters = network(task, 20)
    solved = drift.Task(task.inputs, drift.network.forward(parameters, task.inputs)[1])
    hessian, _ = autograd(solved, parameters, "relu")
    expected = np.linalg.eigvalsh(hessian)
    found = gauss_newton_eigenvalues(solved, parameters)
    np.testing.assert_allclose(found, expected[-6:], rtol=1e-10)
    assert np.abs(expected[:-6]).max() < 1e-12
    assert rank(found) == 6
    assert rank(np.array([1e-7, 0.5, 1.0])) == 2


def test_curved_activation_functions_are_refused():
    task = random_task(3, 4, 2)
    with pytest.raises(ValueError, match="'tanh' is curved"):
        hessian_trace(task, network(task, 5), "tanh")
    with pytest.raises(ValueError, match="'softplus' is curved"):
        drift.simulate(
            task, drift.GradientDescent(), steps=1, measures=["hessian_trace"],
            activation="softplus", engine="reference",
        )  # fmt: skip
