"""Figures of many runs: what is drawn is what was given, on the axes that say so."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drift import plots
from drift.analysis.trends import PowerLaw
from drift.plots.export import drawn_points
from drift.plots.style import subplots

SHARES = np.array([0.0, 0.1, 0.5, 1.0])
CURVES = np.array([[1, 0.9, 0.5, 0.1], [1, 0.8, 0.7, 0.6], [1, 0.7, np.nan, 0.2]])


def lines(table, panel=1, kind="line"):
    """The curves of a panel, in their order: arrays of x and y."""
    chosen = table[(table.panel == panel) & (table.kind == kind)]
    return [(r.x.to_numpy(), r.y.to_numpy()) for _, r in chosen.groupby("series", sort=False)]


def test_every_run_and_their_mean():
    published = {0.0: 1.0, 0.5: 0.4}
    ax = plots.many_runs(SHARES, CURVES, published)
    drawn = lines(drawn_points(ax.figure))
    assert len(drawn) == 5
    for (x, y), curve in zip(drawn, CURVES, strict=False):
        np.testing.assert_array_equal(x, SHARES)
        np.testing.assert_array_equal(y, curve)
    np.testing.assert_allclose(drawn[3], [SHARES, [1, 0.8, 0.6, 0.3]])  # the mean, not the median
    np.testing.assert_array_equal(drawn[4], [[0, 0.5], [1, 0.4]])
    assert (ax.get_xlabel(), ax.get_xlim(), ax.get_ylim()) == ("share of the run", (0, 1), (0, 1.2))
    assert "over its first value" in ax.get_ylabel()


def test_labels_limits_and_axes_are_the_callers():
    _, given = subplots()
    ax = plots.many_runs(SHARES, CURVES, {}, ax=given, xlabel="time", ylim=(0, 2))
    assert ax is given
    assert (ax.get_xlabel(), ax.get_ylim()) == ("time", (0, 2))


def test_curves_that_do_not_fit_their_times_are_refused():
    with pytest.raises(ValueError, match=r"curves has shape \(3, 4\): it must be \(runs, 3\)"):
        plots.many_runs(SHARES[:3], CURVES, {})
    with pytest.raises(ValueError, match="at least one run"):
        plots.many_runs(SHARES, CURVES[:0], {})


@pytest.mark.parametrize("rules", [("Adam",), ("Adam", "SGD")])
def test_rules_are_columns_and_measures_rows(rules):
    curves = {
        rule: {"fraction_active_units": CURVES - n, "active_fraction": CURVES**2 - n}
        for n, rule in enumerate(rules)
    }
    axes = plots.by_rule(SHARES, curves)
    assert axes.shape == (2, len(rules))
    table = drawn_points(axes[0, 0].figure)
    for column, rule in enumerate(rules):
        assert axes[0, column].get_title() == f"{rule} (3 runs)"
        for row, measure in enumerate(curves[rule]):
            drawn = lines(table, 1 + row * len(rules) + column)
            np.testing.assert_array_equal([y for _, y in drawn[:3]], curves[rule][measure])
            np.testing.assert_allclose(drawn[3][1], np.nanmean(curves[rule][measure], axis=0))
    assert axes[0, 0].get_ylabel().startswith("fraction of active units")
    assert axes[1, 0].get_ylabel().startswith("active fraction")


def test_the_scan_shows_both_measures_and_the_law():
    scan = pd.DataFrame(
        {
            "update_noise": [0.01, 0.1],
            "active_units": [0.2, 0.1],
            "active": [0.05, 0.04],
            "log_rate": [-6.0, -4.0],
        }
    )
    law = PowerLaw(2.0, -2.0, 1.9, 2.1, 2)
    axes = plots.noise_scan({"a task": scan, "b": scan * 1.0}, {"a task": law, "b": law})
    table = drawn_points(axes[0, 0].figure)
    for panel, expected in ((1, [0.2, 0.1]), (3, [0.05, 0.04]), (5, [1e-6, 1e-4])):
        x, y = lines(table, panel)[0]
        np.testing.assert_allclose(x, [0.01, 0.1])
        np.testing.assert_allclose(y, expected)
    np.testing.assert_allclose(lines(table, 5)[1], [[0.01, 0.1], [1e-6, 1e-4]])  # 10^-2 noise^2
    assert [ax.get_yscale() for ax in axes[:, 0]] == ["log"] * 3
    assert axes[0, 0].get_title() == "a task"
    assert axes[2, 0].get_xlabel().startswith("update noise")
    assert [ax.get_ylabel().split("\n")[0] for ax in axes[:, 0]] == [
        "fraction of active", "active fraction,", "rate of sparsification"
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"laws has none for \['a task'\]"):
        plots.noise_scan({"a task": scan}, {"b": law})


def test_mean_and_spread_under_either_noise():
    def runs(factor):
        values = factor * np.array([[1, 0.5], [1, 0.3], [1, 0.1]])
        names = ("fraction_active_units", "active_fraction", "hessian_trace")
        variables = {name: (("run", "share"), values / n) for n, name in enumerate(names, 1)}
        return xr.Dataset(variables, {"share": [0.0, 1.0]})

    kinds = {"update noise": runs(1), "label noise": runs(2)}
    axes = plots.update_against_label(kinds)
    table = drawn_points(axes[0].figure)
    for panel in (1, 2, 3):
        drawn = lines(table, panel)
        np.testing.assert_allclose(drawn[0], [[0, 1], np.array([1, 0.3]) / panel])
        np.testing.assert_allclose(drawn[1], [[0, 1], np.array([2, 0.6]) / panel])
        band = lines(table, panel, "band")[0][1]
        spread = np.std([0.5, 0.3, 0.1])
        assert band.min() == pytest.approx((0.3 - spread) / panel)
    assert [ax.get_title().split("\n")[0] for ax in axes] == [
        "fraction of active units", "active fraction", "sum of the Hessian's"
    ]  # fmt: skip
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == list(kinds)


def test_counts_at_the_start_are_shares_of_runs():
    published = pd.DataFrame({"units": [70, 80, 70], "runs": [1, 2, 1]})
    ax = plots.units_at_the_start(published, {"[0, 1]": [70, 70, 71, 72], "[-1, 1]": [95]})
    table = drawn_points(ax.figure)
    bars = table[table.kind == "bar"]
    np.testing.assert_allclose(bars.x, [69.55, 70.45, 79.55, 80.45])
    np.testing.assert_allclose(bars.y, [0, 0.5, 0, 0.5])
    drawn = lines(table)
    assert drawn[0][1][[69, 70, 71, 72]].tolist() == [0, 0.5, 0.25, 0.25]
    assert drawn[1][1][95] == 1
    assert ax.get_xlabel() == "active units at the start, of 100"


def test_ours_are_filled_and_published_open():
    row = {"measure": "active", "ours_10": 1, "ours_50": 2, "ours_90": 4,
           "theirs_10": 5, "theirs_50": 6, "theirs_90": 8}  # fmt: skip
    second = row | {"ours_50": 3}
    comparison = pd.DataFrame([row | {"label": "a"}, second | {"label": "b"}])
    axes = plots.against_published(comparison, ["active"])
    drawn = lines(drawn_points(axes[0].figure))
    np.testing.assert_allclose(drawn[0], [[1, 4], [-0.15, -0.15]])
    np.testing.assert_allclose(drawn[1], [[2], [-0.15]])
    np.testing.assert_allclose(drawn[3], [[6], [0.15]])
    np.testing.assert_allclose(drawn[5], [[3], [0.85]])
    faces = [line.get_markerfacecolor() for line in axes[0].lines if line.get_marker() == "o"]
    assert faces == ["k", "white"] * 2
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["a", "b"]
    assert axes[0].yaxis_inverted()
