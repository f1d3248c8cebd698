"""Trends over animals against hand-made data and the promise of a confidence interval."""

import numpy as np
import pytest
from scipy import stats

from drift.analysis.trends import (
    difference_of_trends,
    mean_and_spread,
    mean_trend,
    power_law,
    slopes,
    trend_of,
)


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


def test_differences_of_slopes_are_welchs():
    """By the formulas of Welch and Satterthwaite, and with gaps left out."""
    one, other = np.array([0.3, 0.2, 0.4]), np.array([0.1, 0.0, 0.1, 0.0])
    errors = one.var(ddof=1) / 3, other.var(ddof=1) / 4
    degrees = sum(errors) ** 2 / (errors[0] ** 2 / 2 + errors[1] ** 2 / 3)
    half = stats.t.ppf(0.975, degrees) * np.sqrt(sum(errors))
    found = difference_of_trends([*one, np.nan], other)
    assert found.slope == pytest.approx(0.25)
    np.testing.assert_allclose((found.low, found.high), (0.25 - half, 0.25 + half))
    assert found.animals == 7
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.25 / np.sqrt(sum(errors)), degrees))
    assert difference_of_trends(other, one).slope == pytest.approx(-0.25)
    with pytest.raises(ValueError, match="at least two of them, got 1"):
        difference_of_trends(one, [0.1, np.nan])


def test_the_trend_of_slopes_is_that_of_their_animals():
    values = np.array([[1.0, 1.1, 1.2], [2.0, 2.2, 2.4], [0.0, 0.3, 0.6]])
    assert trend_of(slopes([0, 1, 2], values)) == mean_trend([0, 1, 2], values)
    assert trend_of([0.1, 0.2, 0.3]).in_percent() == "+20.0 % (-4.8 to +44.8)"


def test_animals_that_are_equal_leave_no_doubt():
    """0.1 + 0.2 and 0.3 are one number: an interval of no length, and no warning of a library."""
    found = trend_of([0.3, 0.1 + 0.2, 0.3])
    assert (found.low, found.high) == (found.slope, found.slope) == pytest.approx((0.3, 0.3))
    assert found.p_value == 0
    assert trend_of([0.0, 0.0]).p_value == 1
    found = difference_of_trends([0.3, 0.1 + 0.2], [0.1, 0.1, 0.1])
    assert (found.slope, found.p_value) == (pytest.approx(0.2), 0)


def test_the_trend_of_values_is_students():
    values = np.random.default_rng(0).normal(0.3, 1, 9)
    test = stats.ttest_1samp(values, 0)
    low, high = test.confidence_interval(0.95)
    np.testing.assert_allclose(trend_of(values)[1:4], (low, high, test.pvalue))


def test_times_that_are_one_time_have_no_slope():
    assert np.isnan(slopes([0.3, 0.1 + 0.2], [[1.0, 2.0]])).all()
    with pytest.raises(ValueError, match="a row of values has 3 values and time 2"):
        slopes([0, 1], [[1.0, 2.0, 3.0]])


def test_a_power_law_needs_two_points_and_an_interval_three():
    assert np.isnan(power_law([1.0, -1, np.nan], [2.0, 1, 1])[:4]).all()
    assert power_law([], []).points == 0
    two = power_law([1.0, 10.0, 0.0], [3.0, 300.0, 1.0])
    assert (two.slope, two.intercept) == (pytest.approx(2), pytest.approx(np.log10(3)))
    assert np.isnan(two.low)
    assert two.points == 2
    with pytest.raises(ValueError, match=r"x=0\.3 in all pairs"):
        power_law([0.3, 0.1 + 0.2], [1.0, 2.0])
    with pytest.raises(ValueError, match="x has 2 values and y 1"):
        power_law([1, 2], [1])


def test_mean_and_spread_are_said_of_two_runs_or_more():
    assert mean_and_spread([1.0, 3.0]) == "2.00 ± 1.41"
    assert mean_and_spread([1.0, 2.0, 6.0], digits=1) == "3.0 ± 2.6"
    with pytest.raises(ValueError, match="has one entry"):
        mean_and_spread([1.0])
