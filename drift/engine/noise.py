"""Random numbers for the kernels, sixteen streams side by side.

Uniform bits come from xoshiro128+ (Blackman & Vigna 2021, doi:10.1145/3460772), one generator a
lane, of whose output the 24 highest bits are used. Normal numbers come from them by the Box-Muller
transform, with the logarithm, sine and cosine as polynomials that are exact to a few units in the
last place of float32: the smallest uniform is 2^-24, so the largest deviate is 5.77. Both
precisions of the engine draw the same float32 deviates, so that one seed gives one noise path.
"""

from __future__ import annotations

import numpy as np

from drift.engine.simd import (
    LANES,
    add,
    address,
    bit_and,
    bit_or,
    bit_xor,
    bits_as_float,
    float_as_bits,
    integer_add,
    load,
    multiply,
    multiply_add,
    shift_left,
    shift_right,
    splat,
    square_root,
    store,
    subtract,
    to_float,
    where_positive,
    widen_like,
    zeros_like,
)
from drift.support.compiled import njit

_f = np.float32
_u = np.uint32
_STEP = _f(2.0**-24)
_HALF = _f(0.5 - 2.0**-25)
_ONE = _f(1.0)
_LN2 = _f(0.6931472)
_SIGN = _u(0x80000000)
_SQRT_HALF_BITS = _u(0x3F3504F3)
_ONE_MINUS_SQRT_HALF_BITS = _u(0x3F800000 - 0x3F3504F3)
_MANTISSA = _u(0x007FFFFF)
_EXPONENT_BIAS = _f(127.0)


# Written out, since a fit made here would differ in its last digit from machine to machine; the
# tests make them again. Those of (log(1 + m) - m + m^2/2) / m^3 on the reduced interval, highest
# first, by least squares at Chebyshev's nodes.
_L8, _L7, _L6, _L5, _L4, _L3, _L2, _L1, _L0 = (
    _f(0.071489751), _f(-0.11571679), _f(0.116620645), _f(-0.12411002), _f(0.14249863),
    _f(-0.16668481), _f(0.20000711), _f(-0.2499999), _f(0.3333333),
)  # fmt: skip
# Taylor coefficients of sin(pi/2 a)/a and cos(pi/2 a) in a^2; |a| <= 1/2, so the first one left
# out is below 4e-9.
_S0, _S1, _S2, _S3, _S4 = (
    _f(1.5707964), _f(-0.6459641), _f(0.079692625), _f(-0.004681754), _f(0.00016044118)
)  # fmt: skip
_C1, _C2, _C3, _C4 = _f(-1.2337005), _f(0.2536695), _f(-0.02086348), _f(0.00091926026)


def random_state(sequence: np.random.SeedSequence) -> np.ndarray:
    """State of the sixteen generators, uint32 (4 * LANES,), from a seed sequence."""
    return sequence.generate_state(4 * LANES, np.uint32)


@njit
def _advance(s0, s1, s2, s3):
    """One step of xoshiro128+ in every lane: the new state, then the output."""
    output = integer_add(s0, s3)
    shifted = shift_left(s1, 9)
    s2 = bit_xor(s2, s0)
    s3 = bit_xor(s3, s1)
    s1 = bit_xor(s1, s2)
    s0 = bit_xor(s0, s3)
    s2 = bit_xor(s2, shifted)
    s3 = bit_or(shift_left(s3, 11), shift_right(s3, 21))
    return s0, s1, s2, s3, output


@njit
def _negative_log(uniform):
    """-log(u) for u in (0, 1]."""
    shifted = integer_add(float_as_bits(uniform), splat(_ONE_MINUS_SQRT_HALF_BITS))
    exponent = subtract(to_float(shift_right(shifted, 23)), splat(_EXPONENT_BIAS))
    mantissa = integer_add(bit_and(shifted, splat(_MANTISSA)), splat(_SQRT_HALF_BITS))
    m = subtract(bits_as_float(mantissa), splat(_ONE))
    p = multiply_add(splat(_L8), m, splat(_L7))
    p = multiply_add(p, m, splat(_L6))
    p = multiply_add(p, m, splat(_L5))
    p = multiply_add(p, m, splat(_L4))
    p = multiply_add(p, m, splat(_L3))
    p = multiply_add(p, m, splat(_L2))
    p = multiply_add(p, m, splat(_L1))
    p = multiply_add(p, m, splat(_L0))
    square = multiply(m, m)
    log = multiply_add(multiply(square, m), p, multiply_add(square, splat(_f(-0.5)), m))
    log = multiply_add(exponent, splat(_LN2), log)
    return bits_as_float(bit_xor(float_as_bits(log), splat(_SIGN)))


@njit
def _box_muller(radius_bits, angle_bits):
    """Two vectors of independent standard normal numbers from two of uniform bits."""
    uniform = multiply_add(to_float(shift_right(radius_bits, 8)), splat(_STEP), splat(_STEP))
    radius = square_root(_negative_log(uniform))
    # Two bits of the angle are the signs of the pair; the 24 after them, a in (-1/2, 1/2), choose
    # the angle pi/2 (a + 1/2) within the quadrant, by the addition theorem for pi/4.
    fraction = to_float(shift_right(shift_left(angle_bits, 2), 8))
    a = multiply_add(fraction, splat(_STEP), splat(-_HALF))
    a2 = multiply(a, a)
    sine = multiply_add(a2, splat(_S4), splat(_S3))
    sine = multiply_add(sine, a2, splat(_S2))
    sine = multiply_add(sine, a2, splat(_S1))
    sine = multiply(a, multiply_add(sine, a2, splat(_S0)))
    cosine = multiply_add(a2, splat(_C4), splat(_C3))
    cosine = multiply_add(cosine, a2, splat(_C2))
    cosine = multiply_add(cosine, a2, splat(_C1))
    cosine = multiply_add(cosine, a2, splat(_ONE))
    first = float_as_bits(multiply(radius, subtract(cosine, sine)))
    second = float_as_bits(multiply(radius, add(cosine, sine)))
    sign = splat(_SIGN)
    first = bit_xor(first, bit_and(angle_bits, sign))
    second = bit_xor(second, bit_and(shift_left(angle_bits, 1), sign))
    return bits_as_float(first), bits_as_float(second)


@njit
def _add(numbers, offset, vector, scale):
    value = multiply_add(widen_like(numbers, vector), scale, load(numbers, offset))
    store(numbers, offset, value)


@njit
def add_normal(state, numbers, offset, count, scale):
    """Add ``scale`` (a vector) times standard normal numbers to ``count`` vectors."""
    s0, s1 = load(state, 0), load(state, LANES)
    s2, s3 = load(state, 2 * LANES), load(state, 3 * LANES)
    here = offset
    end = offset + count * LANES
    while here + 4 * LANES <= end:
        # Two pairs at a time: the one is worked on where the other waits for its last result.
        s0, s1, s2, s3, first_radius = _advance(s0, s1, s2, s3)
        s0, s1, s2, s3, first_angle = _advance(s0, s1, s2, s3)
        s0, s1, s2, s3, second_radius = _advance(s0, s1, s2, s3)
        s0, s1, s2, s3, second_angle = _advance(s0, s1, s2, s3)
        a, b = _box_muller(first_radius, first_angle)
        c, d = _box_muller(second_radius, second_angle)
        _add(numbers, here, a, scale)
        _add(numbers, here + LANES, b, scale)
        _add(numbers, here + 2 * LANES, c, scale)
        _add(numbers, here + 3 * LANES, d, scale)
        here += 4 * LANES
    while here < end:
        s0, s1, s2, s3, radius_bits = _advance(s0, s1, s2, s3)
        s0, s1, s2, s3, angle_bits = _advance(s0, s1, s2, s3)
        a, b = _box_muller(radius_bits, angle_bits)
        _add(numbers, here, a, scale)
        if here + LANES < end:
            _add(numbers, here + LANES, b, scale)
        here += 2 * LANES
    store(state, 0, s0)
    store(state, LANES, s1)
    store(state, 2 * LANES, s2)
    store(state, 3 * LANES, s3)


@njit
def fill_normal(state, numbers):
    """Fill ``numbers`` (float64, whole vectors) with standard normal numbers."""
    numbers[:] = 0
    scale = splat(np.float64(1))
    add_normal(address(state), address(numbers), 0, numbers.size // LANES, scale)


@njit
def _uniform(bits):
    """A vector of numbers uniform in (-1/2, 1/2)."""
    return multiply_add(to_float(shift_right(bits, 8)), splat(_STEP), splat(-_HALF))


@njit
def add_uniform(state, numbers, offset, count, scale):
    """Add ``scale`` (a vector) times numbers uniform in (-1/2, 1/2) to ``count`` vectors."""
    s0, s1 = load(state, 0), load(state, LANES)
    s2, s3 = load(state, 2 * LANES), load(state, 3 * LANES)
    for k in range(count):
        s0, s1, s2, s3, bits = _advance(s0, s1, s2, s3)
        _add(numbers, offset + k * LANES, _uniform(bits), scale)
    store(state, 0, s0)
    store(state, LANES, s1)
    store(state, 2 * LANES, s2)
    store(state, 3 * LANES, s3)


@njit
def draw_factors(state, numbers, offset, count, probability, factor):
    """Fill ``count`` vectors with zeros, with this ``probability``, or the vector ``factor``."""
    s0, s1 = load(state, 0), load(state, LANES)
    s2, s3 = load(state, 2 * LANES), load(state, 3 * LANES)
    shift = splat(_f(0.5 - probability))
    for k in range(count):
        s0, s1, s2, s3, bits = _advance(s0, s1, s2, s3)
        kept = add(_uniform(bits), shift)
        store(numbers, offset + k * LANES, where_positive(kept, factor, zeros_like(numbers)))
    store(state, 0, s0)
    store(state, LANES, s1)
    store(state, 2 * LANES, s2)
    store(state, 3 * LANES, s3)


@njit
def draw_bits(state, words, count):
    """Fill ``count`` vectors of ``words`` (uint32) with random bits."""
    s0, s1 = load(state, 0), load(state, LANES)
    s2, s3 = load(state, 2 * LANES), load(state, 3 * LANES)
    for k in range(count):
        s0, s1, s2, s3, bits = _advance(s0, s1, s2, s3)
        store(words, k * LANES, bits)
    store(state, 0, s0)
    store(state, LANES, s1)
    store(state, 2 * LANES, s2)
    store(state, 3 * LANES, s3)
