"""Random numbers of the live network: bits by definition, distribution by theory."""

import numpy as np
import pytest
from scipy import stats


def bits_by_definition(seed, count):
    """Outputs of xoshiro128** from a state of splitmix32, with Python's integers."""
    mask = 0xFFFFFFFF

    def rotated(x, by):
        return ((x << by) | (x >> (32 - by))) & mask

    state, counter = [], seed
    for _ in range(4):
        counter = (counter + 0x9E3779B9) & mask
        z = ((counter ^ (counter >> 16)) * 0x21F0AAAD) & mask
        z = ((z ^ (z >> 15)) * 0x735A2D97) & mask
        state.append(z ^ (z >> 15))
    for _ in range(count):
        yield rotated((state[1] * 5) & mask, 7) * 9 & mask
        shifted = (state[1] << 9) & mask
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotated(state[3], 11)


@pytest.mark.parametrize("seed", [0, 1, 4_000_000_000])
def test_bits_are_those_of_the_generator(live_page, seed):
    found = live_page.execute_script(
        "const random = makeRandom(arguments[0]);"
        "return Array.from({length: 1000}, () => random.bits() >>> 0)",
        seed,
    )
    assert found == list(bits_by_definition(seed, 1000))


def test_normal_numbers_are_normal(live_page):
    # One fixed seed. Beyond 3.65 the numbers come from the tail's own program.
    numbers, far = live_page.execute_script(
        "const random = makeRandom(5), far = [];"
        "const numbers = Array.from({length: 200000}, () => random.normal());"
        "for (let i = 0; i < 4e6; i++) {"
        "  const x = random.normal(); if (Math.abs(x) > 3.654152885361009) far.push(x); }"
        "return [numbers, far];"
    )
    numbers, far = np.array(numbers), np.array(far)
    assert stats.kstest(numbers, "norm").pvalue > 1e-3
    shares = np.histogram(stats.norm.cdf(numbers), bins=1000, range=(0, 1))[0]
    assert stats.chisquare(shares).pvalue > 1e-3
    for power, (expected, variance) in {1: (0, 1), 2: (1, 2), 3: (0, 15), 4: (3, 96)}.items():
        error = np.sqrt(variance / numbers.size)
        assert abs((numbers**power).mean() - expected) < 4 * error
    probability = 2 * stats.norm.sf(3.654152885361009)
    assert stats.binomtest(far.size, 4_000_000, probability).pvalue > 1e-3
    tail = stats.norm.sf(np.abs(far)) * 2 / probability
    assert stats.kstest(tail, "uniform").pvalue > 1e-3
    assert stats.binomtest(int((far > 0).sum()), far.size).pvalue > 1e-3


def test_added_normal_numbers_are_the_same_numbers(live_page):
    one, other = live_page.execute_script(
        "const random = makeRandom(3), numbers = new Float64Array(20000).fill(1);"
        "random.addNormal(numbers, 5, 20000, 0.5);"
        "const again = makeRandom(3), drawn = new Float64Array(20000).fill(1);"
        "for (let i = 5; i < 20000; i++) drawn[i] += 0.5 * again.normal();"
        "return [[...numbers], [...drawn]];"
    )
    assert one == other
    assert one[:5] == [1] * 5
    assert np.std(one[5:]) == pytest.approx(0.5, rel=0.03)
