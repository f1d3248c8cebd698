"""Figures of the joint test from small made-up data: what was drawn is read back and compared."""

import numpy as np
import pandas as pd
import pytest
from helpers import drawn_as
from scipy import stats

from drift.plots import plot_signature as plots
from drift.plots.export import drawn_points

SLOPES = pd.DataFrame(
    {
        "set": ["a", "a", "b", "b"],
        "place": ["novel"] * 2 + ["familiar"] * 2,
        "active_cells": [-0.02, -0.01, 0.01, -0.01],
        "information": [0.1, 0.2, 0.02, -0.02],
    }
)
COVARIANCE = np.array([[4e-5, -2e-5], [-2e-5, 9e-5]])
MEANS_OF = {"first": (np.array([-0.015, 0.15]), COVARIANCE), "second": (np.zeros(2), COVARIANCE)}
NAMES = {"a": "first", "b": "second"}
MODEL = {"networks, directed drift": np.array([[-0.04, 0.05]]),
         "networks, late": np.array([[0.0, 0.01], [0.01, 0.0]])}  # fmt: skip


def test_animals_and_networks_are_points_in_percent():
    ax = plots.signature_plane(SLOPES, MEANS_OF, NAMES, MODEL)
    novel = drawn_as(ax, "first (novel)")
    np.testing.assert_allclose(novel, [[-2, 10], [-1, 20]])
    np.testing.assert_allclose(drawn_as(ax, "second (familiar)"), [[1, 2], [-1, -2]])
    np.testing.assert_allclose(drawn_as(ax, "networks, late"), [[0, 1], [1, 0]])
    faces = {line.get_label(): line.get_markerfacecolor() for line in ax.lines}
    assert faces["second (familiar)"] == faces["networks, late"] == "white"
    assert "white" not in (faces["first (novel)"], faces["networks, directed drift"])
    assert ax.get_xlabel() == "active cells (% per session)"
    assert ax.get_ylabel() == "information (% per session)"


def test_the_shaded_quadrant_is_fewer_cells_and_more_information():
    ax = plots.signature_plane(SLOPES, MEANS_OF, NAMES, MODEL)
    shade = drawn_as(ax, "the study's signature", "band")
    assert shade[:, 0].max() == 0 and shade[:, 1].min() == 0
    assert shade[:, 0].min() == pytest.approx(ax.get_xlim()[0])
    assert shade[:, 1].max() == pytest.approx(ax.get_ylim()[1])


def test_ellipses_hold_95_percent():
    """Every point lies at the quantile of chi-squared; of 20,000 draws 95 +- 0.6 % lie inside."""
    ax = plots.signature_plane(SLOPES, MEANS_OF, NAMES, MODEL)
    around = drawn_as(ax, "95 % first") / 100
    inverse = np.linalg.inv(COVARIANCE)
    left = around - MEANS_OF["first"][0]
    distances = np.einsum("pi,ij,pj->p", left, inverse, left)
    np.testing.assert_allclose(distances, stats.chi2.ppf(0.95, 2), rtol=1e-6)
    draws = np.random.default_rng(0).multivariate_normal(MEANS_OF["first"][0], COVARIANCE, 20_000)
    left = draws - MEANS_OF["first"][0]
    inside = np.einsum("pi,ij,pj->p", left, inverse, left) < distances.mean()
    assert inside.mean() == pytest.approx(0.95, abs=0.006)


def test_a_set_that_is_left_out_is_not_drawn():
    ax = plots.signature_plane(SLOPES[SLOPES["set"] == "b"], MEANS_OF, NAMES, {})
    drawn = drawn_points(ax.figure).series
    assert not drawn.str.contains("first").any()
    assert (drawn == "second (familiar)").any()
    with pytest.raises(ValueError, match="needs 1 to 5 sets, got 0"):
        plots.signature_plane(SLOPES.iloc[:0], MEANS_OF, NAMES, {})


def test_laps():
    laps = pd.DataFrame(
        [(rat, session, lap, base + 0.1 * session - 0.01 * lap)
         for rat, base in (("M", 0.2), ("N", 0.4)) for session, last in ((1, 4), (2, 5))
         for lap in range(1, last + 1)],
        columns=["animal", "session", "lap", "active_share"],
    )  # fmt: skip
    blocks = pd.DataFrame(
        [("M", 1, 2, 1, 1.0), ("M", 1, 2, 2, 1.5)],
        columns=["animal", "session", "laps", "block", "information_excess"],
    )
    left, right = plots.lap_by_lap(laps, blocks, first=3)
    # Mean over the two sessions, in laps that all sessions have.
    np.testing.assert_allclose(drawn_as(left, "rat M"),
                               [[lap, 0.35 - 0.01 * lap] for lap in (1, 2, 3, 4)])  # fmt: skip
    np.testing.assert_allclose(drawn_as(left, "mean of the rats")[:, 1],
                               [0.45 - 0.01 * lap for lap in (1, 2, 3, 4)])  # fmt: skip
    np.testing.assert_allclose(drawn_as(right, "rat M"), [[1.5, 1.0], [3.5, 1.5]])
    assert left.get_xlabel() == "lap"
    with pytest.raises(ValueError, match="all be of one number of laps"):
        plots.lap_by_lap(laps, pd.concat([blocks, blocks.assign(laps=3)]))


def test_mice_that_went_elsewhere():
    sessions = pd.DataFrame(
        [(measure, session, 1 - 0.1 * session * (measure == "place_cells"), 0.02)
         for measure in ("place_cells", "information", "mean_activity") for session in (1, 2, 3)],
        columns=["measure", "session", "mean", "sem"],
    )  # fmt: skip
    correlations = pd.DataFrame(
        [(phase, days, level - 0.01 * days, 0.01)
         for phase, level in (("baseline", 0.5), ("elsewhere", 0.7)) for days in (2, 4)],
        columns=["phase", "days", "tuning_curve", "tuning_curve_sem"],
    )  # fmt: skip
    phases = {"one": (1, 2), "two": (2, 3)}
    left, right = plots.elsewhere_over_sessions(sessions, correlations, phases)
    np.testing.assert_allclose(drawn_as(left, "place cells"), [[1, 0.9], [2, 0.8], [3, 0.7]])
    np.testing.assert_allclose(drawn_as(left, "information")[:, 1], 1)
    np.testing.assert_allclose(drawn_as(right, "baseline"), [[2, 0.48], [4, 0.46]])
    np.testing.assert_allclose(drawn_as(right, "elsewhere"), [[2, 0.68], [4, 0.66]])
    assert [line.get_xdata()[0] for line in left.lines if line.get_linestyle() == ":"] == [2]
    with pytest.raises(ValueError, match="must have rows"):
        plots.elsewhere_over_sessions(sessions.iloc[:0], correlations, phases)
