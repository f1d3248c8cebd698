"""Each claim about recordings on made-up slopes: some that must pass, some that must fail."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from drift.analysis.trends import Trend
from drift.claims import animal_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import (
    BEYOND,
    FAILS,
    HOLDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    THIS_RUN,
    WITH_CAVEAT,
)
from drift.results import animal_tables, study_sets, tables, trend_tables

GOOD = {
    "active_cells": -0.012,
    "place_cell_fraction": -0.03,
    "place_cells_of_all": -0.04,
    "information": 0.03,
    "information_reduced": 0.06,
}


def slopes(means, animals, spread=0.001, **columns):
    """Slopes whose mean is as given, and whose standard deviation is the spread."""
    wave = np.linspace(-1, 1, animals)
    parts = [
        pd.DataFrame({"measure": name, "slope": mean + spread * wave / wave.std(ddof=1), **columns})
        for name, mean in means.items()
    ]
    return pd.concat(parts, ignore_index=True)


def new(**changes):
    return slopes(GOOD | changes, 10)


def known(spread=0.001, **changes):
    means = dict.fromkeys(claims.MEASURES, 0.0) | changes
    areas = (slopes(means, count, spread, area=area) for area, count in (("CA1", 4), ("CA3", 5)))
    return pd.concat(areas, ignore_index=True)


def likeness(falls=True):
    days = np.arange(2, 16, 2)
    sign = -0.02 if falls else 0.02
    parts = [
        pd.DataFrame({"animal": mouse, "environment": place, "days": days,
                      "population_vector": 0.6 + (sign if mouse == "b" else -0.02) * days})
        for mouse in "ab" for place in "AB"
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


CASES = {
    "active cells": (claims.active_cells_fall, new(), [new(active_cells=0.01),
                     slopes(GOOD, 10, 0.1)]),
    "information": (claims.information_rises, new(), [new(information=-0.03),
                    slopes(GOOD, 10, 0.2)]),
    "reduced": (claims.reduced_information_rises, new(), [new(information_reduced=-0.1)]),
    "place cells": (claims.place_cells_fall, new(), [new(place_cell_fraction=0.03)]),
    "map": (claims.map_moves, likeness(), [likeness(falls=False)]),
}  # fmt: skip


@pytest.mark.parametrize(("claim", "good", "bad"), CASES.values(), ids=CASES.keys())
def test_claims_pass_and_fail(claim, good, bad):
    passed = claim(good)
    assert passed.verdict == WITH_CAVEAT
    assert passed.source
    assert [claim(one).verdict for one in bad] == [NOT_REPRODUCED] * len(bad)


@pytest.mark.parametrize("measure", claims.MEASURES)
def test_stationary_needs_an_interval_within_half_of_the_slope_in_new_places(measure):
    margin = claims.margin_of(measure, new())
    of = {"information_ssr": "information"}.get(measure, measure)
    assert margin == pytest.approx(abs(GOOD[of]) / 2)
    judge = partial(claims.stationary, measure, new())
    assert judge(known()).verdict == WITH_CAVEAT
    assert f"± {100 * margin:.1f} %" in judge(known()).tolerance
    assert "after the data were seen" in judge(known()).tolerance
    wide = judge(known(spread=0.1))
    assert wide.verdict == NOT_REPRODUCED
    assert wide.caveat.startswith("undecided")
    moving = judge(known(**{measure: 0.2}))
    assert moving.verdict == NOT_REPRODUCED
    assert moving.caveat.startswith("has a trend")


def test_claims_of_stationarity_are_about_ca1():
    """CA3 that moves does not count in the verdict, CA1 that moves does."""
    measures = dict.fromkeys(claims.MEASURES, 0.0)
    for area, verdict in (("CA3", WITH_CAVEAT), ("CA1", NOT_REPRODUCED)):
        moved = known()
        moved.loc[moved.area == area, "slope"] += 0.1
        judged = [claims.stationary(measure, new(), moved) for measure in measures]
        assert {claim.verdict for claim in judged} == {verdict}
        assert all("4 animals" in claim.ours for claim in judged)
        assert all("all 9 mice" in claim.caveat for claim in judged)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (-0.009, 0.009, "stationary"),
        (0.001, 0.009, "stationary"),
        (-0.011, 0.009, "undecided"),
        (-0.009, 0.011, "undecided"),
        (0.001, 0.011, "has a trend"),
        (-0.03, -0.02, "has a trend"),
    ],
)
def test_outcomes(low, high, outcome):
    assert claims.outcome(Trend((low + high) / 2, low, high, 0.5, 4), 0.01) == outcome


@pytest.mark.parametrize("measure", ["active_cells", "information"])
def test_slopes_differ_or_not(measure):
    differ = partial(claims.differs, measure)
    assert differ(new(), known()).verdict == HOLDS
    assert differ(new(), known(**{measure: 0.2})).verdict == HOLDS
    assert differ(new(), known(spread=0.2)).verdict == FAILS
    assert differ(new(), known(**{measure: GOOD[measure]})).verdict == FAILS


def test_a_panel_is_judged_where_its_data_are():
    (claim,) = claims.panel("sheintuch-2023", None)
    assert (claim.item, claim.verdict) == ("Fig. 3D", NOT_TESTABLE)
    assert claim.source
    fell, rose = claims.panel("sheintuch-2023", new())
    assert (fell.verdict, rose.verdict) == (REPRODUCED, REPRODUCED)
    assert (fell.item, fell.rests_on) == ("Fig. 3D", THIS_RUN)
    fell, rose = claims.panel("sheintuch-2023", new(place_cell_fraction=0.1, information=-0.1))
    assert (fell.verdict, rose.verdict) == (NOT_REPRODUCED, NOT_REPRODUCED)


def test_the_studys_own_comparison_is_judged_by_the_same_margins():
    verdicts = [c.verdict for c in claims.stationary_own(new(), known())]
    assert verdicts == [REPRODUCED, REPRODUCED]
    of_wide = claims.stationary_own(new(), known(spread=0.2))
    assert [c.verdict for c in of_wide] == [NOT_REPRODUCED] * 2
    assert [c.caveat for c in of_wide] == ["undecided"] * 2


def test_the_table_has_what_was_judged():
    table = claims.verdicts(new(), known(), likeness())
    assert table._repr_mimebundle_()[1][CLAIMS] == table.rows
    items = [row["item"] for row in table.rows]
    assert [f"Fig. 3{letter}" in items for letter in "ABCD"] == [True] * 4
    for row in table.rows:
        assert row["source"] or row["item"] == BEYOND
        assert row["rests_on"] or row["verdict"] == NOT_TESTABLE
    named = {part for row in table.rows for name in tables.TABLES
             for part in [name] if name in row["rests_on"]}  # fmt: skip
    assert named == {"novel-slopes", "familiar-sessions", "registered-correlation"}


def test_mice_analysed_again_are_judged_alone():
    table = claims.verdicts(new(), known(), likeness(), again=True)
    assert {row["rests_on"] for row in table.rows} == {THIS_RUN}
    assert not any("new places: " in row["statement"] for row in table.rows)


def test_own_sets_take_the_place_of_what_could_not_be_tested():
    own = {"sheintuch-2023": new(), "geva-2023": known()}
    table = claims.verdicts(new(), known(), likeness(), own=own)
    of_panel = [row for row in table.rows if row["item"] == "Fig. 3D"]
    assert [row["verdict"] for row in of_panel] == [REPRODUCED] * 2
    of_geva = [row for row in table.rows if "(Geva et al. 2023)" in row["statement"]]
    assert [row["rests_on"] for row in of_geva] == [THIS_RUN] * 2
    both = claims.verdicts(new(), known(), likeness(), again=True, own=own)
    assert len(both.rows) == 4 + len(claims.MEASURES) + 2


# What the shipped tables say


def shipped():
    familiar = tables.load_table("familiar-sessions")
    familiar["place_cells_of_all"] = familiar.place_cells / familiar.cells
    return (
        tables.load_table("novel-slopes"),
        animal_tables.slopes_by_animal(familiar, list(claims.MEASURES)),
        tables.load_table("registered-correlation"),
    )


def test_verdicts_on_the_shipped_tables():
    """As the chapter has them: a change of a table or of a margin shows here."""
    rows = claims.verdicts(*shipped()).rows
    verdicts = {row["statement"]: row["verdict"] for row in rows}
    assert verdicts["new places: active cells become fewer"] == WITH_CAVEAT
    assert verdicts["new places: the share of place cells falls"] == NOT_REPRODUCED
    stationary = [row for row in rows if row["statement"].endswith("is stationary")]
    held = [row["statement"] for row in stationary if row["verdict"] == WITH_CAVEAT]
    assert held == [
        "familiar places, CA1: the share of place cells among active cells is stationary"
    ]
    undecided = [row for row in stationary if row["caveat"].startswith("undecided")]
    assert len(undecided) == len(stationary) - 1 == 4


def test_information_less_shuffles_doubles_in_every_mouse():
    novel = tables.load_table("novel-slopes").query("measure == 'information_reduced'")
    assert len(novel) == 10
    assert (novel.slope > 0).all() and (novel.last_over_first > 1.5).all()
    assert novel.last_over_first.mean() == pytest.approx(2.15, abs=0.01)
    assert novel.last_over_first.sem() == pytest.approx(0.15, abs=0.01)


def test_slopes_of_the_table_are_those_of_its_sessions():
    """The mean over animals of lines is the line through the means."""
    novel = tables.load_table("novel-slopes").groupby("measure").slope.mean()
    for measure, found in tables.load_table("novel-sessions").groupby("measure"):
        line = np.polyfit(found.session, found["mean"], 1)
        assert novel[measure] == pytest.approx(line[0], rel=1e-4)


# Tables of trends, and the study's own sets


def sessions():
    rows = [(animal, area, session, base * (1 + slope * (session - 1)))
            for animal, area, base, slope in (("a", "CA1", 2, 0.1), ("b", "CA1", 5, 0.3),
                                              ("c", "CA3", 1, -0.1))
            for session in (1, 2, 3)]  # fmt: skip
    return pd.DataFrame(rows, columns=["animal", "area", "session", "active_cells"])


def test_slopes_by_animal():
    found = animal_tables.slopes_by_animal(sessions(), ["active_cells"])
    assert found.columns.tolist() == ["measure", "animal", "area", "slope", "last_over_first"]
    assert found.animal.tolist() == ["a", "b", "c"]
    assert found.area.tolist() == ["CA1", "CA1", "CA3"]
    np.testing.assert_allclose(found.slope, [0.1, 0.3, -0.1])
    np.testing.assert_allclose(found.last_over_first, [1.2, 1.6, 0.8])


def test_trends_in_words():
    found = animal_tables.slopes_by_animal(sessions(), ["active_cells"])
    (row,) = trend_tables.trends_in_words({"here": found}).to_dict("records")
    assert row["slope per session (95 %)"] == "+10.0 % (-39.7 to +59.7)"
    assert row["rising in"] == "2 of 3"
    assert row["last over first (95 %)"] == "1.20 (0.21 to 2.19)"
    (both,) = trend_tables.differences_in_words({"pair": (found, found)}).to_dict("records")
    assert both["difference of slopes (95 %)"].startswith("+0.0 % (-")
    assert both["p"] == "1"


def test_how_to_get_the_studys_sets_says_all_five():
    lines = study_sets.how_to_get().splitlines()
    assert len(lines) == 5
    assert sum("drift data fetch" in line for line in lines) == 2
    assert sum("crcns.org" in line for line in lines) == 2
    assert sum("not public" in line for line in lines) == 1


def test_own_sets_are_refused_where_they_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path))
    assert study_sets.at_hand() == []
    with pytest.raises(FileNotFoundError, match="drift data fetch sheintuch-2023"):
        study_sets.sessions()


def test_the_number_of_active_cells_is_judged_where_the_study_counts_it():
    """Jercog et al.: not the share of place cells."""
    made = new().query("measure != 'place_cell_fraction'")
    fell, rose = claims.panel("jercog-hc22", made)
    assert (fell.item, fell.verdict, rose.verdict) == ("Fig. 3B", REPRODUCED, REPRODUCED)
    assert "the number of active cells falls" in fell.statement
    rising, _ = claims.panel("jercog-hc22", new(active_cells=0.1))
    assert rising.verdict == NOT_REPRODUCED


def test_own_sets_come_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path))
    monkeypatch.setattr(study_sets, "files_at_hand", lambda name: 9 if "sh" in name else 0)
    monkeypatch.setattr(study_sets, "LOADERS", {name: sessions for name in study_sets.PUBLIC})
    assert list(study_sets.sessions()) == ["sheintuch-2023"]
    (tmp_path / "crcns/hc-6/bon").mkdir(parents=True)
    monkeypatch.setattr(study_sets, "w_track_sessions", lambda rats: rats)
    assert study_sets.sessions()["karlsson-hc6"] == ["bon"]
