"""The network's arithmetic on blocks of sixteen hidden units.

All parameters of a block of units lie together: row r of block b holds, for its sixteen units, the
weight from input r (r < d_in), the bias (r = d_in) or the weight to output r - d_in - 1. Every
sum over units is then one vector sum at its very end, everything else has units along the lanes.
Surplus lanes hold zeros and are kept there by ``unit_mask``. Units may change places (see
:mod:`drift.engine.silence`); steps work on the first ``awake_blocks`` blocks.

A learning rule's kernel calls, once a step, :func:`forward`, :func:`residuals` and, for every
block, :func:`block_gradient`, and then changes the block's weights.
"""

from __future__ import annotations

from numba import njit

from drift.engine.noise import add_normal, add_uniform
from drift.engine.simd import (
    LANES,
    add,
    broadcast,
    load,
    multiply,
    multiply_add,
    splat,
    store,
    subtract,
    total,
    where_positive,
    zeros_like,
)


@njit
def add_product(out, o, left, i, row_stride, inner_stride, right, r, rows, inner):
    """out[p] += sum over q of left[p, q] * right[q], where out and right hold a vector a row.

    ``o``, ``i`` and ``r`` are the offsets of the three operands; element (p, q) of ``left`` is at
    ``i + p * row_stride + q * inner_stride``. Eight rows at a time keep their sums in registers.
    """
    p = 0
    while p + 8 <= rows:
        a = o + p * LANES
        j = i + p * row_stride
        c0, c1 = load(out, a), load(out, a + LANES)
        c2, c3 = load(out, a + 2 * LANES), load(out, a + 3 * LANES)
        c4, c5 = load(out, a + 4 * LANES), load(out, a + 5 * LANES)
        c6, c7 = load(out, a + 6 * LANES), load(out, a + 7 * LANES)
        for q in range(inner):
            vector = load(right, r + q * LANES)
            c0 = multiply_add(broadcast(left, j), vector, c0)
            c1 = multiply_add(broadcast(left, j + row_stride), vector, c1)
            c2 = multiply_add(broadcast(left, j + 2 * row_stride), vector, c2)
            c3 = multiply_add(broadcast(left, j + 3 * row_stride), vector, c3)
            c4 = multiply_add(broadcast(left, j + 4 * row_stride), vector, c4)
            c5 = multiply_add(broadcast(left, j + 5 * row_stride), vector, c5)
            c6 = multiply_add(broadcast(left, j + 6 * row_stride), vector, c6)
            c7 = multiply_add(broadcast(left, j + 7 * row_stride), vector, c7)
            j += inner_stride
        store(out, a, c0)
        store(out, a + LANES, c1)
        store(out, a + 2 * LANES, c2)
        store(out, a + 3 * LANES, c3)
        store(out, a + 4 * LANES, c4)
        store(out, a + 5 * LANES, c5)
        store(out, a + 6 * LANES, c6)
        store(out, a + 7 * LANES, c7)
        p += 8
    while p + 4 <= rows:
        a = o + p * LANES
        j = i + p * row_stride
        c0, c1 = load(out, a), load(out, a + LANES)
        c2, c3 = load(out, a + 2 * LANES), load(out, a + 3 * LANES)
        for q in range(inner):
            vector = load(right, r + q * LANES)
            c0 = multiply_add(broadcast(left, j), vector, c0)
            c1 = multiply_add(broadcast(left, j + row_stride), vector, c1)
            c2 = multiply_add(broadcast(left, j + 2 * row_stride), vector, c2)
            c3 = multiply_add(broadcast(left, j + 3 * row_stride), vector, c3)
            j += inner_stride
        store(out, a, c0)
        store(out, a + LANES, c1)
        store(out, a + 2 * LANES, c2)
        store(out, a + 3 * LANES, c3)
        p += 4
    while p < rows:
        # One row alone: four partial sums hide the latency of its multiply-adds.
        a = o + p * LANES
        j = i + p * row_stride
        c0 = load(out, a)
        c1 = c2 = c3 = zeros_like(out)
        q = 0
        while q + 4 <= inner:
            b = r + q * LANES
            c0 = multiply_add(broadcast(left, j), load(right, b), c0)
            c1 = multiply_add(broadcast(left, j + inner_stride), load(right, b + LANES), c1)
            c2 = multiply_add(broadcast(left, j + 2 * inner_stride), load(right, b + 2 * LANES), c2)
            c3 = multiply_add(broadcast(left, j + 3 * inner_stride), load(right, b + 3 * LANES), c3)
            j += 4 * inner_stride
            q += 4
        while q < inner:
            c0 = multiply_add(broadcast(left, j), load(right, r + q * LANES), c0)
            j += inner_stride
            q += 1
        store(out, a, add(add(c0, c1), add(c2, c3)))
        p += 1


@njit
def _network_output(w):
    """Write the outputs y = relu(x m^T + b) n^T, given the activity, to ``w.residual``."""
    block_stride = w.samples * LANES
    weight_stride = w.rows * LANES
    for t in range(0, w.samples, 2):
        # Two samples by four outputs at a time; an odd last sample is computed twice.
        second = min(t + 1, w.samples - 1)
        k = 0
        while k + 4 <= w.d_out:
            a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = zeros_like(w.weights)
            first_activity = t * LANES
            second_activity = second * LANES
            o = (w.d_in + 1 + k) * LANES
            for _ in range(w.awake_blocks[0]):
                first_h = load(w.activity, first_activity)
                second_h = load(w.activity, second_activity)
                n0, n1 = load(w.weights, o), load(w.weights, o + LANES)
                n2, n3 = load(w.weights, o + 2 * LANES), load(w.weights, o + 3 * LANES)
                a0 = multiply_add(first_h, n0, a0)
                a1 = multiply_add(first_h, n1, a1)
                a2 = multiply_add(first_h, n2, a2)
                a3 = multiply_add(first_h, n3, a3)
                b0 = multiply_add(second_h, n0, b0)
                b1 = multiply_add(second_h, n1, b1)
                b2 = multiply_add(second_h, n2, b2)
                b3 = multiply_add(second_h, n3, b3)
                first_activity += block_stride
                second_activity += block_stride
                o += weight_stride
            y = t * w.d_out + k
            w.residual[y] = total(a0)
            w.residual[y + 1] = total(a1)
            w.residual[y + 2] = total(a2)
            w.residual[y + 3] = total(a3)
            y = second * w.d_out + k
            w.residual[y] = total(b0)
            w.residual[y + 1] = total(b1)
            w.residual[y + 2] = total(b2)
            w.residual[y + 3] = total(b3)
            k += 4
        while k < w.d_out:
            a0 = b0 = zeros_like(w.weights)
            o = (w.d_in + 1 + k) * LANES
            for b in range(w.awake_blocks[0]):
                n0 = load(w.weights, o + b * weight_stride)
                a0 = multiply_add(load(w.activity, b * block_stride + t * LANES), n0, a0)
                b0 = multiply_add(load(w.activity, b * block_stride + second * LANES), n0, b0)
            w.residual[t * w.d_out + k] = total(a0)
            w.residual[second * w.d_out + k] = total(b0)
            k += 1


@njit
def forward(w):
    """Activity of all hidden units for all samples, and the outputs (into ``w.residual``)."""
    leak = splat(w.leak)
    for b in range(w.awake_blocks[0]):
        weights = b * w.rows * LANES
        activity = b * w.samples * LANES
        bias = load(w.weights, weights + w.d_in * LANES)
        for t in range(w.samples):
            store(w.activity, activity + t * LANES, bias)
        add_product(
            w.activity, activity, w.inputs, 0, w.d_in, 1, w.weights, weights, w.samples, w.d_in
        )
        for t in range(w.samples):
            z = load(w.activity, activity + t * LANES)
            store(w.activity, activity + t * LANES, where_positive(z, z, multiply(z, leak)))
    _network_output(w)


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
    vectors = -(-w.samples * w.d_in // LANES)
    for v in range(vectors):
        store(w.inputs, v * LANES, load(w.clean_inputs, v * LANES))
    add_normal(w.random_state, w.inputs, 0, vectors, splat(input_noise))


@njit
def squared_error(w):
    """Sum over samples and outputs of the squared error, given the outputs in ``w.residual``."""
    error = 0.0
    for i in range(w.samples * w.d_out):
        difference = w.residual[i] - w.targets[i]
        error += difference * difference
    return error


@njit
def block_gradient(w, b):
    """Gradient of block ``b`` into ``w.gradient``, given the activity and the scaled residuals."""
    weights = b * w.rows * LANES
    activity = b * w.samples * LANES
    output = (w.d_in + 1) * LANES
    zero = zeros_like(w.gradient)
    for r in range(w.rows):
        store(w.gradient, r * LANES, zero)
    for t in range(w.samples):
        store(w.backward, t * LANES, zero)
    add_product(
        w.backward, 0, w.residual, 0, w.d_out, 1, w.weights, weights + output, w.samples, w.d_out
    )
    bias = zero
    leak = splat(w.leak)
    for t in range(w.samples):
        h = load(w.activity, activity + t * LANES)
        back = load(w.backward, t * LANES)
        through = where_positive(h, back, multiply(back, leak))
        store(w.backward, t * LANES, through)
        bias = add(bias, through)
    store(w.gradient, w.d_in * LANES, bias)
    add_product(w.gradient, 0, w.inputs, 0, 1, w.d_in, w.backward, 0, w.d_in, w.samples)
    add_product(
        w.gradient, output, w.residual, 0, 1, w.d_out, w.activity, activity, w.d_out, w.samples
    )
