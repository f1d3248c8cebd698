"""Walks on a circle of minima against closed forms."""

import numpy as np
import pytest
from scipy import special, stats

from drift.engine.noise import random_state
from drift.theory.walks import RingOfMinima, expected_log_curvature, simulate_walks

DIRECTED = RingOfMinima(curvature=1, modulation=2.0)


def test_the_step_is_the_gradient_of_the_loss():
    """One step without visible noise, against central differences of the loss."""
    ring = RingOfMinima(curvature=3, modulation=1.5, learning_rate=0.05, update_noise=1e-12)
    walk = simulate_walks(ring, walks=1, steps=2, record=[0, 1, 2], start=0.7)
    assert np.hypot(walk.x, walk.y).values == pytest.approx(1, abs=1e-9)
    from drift.theory.walks import _walk

    x, y = np.array([1.3]), np.array([0.4])
    _walk(x, y, 1, 3.0, 1.5, 0.05, 0.0, random_state(np.random.SeedSequence(0)))
    small = 1e-6
    slope = [
        (ring.loss(1.3 + small, 0.4) - ring.loss(1.3 - small, 0.4)) / (2 * small),
        (ring.loss(1.3, 0.4 + small) - ring.loss(1.3, 0.4 - small)) / (2 * small),
    ]
    np.testing.assert_allclose(
        [x[0], y[0]], np.array([1.3, 0.4]) - 0.05 * np.array(slope), rtol=1e-8
    )


def test_without_modulation_the_angle_diffuses():
    """Variance (eta sigma)^2 per step: 2000 walks, 4 standard errors; plus 3 % for r around 1."""
    ring = RingOfMinima(curvature=5)
    steps = 4000
    walks = simulate_walks(ring, walks=2000, steps=steps, record=[steps], start=0.0)
    angle = np.arctan2(walks.y.values[0], walks.x.values[0])
    expected = steps * ring.time_per_step
    assert abs(angle.mean()) < 4 * np.sqrt(expected / 2000)
    assert angle.var() == pytest.approx(expected, rel=4 * np.sqrt(2 / 2000) + 0.03)


def test_the_stationary_law_is_von_mises():
    """Walks that begin in it stay in it, and walks that begin at the sharp side come to it."""
    steps = 200_000
    for start in (None, 0.0):
        walks = simulate_walks(DIRECTED, walks=300, steps=steps, record=[steps], start=start)
        angle = np.arctan2(walks.y.values[0], walks.x.values[0])
        away = (angle % (2 * np.pi)) - np.pi
        assert stats.kstest(away, stats.vonmises(1.0).cdf).pvalue > 1e-3
    angles = np.linspace(0, 2 * np.pi, 2001)
    density = DIRECTED.stationary_density(angles)
    proportional = density * np.sqrt(DIRECTED.curvature_at(angles))
    np.testing.assert_allclose(proportional, proportional[0], rtol=1e-9)
    assert np.trapezoid(density, angles) == pytest.approx(1, abs=1e-9)
    # Its mean of log k in closed form: -a I_1(a/2) / I_0(a/2).
    expected = -2 * special.iv(1, 1.0) / special.iv(0, 1.0)
    late = expected_log_curvature(DIRECTED, [0, 10**8], 0.0)
    np.testing.assert_allclose(late, [2, expected], atol=1e-3)


def test_the_mean_falls_as_the_theory_says():
    """No free parameter: 500 walks from the sharpest point, five times, 4 standard errors.

    The theory is for small eta k; here it is 0.07 at the sharpest, which leaves an error of about
    half of that share of the whole fall.
    """
    steps = np.array([2000, 10_000, 30_000, 60_000, 120_000])
    walks = simulate_walks(DIRECTED, walks=500, steps=120_000, record=steps, start=0.0)
    theory = expected_log_curvature(DIRECTED, steps, 0.0)
    mean, error = walks.log_curvature.mean("walk"), walks.log_curvature.std("walk") / np.sqrt(500)
    assert (np.abs(mean.values - theory) < 4 * error.values + 0.035 * 2).all()
    # The loss stays where it is: half the noise's variance across, whatever the curvature.
    loss = DIRECTED.loss(walks.x, walks.y).mean(axis=walks.x.get_axis_num("walk"))
    np.testing.assert_allclose(loss, 0.01 * 0.5**2 / 4, rtol=4 * np.sqrt(2 / 500) + 0.05)


def test_impossible_landscapes_are_refused():
    with pytest.raises(ValueError, match=r"learning_rate=2\.0 is too large: times the largest"):
        RingOfMinima(learning_rate=2.0)
    with pytest.raises(ValueError, match="modulation=-1 is negative"):
        RingOfMinima(modulation=-1)


def test_angles_are_enough_and_no_more_than_fit():
    for bins in (2, 10**6, 400.0):
        with pytest.raises((TypeError, ValueError), match="bins="):
            expected_log_curvature(DIRECTED, [0], 0.0, bins)
    end = expected_log_curvature(DIRECTED, [1e60], 0.0)  # rounding neither grows nor decays
    np.testing.assert_allclose(end, expected_log_curvature(DIRECTED, [1e9], 0.0))
