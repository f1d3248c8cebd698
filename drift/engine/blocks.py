"""The network's arithmetic on blocks of sixteen hidden units.

All parameters of a block of units lie together: row r of block b holds, for its sixteen units, the
weight from feature r of the input (r < features, see :mod:`drift.engine.workspace`) or the weight
to output r - features. Every sum over units is then one vector sum at its very end, everything else
has units along the lanes. Surplus lanes hold zeros and are kept there by ``unit_mask``. Units may
change places (see :mod:`drift.engine.silence`); steps work on the first ``awake_blocks`` blocks.

A learning rule's kernel calls, once a step, ``forward`` (or its halves, ``activate`` and
``outputs``) and ``residuals`` and, for every group of up to TILE_BLOCKS blocks, ``backward`` and
``add_gradient``, or ``block_gradient``, which does both.
"""

from __future__ import annotations

from drift.engine.noise import add_normal, add_uniform
from drift.engine.simd import (
    LANES,
    as_element,
    load,
    multiply,
    splat,
    store,
    subtract,
    zeros_like,
)
from drift.engine.tiles import (
    TILE_BLOCKS,
    TILE_ROWS,
    TILE_SIDE,
    activated_product,
    add_product,
    gated_product,
    product_over_units,
)
from drift.support.compiled import njit


@njit
def _tile(left, limit):
    """Size of the next tile of ``left`` rows: at most ``limit``, and all much the same."""
    return left // -(-left // limit)


@njit
def hidden_layer(w, b, blocks, out, leak):
    """Activity of ``blocks`` blocks from ``b`` on for all samples, into the operand ``out``.

    Negative pre-activations are multiplied by the vector ``leak``.
    """
    address, offset, stride = out
    weights = (w.weights, b * w.rows * LANES, w.rows * LANES)
    t = 0
    while t < w.samples:
        rows = _tile(w.samples - t, TILE_ROWS)
        features = min(w.features, t + rows) if w.triangular else w.features
        inputs = (w.inputs, t * w.features, w.features, 1)
        here = (address, offset + t * LANES, stride)
        activated_product(here, inputs, weights, features, rows, blocks, leak)
        t += rows


@njit
def activate(w, leak):
    """Activity of all awake units for all samples; below zero times the vector ``leak``."""
    stride = w.samples * LANES
    for b in range(0, w.awake_blocks[0], TILE_BLOCKS):
        blocks = min(TILE_BLOCKS, w.awake_blocks[0] - b)
        hidden_layer(w, b, blocks, (w.activity, b * stride, stride), leak)


@njit
def outputs(w):
    """Write the outputs y = relu(x m^T + b) n^T, given the activity, to ``w.residual``."""
    t = 0
    while t < w.samples:
        rows = _tile(w.samples - t, TILE_SIDE)
        activity = (w.activity, t * LANES, w.samples * LANES)
        k = 0
        while k < w.d_out:
            columns = _tile(w.d_out - k, TILE_SIDE)
            weights = (w.weights, (w.features + k) * LANES, w.rows * LANES)
            out = (w.residual, t * w.d_out + k, w.d_out, 1)
            product_over_units(out, activity, weights, w.awake_blocks[0], rows, columns)
            k += columns
        t += rows


@njit
def forward(w):
    """Activity of all awake units for all samples, and the outputs (into ``w.residual``)."""
    activate(w, splat(w.leak))
    outputs(w)


@njit
def residuals(w, factor, label_noise, gaussian):
    """Turn the outputs in ``w.residual`` into ``factor`` * (output - noisy target).

    ``label_noise`` is the width of the uniform noise on the targets, or the standard deviation of
    the normal noise if ``gaussian``; all of ``w``'s float type.
    """
    vectors = -(-w.samples * w.d_out // LANES)
    for v in range(vectors):
        difference = subtract(load(w.residual, v * LANES), load(w.targets, v * LANES))
        store(w.residual, v * LANES, difference)
    if label_noise > 0:
        if gaussian:
            add_normal(w.random_state, w.residual, 0, vectors, splat(-label_noise))
        else:
            add_uniform(w.random_state, w.residual, 0, vectors, splat(-label_noise))
    for v in range(vectors):
        store(w.residual, v * LANES, multiply(load(w.residual, v * LANES), splat(factor)))


@njit
def perturb_inputs(w, input_noise):
    """Give the inputs fresh normal noise of standard deviation ``input_noise``."""
    vectors = -(-w.samples * w.features // LANES)
    for v in range(vectors):
        store(w.inputs, v * LANES, load(w.clean_inputs, v * LANES))
    add_normal(w.random_state, w.inputs, 0, vectors, splat(input_noise))
    constant = w.features - 1  # what the bias is the weight of
    for t in range(w.samples):
        i = t * w.features + constant
        w.inputs[i] = w.clean_inputs[i]


@njit
def squared_error(w):
    """Sum over samples and outputs of the squared error, given the outputs in ``w.residual``."""
    error = 0.0
    for i in range(w.samples * w.d_out):
        difference = w.residual[i] - w.targets[i]
        error += difference * difference
    return error


@njit
def backward(w, b, blocks):
    """Gradient along the pre-activations of ``blocks`` blocks, into ``w.backward``."""
    leak = splat(w.leak)
    stride = w.samples * LANES
    weights = (w.weights, (b * w.rows + w.features) * LANES, w.rows * LANES)
    t = 0
    while t < w.samples:
        rows = _tile(w.samples - t, TILE_ROWS)
        out = (w.backward, t * LANES, stride)
        activity = (w.activity, b * stride + t * LANES, stride)
        residual = (w.residual, t * w.d_out, w.d_out, 1)
        gated_product(out, residual, weights, w.d_out, rows, blocks, leak, activity)
        t += rows


@njit
def add_gradient(w, b, blocks, out, scale):
    """Add the vector ``scale`` times the gradient of ``blocks`` blocks to the operand ``out``.

    Given the scaled residuals, the activity and what ``backward`` found.
    """
    address, offset, stride = out
    samples = w.samples * LANES
    i = 0
    while i < w.features:
        rows = _tile(w.features - i, TILE_ROWS)
        first = i if w.triangular else 0
        inputs = (w.inputs, first * w.features + i, 1, w.features)
        back = (w.backward, first * LANES, samples)
        here = (address, offset + i * LANES, stride)
        add_product(here, inputs, back, w.samples - first, rows, blocks, scale)
        i += rows
    activity = (w.activity, b * samples, samples)
    k = 0
    while k < w.d_out:
        rows = _tile(w.d_out - k, TILE_ROWS)
        residual = (w.residual, k, 1, w.d_out)
        here = (address, offset + (w.features + k) * LANES, stride)
        add_product(here, residual, activity, w.samples, rows, blocks, scale)
        k += rows


@njit
def block_gradient(w, b, blocks):
    """The gradient of ``blocks`` blocks from ``b`` on, into ``w.gradient``.

    Given the scaled residuals and the activity.
    """
    for r in range(blocks * w.rows):
        store(w.gradient, r * LANES, zeros_like(w.gradient))
    backward(w, b, blocks)
    one = splat(as_element(w.gradient, 1.0))
    add_gradient(w, b, blocks, (w.gradient, 0, w.rows * LANES), one)
