"""What the end of the chapter *The corridor* promises of other parameters is so."""

import json
from pathlib import Path

import numpy as np
import pytest

import drift
from drift.analysis.tuning import tuning_over_time
from drift.results.archives import PUBLISHED_NETWORK, PUBLISHED_RULE, load_archive
from drift.results.corridor_runs import recorded_steps

CHAPTER = Path(__file__).parent.parent / "book" / "corridor.ipynb"


def trained(steps=20_000, hidden=500, noise=PUBLISHED_RULE.update_noise, snapshots=(0,), **task):
    made = drift.corridor(seed=0, **task)
    rule = drift.GradientDescent(learning_rate=PUBLISHED_RULE.learning_rate, update_noise=noise)
    run = drift.simulate(
        made, rule, steps=steps, hidden=hidden, init="lazy", seed=0,
        record=recorded_steps(steps), snapshots=[*snapshots, steps],
    )  # fmt: skip
    return made, run


def level(run, variance):
    """log10 of the loss at the end, median of five records, relative to the mean view."""
    return float(np.log10(np.median(run.loss.values[-5:]) / variance))


@pytest.fixture(scope="module")
def default():
    """The chapter's own run, from the archive that has the same law."""
    archived = load_archive("corridor").sel(seed=0, step=slice(0, 20_000))
    assert PUBLISHED_NETWORK["hidden"] == 500
    return archived


def test_the_commands_are_those_of_the_chapter():
    text = "".join(json.loads(CHAPTER.read_text())["cells"][-1]["source"])
    for command in ("-p update_noise 0 -p steps 5000`", "-p hidden 20`", "-p pixels 3`"):
        assert f"`drift run corridor {command}:" in text
    assert text.count("drift run corridor") == 3


def test_without_noise_the_loss_goes_on_falling_and_the_maps_stay(default):
    task, run = trained(steps=5000, noise=0.0, snapshots=[0, 500])
    falling = run.loss.sel(step=slice(100, None)).values
    assert (np.diff(falling) < 0).all()
    variance = task.targets.var(axis=0).mean()
    at_same_time = default.sel(step=slice(0, 5000))
    assert level(run, variance) < level(at_same_time, default.target_variance.item()) - 0.1
    maps = tuning_over_time(run, task).rate_map_correlation
    assert maps.sel(snapshot=500, other_snapshot=5000) > 0.98
    noisy_task, noisy = trained(steps=5000, hidden=100, snapshots=[0, 500])
    maps = tuning_over_time(noisy, noisy_task).rate_map_correlation
    assert maps.sel(snapshot=500, other_snapshot=5000) < 0.95


def test_twenty_units_predict_about_as_well(default):
    task, run = trained(hidden=20)
    ours = level(run, task.targets.var(axis=0).mean())
    assert ours < level(default, default.target_variance.item()) + 0.1


def test_with_views_of_three_pixels_more_than_three_quarters_are_silent():
    task, run = trained(pixels=3)
    start, end = run.fraction_active_units.values[[0, -1]]
    assert start > 0.5
    assert end < 0.25
    assert level(run, task.targets.var(axis=0).mean()) < -1
