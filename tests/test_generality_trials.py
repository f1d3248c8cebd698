"""What the chapter on many runs promises a reader who changes its parameters."""

import numpy as np
import pytest
from chapter_cells import names_after

from drift.results.archives import is_of_this_code, load_archive
from drift.results.study_archives import compare_beginning, study_now
from drift.study.group_comparison import courses

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket"),
]


def left_at_the_end(study):
    """Mean fraction of active units of runs without label noise, over their first values."""
    unlabelled = ~(study["label_noise"].values > 0)
    curves = courses(study, np.array([0.0, 1.0]))["fraction_active_units"].values
    return np.nanmean(curves[unlabelled, 1])


def test_short_runs_keep_more_units_and_longer_ones_fewer():
    short, longer = (
        left_at_the_end(study_now("generality", 30, steps)) for steps in (20_000, 100_000)
    )
    assert short - longer > 0.05
    assert short - left_at_the_end(load_archive("generality")) > 0.1


def test_losses_of_new_runs_are_compared_in_the_published_unit():
    """Over the variance of the targets, as the published losses of short runs are."""
    cells = ("def find_study", "shares_published = ", "comparison = tables")
    names = names_after("generality", cells, runs=30, steps=20_000)
    shown, runs = names["comparison"], names["table"][names["listed"]]
    losses = shown[shown.measure == "raw_loss"].set_index(["group", "data_type"])
    assert len(losses) > 5
    for (group, task), row in losses.iterrows():
        chosen = runs[(runs.group == group) & (runs.data_type == task)]
        ours, other = (np.percentile(values, 50) for values in (chosen.loss, chosen.raw_loss))
        assert row["ours_50"] == ours != other


def test_beginnings_are_the_archived_runs():
    archive = load_archive("generality")
    for place in (100, 700, 1000):
        begun = compare_beginning(archive, place, 50_000)
        assert begun.difference < 0.001
        assert begun.records > 50 or not is_of_this_code(archive)
