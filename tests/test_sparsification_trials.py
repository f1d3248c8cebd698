"""What the end of the chapter *Sparsification* promises of other parameters is so."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.linalg import eigsh

import drift
from drift.analysis.hessian import gauss_newton_kernel
from drift.analysis.tuning import tuning_over_time
from drift.results.archives import PUBLISHED_RULE
from drift.results.corridor_runs import recorded_steps

CHAPTER = json.loads((Path(__file__).parent.parent / "book" / "sparsification.ipynb").read_text())
QUICK = CHAPTER["metadata"]["drift"]["profiles"]["quick"]["values"]
TASK = drift.corridor(seed=0)


def trained(learning_rate=PUBLISHED_RULE.learning_rate, noise=PUBLISHED_RULE.update_noise):
    rule = drift.GradientDescent(learning_rate=learning_rate, update_noise=noise)
    record = recorded_steps(QUICK["steps"])
    return drift.simulate(TASK, rule, **QUICK, init="lazy", seed=0, record=record)


def active_units(run):
    return run.fraction_active_units.values[[0, -1]]


def drifted(run):
    """Correlation of the maps at the end with those after a fifth of the run."""
    return tuning_over_time(run, TASK).rate_map_correlation.values[10, -1]


def share_of_the_edge(run, index, learning_rate):
    kernel = gauss_newton_kernel(TASK, drift.Parameters.of_snapshot(run, index))
    largest = eigsh(kernel, k=1, v0=np.ones(len(kernel)), return_eigenvectors=False)[0]
    return learning_rate * largest / 2


@pytest.fixture(scope="module")
def default():
    return trained()


def test_the_commands_are_those_of_the_chapter():
    text = "".join(CHAPTER["cells"][-1]["source"])
    for setting in ("update_noise 0", "update_noise 0.03", "learning_rate 0.2"):
        assert f"- `drift run sparsification -p {setting} --profile quick`:" in text
    assert text.count("drift run sparsification") == 3
    assert "100 units and 50,000 steps" in text
    assert QUICK == {"hidden": 100, "steps": 50_000}


def test_the_default_of_this_size(default):
    np.testing.assert_allclose(active_units(default), [0.77, 0.68], atol=0.005)


def test_without_noise_no_unit_falls_silent_and_maps_stay(default):
    run = trained(noise=0.0)
    start, end = active_units(run)
    assert end == start
    assert drifted(run) > 0.95
    assert drifted(default) < 0.8


def test_with_twice_the_noise_more_units_fall_silent_and_maps_drift_further(default):
    run = trained(noise=0.03)
    start, end = active_units(run)
    assert end / start < 2 / 3
    assert end < active_units(default)[1]
    assert drifted(run) < drifted(default)


def test_with_twice_the_step_size_the_edge_is_met_in_the_first_half(default):
    run = trained(learning_rate=0.2)
    middle, last = 25, -1
    assert share_of_the_edge(run, middle, 0.2) == pytest.approx(1, abs=0.05)
    assert share_of_the_edge(default, middle, 0.1) < 0.8
    assert 0.85 < share_of_the_edge(default, last, 0.1) < 1.05
