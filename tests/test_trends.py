"""Trends over animals against hand-made data and the promise of a confidence interval."""

import numpy as np
import pytest

from drift.analysis.trends import mean_trend, slopes


def test_slopes_of_lines_are_exact_and_gaps_are_left_out():
    time = np.arange(6.0)
    values = np.array([2 * time + 1, -0.5 * time, np.full(6, np.nan)])
    values[0, 3] = np.nan
    np.testing.assert_allclose(slopes(time, values)[:2], [2, -0.5], rtol=1e-12)
    assert np.isnan(slopes(time, values)[2])


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """1000 experiments of eight animals with a true slope of 0.1: 95 % +- 4 standard errors."""
    random = np.random.default_rng(0)
    time = np.arange(10.0)
    covered = 0
    for _ in range(1000):
        own = 0.1 + 0.05 * random.normal(size=(8, 1))
        trend = mean_trend(time, own * time + random.normal(size=(8, 10)))
        covered += trend.low <= 0.1 <= trend.high
    assert abs(covered / 1000 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 1000)


def test_one_animal_is_no_sample():
    with pytest.raises(ValueError, match="needs at least two of them, got 1"):
        mean_trend(np.arange(3), np.ones((1, 3)))
