"""Claims about many runs, each on made-up runs that must pass and on some that must fail."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drift.analysis.trends import PowerLaw
from drift.claims import generality_claims, generality_errata, noise_claims, robustness_claims
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
from drift.results.tables import load_table

SHARES = np.concatenate([[0], np.geomspace(1e-3, 1, 120)])
RULES = {"SGD": 180, "Adam": 12, "RLgrad": 8}


def curves_to(ends, course=None):
    """Curves with the published mean course, stretched so that each ends where it is to."""
    course = course or generality_claims.COURSE
    common = np.interp(SHARES, list(course), list(course.values()))
    fall = (1 - common) / (1 - common[-1])
    return 1 - (1 - np.asarray(ends)[:, None]) * fall


def made_up_table():
    rules = np.repeat(list(RULES), list(RULES.values()))
    labels = np.where((rules == "SGD") & (np.arange(200) % 2 == 1), 0.5, 0.0)
    sharp = np.where(np.arange(200) < 10, 1.5, 0.4)
    return pd.DataFrame(
        {"learning_algo": rules, "label_noise": labels, "sharpness_at_start": sharp}
    )


def made_up_curves():
    table = made_up_table()
    mean = {"SGD": 0.19, "Adam": 0.28, "RLgrad": 0.72}
    ends = table.learning_algo.map(mean).to_numpy()
    ends = np.where(table.label_noise > 0, 0.95, ends)
    units = curves_to(ends)
    adam = (table.learning_algo == "Adam").to_numpy()
    units[adam] = curves_to(ends[adam], {0: 1, 0.01: generality_claims.ADAM_EARLY, 1: 0.28})
    units[:8:2] = np.where(SHARES < 0.005, 1, 0.1)  # some collapse at once
    units[40:50:2] = np.where(SHARES < 0.5, 1, 0.1)  # some start late and suddenly
    loss = np.where(SHARES < 0.002, 1.0, 0.01) * np.ones((200, 1))
    return xr.Dataset(
        {
            "fraction_active_units": (("run", "share"), units),
            "active_fraction": (("run", "share"), units**2),
            "relative_loss": (("run", "share"), loss),
        },
        {"share": SHARES},
    )


def verdict(claim):
    return claim.verdict


def test_the_published_course_passes_and_a_slower_one_fails():
    like = np.repeat(curves_to([0.235]), 3, axis=0)
    assert verdict(generality_claims.mean_course(SHARES, like)) == REPRODUCED
    late = dict(generality_claims.COURSE) | {0.05: 0.9}
    assert (
        verdict(generality_claims.mean_course(SHARES, curves_to([0.235], late))) == NOT_REPRODUCED
    )


@pytest.mark.parametrize("rule", generality_claims.FINAL_MEANS)
def test_each_rule_must_end_where_published(rule):
    end = generality_claims.FINAL_MEANS[rule]
    assert verdict(generality_claims.final_mean(rule, curves_to([end - 0.05, end + 0.07]))) == (
        REPRODUCED
    )
    for off in (-0.12, 0.12):
        assert verdict(generality_claims.final_mean(rule, curves_to([end + off]))) == NOT_REPRODUCED


def test_adam_must_have_fallen_early():
    assert verdict(generality_claims.course_of_adam(SHARES, curves_to([0.1]))) == REPRODUCED
    late = {0: 1, 0.01: 0.95, 1: 0.28}
    assert verdict(generality_claims.course_of_adam(SHARES, curves_to([0.28], late))) == (
        NOT_REPRODUCED
    )


def test_activity_must_fall_under_each_rule():
    falls = {"SGD": curves_to([0.2]), "Adam": curves_to([0.9])}
    assert verdict(generality_claims.activity_falls(falls)) == REPRODUCED
    rises = falls | {"Adam": 2 - curves_to([0.9])}
    assert verdict(generality_claims.activity_falls(rises)) == NOT_REPRODUCED


def comparison(p_value, p_mean=0.5, p_all=0.5):
    common = {"measure": "active_units", "difference": 0.1, "low": 0.05, "high": 0.15}
    common |= {"p_all": p_all}
    return pd.DataFrame(
        [
            common | {"group": "a", "data_type": "x", "p_value": p_value, "p_mean": 1e-9},
            common | {"group": "b", "data_type": "x", "p_value": np.nan, "p_mean": p_mean},
        ]
    )


def test_groups_are_judged_by_their_law_or_if_small_by_their_mean():
    judge = generality_claims.one_law
    assert verdict(judge(comparison(0.03), "active_units", "units")) == REPRODUCED
    of_all = judge(comparison(0.03, p_all=0.02), "active_units", "units")
    assert of_all.verdict == WITH_CAVEAT and "with them 2 of 2 groups differ" in of_all.caveat
    for differing in (comparison(0.02), comparison(0.5, 0.02)):
        claim = judge(differing, "active_units", "units")
        assert claim.verdict == NOT_REPRODUCED
        assert claim.ours.startswith("1 of 2 groups differ (means, ours minus theirs): ")
        assert "+0.10 (+0.05 to +0.15)" in claim.ours


def test_what_the_design_copies_is_no_finding():
    assert verdict(generality_claims.runs_by_rule(made_up_table())) == ILLUSTRATION


def failing_share(count):
    """Twenty runs of which ``count`` fail."""
    return np.arange(20) < count


@pytest.mark.parametrize(("count", "expected"), [(0, REPRODUCED), (1, NOT_REPRODUCED)])
def test_a_negligible_few_are_fewer_than_one_in_twenty(count, expected):
    failing = failing_share(count)[:, None]
    loss = np.where(failing, 0.6, 0.4) * np.ones(SHARES.size)
    assert verdict(robustness_claims.converges_fast(SHARES, loss)) == expected
    published = load_table("published-shares")
    assert verdict(robustness_claims.keeps_low_loss(loss, published)) == expected
    units = np.where(failing, 0.96, 0.94) * np.ones(SHARES.size)
    assert verdict(robustness_claims.sparsifies(units, 0.01)) == expected


def test_late_convergence_and_a_loss_that_is_no_number_count_as_failures():
    late = np.where(SHARES < 0.02, 1, 0.01) * np.ones((20, 1))
    assert verdict(robustness_claims.converges_fast(SHARES, late)) == NOT_REPRODUCED
    assert verdict(robustness_claims.keeps_low_loss(late, load_table("published-shares"))) == (
        REPRODUCED
    )
    late[0] = np.nan  # a single target, whose variance is zero, is left out
    assert verdict(robustness_claims.keeps_low_loss(late, load_table("published-shares"))) == (
        REPRODUCED
    )
    late[1:3, -1] = np.nan  # diverged
    assert verdict(robustness_claims.keeps_low_loss(late, load_table("published-shares"))) == (
        NOT_REPRODUCED
    )


def test_label_noise_must_leave_more_units():
    labels = np.array([True, True, False, False])
    kept = curves_to([0.9, 0.95, 0.2, 0.3])
    assert verdict(robustness_claims.label_noise_keeps_units(kept, labels)) == REPRODUCED
    assert verdict(robustness_claims.label_noise_keeps_units(kept, ~labels)) == NOT_REPRODUCED


def test_collapse_must_go_with_sharpness_at_the_start():
    table, curves = made_up_table(), made_up_curves()
    units = curves.fraction_active_units.values
    assert verdict(robustness_claims.quick_collapse(table, SHARES, units)) == REPRODUCED
    shuffled = table.assign(sharpness_at_start=table.sharpness_at_start.to_numpy()[::-1])
    assert verdict(robustness_claims.quick_collapse(shuffled, SHARES, units)) == NOT_REPRODUCED


def test_a_plateau_ends_suddenly():
    sudden = np.where(SHARES < 0.5, 1, 0.1) * np.ones((1, 1))
    slow = 1 - 0.9 * SHARES[None, :]
    early = curves_to([0.1])
    judge = robustness_claims.plateau_then_sudden_start
    assert verdict(judge(SHARES, np.concatenate([sudden, slow, early]))) == REPRODUCED
    assert verdict(judge(SHARES, np.concatenate([slow, early]))) == NOT_REPRODUCED


def test_what_was_tried_beside_the_table():
    assert verdict(robustness_claims.rmsprop_sparsifies([0.1, 0.4])) == REPRODUCED
    assert verdict(robustness_claims.rmsprop_sparsifies([0.1, 0.6])) == NOT_REPRODUCED
    assert verdict(robustness_claims.still_without_noise([0.0, 0.0])) == REPRODUCED
    assert verdict(robustness_claims.still_without_noise([0.0, -0.01])) == NOT_REPRODUCED
    assert verdict(robustness_claims.other_activations()) == NOT_TESTABLE
    assert verdict(generality_claims.begun_again([0.0, 0.0005])) == HOLDS
    assert verdict(generality_claims.begun_again([0.0, 0.5])) == FAILS


def test_the_range_of_inputs_is_told_by_the_nearer_count():
    starts = load_table("published-starts")
    near, far = [75, 76], [94, 95]
    judge = generality_claims.inputs_from_zero
    assert verdict(judge(starts, {"[0, 1]": near, "[-1, 1]": far})) == HOLDS
    assert verdict(judge(starts, {"[0, 1]": far, "[-1, 1]": near})) == FAILS


def scan(exponent, count=60):
    """Runs whose final activity goes with a power of the noise, with scatter."""
    random = np.random.default_rng(0)
    noise = np.geomspace(0.01, 0.1, count)
    return pd.DataFrame(
        {
            "update_noise": noise,
            "active": noise**exponent * np.exp(0.1 * random.normal(size=count)),
            "half_time": np.where(noise < 0.02, 6e6, 1e5),
            "sim_len": 10**7,
        }
    )


def test_equal_sparsity_means_no_correlation_with_the_noise():
    assert verdict(noise_claims.same_final_sparsity(scan(0), -0.58)) == REPRODUCED
    claim = noise_claims.same_final_sparsity(scan(-0.5), -0.58)
    assert claim.verdict == NOT_REPRODUCED
    assert f"({(scan(0).update_noise >= 0.02).sum()} runs)" in claim.ours  # slow ones left out


def test_slope_and_level_of_the_rate():
    law = PowerLaw(2.05, -5.0 - 2.05 * np.log10(0.03), 1.9, 2.2, 100)
    assert verdict(noise_claims.slope_of_the_rate({"a": law}, 2.1)) == REPRODUCED
    assert verdict(noise_claims.level_of_the_rate({"a": law}, -5.1)) == REPRODUCED
    steep = law._replace(slope=2.3)
    assert verdict(noise_claims.slope_of_the_rate({"a": law, "b": steep}, 2.1)) == NOT_REPRODUCED
    low = law._replace(intercept=law.intercept - 0.4)
    assert verdict(noise_claims.level_of_the_rate({"a": law, "b": low}, -5.1)) == NOT_REPRODUCED


def test_update_against_label_noise():
    spread = np.random.default_rng(0).normal(0, 0.05, (40, 1))
    low, high = curves_to(np.full(40, 0.3)) + spread, curves_to(np.full(40, 0.9)) + spread / 10
    kinds = {"update noise": low, "label noise": high}
    judge = noise_claims.activity_under_either_noise
    assert verdict(judge(kinds)) == REPRODUCED
    assert verdict(judge(kinds | {"label noise": 1 + spread * np.ones(2)})) == NOT_REPRODUCED
    judge = noise_claims.units_under_either_noise
    assert verdict(judge(kinds)) == REPRODUCED
    assert verdict(judge({"update noise": high, "label noise": low})) == NOT_REPRODUCED
    assert verdict(noise_claims.sum_under_label_noise(low)) == REPRODUCED
    assert verdict(noise_claims.sum_under_label_noise(high)) == NOT_REPRODUCED
    rank = np.array([0.9, 0.95, 0.85, 0.9])
    assert verdict(noise_claims.rank_under_update_noise(rank)) == WITH_CAVEAT
    assert verdict(noise_claims.rank_under_update_noise(rank + 0.1)) == NOT_REPRODUCED
    kept = noise_claims.sum_under_update_noise(np.array([0.9, 1.1, 1.0]), 0.57, 0.68)
    assert (kept.verdict, kept.caveat) == (REPRODUCED, "")
    falling = noise_claims.sum_under_update_noise(np.array([0.4, 0.5, 1.2]), 0.57, 0.68)
    assert falling.verdict == NOT_REPRODUCED
    assert falling.ours == "median 0.50; it falls in 67% of 3 runs"


def tried():
    units = xr.DataArray(
        [[1.0, 0.5, 0.5], [0.9, 0.4, 0.4]], {"step": [0, 30_000, 300_000]}, ("seed", "step")
    )
    runs = xr.Dataset({"fraction_active_units": units})
    return {"RMSprop": runs * 0.9 - 0.3, "no noise": runs}


def test_the_whole_table_for_the_archive_and_for_runs_drawn_now():
    alike = pd.concat([comparison(0.5).assign(measure=m) for m in generality_claims.MEASURES])
    arguments = made_up_table(), made_up_curves(), alike, load_table("published-shares")
    archived = generality_claims.judge(*arguments, tried())
    assert [claim.statement for claim in archived if claim.verdict == NOT_REPRODUCED] == []
    assert {claim.rests_on for claim in archived} == {f"{ARCHIVED} (generality)", THIS_RUN}
    assert all(claim.source for claim in archived)
    now = generality_claims.judge(*arguments, tried(), THIS_RUN)
    assert {claim.rests_on for claim in now} == {THIS_RUN}
    left_out = {c.statement for c in archived} - {c.statement for c in now}
    assert len(left_out) == 2 + len(generality_claims.MEASURES)


def test_errata_carry_what_was_counted():
    relations = load_table("published-scan-relations")
    rows = generality_errata.errata(made_up_table(), load_table("published-shares"), relations).rows
    said = {row["topic"]: row for row in rows}
    assert said["number of runs without label noise"]["here"] == "110 of 200"
    scan_row = said["the noise scan of Fig. 4B"]["program"]
    assert "38 predictive, 35 random, 45 smoothed" in scan_row
