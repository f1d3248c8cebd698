"""Intervals by resampling networks: against the binomial, and against recordings counted thrice."""

import numpy as np
import pandas as pd
import pytest

from drift.inference.intervals import accuracy_interval, gain_interval

RULES = pd.Series(["a"] * 200 + ["b"] * 100)
NETWORKS = pd.Series(np.arange(300))


def told(right):
    """Probabilities that name the right rule where ``right`` says so."""
    is_a = (RULES == "a") == right
    return pd.DataFrame({"a": is_a * 1.0, "b": 1.0 - is_a})


@pytest.fixture
def right():
    """160 of 200 and 60 of 100 are right."""
    return pd.Series([True] * 160 + [False] * 40 + [True] * 60 + [False] * 40)


def test_an_interval_is_the_binomial_one(right):
    """Rules weigh equally: the mean of 0.8 and 0.6, variance (.16/200 + .24/100) / 4.

    2000 resamples leave an error of about 5 % of the half-width at either end: four times that.
    """
    found = accuracy_interval(told(right), RULES, NETWORKS)
    assert found.value == pytest.approx(0.7)
    half = 1.96 * np.sqrt((0.16 / 200 + 0.24 / 100) / 4)
    assert found.low == pytest.approx(0.7 - half, abs=0.2 * half)
    assert found.high == pytest.approx(0.7 + half, abs=0.2 * half)


def test_recordings_of_one_network_do_not_narrow_it(right):
    thrice = [pd.concat([part] * 3, ignore_index=True) for part in (told(right), RULES, NETWORKS)]
    once, again = accuracy_interval(told(right), RULES, NETWORKS), accuracy_interval(*thrice)
    assert again == pytest.approx(once)


def test_a_gain_is_of_the_same_networks(right):
    """A classifier against itself gains nothing, and that is certain."""
    assert gain_interval(told(right), told(right), RULES, NETWORKS) == (0, 0, 0)
    none = told(pd.Series([False] * 300))
    gain = gain_interval(told(right), none, RULES, NETWORKS)
    assert gain == pytest.approx(accuracy_interval(told(right), RULES, NETWORKS))


def test_other_indices_are_refused(right):
    with pytest.raises(ValueError, match="other indices"):
        accuracy_interval(told(right), RULES[::-1], NETWORKS)
