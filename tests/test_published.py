"""The study's own runs, simulated again: where ours land among its neighbouring rows."""

import numpy as np
import pytest

from drift.datasets.published_runs import (
    COMPARED,
    as_published,
    published_runs,
    published_shares,
    published_starts,
    units_at_start,
)
from drift.datasets.published_scans import published_scan
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


def test_a_count_at_the_start_is_found_where_it_is_certain():
    """Against all pairs of a first count and ten last ones, some drawn: never a wrong count."""
    random = np.random.default_rng(0)
    found = 0
    for first in range(20, 101):
        for _ in range(20):
            last = random.integers(0, first + 1, 10)
            told = units_at_start(last.mean() / first)
            assert told in (None, first)
            found += told is not None
    assert found > 400
    assert units_at_start(0.0) is None


def test_published_runs_of_ten_million_steps_began_with_fewer_active_units(published):
    """Seventy-five of a hundred on random mappings, as inputs in [0, 1] give; 97 later."""
    starts = published_starts()
    of_random = starts[starts["data_type"] == "random"].groupby("group")
    means = of_random.apply(
        lambda rows: np.average(rows["units"], weights=rows["runs"]), include_groups=False
    )
    assert means["update noise"] == pytest.approx(75.9, abs=0.05)
    assert means["label noise"] == pytest.approx(74.7, abs=0.05)
    assert means["update noise, 10^6 steps"] == pytest.approx(97.4, abs=0.05)
    assert means["label noise, 10^6 steps"] == pytest.approx(96.5, abs=0.05)


def test_shares_of_the_published_table(published):
    """By hand from the two columns, for two groups."""
    shares = published_shares().set_index("group")
    table = published["label noise"]
    noisy = table[table["group"] == "update noise"]
    high = (10 ** noisy["raw_loss"] > 0.5 / 12).sum()
    assert shares.loc["update noise", "high_loss"] == pytest.approx(high / 342)
    short = table[table["group"] == "update noise, 10^6 steps"]
    assert (
        shares.loc["update noise, 10^6 steps", "high_loss"]
        == (10 ** short["raw_loss"] > 0.5).mean()
    )
    assert shares.loc["update noise, 10^6 steps", "eig_sum"] == pytest.approx(0.57, abs=0.005)
    assert shares.loc["label noise", "excess"] == pytest.approx(0.006, abs=0.0005)


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
    eleven others with probability 0.95, and 16 or fewer of 20 do with probability 0.016.
    """
    table = as_published(table_of_runs(load_archive("published-rows")))
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
    assert min(inside.values()) >= 17
