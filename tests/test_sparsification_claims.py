"""Each claim on made-up runs: some that must pass, and for each claim some that must fail."""

import numpy as np
import pytest
import xarray as xr

from drift.claims import sparsification_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import ARCHIVED, FAILS, HOLDS, NOT_REPRODUCED, REPRODUCED, THIS_RUN

STEPS = np.arange(0, 1_000_001, 1000)
SNAPSHOTS = np.arange(0, 1_000_001, 20_000)


def made_up(seeds=20):
    """Runs as the study describes them, with some spread."""
    share, code = STEPS / STEPS[-1], SNAPSHOTS / SNAPSHOTS[-1]
    spread = np.random.default_rng(0).normal(1, 0.05, (4, seeds, 1))
    loss = np.where(share < 0.005, 1, np.where(share < 0.05, 0.01, 0.015))
    counts = np.interp(SNAPSHOTS, list(claims.PLACE_CELLS), list(claims.PLACE_CELLS.values()))
    noise = np.random.default_rng(1).normal(0, 20, (seeds, len(SNAPSHOTS)))
    apart = np.abs(code[:, None] - code) / (0.2 + code[:, None] + code)
    return xr.Dataset(
        {
            "loss": (("seed", "step"), loss * spread[0]),
            "active_fraction": (("seed", "step"), (0.5 - 0.4 * share) * spread[1]),
            "fraction_active_units": (("seed", "step"), (0.8 - 0.6 * share) * spread[2]),
            "mean_information": (("seed", "snapshot"), (1 + 0.8 * code) * spread[3]),
            "place_cells": (("seed", "snapshot"), (counts + noise).round().astype(int)),
            "rate_map_correlation": (
                ("seed", "snapshot", "other_snapshot"),
                np.broadcast_to(np.exp(-apart), (seeds, *apart.shape)),
            ),
        },
        {"step": STEPS, "snapshot": SNAPSHOTS, "other_snapshot": SNAPSHOTS},
    )


def changed(name, **where):
    """The made-up runs with the change that ``where`` names: a factor after a share of the run."""
    runs = made_up().copy(deep=True)
    along = "step" if "step" in runs[name].dims else "snapshot"
    late = runs[along] >= where["after"] * runs[along][-1]
    runs[name] = runs[name].where(~late, runs[name] * where["factor"])
    return runs


def one_run_changed(name, **where):
    runs = made_up()
    runs[name] = xr.where(runs.seed == 0, changed(name, **where)[name], runs[name])
    return runs


CASES = {
    claims.loss_drops: [changed("loss", after=0.001, factor=20)],
    claims.loss_stays: [
        changed("loss", after=0.5, factor=2),
        changed("loss", after=0.5, factor=0.2),
    ],
    claims.loss_at_its_end: [changed("loss", after=0.5, factor=1.7)],
    claims.units_fall_silent: [changed("fraction_active_units", after=0.5, factor=2.5)],
    claims.activity_falls: [changed("active_fraction", after=0.5, factor=3)],
    claims.information_rises: [changed("mean_information", after=0.5, factor=0.7)],
    claims.place_cells: [changed("place_cells", after=0.4, factor=0.5)],
}


@pytest.mark.parametrize(
    "claim", [*CASES, claims.drift_slows_down], ids=lambda claim: claim.__name__
)
def test_runs_as_described_pass(claim):
    judged = claim(made_up())
    assert judged.verdict in (REPRODUCED, HOLDS) or judged.caveat
    assert judged.verdict not in (NOT_REPRODUCED, FAILS)
    assert judged.source or judged.verdict == HOLDS


@pytest.mark.parametrize(
    ("claim", "runs"),
    [(claim, runs) for claim, cases in CASES.items() for runs in cases],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_other_runs_fail(claim, runs):
    assert claim(runs).verdict in (NOT_REPRODUCED, FAILS)


def test_drift_that_speeds_up_fails():
    runs = made_up()
    turned = runs.rate_map_correlation.values[:, ::-1, ::-1]
    runs["rate_map_correlation"] = (runs.rate_map_correlation.dims, turned)
    assert claims.drift_slows_down(runs).verdict == NOT_REPRODUCED


def test_one_run_of_twenty_is_enough_to_fail():
    runs = one_run_changed("fraction_active_units", after=0.5, factor=2.5)
    assert claims.units_fall_silent(runs).verdict == NOT_REPRODUCED


def test_a_course_is_judged_as_a_whole():
    """Each of four counts within its own interval, but rising where every one of ours falls."""
    runs = made_up()
    steps = list(claims.PLACE_CELLS)
    level = np.random.default_rng(2).normal(0, 30, (20, 1))
    slope = np.array([40, 0, 0, 0]) + np.random.default_rng(3).normal(0, 3, (20, 4))
    ours = np.array(list(claims.PLACE_CELLS.values())) + level + slope
    runs["place_cells"].loc[{"snapshot": steps}] = ours.round().astype(int)
    assert np.all(
        np.abs(ours.mean(axis=0) - list(claims.PLACE_CELLS.values())) < 2 * ours.std(axis=0)
    )
    assert claims.place_cells(runs).verdict == NOT_REPRODUCED


def test_a_single_run_is_judged_without_what_needs_many():
    table = claims.verdicts(made_up(1), rests_on=THIS_RUN)
    assert {row["rests_on"] for row in table.rows} == {THIS_RUN}
    assert "Fig. 2D" not in {row["item"] for row in table.rows}
    of_many = claims.verdicts(made_up())
    assert [row["item"] for row in of_many.rows].count("Fig. 2D") == 1
    assert {row["rests_on"] for row in of_many.rows} == {ARCHIVED}
    assert of_many._repr_mimebundle_()[1][CLAIMS] == of_many.rows
