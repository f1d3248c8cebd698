"""Claims of the joint test on made-up fits and tables: some must pass, and some must fail."""

import numpy as np
import pandas as pd
import pytest

from drift.analysis.joint_slopes import JointFit
from drift.claims import signature_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import BEYOND, FAILS, HOLDS, THIS_RUN
from drift.results import joint_tests, tables

MEANS = (-0.012, 0.05, 0.0, 0.0)


def fit(means=MEANS, error=0.001):
    """Independent errors, alike for all four means; three degrees of freedom (t = 3.18)."""
    return JointFit(np.array(means), error**2 * np.eye(4), np.eye(2), np.eye(2), 3, False)


def verdicts_of(made):
    return [claim.verdict for claim in made]


def test_margins_are_half_of_the_slopes_in_new_places():
    """Those that *In the animal* shows, rounded to a tenth of a percent."""
    novel = tables.load_table("novel-slopes").groupby("measure").slope.mean()
    for measure, margin in claims.MARGINS.items():
        assert margin == pytest.approx(round(abs(novel[measure]), 3) / 2, abs=1e-9)


def test_the_signature_needs_both_measures():
    assert verdicts_of(claims.novel_places(fit())) == [HOLDS, HOLDS, HOLDS]
    cells_rise = fit((0.012, 0.05, 0, 0))
    assert verdicts_of(claims.novel_places(cells_rise)) == [FAILS, HOLDS, FAILS]
    bits_fall = fit((-0.012, -0.05, 0, 0))
    assert verdicts_of(claims.novel_places(bits_fall)) == [HOLDS, FAILS, FAILS]


def test_an_interval_that_reaches_zero_does_not_hold():
    """-0.012 with t = 3.18: the error may be 0.0037 and not 0.0038."""
    assert verdicts_of(claims.novel_places(fit(error=0.0037)))[0] == HOLDS
    assert verdicts_of(claims.novel_places(fit(error=0.0038)))[0] == FAILS


@pytest.mark.parametrize(
    ("means", "error", "verdict"),
    [
        ((-0.012, 0.05, 0.0, 0.0), 0.001, HOLDS),
        ((-0.012, 0.05, 0.002, -0.01), 0.001, HOLDS),
        ((-0.012, 0.05, -0.005, 0.0), 0.001, FAILS),
        ((-0.012, 0.05, 0.0, 0.015), 0.001, FAILS),
        ((-0.012, 0.05, 0.0, 0.0), 0.002, FAILS),
    ],
)
def test_familiar_places_are_stationary_within_the_margins(means, error, verdict):
    assert claims.familiar_places(fit(means, error)).verdict == verdict


def test_places_differ_if_both_differences_are_in_the_direction():
    assert claims.places_differ(fit()).verdict == HOLDS
    assert claims.places_differ(fit((-0.012, 0.05, -0.012, 0.0))).verdict == FAILS
    assert claims.places_differ(fit((-0.012, 0.05, 0.0, 0.05))).verdict == FAILS
    assert claims.places_differ(fit((0.012, -0.05, 0.0, 0.0))).verdict == FAILS


def steps(first=(-0.1, 0.3), later=(0.0, 0.0), spread=0.002):
    """Four rats whose means are as given."""
    wave = spread * np.array([-1, -0.5, 0.5, 1])
    columns = {"first_active_cells": first[0], "first_information": first[1],
               "later_active_cells": later[0], "later_information": later[1]}  # fmt: skip
    return pd.DataFrame({name: mean + wave for name, mean in columns.items()}, index=list("MNPQ"))


@pytest.mark.parametrize(
    ("made", "course"),
    [
        (steps(), "familiarisation"),
        (steps(later=(-0.01, 0.02)), "directed drift"),
        (steps(first=(0, 0), later=(-0.01, 0.02)), "directed drift"),
        (steps(later=(-0.01, 0.0)), "undecided"),
        (steps(first=(-0.1, 0.0)), "undecided"),
        (steps(first=(0.1, 0.3)), "undecided"),
        (steps(spread=0.3), "undecided"),
        (steps(later=(0.01, -0.02)), "familiarisation"),
    ],
)
def test_the_course_of_laps(made, course):
    assert claims.course_of_laps(made) == course


def test_claims_of_laps():
    assert verdicts_of(claims.of_laps(steps())) == [HOLDS, FAILS, HOLDS, FAILS]
    assert verdicts_of(claims.of_laps(steps(later=(-0.01, 0.02)))) == [HOLDS] * 4
    assert verdicts_of(claims.of_laps(steps(first=(0.1, -0.1)))) == [FAILS] * 4


def test_stationary_mice():
    wave = 0.001 * np.linspace(-1, 1, 8)
    judge = claims.stationary
    assert judge(pd.DataFrame({"active_cells": wave}), "active_cells", "cells").verdict == HOLDS
    moving = pd.DataFrame({"active_cells": wave - 0.006})
    assert judge(moving, "active_cells", "cells").verdict == FAILS
    wide = pd.DataFrame({"information": 30 * wave})
    assert judge(wide, "information", "bits").verdict == FAILS


def correlations(slope=-0.02):
    days = np.arange(2, 12, 2)
    parts = [pd.DataFrame({"phase": phase, "days": days, "tuning_curve": 0.6 + each * days})
             for phase, each in (("baseline", -0.02), ("elsewhere", slope))]  # fmt: skip
    return pd.concat(parts)


def test_maps_change_in_both_phases():
    assert claims.map_changes(correlations()).verdict == HOLDS
    assert claims.map_changes(correlations(0.01)).verdict == FAILS


def test_busy_cells_stay_in_each():
    made = pd.DataFrame({"stability_with_activity": [0.3, 0.1]})
    assert claims.busy_cells_stay(made).verdict == HOLDS
    assert claims.busy_cells_stay(made - 0.2).verdict == FAILS


def shipped(again=False):
    table = tables.load_table("signature-slopes")
    blocks = tables.load_table("rat-blocks")
    pairs = blocks[(blocks.laps == 2) & blocks.equal_time & ~blocks.interneurons]
    return claims.verdicts(
        joint_tests.fit_rows(joint_tests.chosen_slopes(table, {})),
        joint_tests.steps_of_rats(tables.load_table("rat-laps"), pairs),
        dict(list(table.groupby("set"))),
        tables.load_table("elsewhere-correlation"),
        tables.load_table("registered-drift"),
        again=again,
    )


def test_verdicts_on_the_shipped_tables():
    """As the chapter has them: a change of a table or of the model shows here."""
    table = shipped()
    assert table._repr_mimebundle_()[1][CLAIMS] == table.rows
    assert {row["item"] for row in table.rows} == {BEYOND}
    assert all(row["rests_on"] for row in table.rows)
    failed = [row["statement"] for row in table.rows if row["verdict"] == FAILS]
    assert failed == [
        "familiar places: neither the number of active cells nor the information has a trend",
        "novel less familiar places: fewer active cells and more information",
        "rats on a track: the number of active cells falls after lap 4",
        "rats on a track: the information per cell rises after lap 4",
        "eight mice over sixteen sessions: the number of place cells has no trend",
    ]
    assert len(table.rows) == 13


def test_other_choices_rest_on_this_run():
    rows = shipped(again=True).rows
    assert [row["rests_on"] == THIS_RUN for row in rows] == [True] * 9 + [False] * 4


def test_numbers_of_the_chapter():
    """What its text says of novel places and of laps, to the digits that it says."""
    rows = {row["statement"]: row["ours"] for row in shipped().rows}
    whole = rows["novel places: the whole signature, fewer active cells and more information"]
    assert whole.startswith("active cells -1.3 % (-2.3 to -0.2), information +14.8 % (+9.6 to")
    other = joint_tests.sensitivity(tables.load_table("signature-slopes"), {}).iloc[1:]
    falls = other["novel: active cells"].str.startswith("-")
    below_zero = falls & other["novel: active cells"].str.contains("to -", regex=False)
    assert (len(other), int(falls.sum()), int(below_zero.sum())) == (14, 14, 6)
    step = rows["rats on a track: the number of active cells falls from laps 1 to 4 to the next 4"]
    assert step.startswith("-7.9 % (-12.9 to -2.8)")
    bins = tables.load_table("rat-laps").groupby("lap").bins.mean() / 10
    assert bins[1] == pytest.approx(14, abs=0.5) and bins[14] == pytest.approx(10, abs=0.5)
