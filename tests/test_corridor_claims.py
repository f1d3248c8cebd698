"""Each claim on made-up runs: some that must pass, and for each claim some that must fail."""

import numpy as np
import pytest
import xarray as xr

from drift.claims import corridor_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import (
    ARCHIVED,
    BEYOND,
    FAILS,
    HOLDS,
    ILLUSTRATION,
    NOT_REPRODUCED,
    REPRODUCED,
    THIS_RUN,
)

HIDDEN = 50


def made_up(seeds=20, loss=0.01, before=30, after=40):
    """Runs of 50 units whose targets have the variance 0.1; ``loss`` is that of the last records.

    One burst within the last five records, which must not count.
    """
    course = np.full((seeds, 20), 0.01)
    course[:, -5:] = loss
    course[:, -3] = 10
    return xr.Dataset(
        {
            "loss": (("seed", "step"), course),
            "place_cells": (("seed", "snapshot"), np.tile([before, after], (seeds, 1))),
            "target_variance": ("seed", np.full(seeds, 0.1)),
        },
        {"step": np.arange(0, 20_000, 1000) + 1000, "snapshot": [0, 20_000]},
    )


def test_runs_as_described_pass():
    assert claims.loss_drops(made_up()).verdict == REPRODUCED
    assert claims.loss_drops(made_up()).ours == "-1.00 to -1.00 (20 runs)"
    assert claims.units_become_tuned(made_up(), HIDDEN).verdict == REPRODUCED
    assert claims.units_become_tuned(made_up(), HIDDEN).ours == "0.80 to 0.80 (20 runs)"
    assert claims.units_are_tuned_before(made_up(), HIDDEN).verdict == HOLDS
    assert claims.units_are_tuned_before(made_up(), HIDDEN).ours == "0.60 to 0.60 (20 runs)"


def test_a_loss_above_a_third_of_the_variance_fails():
    assert claims.loss_drops(made_up(loss=0.031)).verdict == REPRODUCED
    assert claims.loss_drops(made_up(loss=0.032)).verdict == NOT_REPRODUCED


def test_a_loss_that_was_low_before_the_end_does_not_count():
    runs = made_up(loss=0.05)
    runs["loss"][:, :-5] = 1e-6
    assert claims.loss_drops(runs).verdict == NOT_REPRODUCED


def test_too_few_place_cells_fail():
    assert claims.units_become_tuned(made_up(after=25), HIDDEN).verdict == NOT_REPRODUCED
    assert claims.units_become_tuned(made_up(before=25), HIDDEN).verdict == REPRODUCED
    assert claims.units_are_tuned_before(made_up(before=25), HIDDEN).verdict == FAILS
    assert claims.units_are_tuned_before(made_up(after=25), HIDDEN).verdict == HOLDS


@pytest.mark.parametrize(
    ("claim", "name", "value"),
    [("loss_drops", "loss", 0.09), ("units_become_tuned", "place_cells", 10)],
)
def test_one_run_of_twenty_is_enough_to_fail(claim, name, value):
    runs = made_up()
    runs[name][7] = value
    arguments = (runs,) if name == "loss" else (runs, HIDDEN)
    assert getattr(claims, claim)(*arguments).verdict == NOT_REPRODUCED


def test_the_table_has_every_claim_and_says_what_it_rests_on():
    of_archive = f"{ARCHIVED} (corridor)"
    for rests_on, runs, note in (
        (ARCHIVED, made_up(), of_archive),
        (THIS_RUN, made_up(1), THIS_RUN),
    ):
        table = claims.verdicts(runs, HIDDEN, rests_on)
        assert [row["item"] for row in table.rows] == ["Fig. 2A", "Fig. 2B", "Results", BEYOND]
        assert {row["rests_on"] for row in table.rows[1:]} == {note}
        assert all(row["source"] for row in table.rows[:3])
        assert table.rows[0]["verdict"] == ILLUSTRATION
        assert table._repr_mimebundle_()[1][CLAIMS] == table.rows
