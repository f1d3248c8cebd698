"""Each claim on made-up runs: some that must pass, and for each claim some that must fail."""

import re

import numpy as np
import pytest
import xarray as xr

from drift.claims import sparsification_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import (
    ARCHIVED,
    BEYOND,
    FAILS,
    HOLDS,
    NOT_REPRODUCED,
    REPRODUCED,
    THIS_RUN,
)

NAMES = ("program's texture addressing", "text's constant speed", "text's texture width")
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


EDGE_STEPS = np.array([0, 100, 10_000, 20_000, 400_000, 1_000_000])


def edge_of_run(**where):
    """Curvature and loss at some steps; ``where`` replaces the last value of a variable."""
    values = {
        "curvature": [1.4, 0.4, 0.9, 1.0, 1.01, 0.99],
        "loss": [1, 0.1, 0.01, 0.012, 0.02, 0.015],
        "loss_elsewhere": [0.5, 0.1, 0.010, 0.011, 0.0095, 0.0105],
    }
    for name, last in where.items():
        values[name][-1] = last
    along = {name: ("snapshot", numbers) for name, numbers in values.items()}
    return xr.Dataset(along, {"snapshot": EDGE_STEPS})


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


EDGE_CASES = [
    (claims.curvature_is_at_the_edge, "curvature", (0.94, 1.06)),
    (claims.rest_of_the_loss_stays, "loss_elsewhere", (0.0066, 0.0151)),
]


@pytest.mark.parametrize(("claim", "name", "bad"), EDGE_CASES, ids=["curvature", "loss"])
def test_the_edge_is_judged_on_snapshots_after_learning(claim, name, bad):
    judged = claim(edge_of_run())
    assert judged.verdict == HOLDS
    assert judged.ours.endswith("(3 snapshots)")
    for value in bad:
        assert claim(edge_of_run(**{name: value})).verdict == FAILS


def test_the_rest_of_the_loss_is_compared_with_one_percent_of_the_run():
    assert claims.rest_of_the_loss_stays(edge_of_run()).ours == "0.95 to 1.10 (3 snapshots)"


def test_how_far_the_loss_rises_is_said():
    assert claims.loss_stays(made_up()).caveat == "the median factor is 1.5"


def test_errata_state_what_was_measured():
    runs = made_up()
    variants = xr.concat([runs.isel(seed=slice(5))] * 3, "variant").assign_coords(
        variant=list(NAMES)
    )
    variants["fraction_active_units"] *= xr.DataArray([1, 2, 3], dims="variant")
    rows = claims.errata(runs, variants, offset=0.0123).rows
    assert rows[0]["topic"] == "the red curve of Fig. 2C"
    assert rows[0]["effect"].startswith("end over start: fraction of active units 0.25 ± 0.00")
    for factor, row in zip((1, 2, 3), rows[1:4], strict=True):
        said = re.findall(r"at the end: (\S+) ± \S+, here (\S+) ±", row["effect"])[0]
        assert float(said[0]) == pytest.approx(factor * float(said[1]), abs=0.02)
        assert row["effect"].count("information, end over start: 1.80 ± 0.00, here 1.80") == 1
    assert "0.012" in rows[-1]["effect"]


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
    table = claims.verdicts(made_up(1), edge_of_run(), rests_on=THIS_RUN)
    assert {row["rests_on"] for row in table.rows} == {THIS_RUN}
    assert "Fig. 2D" not in {row["item"] for row in table.rows}
    of_many = claims.verdicts(made_up(), edge_of_run())
    assert [row["item"] for row in of_many.rows].count("Fig. 2D") == 1
    of_the_edge = {row["rests_on"] for row in of_many.rows if row["figure"] == "fig-edge"}
    of_the_rest = {row["rests_on"] for row in of_many.rows if row["figure"] != "fig-edge"}
    assert (of_the_edge, of_the_rest) == ({THIS_RUN}, {f"{ARCHIVED} (corridor)"})
    assert all(row["source"] or row["item"] == BEYOND for row in of_many.rows)
    assert of_many._repr_mimebundle_()[1][CLAIMS] == of_many.rows
