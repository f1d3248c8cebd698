"""Ours against a plain PyTorch loop, in one run: ``python benchmarks/speed.py``.

The loop does what the study's program does: float64, autograd, noise added to each gradient, one
SGD step. Both sides are timed in turn, several times; the table shows the median of the ratios and
their range. Ours runs for the stated number of steps from a fresh start, since it becomes faster as
units fall silent; the loop's cost per step does not depend on that: a short stretch tells it.
"""

from __future__ import annotations

import argparse
import platform
import time
from statistics import median

import numpy as np
import torch

import drift

CORRIDOR = "corridor"
CONFIGURATIONS = {
    "update noise, n=5, 20 to 5": ((5, 20, 5), drift.GradientDescent(update_noise=0.03)),
    "update noise, n=10, 15 to 10": ((10, 15, 10), drift.GradientDescent(update_noise=0.03)),
    "update noise, n=20, 30 to 15": ((20, 30, 15), drift.GradientDescent(update_noise=0.03)),
    "label noise, n=5, 20 to 5": ((5, 20, 5), drift.GradientDescent(label_noise=1.0)),
    "label noise, n=10, 15 to 10": ((10, 15, 10), drift.GradientDescent(label_noise=1.0)),
    "label noise, n=20, 30 to 15": ((20, 30, 15), drift.GradientDescent(label_noise=1.0)),
    "corridor, 500 units": (CORRIDOR, drift.GradientDescent(update_noise=0.013895)),
}


def make_task(shape) -> tuple[drift.Task, int, str]:
    """Task, number of hidden units and regime of a configuration."""
    if shape == CORRIDOR:
        return drift.corridor(), 500, "lazy"
    samples, d_in, d_out = shape
    random = np.random.default_rng(0)
    inputs = random.uniform(-1, 1, (samples, d_in))
    targets = random.uniform(-1, 1, (samples, d_out))
    return drift.Task(inputs, targets), 100, "rich"


def torch_loop(task: drift.Task, rule: drift.GradientDescent, hidden: int, steps: int) -> float:
    """Seconds a step of the plain loop, after a few to warm up."""
    inputs = torch.tensor(np.array(task.inputs))
    targets = torch.tensor(np.array(task.targets))
    scale = float(np.sqrt(2 / task.d_in))
    shapes = [(hidden, task.d_in), (hidden,), (task.d_out, hidden)]
    parameters = [torch.nn.Parameter(scale * torch.randn(s, dtype=torch.float64)) for s in shapes]
    with torch.no_grad():
        parameters[2] *= 2 / hidden
    optimiser = torch.optim.SGD(parameters, lr=rule.learning_rate)
    began = 0.0
    for step in range(steps + 20):
        if step == 20:
            began = time.perf_counter()
        optimiser.zero_grad()
        noisy = targets
        if rule.label_noise:
            noisy = targets + rule.label_noise * (torch.rand_like(targets) - 0.5)
        outputs = torch.relu(inputs @ parameters[0].T + parameters[1]) @ parameters[2].T
        torch.nn.functional.mse_loss(outputs, noisy).backward()
        if rule.update_noise:
            for parameter in parameters:
                parameter.grad += rule.update_noise * torch.randn_like(parameter)
        optimiser.step()
    return (time.perf_counter() - began) / steps


def ours(task, rule, hidden, init, steps, **settings) -> float:
    """Seconds a step of :func:`drift.simulate`, compiled already."""
    run = {"hidden": hidden, "init": init, "record": drift.LinearSpacing(101), "progress": False}
    drift.simulate(task, rule, steps=1, **(run | {"record": [0]}), **settings)
    began = time.perf_counter()
    drift.simulate(task, rule, steps=steps, snapshots=[0], **run, **settings)
    return (time.perf_counter() - began) / steps


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps of ours (small nets)")
    parser.add_argument("--corridor-steps", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} torch threads")
    print(f"torch {torch.__version__}, numpy {np.__version__}; {arguments.repeats} repeats\n")
    print("| configuration | torch loop, us/step | all units, us/step | ratio "
          "| active units only, us/step | ratio (range) |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for name, (shape, rule) in CONFIGURATIONS.items():
        task, hidden, init = make_task(shape)
        steps = arguments.corridor_steps if shape == CORRIDOR else arguments.steps
        loop_steps = 300 if shape == CORRIDOR else 1500
        rows = []
        for _ in range(arguments.repeats):
            loop = torch_loop(task, rule, hidden, loop_steps)
            dense = ours(task, rule, hidden, init, steps // 10, skip_silent=False)
            rows.append((loop, dense, ours(task, rule, hidden, init, steps)))
        loop, dense, sparse = (median(column) * 1e6 for column in zip(*rows, strict=True))
        dense_ratio = median(row[0] / row[1] for row in rows)
        ratios = sorted(row[0] / row[2] for row in rows)
        print(
            f"| {name} | {loop:.0f} | {dense:.2f} | {dense_ratio:.0f} | {sparse:.2f} "
            f"| {median(ratios):.0f} ({ratios[0]:.0f} to {ratios[-1]:.0f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
