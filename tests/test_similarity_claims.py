"""Each claim about similarity matching and Table 1 on made-up runs that pass, and that fail."""

import numpy as np
import pytest
import xarray as xr

from drift.analysis.phases import (
    Change,
    Phases,
    changes_of_runs,
    map_similarity,
    phase_changes,
    population_similarity,
)
from drift.claims import similarity_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import (
    ARCHIVED,
    FAILS,
    HOLDS,
    ILLUSTRATION,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    THIS_RUN,
    WITH_CAVEAT,
)

AS_PUBLISHED = {
    "learning": Change(140, 0.7, -0.2, 0.5),
    "directed drift": Change(1000, 0.99, -0.3, 0.4),
    "null drift": Change(4860, 1.01, 0.02, 0.1),
}
"""What Table 1 says of a run, in numbers."""

GROUPS = [claims.OURS, claims.STUDYS, claims.CORRIDOR]
CELLS = [(phase, what) for phase, row in claims.TABLE_1.items() for what in row]

WRONG = {
    ("learning", "performance"): [0.95, 1.2],
    ("learning", "activity"): [0.05, -0.05],
    ("learning", "representation"): [0.85],
    ("directed drift", "performance"): [0.4, 2.1],
    ("directed drift", "activity"): [0.05, -0.05],
    ("directed drift", "representation"): [0.85],
    ("null drift", "performance"): [0.4, 2.1],
    ("null drift", "activity"): [0.15, -0.15],
    ("null drift", "representation"): [0.85],
}


def changed(phase, **what):
    """Five runs as published, and a sixth that is not."""
    other = AS_PUBLISHED | {phase: AS_PUBLISHED[phase]._replace(**what)}
    return [AS_PUBLISHED] * 5 + [other]


def made_up(kept=0.5, active=0.9, seeds=3):
    """Runs whose code of the middle is correlated with that a thousand steps later by ``kept``."""
    random = np.random.default_rng(0)
    steps = np.arange(0, 6001, 1000)
    code = random.normal(size=(seeds, 1, 50, 2000))
    activity = np.repeat(code, len(steps), axis=1)
    fresh = random.normal(size=code[:, 0].shape)
    activity[:, 4] = kept * code[:, 0] + np.sqrt(1 - kept**2) * fresh
    fraction = np.repeat(np.linspace(0.9, 0.9 * active, len(steps))[None], seeds, axis=0)
    return xr.Dataset(
        {
            "activity": (("seed", "step", "position", "unit"), activity),
            "fraction_active_units": (("seed", "step"), fraction),
        },
        {"step": steps},
    )


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
@pytest.mark.parametrize(("phase", "what"), CELLS)
def test_runs_as_published_pass_every_cell(phase, what, group):
    judged = claims.cell(phase, what, group, [AS_PUBLISHED] * 3)
    illustrated = group.by_criterion and (phase, what) == ("null drift", "activity")
    caveat = group.by_criterion and (phase, what) in claims.BY_CRITERION
    assert judged.verdict == (
        ILLUSTRATION if illustrated else WITH_CAVEAT if caveat else REPRODUCED
    )
    assert phase in judged.statement
    assert group.title in judged.statement
    assert judged.source
    assert judged.rests_on == (f"{ARCHIVED} (corridor)" if group is claims.CORRIDOR else THIS_RUN)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
@pytest.mark.parametrize(
    ("phase", "what", "value"),
    [(*cell, value) for cell, values in WRONG.items() for value in values],
)
def test_one_run_that_does_otherwise_fails_its_cell_and_no_other(phase, what, value, group):
    runs = changed(phase, **{what: value})
    failed = [cell for cell in CELLS if claims.cell(*cell, group, runs).verdict == NOT_REPRODUCED]
    by_construction = group.by_criterion and (phase, what) == ("null drift", "activity")
    assert failed == ([] if by_construction else [(phase, what)])


@pytest.mark.parametrize(("value", "verdict"), [(0.98, REPRODUCED), (0.96, NOT_REPRODUCED)])
def test_in_similarity_matching_a_stationary_loss_stays_within_three_percent(value, verdict):
    """Its whole fall is by a quarter, so that a factor of two would let everything pass."""
    runs = changed("null drift", performance=value)
    assert claims.cell("null drift", "performance", claims.STUDYS, runs).verdict == verdict
    corridor = claims.cell("null drift", "performance", claims.CORRIDOR, runs)
    assert corridor.verdict == REPRODUCED


def test_a_rise_of_the_activity_is_a_change_too():
    runs = changed("learning", activity=0.2)
    assert claims.cell("learning", "activity", claims.STUDYS, runs).verdict == REPRODUCED


def test_runs_that_do_not_reach_a_phase_are_counted_and_none_is_no_verdict():
    short = {"learning": AS_PUBLISHED["learning"]}
    some = [AS_PUBLISHED, AS_PUBLISHED, short]
    judged = claims.cell("null drift", "representation", claims.CORRIDOR, some)
    assert judged.verdict == WITH_CAVEAT
    assert judged.caveat == "1 of 3 runs do not reach the end of this phase"
    none = claims.cell("null drift", "representation", claims.CORRIDOR, [short])
    assert none.verdict == claims.activity_settles_later([short]).verdict == NOT_TESTABLE


@pytest.mark.parametrize(
    ("steps", "verdict"), [(1000, REPRODUCED), (281, REPRODUCED), (279, NOT_REPRODUCED)]
)
def test_directed_drift_lasts_more_than_twice_as_long_as_learning(steps, verdict):
    assert claims.activity_settles_later(changed("directed drift", duration=steps)).verdict == (
        verdict
    )


@pytest.mark.parametrize(("kept", "verdict"), [(0.5, REPRODUCED), (0.9, NOT_REPRODUCED)])
def test_the_code_goes_on_changing(kept, verdict):
    judged = claims.tuning_goes_on(made_up(kept))
    assert judged.verdict == verdict
    assert "over 1000 steps" in judged.statement
    assert abs(float(judged.ours.split()[0]) - kept) < 0.02


@pytest.mark.parametrize(("active", "verdict"), [(1.05, HOLDS), (0.95, HOLDS), (0.85, FAILS)])
def test_without_noise_units_stay(active, verdict):
    assert claims.noise_is_needed(made_up(active=active)).verdict == verdict


def test_what_other_parameters_do_not_touch_is_left_out():
    runs, ours = made_up(), [AS_PUBLISHED] * 3
    full = claims.verdicts(runs, runs, ours, ours, ours)
    assert [row["item"] for row in full.rows].count("Table 1") == 27
    assert full._repr_mimebundle_()[1][CLAIMS] == full.rows
    own = claims.verdicts(runs, runs, ours)
    assert [row["item"] for row in own.rows].count("Table 1") == 9
    assert {row["rests_on"] for row in own.rows} == {THIS_RUN}
    without_corridor = claims.verdicts(runs, runs, ours, ours)
    assert [row["item"] for row in without_corridor.rows].count("Table 1") == 18


def test_changes_of_runs_are_those_of_each():
    step = np.arange(0, 2001, 100)
    loss = np.stack([1 + np.exp(-step / 200), 2 + np.exp(-step / 100)])
    active = np.stack([0.9 - 0.3 * step / 2000, 0.8 - 0.5 * step / 2000])
    runs = xr.Dataset(
        {"loss": (("seed", "step"), loss), "fraction_active_units": (("seed", "step"), active)},
        {"step": step},
    )
    ends = [Phases(400.0, 1000.0), Phases(300.0, float("nan"))]
    codes = [lambda first, second: first / second, lambda first, second: second - first]
    found = changes_of_runs(runs, ends, codes)
    for run in range(2):
        alone = phase_changes(step, loss[run], active[run], ends[run], codes[run])
        assert found[run] == alone
    assert found[0]["directed drift"].activity == pytest.approx(-0.3 * 600 / 2000)
    assert found[0]["directed drift"].representation == pytest.approx(0.4)
    assert list(found[1]) == ["learning"]
    with pytest.raises(ValueError, match="phases has 1 values and runs 2"):
        changes_of_runs(runs, ends[:1], codes)


def test_a_phase_that_would_end_before_it_begins_is_none():
    """The activity has settled before the loss: there is no directed drift between them."""
    step = np.arange(0, 2001, 100)
    flat = np.ones(step.size)
    found = phase_changes(step, flat, flat, Phases(500.0, 300.0), lambda *_: 0.5)
    assert {name: change.duration for name, change in found.items()} == {
        "learning": 500, "null drift": 1500
    }  # fmt: skip


def test_codes_are_those_nearest_to_the_steps():
    activity = np.random.default_rng(0).normal(size=(3, 4, 10))
    run = xr.Dataset(
        {"activity": (("step", "position", "unit"), activity)}, {"step": [0, 100, 200]}
    )
    alike = population_similarity(run)
    pairs = zip(activity[0], activity[2], strict=True)
    expected = np.mean([np.corrcoef(first, second)[0, 1] for first, second in pairs])
    assert alike(20, 190) == pytest.approx(expected)
    assert alike(90, 110) == pytest.approx(1)


def test_maps_come_from_the_early_run_as_far_as_it_goes():
    def correlations(snapshots, values):
        return xr.DataArray(
            values, {"snapshot": snapshots, "other_snapshot": snapshots},
            ("snapshot", "other_snapshot"),
        )  # fmt: skip

    archived = correlations([0, 20_000, 40_000], [[1, 0.6, 0.4], [0.6, 1, 0.7], [0.4, 0.7, 1]])
    early = correlations([0, 1000], [[1, 0.9], [0.9, 1]])
    alike = map_similarity(archived, early)
    assert alike(0, 1000) == 0.9
    assert alike(1000, 19_000) == 0.6
    assert alike(21_000, 40_000) == 0.7
    assert np.isnan(alike(19_000, 21_000))
