"""Verdicts: checked by hand-made numbers and by how often a true claim is turned down."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from drift.claims.judging import (
    compare_course,
    compare_number,
    judged,
    not_testable,
    require_each,
)
from drift.claims.requirements import above, below, between, within_errors
from drift.claims.row_tables import CLAIMS, ERRATA, errata_table, verdict_table
from drift.claims.verdicts import (
    ARCHIVED,
    BEYOND,
    FAILS,
    HOLDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    THIS_RUN,
    WITH_CAVEAT,
    Claim,
    Erratum,
    judged_on,
)


def test_a_number_is_judged_by_the_prediction_interval():
    ours = [9.0, 10.0, 11.0]  # mean 10, s.d. 1; t(2, 0.975) = 4.3027; half-width 4.9683
    assert compare_number("Fig. 1", "x", 14.96, ours).verdict == REPRODUCED
    assert compare_number("Fig. 1", "x", 14.98, ours).verdict == NOT_REPRODUCED
    claim = compare_number("Fig. 1", "x", 12.0, ours, digits=1)
    assert (claim.published, claim.ours) == ("12.0", "10.0 ± 1.0 (3 runs)")
    assert claim.tolerance == "± 5.0 (95% prediction interval)"


def test_a_true_number_is_turned_down_in_one_case_of_twenty():
    """4000 fixed draws of six normal numbers; 5 percent within five standard errors."""
    draws = np.random.default_rng(0).normal(size=(4000, 6))
    rejected = np.mean(
        [compare_number("Fig. 1", "x", d[0], d[1:]).verdict == NOT_REPRODUCED for d in draws]
    )
    assert rejected == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / 4000))


def test_numbers_taken_together_are_judged_as_one_draw():
    """With one number it is the prediction interval; together, 5 percent of true courses fail."""
    ours = [9.0, 10.0, 11.0]
    for published in (14.96, 14.98):
        alone = compare_number("Fig. 1", "x", published, ours).verdict
        assert compare_course("Fig. 1", "x", [published], np.c_[ours]).verdict == alone
    draws = np.random.default_rng(0).normal(size=(4000, 11, 3)) @ [
        [1, 0.9, 0],
        [0, 1, 0],
        [2, 0, 1],
    ]
    rejected = np.mean(
        [compare_course("Fig. 1", "x", d[0], d[1:]).verdict == NOT_REPRODUCED for d in draws]
    )
    assert rejected == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / 4000))
    with pytest.raises(ValueError, match="more finite runs than the 3 numbers compared, got 3"):
        compare_course("Fig. 1", "x", [0, 0, 0], draws[0, :3])


def test_claims_say_what_they_rest_on():
    claim = require_each("Fig. 1", "x", "falls", [0.2], below(0.5))
    noted = judged_on("Table A", [claim])
    assert [c.rests_on for c in judged_on(ARCHIVED, [claim, *noted])] == [ARCHIVED, "Table A"]
    assert judged_on(ARCHIVED, [claim], "corridor")[0].rests_on == f"{ARCHIVED} (corridor)"
    assert judged_on(THIS_RUN, [claim], "corridor")[0].rests_on == THIS_RUN
    assert claim.rests_on == "" and claim.judged_by == ""
    assert judged_on(THIS_RUN, [claim])[0].verdict == claim.verdict


def test_a_requirement_must_hold_in_every_run():
    half = below(0.5)
    assert require_each("Fig. 1", "x", "falls", [0.2, 0.4], half).verdict == REPRODUCED
    assert require_each("Fig. 1", "x", "falls", [0.2, 0.6], half).verdict == NOT_REPRODUCED
    two = require_each("Fig. 1", "x", "falls", [0.2, 0.6], half, digits=1, of="tasks")
    assert two.ours == "0.2 to 0.6 (2 tasks)"
    assert require_each("Fig. 1", "x", "falls", [0.2], half).ours == "0.20"
    nothing = require_each("Fig. 1", "x", "falls", [np.nan], half)
    assert nothing.verdict == NOT_REPRODUCED


@pytest.mark.parametrize(
    ("requirement", "words", "met", "not_met"),
    [
        (below(0.5, " each"), "below 0.5 each", [0.499, -3], [0.5, 0.501, np.nan]),
        (above(Fraction(1, 2)), "above 1/2", [0.501, 3], [0.5, 0.499, np.nan]),
        (between(Fraction(2, 3), 1.5, ", so"), "between 2/3 and 1.5, so", [0.67, 1.49],
         [0.66, 1.5, -1]),
        (between(1.0, 2.349, digits=1), "between 1.0 and 2.3", [1.001, 2.348], [1.0, 2.35]),
        (within_errors(1, 0.1, 4), "within 4 standard errors of 1", [0.61, 1.39], [0.59, 1.41]),
    ],
)  # fmt: skip
def test_a_requirement_is_what_it_says(requirement, words, met, not_met):
    assert requirement.words == words
    assert all(requirement.holds(value) for value in met)
    assert not any(requirement.holds(value) for value in not_met)


def test_too_few_runs_or_no_numbers_are_refused():
    with pytest.raises(ValueError, match="at least two finite values"):
        compare_number("Fig. 1", "x", 1.0, [1.0])
    with pytest.raises(ValueError, match="at least two finite values"):
        compare_number("Fig. 1", "x", 1.0, [1.0, np.nan])
    with pytest.raises(ValueError, match="no runs to judge by"):
        require_each("Fig. 1", "x", "", [], below(1))


def test_verdicts_tell_claims_of_the_study_from_our_own():
    assert judged("Fig. 1", True) == REPRODUCED
    assert judged("Fig. 1", True, "other mice") == WITH_CAVEAT
    assert judged("Fig. 1", False, "other mice") == NOT_REPRODUCED
    assert (judged(BEYOND, True), judged(BEYOND, False)) == (HOLDS, FAILS)
    claim = not_testable("Fig. 3A", "x", "falls", "not public")
    assert (claim.verdict, claim.ours, claim.caveat) == (NOT_TESTABLE, "-", "not public")


def test_a_table_shows_a_row_a_claim_and_carries_it_as_data():
    held = compare_number("Fig. 2D", "cells < all", 3.0, [2.0, 4.0], figure="fig-maps")
    failed = require_each("Fig. 5C", "x", "falls", [2.0], below(1))
    shown, carried = verdict_table([held, failed])._repr_mimebundle_()
    assert [Claim(**row) for row in carried[CLAIMS]] == [held, failed]
    assert "cells &lt; all" in shown["text/html"]
    assert "<td>✓ reproduced</td>" in shown["text/html"]
    assert "<strong>✗ not reproduced</strong>" in shown["text/html"]
    assert "caveat" not in shown["text/html"]
    warned = not_testable("Fig. 3A", "y", "falls", "a < b is what `load` needs")
    shown = verdict_table([held, warned])._repr_mimebundle_()[0]["text/html"]
    assert "<td>? not testable here: a &lt; b is what <code>load</code> needs</td>" in shown
    assert "<td>✓ reproduced</td>" in shown
    erratum = Erratum("a", "b", "c", "d", "e")
    assert errata_table([erratum])._repr_mimebundle_()[1][ERRATA] == [vars(erratum)]


def test_a_table_says_where_a_claim_is_from_and_what_it_rests_on():
    claim = require_each("Fig. 1", "x < y", "falls", [0.2], below(0.5),
                         source="Results, *Second part*: it falls")  # fmt: skip
    shown = verdict_table(judged_on(ARCHIVED, [claim]))._repr_mimebundle_()[0]["text/html"]
    assert "<td>x &lt; y<br><small>Results, <em>Second part</em>: it falls</small></td>" in shown
    assert f"<td>0.20<br><small>{ARCHIVED}</small></td>" in shown
    bare = verdict_table([replace(claim, source="")])._repr_mimebundle_()[0]["text/html"]
    assert "<small>" not in bare


def test_an_invented_verdict_is_refused():
    with pytest.raises(ValueError, match=r"one of reproduced, .*, not 'nearly'"):
        verdict_table([Claim("Fig. 1", "x", "a", "b", "c", "nearly")])
