"""Rates, curves and distances of studies, on data whose answers are known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from drift.analysis.sparsification import half_time, sparsification_rate
from drift.analysis.trends import power_law
from drift.datasets.published_runs import COMPARED
from drift.study.group_comparison import (
    compare_groups,
    course,
    courses,
    failing,
    normalised_curves,
    with_runs,
)


def test_the_rate_of_an_exponential_is_found():
    step = np.linspace(0, 20_000, 401)
    fall = 0.3 + 0.6 * np.exp(-step / 1500)
    assert sparsification_rate(step, fall, "equal errors") == pytest.approx(1 / 1500, rel=1e-3)
    # What comes after the first 90 % of the change does not matter.
    late = np.where(step > 8000, 0.3 + 0.01 * np.sin(step), fall)
    late[-1] = 0.3
    assert sparsification_rate(step, late, "equal errors") == pytest.approx(1 / 1500, rel=0.01)


def test_the_rate_of_the_program_is_the_weighted_line_that_it_fits():
    """Least squares written out: roots of reversed steps weigh residuals of the logarithm."""
    step = np.linspace(0, 10_000, 201)
    units = np.round(100 * (0.2 + 0.7 * np.exp(-step / 1200))) / 100
    change = (units[0] - units) / (units[0] - units[-1])
    last = np.flatnonzero(change >= 0.9 - 1e-12)[0]
    time, curve = step[: last + 1], units[: last + 1] - units[: last + 1].min() + 1e-10
    weights = time[::-1] / time.max()
    mean = np.average(time, weights=weights)
    slope = np.average((time - mean) * np.log(curve), weights=weights) / np.average(
        (time - mean) ** 2, weights=weights
    )
    assert sparsification_rate(step, units) == pytest.approx(-slope, rel=1e-9)
    assert sparsification_rate(3 * step, 0.5 * units) == pytest.approx(-slope / 3, rel=0.02)
    with pytest.raises(ValueError, match="definition='text'"):
        sparsification_rate(step, units, "text")


def test_a_curve_that_does_not_fall_has_no_rate():
    step = np.arange(10)
    for curve in (np.ones(10), np.linspace(0.5, 1, 10), np.array([1.0] + [0.5] * 9)):
        assert np.isnan(sparsification_rate(step, curve))
    # Level up to a last drop, which has no weight in the program's fit: the rest is rounding.
    for height in (0.1, 0.37, 0.7):
        assert np.isnan(sparsification_rate(step, np.array([1.0] * 9 + [1 - height])))


def collected():
    """Two runs of 100 and 1000 steps; the second ended at 500 with all units silent."""
    return xr.Dataset(
        {
            "step": (("run", "record"), [[0, 50, 100], [0, 500, -1]]),
            "units": (("run", "record"), [[0.8, 0.4, 0.2], [0.5, 0.0, np.nan]]),
            "steps": ("run", [100, 1000]),
        }
    )


def test_curves_are_over_their_first_value_and_along_the_planned_run():
    curves = normalised_curves(collected(), "units", np.array([0, 0.25, 0.5, 1.0]))
    np.testing.assert_allclose(curves, [[1, 0.75, 0.5, 0.25], [1, 0.5, 0, 0]])
    own = course(collected(), "units", np.array([0, 0.25, 0.5, 1.0]))
    np.testing.assert_allclose(own, [[0.8, 0.6, 0.4, 0.2], [0.5, 0.25, 0, 0]])


def test_courses_leave_out_runs_without_a_result():
    units = collected()["units"]
    names = ("fraction_active_units", "active_fraction", "hessian_trace")
    study = collected().assign(
        **dict.fromkeys(names, units),
        loss=2 * units,
        target_variance=("run", [0.5, 2.0]),
        hessian_rank=(("run", "snapshot"), [[8.0, 6.0, 4.0], [5.0, 1.0, np.nan]]),
        status=("run", [1, 0], {"flag_values": [0, 1], "flag_meanings": "missing|finished"}),
    )
    found = courses(study, np.array([0, 0.5, 1]))
    np.testing.assert_allclose(found["fraction_active_units"], [[1, 0.5, 0.25]])
    np.testing.assert_allclose(found["relative_loss"], [[3.2, 1.6, 0.8]])
    assert found["hessian_rank"].values.tolist() == [0.5]
    single = courses(study.assign(target_variance=("run", [0.0, 2.0])), np.array([0, 1]))
    assert np.isnan(single["relative_loss"]).all()
    both = study.assign(status=("run", [1, 1], study.status.attrs))
    assert courses(both, np.array([0, 1]))["hessian_rank"].values.tolist() == [0.5, 0.2]


def test_the_half_time_is_the_first_time_at_half():
    step = np.linspace(0, 5000, 501)
    assert half_time(step, 0.8 * np.exp(-step / 1000)) == 700  # the first record after ln 2
    assert np.isnan(half_time(step, 1 - step / 20_000))


def test_a_power_law_and_its_interval():
    random = np.random.default_rng(0)
    x = np.geomspace(0.01, 0.1, 50)
    exact = power_law(x, 3 * x**2)
    assert (exact.slope, 10**exact.intercept) == pytest.approx((2, 3), rel=1e-9)
    # The 95 % interval covers the truth in 95 % of 400 experiments, +- 4 standard errors.
    noise = 10 ** random.normal(0, 0.2, (400, 50))
    fits = [power_law(x, 3 * x**2 * factor) for factor in noise]
    covered = np.mean([fit.low <= 2 <= fit.high for fit in fits])
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)
    assert power_law(np.append(x, [0.5, 1]), np.append(3 * x**2, [np.nan, 0])).points == 50


def test_groups_are_compared_by_quantiles_and_distance():
    random = np.random.default_rng(1)

    def table(shift, count):
        names = ("active", "raw_loss", "log_rate", "eig_sum")
        values = {name: random.normal(shift, 1, count) for name in names}
        values["raw_loss"] -= 9
        values["active_units"] = np.repeat([0.5, 1.0], [count // 2, count - count // 2])
        values["status"] = np.repeat(["finished", "silent"], [count - 4, 4])
        return pd.DataFrame(values | {"group": "label noise", "data_type": "random"})

    everyone, theirs = table(0, 40), table(1, 60)
    everyone.loc[36:38, "active_units"] = 0.0
    everyone.loc[[0, 39], "raw_loss"] = 1.1, np.inf
    ours = everyone.loc[1:35]
    rows = compare_groups(everyone, theirs).set_index("measure")
    assert rows.loc["active", ["ours", "theirs"]].tolist() == [35, 60]
    of_all = stats.ks_2samp(everyone["active"], theirs["active"]).pvalue
    assert rows.loc["active", "p_all"] == pytest.approx(of_all)
    expected = stats.ks_2samp(ours["active"], theirs["active"])
    assert rows.loc["active", "distance"] == pytest.approx(expected.statistic)
    assert rows.loc["active", "p_value"] == pytest.approx(expected.pvalue)
    assert rows.loc["raw_loss", "ours_50"] == pytest.approx(ours["raw_loss"].median())
    welch = stats.ttest_ind(ours["active"], theirs["active"], equal_var=False)
    expected = ours["active"].mean() - theirs["active"].mean()
    assert rows.loc["active", "difference"] == pytest.approx(expected)
    assert rows.loc["active", ["low", "high"]].tolist() == pytest.approx(
        welch.confidence_interval()
    )
    assert rows.loc["active", "p_mean"] == pytest.approx(welch.pvalue)
    assert rows.loc["active", ["ours_silent", "theirs_silent"]].tolist() == [3 / 40, 0]
    assert failing(ours) == rows.loc["active", "ours_fail"] == 16 / 35
    assert compare_groups(ours, theirs.assign(group="another")).empty
    few = compare_groups(ours[:19], theirs).set_index("measure")
    assert few.loc["active", "p_all"] == few.loc["active", "p_mean"]
    assert np.isnan(few.loc["active", "p_value"]) and few.loc["active", "p_mean"] < 1


def test_other_runs_take_the_place_of_ours():
    def runs(values, group="a"):
        columns = dict.fromkeys(COMPARED, np.array(values) / 100) | {"status": "finished"}
        return pd.DataFrame(columns | {"group": group, "data_type": "x"})

    ours = pd.concat([runs([1.0, 2.0]), runs([1.0, 2.0], "b")], ignore_index=True)
    theirs = pd.concat([runs([3.0, 5.0, 7.0]), runs([1.0, 1.0], "b")])
    comparison = compare_groups(ours, theirs)
    now = with_runs(comparison, runs([10.0, 20.0, 30.0, 40.0, 50.0])).set_index("measure")
    assert set(now["group"]) == {"a"}
    row = now.loc["active"]
    assert row[["ours", "ours_10", "ours_50", "ours_90"]].tolist() == [5, 0.14, 0.3, 0.46]
    assert row[["theirs", "theirs_50"]].tolist() == [3, 0.05]
