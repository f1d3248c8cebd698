"""The study's own runs, simulated again: where ours land among its neighbouring rows."""

import numpy as np
import pytest

from drift.datasets.published_runs import (
    COMPARED,
    as_published,
    groups,
    published_runs,
    published_scan,
)
from drift.results.archives import load_archive
from drift.study.collection import table_of_runs


@pytest.fixture(scope="module")
def published(public_data):
    return {"update noise": published_scan(), "label noise": published_runs()}


def test_the_published_loss_is_that_against_noisy_targets(published):
    """Of runs with label noise of width s it is s^2 / 12 and hardly more: not the clean loss."""
    table = published["label noise"]
    long = table[table["group"] == "label noise"]
    excess = long["raw_loss"] - np.log10(long["label_noise"] ** 2 / 12)
    assert len(long) == 353
    assert abs(excess.median()) < 0.02
    assert excess.quantile([0.1, 0.9]).abs().max() < 0.2


def test_the_published_table_is_one_of_survivors_and_one_regime_differs(published):
    """What the chapter on generality says of the groups that differ."""
    theirs = published["label noise"]
    ours = as_published(table_of_runs(load_archive("generality")))
    assert len(ours) == len(theirs) == 1151
    assert (theirs["active_units"] > 0).all() and theirs["raw_loss"].max() < 0
    assert (ours["active_units"] == 0).sum() > 50
    assert ours.loc[ours["status"] == "diverged", "raw_loss"].max() > 2
    medians = {
        (name, regime): table.loc[
            (table["group"] == "label noise")
            & (table["data_type"] == "random")
            & (table["regime"] == regime),
            "active_units",
        ].median()
        for name, table in (("ours", ours), ("theirs", theirs))
        for regime in ("rich", "lazy")
    }
    assert medians == {
        ("ours", "rich"): pytest.approx(0.98, abs=0.005),
        ("theirs", "rich"): pytest.approx(0.91, abs=0.005),
        ("ours", "lazy"): pytest.approx(0.99, abs=0.005),
        ("theirs", "lazy"): pytest.approx(0.99, abs=0.005),
    }


def test_the_parameters_are_those_of_published_rows(published):
    table = table_of_runs(load_archive("published-rows"))
    for _, row in table.iterrows():
        there = published[row["part"]]
        noise = row["part"].replace(" ", "_")
        same = there[
            np.isclose(there[noise], row[noise], rtol=1e-12)
            & (there[["nsamples", "Xdim"]] == row[["nsamples", "Xdim"]].astype(int)).all(axis=1)
            & (there["data_type"] == row["data_type"])
        ]
        assert len(same) == 1


def nearest(row, table, count=11):
    """The ``count`` published runs most like ``row``: same task and regime, close in the rest.

    Distance is that of the logarithms of the noise and of n, d_in and d_out.
    """
    same = table[(table["data_type"] == row["data_type"]) & (table["regime"] == row["regime"])]
    same = same[same["group"] == row["group"]]
    noise = "label_noise" if row["label_noise"] > 0 else "update_noise"
    names = [noise, "nsamples", "Xdim", "ydim"]
    mine = np.log(row[names].astype(float) + (np.array(names) != noise))
    theirs = np.log(same[names] + (np.array(names) != noise))
    distance = ((theirs - mine) ** 2).sum(axis=1)
    return same.loc[distance.sort_values(kind="stable").index[:count]]


def test_runs_again_beside_their_published_neighbours(published):
    """Three seeds a row: how often their median lies in the range of eleven similar runs.

    Were both of one law, 19 of 20 would be expected: a median of three lies within the range of
    eleven others with probability 0.95. It is 14 for the fraction of active units: most runs agree,
    not all, which the chapter on generality takes up.
    """
    table = table_of_runs(load_archive("published-rows"))
    table = table.assign(group=groups(table))
    inside = dict.fromkeys(COMPARED, 0)
    cases = 10
    for _, part in table.groupby("part"):
        for case in range(cases):
            seeds = part.iloc[case::cases]
            neighbours = nearest(seeds.iloc[0], published[seeds.iloc[0]["part"]])
            assert len(seeds) == 3
            assert len(neighbours) == 11
            for name in COMPARED:
                low, high = neighbours[name].min() - 1e-9, neighbours[name].max() + 1e-9
                inside[name] += bool(low <= seeds[name].median() <= high)
    assert inside == {"active_units": 14, "active": 12, "raw_loss": 16}
