"""The samples of a step, where a step works on a few of them: drawn from the task's, or fresh.

Either fills the ``samples`` rows of ``w.inputs`` and ``w.targets``.
"""

from __future__ import annotations

import numpy as np

from drift.engine.noise import add_normal, draw_bits
from drift.engine.simd import LANES, as_element, load, multiply, splat, store, zeros_like
from drift.support.compiled import njit


@njit
def draw_from_task(w):
    """Samples of the task, each as likely, independent of each other and of other steps.

    Sample i is drawn if the 24 highest of 32 random bits, as a share of 2^24, times the number of
    samples come to i and a fraction: equally likely to one in 2^24.
    """
    draw_bits(w.random_state, w.chosen, -(-w.samples // LANES))
    for t in range(w.samples):
        i = ((np.int64(w.chosen[t]) >> 8) * w.pool) >> 24
        for feature in range(w.features):
            w.inputs[t * w.features + feature] = w.clean_inputs[i * w.features + feature]
        for k in range(w.d_out):
            w.targets[t * w.d_out + k] = w.clean_targets[i * w.d_out + k]


@njit
def draw_from_stream(w):
    """Fresh samples: independent normal inputs, and what the linear teacher answers to them."""
    vectors = -(-w.samples * w.features // LANES)
    for v in range(vectors):
        store(w.inputs, v * LANES, zeros_like(w.inputs))
    one = splat(as_element(w.inputs, 1.0))
    add_normal(w.random_state, w.inputs, 0, vectors, one)
    for v in range(vectors):
        at = v * LANES
        store(w.inputs, at, multiply(load(w.inputs, at), load(w.deviation, at)))
    constant = w.features - 1  # what the bias is the weight of
    for t in range(w.samples):
        w.inputs[t * w.features + constant] = 1
        for k in range(w.d_out):
            answer = w.teacher[k * w.features] * w.inputs[t * w.features]
            for i in range(1, constant):
                answer += w.teacher[k * w.features + i] * w.inputs[t * w.features + i]
            w.targets[t * w.d_out + k] = answer
