"""The figures of recordings from small made-up data: what was drawn is read back and compared."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from drift.analysis.trends import trend_of
from drift.plots import plot_animals as plots
from drift.plots.export import drawn_images, drawn_points

# The place-cell test


def test_information_and_shuffles():
    shuffled = np.array([0.1, 0.1, 0.2, 0.4])
    ax = plots.information_and_shuffles(0.9, shuffled)
    drawn = drawn_points(ax.figure)
    recorded = drawn[drawn.series == "as recorded"]
    assert recorded[["x", "y"]].to_numpy().tolist() == [[0.9, 0]]
    bars = drawn[drawn.kind == "bar"]
    corners = bars[["x", "y"]].to_numpy().reshape(-1, 2, 2)
    heights = corners[:, 1, 1] - corners[:, 0, 1]
    assert heights.sum() == 4
    assert corners[heights > 0, 0, 0].min() == pytest.approx(0.1)
    assert corners[heights > 0, 1, 0].max() == pytest.approx(0.4)
    assert heights[0] == 2
    assert ax.get_xlabel() == "information (bits per spike)"
    assert ax.get_ylabel() == "shuffles"


def test_a_panel_draws_where_it_is_told_and_takes_labels():
    _, given = plt.subplots()
    ax = plots.information_and_shuffles(0.9, [0.1], ax=given, title="mine", xlim=(0, 3))
    assert ax is given
    assert (ax.get_title(), ax.get_xlim()) == ("mine", (0, 3))
    assert ax.get_ylabel() == "shuffles"
    plt.close("all")


@pytest.mark.parametrize(("own", "shuffled"), [(0.9, []), (np.nan, [0.1]), (0.9, [np.nan])])
def test_a_test_without_numbers_is_refused(own, shuffled):
    with pytest.raises(ValueError, match="must be finite, one or more"):
        plots.information_and_shuffles(own, shuffled)


# Numbers over sessions


def session_table(measures, sessions=(1, 2, 3), animals=4, start=1.0):
    rows = [
        (measure, session, start + 0.1 * number + 0.01 * session**2, 0.02 * session, animals)
        for number, measure in enumerate(measures)
        for session in sessions
    ]
    return pd.DataFrame(rows, columns=["measure", "session", "mean", "sem", "animals"])


OLD = [*plots.SESSION_MEASURES, "information_ssr", "information_bae"]
NEW = [*plots.SESSION_MEASURES, "information_reduced"]


def test_over_sessions():
    sets = {"new": session_table(NEW, (1, 2, 3, 4), 10), "old": session_table(OLD, start=2.0)}
    axes = plots.over_sessions(sets)
    assert axes.shape == (2, 3)
    drawn = drawn_points(axes[0, 0].figure)
    for row, table in enumerate(sets.values()):
        for column, measure in enumerate(plots.SESSION_MEASURES):
            of_panel = drawn[drawn.panel == 3 * row + column + 1]
            line = of_panel[of_panel.series == "as recorded"]
            expected = table[table.measure == measure]
            np.testing.assert_allclose(line.x, expected.session)
            np.testing.assert_allclose(line.y, expected["mean"])
            assert axes[row, column].get_xlabel() == "session"
            assert axes[row, column].get_xticks().tolist() == expected.session.tolist()
            bands = of_panel[of_panel.kind == "band"]
            first = bands.loc[bands.series == bands.series.iloc[0], ["x", "y"]].to_numpy()
            at_two = first[first[:, 0] == 2, 1]
            mean, sem = expected[expected.session == 2][["mean", "sem"]].iloc[0]
            assert at_two.min() == pytest.approx(mean - sem)
            assert at_two.max() == pytest.approx(mean + sem)
    assert axes[0, 0].get_ylabel() == "new (10 animals),\nover first session"
    assert axes[1, 0].get_ylabel() == "old (4 animals),\nover first session"
    titles = [ax.get_title() for ax in axes[0]]
    assert titles == [title for _, title in plots.SESSION_MEASURES.values()]


def test_information_without_its_bias_is_drawn_where_it_is_given():
    sets = {"new": session_table(NEW), "old": session_table(OLD)}
    axes = plots.over_sessions(sets)
    drawn = drawn_points(axes[0, 0].figure)
    for panel, table, names in (
        (3, sets["new"], {"information_reduced": "shuffles subtracted"}),
        (6, sets["old"], {"information_ssr": "bias removed (SSR)",
                          "information_bae": "bias removed (BAE)"}),
    ):  # fmt: skip
        of_panel = drawn[(drawn.panel == panel) & (drawn.kind == "line")]
        assert set(of_panel.series) == {"as recorded", *names.values()}
        for measure, name in names.items():
            line = of_panel[of_panel.series == name]
            np.testing.assert_allclose(line.y, table[table.measure == measure]["mean"])
    legends = [[text.get_text() for text in row[2].get_legend().get_texts()] for row in axes]
    assert legends[0] == ["as recorded", "shuffles subtracted"]
    styles = [line.get_linestyle() for line in axes[1, 2].lines[1:]]
    assert styles == ["-", "--", ":"]


def test_over_sessions_draws_into_given_panels_and_refuses_what_is_not_there():
    figure, given = plt.subplots(1, 3)
    drawn = plots.over_sessions({"old": session_table(OLD)}, axes=given)
    assert [ax.figure for ax in drawn] == [figure] * 3
    with pytest.raises(ValueError, match="axes has 3 panels"):
        plots.over_sessions(dict.fromkeys("ab", session_table(OLD)), axes=given)
    with pytest.raises(ValueError, match="no data set"):
        plots.over_sessions({})
    with pytest.raises(ValueError, match="'empty' has none of active_cells"):
        plots.over_sessions({"empty": session_table(OLD).iloc[:0]})
    plt.close("all")


# Slopes


def slope_table(values):
    return pd.concat(
        pd.DataFrame({"measure": measure, "slope": np.add(values, shift)})
        for measure, shift in (("active_cells", 0.0), ("information", 0.1))
    )


def test_slopes_of_animals():
    groups = {"new": slope_table([0.01, 0.02, 0.06]), "familiar": slope_table([-0.03, 0.01])}
    margins = {"active_cells": 0.02, "information": 0.05}
    axes = plots.slopes_of_animals(groups, margins)
    drawn = drawn_points(axes[0].figure)
    for panel, (measure, margin) in enumerate(margins.items(), 1):
        of_panel = drawn[drawn.panel == panel]
        lines = [part[["x", "y"]].to_numpy() for _, part in
                 of_panel[of_panel.kind == "line"].groupby("series", sort=False)]  # fmt: skip
        points = [part[["x", "y"]].to_numpy() for _, part in
                  of_panel[of_panel.kind == "points"].groupby("series", sort=False)]  # fmt: skip
        for place, table in enumerate(groups.values()):
            each = table.slope[table.measure == measure].to_numpy()
            found = trend_of(100 * each)
            interval, mean = lines[2 * place : 2 * place + 2]
            np.testing.assert_allclose(interval, [[place, found.low], [place, found.high]])
            np.testing.assert_allclose(mean, [[place, 100 * each.mean()]])
            np.testing.assert_allclose(points[place][:, 1], 100 * each)
            assert (np.abs(points[place][:, 0] - place) < 0.5).all()
        (band,) = axes[panel - 1].patches
        assert band.get_extents().height > 0
        low, high = band.get_xy()[1], band.get_xy()[1] + band.get_height()
        assert (low, high) == (pytest.approx(-100 * margin), pytest.approx(100 * margin))
        assert axes[panel - 1].get_title() == plots.SESSION_MEASURES[measure][1]
        labels = [text.get_text() for text in axes[panel - 1].get_xticklabels()]
        assert labels == list(groups)
    assert axes[0].get_ylabel() == "slope (% of the first\nsession, per session)"


def test_slopes_are_refused_without_animals():
    with pytest.raises(ValueError, match="at least one group and one measure"):
        plots.slopes_of_animals({}, {"information": 0.1})
    with pytest.raises(ValueError, match="at least one group and one measure"):
        plots.slopes_of_animals({"new": slope_table([0.1, 0.2])}, {})
    with pytest.raises(ValueError, match="at least two of them, got 1"):
        plots.slopes_of_animals({"new": slope_table([0.1])}, {"information": 0.1})


# Maps and their likeness


def map_table():
    """Three cells whose peaks are in the order 1, 0, 2 on day 1 and 2, 1, 0 on day 4."""
    peaks = {1: [1, 0, 3], 4: [3, 2, 1]}
    rows = [
        {"day": day, "cell": cell} | {f"bin_{n}": float(n == peak) for n in range(4)}
        for day, places in peaks.items()
        for cell, peak in enumerate(places)
    ]
    return pd.DataFrame(rows[:3] + rows[:2:-1]), peaks


def test_maps_by_day_are_sorted_by_the_day_of_their_row():
    maps, peaks = map_table()
    axes = plots.maps_by_day(maps)
    images = drawn_images(axes[0, 0].figure)
    order = {1: [1, 0, 2], 4: [2, 1, 0]}
    for row, sorted_by in enumerate((1, 4)):
        for column, day in enumerate((1, 4)):
            _, values, about = images[f"panel_{2 * row + column + 1}_image"]
            expected = [np.arange(4) == peaks[day][cell] for cell in order[sorted_by]]
            np.testing.assert_array_equal(values, np.array(expected, float))
            np.testing.assert_array_equal(about["extent"], [-0.5, 3.5, 2.5, -0.5])
        assert axes[row, 0].get_ylabel() == f"cells, sorted\nby day {sorted_by}"
    assert [ax.get_title() for ax in axes[0]] == ["day 1", "day 4"]
    assert axes[0, 0].lines[0].get_xdata()[0] == 1.5
    assert axes[0, 0].figure.get_supxlabel() == "place on the track: way out | way back"


def test_maps_of_one_day_or_of_other_cells_are_refused():
    maps, _ = map_table()
    with pytest.raises(ValueError, match="two days or more, and of the same cells"):
        plots.maps_by_day(maps[maps.day == 1])
    with pytest.raises(ValueError, match="two days or more, and of the same cells"):
        plots.maps_by_day(maps.iloc[1:])


def test_likeness_over_time():
    days = np.array([2, 4, 6])
    recorded = pd.concat(
        pd.DataFrame({"animal": mouse, "environment": "A", "days": days,
                      "population_vector": high - 0.02 * days, "rate_map": high - 0.05 * days})
        for mouse, high in (("m1", 0.8), ("m2", 0.7))
    )  # fmt: skip
    model = (np.array([20_000, 40_000]), np.array([0.9, 0.8]), np.array([0.01, 0.02]))
    left, right = plots.likeness_over_time(recorded, model)
    drawn = drawn_points(left.figure)
    mice = drawn[drawn.panel == 1]
    for mouse, high in (("m1", 0.8), ("m2", 0.7)):
        solid = mice[mice.series == f"{mouse}, A"]
        np.testing.assert_allclose(solid[["x", "y"]], np.c_[days, high - 0.02 * days])
    dashed = mice[~mice.series.str.contains("A")]
    np.testing.assert_allclose(dashed.y, np.r_[0.8 - 0.05 * days, 0.7 - 0.05 * days])
    of_model = drawn[drawn.panel == 2]
    line = of_model[of_model.kind == "line"]
    np.testing.assert_allclose(line[["x", "y"]], [[20_000, 0.9], [40_000, 0.8]])
    band = of_model[(of_model.kind == "band") & (of_model.x == 40_000)]
    assert (band.y.min(), band.y.max()) == (pytest.approx(0.78), pytest.approx(0.82))
    assert left.get_xlabel() == "days between sessions"
    assert left.get_ylim() == (0, 1)
    assert right.get_xlabel() == "training steps between snapshots"
    assert left.get_ylabel() == "correlation"


def test_likeness_refuses_what_cannot_be_drawn():
    recorded = pd.DataFrame({"animal": ["m"], "environment": ["A"], "days": [2],
                             "population_vector": [0.5], "rate_map": [0.4]})  # fmt: skip
    with pytest.raises(ValueError, match="got 0 rows"):
        plots.likeness_over_time(recorded.iloc[:0], ([1], [1], [1]))
    with pytest.raises(ValueError, match=r"got 2, 1, 2"):
        plots.likeness_over_time(recorded, ([1, 2], [1], [1, 2]))
