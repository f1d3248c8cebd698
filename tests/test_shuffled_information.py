"""Information less that of shuffles, against sums written out and cells of known information."""

import numpy as np
import pytest

from drift.analysis.shuffled_information import information_above_shuffles


def bits(activity, place):
    """Skaggs information of one cell, written out."""
    total = 0.0
    for where in np.unique(place):
        share = (place == where).mean()
        rate = activity[place == where].mean() / activity.mean()
        total += share * rate * np.log2(rate) if rate > 0 else 0
    return total


def test_it_is_the_mean_over_circular_shifts():
    random = np.random.default_rng(0)
    place = random.integers(3, 9, 80)
    activity = random.poisson(0.3, (80, 3)).astype(float)
    activity[:, 2] = 0
    found = information_above_shuffles(activity, place, shuffles=7, seed=5)
    shifts = np.random.default_rng(5).integers(1, 80, 7)
    for cell in range(2):
        assert found.naive[cell] == pytest.approx(bits(activity[:, cell], place))
        each = [bits(np.roll(activity[:, cell], shift), place) for shift in shifts]
        assert found.shuffled[cell] == pytest.approx(np.mean(each))
        assert found.excess[cell] == pytest.approx(bits(activity[:, cell], place) - np.mean(each))
    assert np.isnan([values[2] for values in found]).all()


def test_nothing_is_left_of_cells_that_say_nothing_about_place():
    """Of 400 such cells the mean excess is 0 within four standard errors; the naive one is not."""
    random = np.random.default_rng(1)
    place = np.tile(np.arange(20), 15)
    activity = random.poisson(0.1, (300, 400)).astype(float)
    found = information_above_shuffles(activity, place, shuffles=50)
    heard = np.isfinite(found.naive)
    excess = found.excess[heard]
    assert abs(excess.mean()) < 4 * excess.std() / np.sqrt(heard.sum())
    assert found.naive[heard].mean() > 0.2


def test_negative_activity_is_refused():
    with pytest.raises(ValueError, match="activity"):
        information_above_shuffles(-np.ones((10, 2)), np.arange(10))
