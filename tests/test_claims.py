"""Verdicts: checked by hand-made numbers and by how often a true claim is turned down."""

import numpy as np
import pytest

from drift.claims import NOT_REPRODUCED, REPRODUCED, compare_number, require_each, verdict_table


def test_a_number_is_judged_by_the_prediction_interval():
    ours = [9.0, 10.0, 11.0]  # mean 10, s.d. 1; t(2, 0.975) = 4.3027; half-width 4.9683
    assert compare_number("x", 14.96, ours).verdict == REPRODUCED
    assert compare_number("x", 14.98, ours).verdict == NOT_REPRODUCED
    claim = compare_number("x", 12.0, ours, digits=1)
    assert (claim.published, claim.ours) == ("12.0", "10.0 ± 1.0 (3 runs)")
    assert claim.tolerance == "± 5.0 (95% prediction interval)"


def test_a_true_number_is_turned_down_in_one_case_of_twenty():
    """4000 fixed draws of six normal numbers; 5 percent within five standard errors."""
    draws = np.random.default_rng(0).normal(size=(4000, 6))
    rejected = np.mean([compare_number("x", d[0], d[1:]).verdict == NOT_REPRODUCED for d in draws])
    assert rejected == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / 4000))


def test_a_requirement_must_hold_in_every_run():
    def below(value):
        return value < 0.5

    assert require_each("x", "falls", [0.2, 0.4], "below 1/2", below).verdict == REPRODUCED
    assert require_each("x", "falls", [0.2, 0.6], "below 1/2", below).verdict == NOT_REPRODUCED
    two = require_each("x", "falls", [0.2, 0.6], "below 1/2", below, digits=1, of="tasks")
    assert two.ours == "0.2 to 0.6 (2 tasks)"
    assert require_each("x", "falls", [0.2], "below 1/2", below).ours == "0.20"
    nothing = require_each("x", "falls", [np.nan], "below 1/2", below)
    assert nothing.verdict == NOT_REPRODUCED


def test_too_few_runs_or_no_numbers_are_refused():
    with pytest.raises(ValueError, match="at least two finite values"):
        compare_number("x", 1.0, [1.0])
    with pytest.raises(ValueError, match="at least two finite values"):
        compare_number("x", 1.0, [1.0, np.nan])
    with pytest.raises(ValueError, match="no runs to judge by"):
        require_each("x", "", [], "", bool)


def test_the_table_has_a_row_a_claim():
    table = verdict_table([compare_number("cells", 3.0, [2.0, 4.0])])
    assert table.index.tolist() == ["cells"]
    assert table.columns.tolist() == ["published", "this book", "tolerance", "verdict"]
