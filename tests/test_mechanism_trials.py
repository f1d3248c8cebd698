"""What the chapter promises of other parameters, and what it leaves to the package."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import drift
from drift.analysis.hessian import hessian_trace
from drift.analysis.spectra import eigenvalue_counts, ratios_to
from drift.chapters.notebooks import read_chapter
from drift.theory import flow, valleys

CHAPTER = Path(__file__).parent.parent / "book" / "mechanism.ipynb"
DEFAULTS = {parameter.name: parameter.default for parameter in read_chapter(CHAPTER).parameters}
NOISES = ("update_noise", "label_noise")


def course(noise, steps, **changes):
    """The chapter's run with ``noise``, shorter, with ``changes`` to its parameters."""
    values = DEFAULTS | changes
    task = drift.random_mapping(**{name: values[name] for name in ("samples", "d_in", "d_out")})
    rule = drift.GradientDescent(values["learning_rate"], **{noise: values[noise]})
    every = drift.LinearSpacing(101)
    run = drift.simulate(
        task, rule, hidden=values["hidden"], steps=steps, record=every, snapshots=every,
        progress=False,
    )  # fmt: skip
    return run, drift.spectra(run, task)


def test_the_chapter_ends_with_the_trials_that_are_tested_here():
    text = nbformat.read(CHAPTER, as_version=4).cells[-1].source
    assert text.startswith("## Three things to try")
    tried = re.findall(r"`drift run mechanism -p (\w+) ([\d.]+)`", text)
    assert tried == [("update_noise", "0.1"), ("label_noise", "0.5"), ("d_out", "2")]
    chapter = read_chapter(CHAPTER)
    for name, value in tried:
        chapter.preflight(chapter.parse({name: value}) | {"steps": 2000})


def test_with_twice_the_update_noise_units_fall_silent_four_times_as_fast():
    assert DEFAULTS["update_noise"] == 0.05
    slow, _ = course("update_noise", 160_000)
    fast, _ = course("update_noise", 40_000, update_noise=0.1)
    halves = [drift.half_time(run.step, run.fraction_active_units.values) for run in (slow, fast)]
    assert 2.8 < halves[0] / halves[1] < 5.7


def test_with_twice_the_update_noise_too_few_units_are_left_for_all_conditions():
    run, found = course("update_noise", DEFAULTS["steps"], update_noise=0.1)
    left = run.fraction_active_units[-1] * DEFAULTS["hidden"]
    assert left < DEFAULTS["samples"]
    assert found["rank"][-1] < found["rank"][1] == 25


def test_with_half_the_label_noise_the_sum_takes_four_times_as_long():
    assert DEFAULTS["label_noise"] == 1.0
    _, fast = course("label_noise", 20_000)
    _, slow = course("label_noise", 80_000, label_noise=0.5)
    np.testing.assert_allclose(slow.trace[10:], fast.trace[10:].values, rtol=0.15)
    assert slow.trace.sel(snapshot=4000) > 1.3 * fast.trace.sel(snapshot=4000)


@pytest.mark.parametrize("noise", NOISES)
def test_with_two_outputs_ten_eigenvalues_are_not_zero(noise):
    run, found = course(noise, 100_000, d_out=2)
    assert set(found["rank"].values) == {10}
    if noise == "update_noise":
        assert run.fraction_active_units[-1] < 0.6 * run.fraction_active_units[0]


def test_the_jacobian_of_the_chapter_gives_the_package_s_spectrum():
    """Its cell is run as it stands."""
    cell = next(
        cell.source
        for cell in nbformat.read(CHAPTER, as_version=4).cells
        if "def jacobian(" in cell.source
    )
    task = drift.random_mapping(samples=4, d_in=3, d_out=2)
    run = drift.simulate(task, drift.GradientDescent(), hidden=8, steps=100, progress=False)
    names = {"np": np, "drift": drift, "task": task, "runs": {"update noise": run}}
    exec(cell, names)
    expected = drift.spectra(run, task).eigenvalues.values[-1]
    np.testing.assert_allclose(names["eigenvalues"], expected, rtol=1e-7, atol=1e-12)
    assert names["J"].shape == (8, 8 * (3 + 1 + 2))


def test_the_law_of_update_noise_is_that_of_its_parts():
    time = np.array([0, 0.5, 2.0])
    law = valleys.update_noise_law(1.5, time, (0.3, 0.9))
    assert law.distance.dims == ("level", "time")
    np.testing.assert_array_equal(law.distance.sel(time=0), [1.5, 1.5])
    assert law.distance.sel(level=0.9, time=2) == valleys.position_quantile(0.9, 1.5, 2.0)
    assert law.reached.sel(time=0) == 0
    np.testing.assert_allclose(law.reached[1:], valleys.flat_side_reached(1.5, time[1:]))


def test_runs_beside_the_flow_begin_with_it_and_take_its_time():
    task = drift.random_mapping(samples=3, d_in=5, d_out=2)
    learned = drift.simulate(
        task, drift.GradientDescent(), hidden=30, steps=20_000, progress=False, record=[0],
        snapshots=[20_000],
    )  # fmt: skip
    start = flow.to_zero_loss(task, drift.Parameters.of_snapshot(learned, 0))
    rule = drift.GradientDescent(0.1, label_noise=0.5)
    pace = flow.time_per_step(task, rule)
    found = flow.simulate_beside_flow(task, start, rule, 2000 * pace, seeds=2)
    assert found.trace.dims == ("seed", "time") and found.sizes["seed"] == 2
    np.testing.assert_allclose(found.time, found.step * pace)
    assert found.step[0] == 0 and found.step[-1] == 2000
    np.testing.assert_allclose(found.trace[:, 0], hessian_trace(task, start), rtol=1e-5)
    expected = flow.label_noise_flow(task, start, rule, found.step.values).hessian_trace
    np.testing.assert_array_equal(found.flow, expected)
    assert (found.trace[0, -1] != found.trace[1, -1]).item()
    with pytest.raises(ValueError, match="seeds"):
        flow.simulate_beside_flow(task, start, rule, 1.0, seeds=0)


def test_ratios_to_one_step_are_medians_over_ranks():
    eigenvalues = np.array([[8.0, 4.0, 2.0, 1.0, 0.5], [8.0, 2.0, 4.0, 0.5, 0.5]])
    found = xr.Dataset(
        {"eigenvalues": (("snapshot", "order"), eigenvalues), "trace": ("snapshot", [2.0, 3.0]),
         "rank": ("snapshot", [4.0, 5.0])},
        {"snapshot": [0, 10]},
    )  # fmt: skip
    ratios = ratios_to(found, 0, largest=3, small=(4, 5))
    assert ratios.largest.sel(snapshot=10) == 1  # of 1, 1/2 and 2
    assert ratios.small.sel(snapshot=10) == 0.75  # of 1/2 and 1
    assert ratios.trace.values.tolist() == [1, 1.5]
    assert ratios["rank"].values.tolist() == [1, 1.25]
    assert ratios_to(found, 10, largest=3, small=(4, 4)).small.sel(snapshot=0) == 2
    every = ratios_to(found, 0, largest=5, small=(1, 5)).sel(snapshot=10)
    assert every.largest == every.small == 1  # of 1, 1/2, 2, 1/2 and 1
    for step, arguments in ((5, {}), (0, {"small": (0, 2)}), (0, {"small": (3, 6)}),
                            (0, {"largest": 6, "small": (1, 2)})):  # fmt: skip
        with pytest.raises(ValueError, match=r"no snapshot|ranks"):
            ratios_to(found, step, **({"largest": 3, "small": (4, 5)} | arguments))


def test_counts_are_taken_at_the_end_of_each_run():
    """The second run ended early; shares are archived with ten bits."""
    runs = xr.Dataset(
        {
            "step": (("run", "record"), [[0, 5, 9], [0, 5, -1]]),
            "fraction_active_units": (
                ("run", "record"), np.array([[0.8, 0.4, 0.04998], [0.5, 0.25, np.nan]])
            ),
            "loss": (("run", "record"), [[1, 0.5, 0.1], [1, 0.6, np.nan]]),
            "target_variance": ("run", [0.2, 0.3]),
            "hidden": ("run", [100, 20]),
            "samples": ("run", [5, 4]),
            "d_in": ("run", [20, 3]),
            "d_out": ("run", [5, 2]),
            "above_zero": ("run", [70, 33]),
            "whole_rank": ("run", [30, 11]),
            "hessian_rank": (("run", "snapshot"), [[25.0, 24.0], [8.0, np.nan]]),
        }
    )  # fmt: skip
    expected = pd.DataFrame(
        {
            "active_units": [5, 5],
            "over_first": [0.04998 / 0.8, 0.5],
            "samples": [5, 4],
            "conditions": [25, 8],
            "parameters": [2600, 120],
            "program": [70, 33],
            "whole": [30, 11],
            "zero_loss": [24.0, np.nan],
            "relative_loss": [0.5, 2.0],
        }
    )
    pd.testing.assert_frame_equal(eigenvalue_counts(runs), expected)
