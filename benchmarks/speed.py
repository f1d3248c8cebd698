"""Ours against a plain PyTorch loop, in one run: ``python benchmarks/speed.py``.

The loop does what the study's program does: float64, autograd, noise added to each gradient, one
step of SGD (or Adam), on as many threads as torch takes. Both sides are timed in turn, several
times; the tables show medians, and the range of the ratios. Ours runs for the stated number of
steps from a fresh start, since it becomes faster as units fall silent, once alone on one core and
once as one run a core on all of them (cost a step: time over the steps of all runs together). The
loop's cost per step does not depend on the step: a short stretch tells it.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np
import torch
from phases import phase_costs

import drift

CORRIDOR = "corridor"
UPDATE = drift.GradientDescent(update_noise=0.03)
LABEL = drift.GradientDescent(label_noise=1.0)
CONFIGURATIONS = {
    "update noise, n=5, 20 to 5": ((5, 20, 5), UPDATE),
    "update noise, n=10, 15 to 10": ((10, 15, 10), UPDATE),
    "update noise, n=20, 30 to 15": ((20, 30, 15), UPDATE),
    "label noise, n=5, 20 to 5": ((5, 20, 5), LABEL),
    "label noise, n=10, 15 to 10": ((10, 15, 10), LABEL),
    "label noise, n=20, 30 to 15": ((20, 30, 15), LABEL),
    "Adam, n=10, 15 to 10": ((10, 15, 10), drift.Adam()),
    "error descent, n=10, 15 to 10": (
        (10, 15, 10),
        drift.StochasticErrorDescent(learning_rate=0.1),
    ),
    "online descent, n=10, 15 to 10": ((10, 15, 10), drift.OnlineGradientDescent()),
    "dropout, n=10, 15 to 10": ((10, 15, 10), drift.Dropout(dropout=0.3)),
    "pre-activation noise, n=10, 15 to 10": ((10, 15, 10), drift.PreactivationNoise()),
    "corridor, 500 units": (CORRIDOR, drift.GradientDescent(update_noise=0.013895)),
}


def make_task(shape) -> tuple[drift.Task, int, str]:
    """Task, number of hidden units and regime of a configuration."""
    if shape == CORRIDOR:
        return drift.corridor(), 500, "lazy"
    samples, d_in, d_out = shape
    return drift.random_mapping(samples=samples, d_in=d_in, d_out=d_out), 100, "rich"


def torch_loop(task: drift.Task, rule: drift.LearningRule, hidden: int, steps: int) -> float:
    """Seconds a step of the plain loop, after a few to warm up."""
    inputs = torch.tensor(task.inputs)
    targets = torch.tensor(task.targets)
    scale = float(np.sqrt(2 / task.d_in))
    shapes = [(hidden, task.d_in), (hidden,), (task.d_out, hidden)]
    values = [torch.nn.Parameter(scale * torch.randn(s, dtype=torch.float64)) for s in shapes]
    with torch.no_grad():
        values[2] *= 2 / hidden
    optimiser = torch.optim.Adam if isinstance(rule, drift.Adam) else torch.optim.SGD
    optimise = optimiser(values, lr=rule.learning_rate)
    update_noise = getattr(rule, "update_noise", 0.0)
    label_noise = getattr(rule, "label_noise", 0.0)

    unit_noise = getattr(rule, "unit_noise", 0.0)
    dropout = getattr(rule, "dropout", 0.0)
    batch = rule.batch_size()

    def loss(parameters, wanted, chosen=None):
        seen = inputs if chosen is None else inputs[chosen]
        units = seen @ parameters[0].T + parameters[1]
        if unit_noise:
            units = units + unit_noise * torch.randn_like(units)
        activity = torch.relu(units)
        if dropout:
            activity = torch.nn.functional.dropout(activity, dropout)
        return torch.nn.functional.mse_loss(activity @ parameters[2].T, wanted)

    def descend():
        optimise.zero_grad()
        noisy = targets
        if label_noise:
            noisy = targets + label_noise * (torch.rand_like(targets) - 0.5)
        if batch is None:
            loss(values, noisy).backward()
        else:
            chosen = torch.randint(task.samples, (batch,))
            loss(values, noisy[chosen], chosen).backward()
        if update_noise:
            for value in values:
                value.grad += update_noise * torch.randn_like(value)
        optimise.step()

    def descend_by_error():
        with torch.no_grad():
            changes = [rule.perturbation / v.shape[0] ** 0.5 * torch.randn_like(v) for v in values]
            moved = [v + change for v, change in zip(values, changes, strict=True)]
            rise = loss(moved, targets) - loss(values, targets)
            for value, change in zip(values, changes, strict=True):
                value -= rule.learning_rate * rise * change

    step = descend_by_error if isinstance(rule, drift.StochasticErrorDescent) else descend
    for _ in range(20):
        step()
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - began) / steps


def ours(task, rule, hidden, init, steps, runs=1) -> float:
    """Seconds a step of ``runs`` concurrent :func:`drift.simulate`, compiled already."""
    settings = {"hidden": hidden, "init": init, "progress": False, "snapshots": [0]}
    drift.simulate(task, rule, steps=1, record=[0], **settings)

    def run(seed):
        drift.simulate(
            task, rule, steps=steps, seed=seed, record=drift.LinearSpacing(101), **settings
        )

    began = time.perf_counter()
    with ThreadPoolExecutor(runs) as pool:
        list(pool.map(run, range(runs)))
    return (time.perf_counter() - began) / (steps * runs)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps of ours (small nets)")
    parser.add_argument("--corridor-steps", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="configurations whose name has these words")
    arguments = parser.parse_args()
    cores = os.cpu_count() or 1
    print(f"{platform.machine()}, {cores} cores, {torch.get_num_threads()} torch threads")
    print(f"torch {torch.__version__}, numpy {np.__version__}; {arguments.repeats} repeats\n")
    print(f"| us/step | torch loop | ours, 1 core | ratio (range) | ours, {cores} cores "
          "| ratio (range) |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for name, (shape, rule) in CONFIGURATIONS.items():
        if arguments.only not in name:
            continue
        task, hidden, init = make_task(shape)
        steps = arguments.corridor_steps if shape == CORRIDOR else arguments.steps
        rows = []
        for _ in range(arguments.repeats):
            loop = torch_loop(task, rule, hidden, 300 if shape == CORRIDOR else 1500)
            alone = ours(task, rule, hidden, init, steps)
            rows.append((loop, alone, ours(task, rule, hidden, init, steps, cores)))
        loop, alone, together = (median(column) * 1e6 for column in zip(*rows, strict=True))
        ratios = [sorted(row[0] / row[i] for row in rows) for i in (1, 2)]
        spread = [f"{median(r):.0f} ({r[0]:.0f} to {r[-1]:.0f})" for r in ratios]
        print(
            f"| {name} | {loop:.0f} | {alone:.2f} | {spread[0]} | {together:.2f} | {spread[1]} |",
            flush=True,
        )

    print("\nWhere the time of a step goes with all units active, 1 core, us:\n")
    print("| | forward | backward and update | noise | looking for silent units | record |")
    print("|---|---|---|---|---|---|")
    for name, (shape, rule) in CONFIGURATIONS.items():
        if rule in (UPDATE, CONFIGURATIONS["corridor, 500 units"][1]):
            task, hidden, _ = make_task(shape)
            costs = phase_costs(task, hidden)
            label = name.removeprefix("update noise, ")
            print(f"| {label} | " + " | ".join(f"{cost:.2f}" for cost in costs) + " |", flush=True)


if __name__ == "__main__":
    main()
