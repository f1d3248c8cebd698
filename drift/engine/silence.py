"""Leaving silent units alone: which units a gradient step must work on, and when.

A unit that is active for no sample has no gradient. Under gradient descent only the update noise
moves it, a random walk that nothing can see until one of its pre-activations rises above zero. So
units far enough from that are *parked*: taken out of the blocks that each step works on, and given
the sum of all the noise that they missed when they are next looked at.

A parked unit's pre-activation z_t does a random walk with steps of standard deviation g_t =
``eta sigma |(x_t, 1)|``. By the reflection principle it rises above zero within k steps with
probability at most 2 Q(-z_t / (g_t sqrt(k))), Q the normal tail. With k = min_t (z_t / (8 g_t))^2,
the ``_horizon``, no sample does so except with probability 2 n Q(8) < n * 1.3e-15. Units are
looked at every ``PERIOD`` steps only: over a run of 10^7 steps with 500 units and 150 samples,
less than 3e-5 in all, however often they are parked. Without update noise the horizon is endless.

Columns (places in blocks) below ``awake_blocks * LANES`` are awake; all others are parked.
"""

from __future__ import annotations

import numpy as np

from drift.engine.blocks import hidden_layer
from drift.engine.noise import add_normal
from drift.engine.simd import LANES, as_element, splat, store, zeros_like
from drift.engine.workspace import addresses
from drift.support.compiled import njit

PERIOD = 32
"""Steps between two looks at which units to park and to wake."""

SAFETY = 8.0
"""Standard deviations that a parked unit stays away from waking up."""

NEVER = np.int64(2**62)


@njit
def _element(w, column, row):
    """Offset in ``w.weights`` of one parameter of the unit in ``column``."""
    return ((column // LANES) * w.rows + row) * LANES + column % LANES


@njit
def _horizon(w, pre_activation, offset, stride):
    """Steps for which a unit with these pre-activations stays silent; 0 if it is active."""
    shortest = np.inf
    for t in range(w.samples):
        z = pre_activation[offset + t * stride]
        if not z <= 0:
            return 0
        if w.noise_step[t] > 0:
            margin = z / (SAFETY * w.noise_step[t])
            shortest = min(shortest, margin * margin)
    return NEVER if shortest > NEVER else np.int64(shortest)


@njit
def _pre_activation(w, column):
    """Pre-activations of one unit, into ``w.backward``."""
    for t in range(w.samples):
        z = w.inputs[t * w.features] * w.weights[_element(w, column, 0)]
        for i in range(1, w.features):
            z += w.inputs[t * w.features + i] * w.weights[_element(w, column, i)]
        w.backward[t] = z


@njit
def catch_up(w, column, step, noise_scale):
    """Give the parked unit in ``column`` the noise of all steps since it was last changed."""
    missed = step - w.changed[column]
    w.changed[column] = step
    if missed == 0 or noise_scale == 0 or w.unit_of_column[column] < 0:
        return
    vectors = -(-w.rows // LANES)
    for v in range(vectors):
        store(w.gradient, v * LANES, zeros_like(w.gradient))
    scale = splat(as_element(w.gradient, noise_scale * np.sqrt(missed)))
    add_normal(w.random_state, w.gradient, 0, vectors, scale)
    for r in range(w.rows):
        w.weights[_element(w, column, r)] += w.gradient[r]


@njit
def _swap(w, a, b):
    for r in range(w.rows):
        i, j = _element(w, a, r), _element(w, b, r)
        w.weights[i], w.weights[j] = w.weights[j], w.weights[i]
    w.unit_of_column[a], w.unit_of_column[b] = w.unit_of_column[b], w.unit_of_column[a]
    w.unit_mask[a], w.unit_mask[b] = w.unit_mask[b], w.unit_mask[a]
    w.due[a], w.due[b] = w.due[b], w.due[a]
    w.changed[a], w.changed[b] = w.changed[b], w.changed[a]


@njit
def _look_at_awake(w, step):
    """Note for every awake unit until when it could be parked."""
    one = splat(as_element(w.weights, 1.0))
    for b in range(w.awake_blocks[0]):
        hidden_layer(w, b, 1, (w.backward, 0, 0), one)
        for lane in range(LANES):
            column = b * LANES + lane
            w.changed[column] = step
            w.due[column] = NEVER
            if w.unit_of_column[column] >= 0:
                w.due[column] = min(NEVER, step + _horizon(w, w.backward, lane, LANES))


@njit
def park_and_wake(w, step, noise_scale):
    """Park the units that are safe until the next look, wake those that are not; at ``step``."""
    columns = w.blocks * LANES
    awake = w.awake_blocks[0] * LANES
    _look_at_awake(w, step)
    for column in range(awake, columns):
        if w.due[column] < step + PERIOD:
            catch_up(w, column, step, noise_scale)
            _pre_activation(w, column)
            w.due[column] = min(NEVER, step + _horizon(w, w.backward, 0, 1))
    wanted = 0
    for column in range(columns):
        if w.due[column] < step + PERIOD:
            wanted += 1
    blocks = -(-wanted // LANES)
    free = 0
    for column in range(blocks * LANES, columns):
        if w.due[column] < step + PERIOD:
            while w.due[free] < step + PERIOD:
                free += 1
            _swap(w, free, column)
    # Whoever fills up the last awake block takes part in every step, silent or not.
    for column in range(blocks * LANES):
        catch_up(w, column, step, noise_scale)
    w.awake_blocks[0] = blocks


@njit(cache=True)
def catch_up_all(workspace, noise_scale):
    """Give every parked unit the noise it missed, so that all parameters are those of now."""
    w = addresses(workspace)
    for column in range(w.awake_blocks[0] * LANES, w.blocks * LANES):
        catch_up(w, column, w.clock[0], noise_scale)
