"""Hessian spectra from structure against dense ones: ``python benchmarks/spectra.py``.

The dense way is what the study's program does but for its solver: all second derivatives by
automatic differentiation in float64, then a symmetric eigenvalue solver (the study's, for matrices
without symmetry, is slower still). Both ways are timed in turn, several times; medians and the
range of the ratios.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

import drift
from drift.analysis.hessian import (
    gauss_newton_eigenvalues,
    hessian_eigenvalues,
    residual_eigenvalues,
)
from drift.network import Parameters, initial_parameters

REPEATS = 5


def dense_hessian(task: drift.Task, parameters: Parameters) -> np.ndarray:
    """All second derivatives by torch.func."""
    shapes = [np.shape(array) for array in parameters]
    inputs, targets = torch.tensor(task.inputs), torch.tensor(task.targets)

    def loss(flat):
        pieces = torch.split(flat, [int(np.prod(shape)) for shape in shapes])
        m, b, n = (piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True))
        return ((torch.relu(inputs @ m.T + b) @ n.T - targets) ** 2).mean()

    flat = torch.tensor(np.concatenate([np.ravel(array) for array in parameters]))
    return torch.func.hessian(loss)(flat).numpy()


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def small() -> None:
    """2600 parameters: the network of the study's noise scan."""
    task = drift.random_mapping(samples=5, d_in=20, d_out=5)
    parameters = initial_parameters(task, 100, "rich", np.random.default_rng(0))
    matrix = dense_hessian(task, parameters)
    gauss_newton_eigenvalues(task, parameters)
    ways: dict[str, Callable[[], object]] = {
        "derivatives by torch.func": lambda: dense_hessian(task, parameters),
        "dense symmetric solver": lambda: np.linalg.eigvalsh(matrix),
        "Gauss-Newton part, by its kernel": lambda: gauss_newton_eigenvalues(task, parameters),
        "residual part, unit by unit": lambda: residual_eigenvalues(task, parameters),
        "the exact whole, active units": lambda: hessian_eigenvalues(task, parameters),
    }
    times = [{name: seconds(way) for name, way in ways.items()} for _ in range(REPEATS)]
    print("2600 parameters (100 units, n=5, 20 to 5), all units active or not as they start\n")
    print("| | ms | dense solver / this |")
    print("|---|---|---|")
    for name in ways:
        ratios = sorted(row["dense symmetric solver"] / row[name] for row in times)
        cost = 1e3 * median(row[name] for row in times)
        print(
            f"| {name} | {cost:.3g} | {median(ratios):.3g} ({ratios[0]:.3g} to {ratios[-1]:.3g}) |"
        )


def corridor() -> None:
    """18,000 parameters: the network of Fig. 2. A dense Hessian of doubles takes 2.6 GB."""
    task = drift.corridor()
    parameters = initial_parameters(task, 500, "lazy", np.random.default_rng(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kernel = median(seconds(lambda: gauss_newton_eigenvalues(task, parameters)) for _ in range(3))
    residual = median(seconds(lambda: residual_eigenvalues(task, parameters)) for _ in range(3))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print("\n18,000 parameters (corridor, 500 units, n=150, 18 to 17)\n")
    print(f"Gauss-Newton part {kernel:.2f} s, residual part {residual:.2f} s, "
          f"{memory / 1024:.0f} MiB more than before")  # fmt: skip


def main() -> None:
    """Print both tables."""
    corridor()  # first: memory is counted by its maximum
    small()


if __name__ == "__main__":
    main()
