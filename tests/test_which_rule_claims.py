"""Requirements on the inference of a rule: each met by a made-up result, and missed by another."""

import pytest

from drift.analysis.resampling import Interval
from drift.claims import which_rule_claims as claims
from drift.claims.strength_claims import intervals_of_strengths_hold, strengths_are_inferred
from drift.claims.verdicts import FAILS, HOLDS


@pytest.mark.parametrize(
    ("claim", "met", "missed"),
    [
        (
            lambda low: claims.rules_are_told_apart(Interval(0.5, low, 0.6), 9),
            0.34,
            0.33,
        ),
        (lambda low: claims.activity_does_not_suffice(Interval(0.2, low, 0.3)), 0.11, 0.09),
        (claims.probabilities_can_be_trusted, 0.029, 0.031),
        (
            lambda low: claims.update_noise_is_told_from_label_noise(Interval(0.95, low, 0.99)),
            0.91,
            0.89,
        ),
        (lambda slow: claims.speed_tells_nothing(0.5, {"slow": slow, "fast": 0.5}), 0.41, 0.39),
        (
            lambda share: claims.none_of_these_is_an_answer({"two rules": share, "b": 1.0}, 0.05),
            0.81,
            0.79,
        ),
        (lambda share: strengths_are_inferred({"a": share, "b": 0.9}), 0.51, 0.49),
        (
            lambda share: intervals_of_strengths_hold({"a": share, "b": 0.9}),
            0.86,
            0.84,
        ),
        (
            lambda share: intervals_of_strengths_hold({"a": share, "b": 0.9}),
            0.94,
            0.96,
        ),
        (lambda alarms: claims.none_of_these_is_an_answer({"a": 0.9}, alarms), 0.09, 0.11),
    ],
)
def test_a_requirement_is_met_or_missed(claim, met, missed):
    assert claim(met).verdict == HOLDS
    assert claim(missed).verdict == FAILS


def test_numbers_are_shown_with_what_was_required():
    row = claims.rules_are_told_apart(Interval(0.5, 0.45, 0.55), 10)
    assert row.ours == "0.50 (0.45 to 0.55), chance 0.10"
    assert "0.30" in row.tolerance
