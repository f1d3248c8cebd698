"""Walks in two valleys against their closed laws."""

import numpy as np
import pytest
from scipy import integrate, stats

from drift.engine.noise import random_state
from drift.theory.valleys import (
    flat_side_reached,
    label_noise_decay,
    position_quantile,
    squared_position_cdf,
    walk_in_valley,
)

UPDATE = {"learning_rate": 0.01, "width": 0.5}
PER_STEP = (0.01 * 0.5) ** 2


def test_one_step_is_descent_on_the_loss():
    """With noise too small to see, from where x = x_0 and y stays 0: nothing moves."""
    for noise in ("update noise", "label noise"):
        still = walk_in_valley(
            noise, walks=3, steps=5, record=[5], start=1.5, learning_rate=0.1, width=1e-12
        )
        np.testing.assert_allclose(still.x, 1.5, atol=1e-10)
    from drift.theory.valleys import _descend

    state = random_state(np.random.SeedSequence(0))
    for name, x, y in (("update noise", 2 * 0.7 * 0.4**2, 2 * 0.7**2 * 0.4),
                       ("label noise", 0.7 * 0.4**2, 0.7**2 * 0.4)):  # fmt: skip
        a, b = np.array([0.7]), np.array([0.4])
        _descend(a, b, np.array([-1]), 0, 1, 0.1, 0.0, name == "label noise", state)
        np.testing.assert_allclose([a[0], b[0]], [0.7 - 0.1 * x, 0.4 - 0.1 * y], rtol=1e-12)


def test_the_law_of_the_squared_position():
    """Its mean is x_0^2 for ever, its atom the probability of having reached the flat side.

    Two such processes add up to a third, which makes its Laplace transform at q the exponential
    exp(-q x_0^2 / (1 + 2 q t)).
    """
    for start, time in ((1.5, 0.3), (1.0, 2.0), (0.5, 5.0)):

        def survival(squared, start=start, time=time):
            return 1 - squared_position_cdf(np.array([squared]), start, time)[0]

        mean, _ = integrate.quad(survival, 0, 400 * time, limit=500)
        assert mean == pytest.approx(start**2, rel=1e-6)
        at_zero = squared_position_cdf(np.array([0.0, -1.0]), start, time)
        np.testing.assert_allclose(at_zero, [flat_side_reached(start, time), 0])
        transform, _ = integrate.quad(
            lambda s, survival=survival: np.exp(-s) * survival(s), 0, 60, limit=500
        )
        assert 1 - transform == pytest.approx(np.exp(-(start**2) / (1 + 2 * time)), abs=1e-6)
        half = position_quantile(0.5, start, time)
        if half > 0:
            found = squared_position_cdf(np.array([half**2]), start, time)
            assert found == pytest.approx(0.5, abs=1e-3)


def test_walks_with_update_noise_follow_it():
    """800 walks at three times: shares within 4 standard errors, positions by Kolmogorov's test.

    The closed law is that of a vanishing eta sigma^2; at 0.0025 a walk meets the other valley at
    |x| of about 0.16, a little before it would be at 0, which the 0.02 allow for.
    """
    steps = np.array([22500, 45000, 90000])
    walks = walk_in_valley(
        "update noise", walks=800, steps=90_000, record=steps, start=1.5, seed=1, **UPDATE
    )
    corner = walks.corner.values
    for place, step in enumerate(steps):
        time = step * PER_STEP
        reached = (corner > 0) & (corner <= step)
        expected = flat_side_reached(1.5, time)
        error = np.sqrt(expected * (1 - expected) / 800)
        assert abs(reached.mean() - expected) < 4 * error + 0.02
        outside = walks.x.values[place][~reached] ** 2

        def beyond(squared, time=time, expected=expected):
            return (squared_position_cdf(squared, 1.5, time) - expected) / (1 - expected)

        assert stats.kstest(outside, beyond).pvalue > 1e-3
    # The bias is in the median, not in the mean.
    stopped = np.where((corner > 0) & (corner <= 45_000), 0, walks.x.values[1] ** 2)
    assert abs(stopped.mean() - 2.25) < 4 * stopped.std() / np.sqrt(800)
    assert np.median(stopped) < 0.6 * 2.25


@pytest.mark.parametrize("width", [0.25, 0.5])
def test_walks_with_label_noise_decay_without_spread(width):
    """All 20 walks together: the noise moves them across the valley only; eta x^2 / 2 is 1 %."""
    time = np.array([0.5, 1.0, 2.0])
    steps = (time / (0.01 * width) ** 2).astype(int)
    walks = walk_in_valley(
        "label noise", walks=20, steps=steps[-1], record=steps, start=1.5,
        learning_rate=0.01, width=width,
    )  # fmt: skip
    np.testing.assert_allclose(walks.x.mean("walk"), label_noise_decay(1.5, time), rtol=0.02)
    assert (walks.x.std("walk") < 0.02).all()


def test_unstable_descent_and_unknown_noise_are_refused():
    with pytest.raises(ValueError, match="noise='noise' is unknown"):
        walk_in_valley("noise", walks=1, steps=1, record=[1], start=1, learning_rate=0.1, width=1)
    with pytest.raises(ValueError, match=r"learning_rate=0\.3 is too large for start=1\.5"):
        walk_in_valley(
            "update noise", walks=1, steps=1, record=[1], start=1.5, learning_rate=0.3, width=1
        )
