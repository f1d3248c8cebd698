"""The cost of each part of a step of gradient descent, timed one by one."""

from __future__ import annotations

import time

import numpy as np
from numba import njit

import drift
from drift.engine.blocks import add_gradient, backward, forward
from drift.engine.noise import add_normal
from drift.engine.silence import PERIOD, park_and_wake
from drift.engine.simd import LANES, splat
from drift.engine.tiles import TILE_BLOCKS
from drift.engine.workspace import addresses
from drift.simulation.fast_engine import FastEngine
from drift.simulation.measures import MEASURES, observe


@njit
def _forward(workspace, repeats):
    w = addresses(workspace)
    for _ in range(repeats):
        forward(w)


@njit
def _backward(workspace, repeats):
    w = addresses(workspace)
    nothing = splat(np.float32(0))
    stride = w.rows * LANES
    for _ in range(repeats):
        for b in range(0, w.blocks, TILE_BLOCKS):
            blocks = min(TILE_BLOCKS, w.blocks - b)
            backward(w, b, blocks)
            add_gradient(w, b, blocks, (w.weights, b * stride, stride), nothing)


@njit
def _noise(workspace, repeats):
    w = addresses(workspace)
    scale = splat(np.float32(0))
    for _ in range(repeats):
        for b in range(w.blocks):
            add_normal(w.random_state, w.weights, b * w.rows * LANES, w.rows, scale)


@njit
def _look(workspace, repeats):
    w = addresses(workspace)
    for i in range(repeats):
        park_and_wake(w, i * PERIOD, np.float32(0))


def phase_costs(task: drift.Task, hidden: int) -> list[float]:
    """Microseconds a step, one number a column of the table in ``speed.py``.

    Recording is that of the default measures at 1000 of 10^6 steps.
    """
    rule = drift.GradientDescent()
    start = drift.simulate(task, rule, hidden=hidden, steps=0, snapshots=[0])
    parameters = drift.Parameters.of_snapshot(start, 0)
    costs = []
    for phase in (_forward, _backward, _noise, _look):
        sequence = np.random.SeedSequence(0)
        engine = FastEngine(task, rule, parameters, sequence, "relu", "float32", True)
        phase(engine.workspace, 1)
        began = time.perf_counter()
        phase(engine.workspace, 100)
        repeats = max(1, int(0.2 / ((time.perf_counter() - began) / 100)))
        times = []
        for _ in range(5):
            began = time.perf_counter()
            phase(engine.workspace, repeats)
            times.append((time.perf_counter() - began) / repeats)
        costs.append(min(times) * 1e6)
    costs[-1] /= PERIOD
    began = time.perf_counter()
    for _ in range(100):
        seen = observe(task, engine.parameters())
        for name in drift.simulation.simulate.DEFAULT_MEASURES:
            MEASURES[name](seen)
    return [*costs, (time.perf_counter() - began) / 100 / 1000 * 1e6]
