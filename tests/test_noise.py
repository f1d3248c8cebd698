"""The kernels' random numbers against plain integers, float64 formulas and their laws."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from drift.engine import noise
from drift.engine.noise import add_normal, add_uniform, random_state
from drift.engine.simd import LANES, address, splat

MASK = 0xFFFFFFFF


@njit
def normal(state, array, vectors, scale):
    add_normal(address(state), address(array), 0, vectors, splat(scale))


@njit
def uniform(state, array, vectors, scale):
    add_uniform(address(state), address(array), 0, vectors, splat(scale))


def xoshiro128plus(state: list[int], count: int) -> list[int]:
    """The published algorithm on Python integers, one lane."""
    s = [int(word) for word in state]
    out = []
    for _ in range(count):
        out.append((s[0] + s[3]) & MASK)
        t = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 11) | (s[3] >> 21)) & MASK
    return out


def bits(seed: int, count: int) -> np.ndarray:
    """The first ``count`` outputs of each lane, (count, LANES)."""
    state = random_state(np.random.SeedSequence(seed)).reshape(4, LANES)
    return np.array([xoshiro128plus(state[:, lane], count) for lane in range(LANES)]).T


@pytest.mark.parametrize("vectors", [1, 2, 7])
def test_uniform_numbers_are_xoshiro128plus(vectors):
    out = np.zeros(vectors * LANES, np.float32)
    uniform(random_state(np.random.SeedSequence(3)), out, vectors, np.float32(1))
    expected = (bits(3, vectors) >> 8) * 2.0**-24 - 0.5 + 2.0**-25
    # The sum is rounded once to float32: half a unit in the last place of a number below 1/2.
    np.testing.assert_allclose(out.reshape(vectors, LANES), expected, rtol=0, atol=2.0**-25)


def box_muller(seed: int, vectors: int) -> np.ndarray:
    """The transform in float64 by the textbook, on the bits that the kernel uses."""
    raw = bits(seed, 2 * -(-vectors // 2))
    radius = np.sqrt(-2 * np.log(((raw[0::2] >> 8) + 1) * 2.0**-24))
    quadrant = ((raw[1::2] << 2) & MASK) >> 8
    angle = np.pi / 2 * (quadrant * 2.0**-24 + 2.0**-25)
    cosine_sign, sine_sign = (np.where((raw[1::2] >> bit) & 1, -1, 1) for bit in (31, 30))
    pair = radius[:, None] * np.stack(
        [np.cos(angle) * cosine_sign, np.sin(angle) * sine_sign], axis=1
    )
    return pair.reshape(-1, LANES)[:vectors]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("vectors", [1, 2, 501])
def test_normal_numbers_are_box_muller_to_rounding(dtype, vectors):
    out = np.zeros(vectors * LANES, dtype)
    normal(random_state(np.random.SeedSequence(5)), out, vectors, dtype(1))
    # Deviates reach 5.77; float32 rounding of angle, radius and their product leaves below 2e-6.
    np.testing.assert_allclose(out.reshape(-1, LANES), box_muller(5, vectors), rtol=0, atol=2e-6)


def test_the_written_coefficients_are_those_of_the_fits():
    """Least squares at 4001 Chebyshev nodes, and Taylor's series, to one unit of float32."""
    low, high = np.sqrt(0.5) - 1, np.sqrt(2) - 1
    nodes = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * np.linspace(0, 1, 4001))
    nodes = nodes[np.abs(nodes) > 1e-3]
    values = (np.log1p(nodes) - nodes + nodes**2 / 2) / nodes**3
    fit = np.polynomial.chebyshev.Chebyshev.fit(nodes, values, 8)
    wanted = {f"_L{k}": c for k, c in enumerate(fit.convert(kind=np.polynomial.Polynomial).coef)}
    for k in range(5):
        sign, angle = (-1) ** k, np.pi / 2
        wanted[f"_S{k}"] = sign * angle ** (2 * k + 1) / math.factorial(2 * k + 1)
        if k > 0:
            wanted[f"_C{k}"] = sign * angle ** (2 * k) / math.factorial(2 * k)
    wanted["_LN2"] = math.log(2)
    for name, value in wanted.items():
        written = getattr(noise, name)
        assert abs(float(written) - value) <= np.spacing(abs(written)), name


def test_both_precisions_see_the_same_noise():
    single, double = np.zeros(320, np.float32), np.zeros(320, np.float64)
    normal(random_state(np.random.SeedSequence(1)), single, 20, np.float32(1))
    normal(random_state(np.random.SeedSequence(1)), double, 20, np.float64(1))
    np.testing.assert_array_equal(single, double)


def test_normal_numbers_follow_the_normal_law():
    """Two million deviates of one fixed seed; a correct generator fails for 1 seed in 10^4."""
    out = np.zeros(2_000_000, np.float32)
    normal(random_state(np.random.SeedSequence(2024)), out, out.size // LANES, np.float32(1))
    assert stats.kstest(out, "norm").pvalue > 1e-4
    lanes = out.reshape(-1, LANES).astype(float)
    count = len(lanes)
    # Lanes and successive vectors are uncorrelated: 4.5 standard errors.
    correlation = np.corrcoef(lanes.T)[np.triu_indices(LANES, 1)]
    assert np.abs(correlation).max() < 4.5 / np.sqrt(count)
    serial = (lanes[1:] * lanes[:-1]).mean(axis=0)
    assert np.abs(serial).max() < 4.5 / np.sqrt(count)


def test_scale_multiplies_and_adds():
    state = random_state(np.random.SeedSequence(9))
    plain, scaled = np.zeros(32, np.float64), np.full(32, 7.0)
    normal(state.copy(), plain, 2, 1.0)
    normal(state.copy(), scaled, 2, 0.25)
    np.testing.assert_allclose(scaled, 7 + 0.25 * plain, rtol=1e-15)
