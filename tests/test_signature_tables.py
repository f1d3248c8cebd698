"""Tables of laps, sessions and slopes: what they count, by plain numpy on made-up recordings."""

import numpy as np
import pandas as pd
import pytest

from drift.analysis.drift import population_correlation_by_lag
from drift.datasets.sessions import recording_session
from drift.results import joint_tests, lap_tables, signature_tables, tables


def bits(activity, place):
    """Skaggs information of one cell, written out."""
    activity, total = activity.astype(float), 0.0
    for where in np.unique(place):
        share = (place == where).mean()
        rate = activity[place == where].mean() / activity.mean()
        total += share * rate * np.log2(rate) if rate > 0 else 0
    return total


def made_session(laps=6, seed=0, animal="M", session=1):
    """Laps of 30 to 60 time bins; three cells of about 3 Hz, one of 20 Hz, one that is silent."""
    random = np.random.default_rng(seed)
    lengths = random.integers(30, 60, laps)
    lap = np.repeat(np.arange(1, laps + 1), lengths)
    place = np.concatenate([np.linspace(0, 19.99, length) for length in lengths]).astype(int)
    activity = random.poisson([0.3, 0.3, 0.3, 2.0, 0.0], (lap.size, 5)).astype(float)
    found = recording_session(
        activity, place, dt=0.1, bin_width=10.0, animal=animal, area="hippocampus",
        environment="first track", session=session, direction="one direction",
    )  # fmt: skip
    found["lap"] = ("time", lap)
    return found.assign_attrs(protocol="16x8")


@pytest.fixture
def rats(monkeypatch):
    sessions = {"M": [made_session(6, 0), made_session(5, 1, session=2)],
                "N": [made_session(7, 2, "N")]}  # fmt: skip
    monkeypatch.setattr(lap_tables.lap_recordings, "RATS", ("M", "N"))
    monkeypatch.setattr(lap_tables.lap_recordings, "load", lambda rat: iter(sessions[rat]))
    return sessions


def test_numbers_of_cells_are_those_of_plain_sums():
    session = made_session()
    activity, place = session.activity.values, session.place_bin.values
    activity[:, 0] = 0
    activity[:9, 0] = 1  # one time bin too few to count
    active, naive, excess = lap_tables.cell_numbers(activity, place)
    assert active.tolist() == [0, 1, 1, 1, 0]
    assert np.isnan(naive[[0, 4]]).all() and np.isnan(excess[[0, 4]]).all()
    shifts = np.random.default_rng(0).integers(1, len(place), lap_tables.SHUFFLES)
    for cell in (1, 3):
        assert naive[cell] == pytest.approx(bits(activity[:, cell], place))
        shuffled = [bits(np.roll(activity[:, cell], shift), place) for shift in shifts]
        assert excess[cell] == pytest.approx(naive[cell] - np.mean(shuffled))


def test_equal_time_takes_as_many_bins_of_each_part_in_order():
    chosen = lap_tables.equal_bins([5, 9, 7], 5, np.random.default_rng(0))
    for bins, length in zip(chosen, (5, 9, 7), strict=True):
        assert bins.size == 5 == np.unique(bins).size
        assert (np.diff(bins) > 0).all() and bins[0] >= 0 and bins[-1] < length


def test_laps_count_slow_cells_at_equal_time(rats):
    table = lap_tables.rat_laps()
    assert table.groupby(["animal", "session"]).size().tolist() == [6, 5, 7]
    assert (table.cells == 4).all()  # without the cell of 20 Hz
    session = rats["M"][0]
    slow = session.activity.values[:, [0, 1, 2, 4]]
    rows = table[(table.animal == "M") & (table.session == 1)]
    for lap, row in enumerate(rows.itertuples(), 1):
        inside = session.lap.values == lap
        assert row.bins == inside.sum()
        assert row.active_share_all == (slow[inside] > 0).any(axis=0).mean()
    shortest = rows.bins.idxmin()
    assert rows.active_share[shortest] == pytest.approx(rows.active_share_all[shortest])
    assert (rows.active_share <= rows.active_share_all + 1e-12).all()


def test_blocks_leave_out_laps_that_fill_none(rats):
    table = lap_tables.rat_blocks.__wrapped__()
    blocks = table[(table.animal == "M") & (table.session == 2) & table.equal_time
                   & ~table.interneurons].groupby("laps").size()  # fmt: skip
    assert blocks.to_dict() == {2: 2, 3: 1, 4: 1, 5: 1}  # of five laps


def test_blocks_are_of_the_laps_they_say(rats):
    table = lap_tables.rat_blocks.__wrapped__()
    session = rats["N"][0]
    rows = table[(table.animal == "N") & (table.laps == 3) & ~table.equal_time]
    for row in rows.itertuples():
        laps = 3 * (row.block - 1) + np.arange(1, 4)
        inside = np.isin(session.lap.values, laps)
        cells = [0, 1, 2, 3] if row.interneurons else [0, 1, 2]
        activity, place = session.activity.values[inside], session.place_bin.values[inside]
        assert row.active_cells == ((activity[:, cells] > 0).sum(axis=0) >= 10).sum()
        expected = np.mean([bits(activity[:, cell], place) for cell in cells])
        assert row.information == pytest.approx(expected)


def test_cells_of_tracks_count_in_either_direction(monkeypatch):
    """The second cell is active to the right only, the third to the left only; at all times."""

    def sessions(mouse, environment=None):
        for number in (1, 2):
            for direction, silent in (("right", 2), ("left", 1)):
                random = np.random.default_rng(number)
                activity = random.poisson(1.0, (100 * number, 4)).astype(float)
                activity[:, [silent, 3]] = 0
                yield recording_session(
                    activity, np.arange(100 * number) % 20, dt=0.05, bin_width=4.0, animal=mouse,
                    area="CA1", environment=environment or "A", session=number,
                    direction=direction,
                )  # fmt: skip

    monkeypatch.setattr(lap_tables.familiar_tracks, "MICE", {})
    monkeypatch.setattr(lap_tables.registered_tracks, "MICE", ("one",))
    monkeypatch.setattr(lap_tables.registered_tracks, "load", sessions)
    table = lap_tables.track_sessions.__wrapped__()
    assert len(table) == 2 * 2 * 2
    assert (table.active_cells == 3).all()
    row = table[(table.environment == "A") & (table.session == 2) & ~table.equal_time].iloc[0]
    random = np.random.default_rng(2)
    activity, place = random.poisson(1.0, (200, 4)).astype(float), np.arange(200) % 20
    # Cells 0 and 1 to the right, 0 and 2 to the left: four values.
    each = [bits(activity[:, cell], place) for cell in (0, 1, 0, 2)]
    assert row.information == pytest.approx(np.mean(each))


# Slopes of all animals, and the model on them


def slopes():
    return tables.load_table("signature-slopes")


def test_each_choice_has_one_row_an_animal():
    table = slopes()
    for choice in ({}, {"corrected": False}, {"equal_time": False}, {"laps": 2},
                   {"interneurons": True}):  # fmt: skip
        rows = joint_tests.chosen_slopes(table, choice)
        assert rows["set"].value_counts().to_dict() == {
            "rechavi-2022": 10, "sheintuch-2022": 9, "elyasaf-2024": 8, "bendor-rats": 4,
            "sheintuch-2020": 2,
        }  # fmt: skip
        assert not rows.duplicated(["set", "animal"]).any()
    other = joint_tests.chosen_slopes(table, {"corrected": False})
    main = joint_tests.chosen_slopes(table, {})
    differ = (other.information != main.information).groupby(main["set"]).all()
    assert differ.to_dict() == {
        "bendor-rats": True, "rechavi-2022": True, "sheintuch-2020": True,
        "sheintuch-2022": True, "elyasaf-2024": False,
    }  # fmt: skip


def test_slopes_of_new_places_are_those_of_the_other_table():
    """Of *In the animal*: each mouse by itself, from another function."""
    known = tables.load_table("novel-slopes").set_index(["measure", "animal"]).slope
    rows = joint_tests.chosen_slopes(slopes(), {}).set_index("animal")
    for animal, cells in known["active_cells"].items():
        assert rows.active_cells[animal] == pytest.approx(cells, rel=1e-4)
        assert rows.information[animal] == pytest.approx(known["information_reduced"][animal],
                                                         rel=1e-4)  # fmt: skip


def test_slopes_of_rats_are_those_of_their_blocks():
    blocks = tables.load_table("rat-blocks")
    chosen = blocks[(blocks.laps == 4) & blocks.equal_time & ~blocks.interneurons]
    rows = joint_tests.chosen_slopes(slopes(), {}).set_index("animal")
    for rat in "MNPQ":
        own = chosen[chosen.animal == rat]
        curves = []
        for _, session in own.groupby("session"):
            values = session.sort_values("block").active_cells.to_numpy()
            curves.append(np.append(values / values[0], [np.nan] * (4 - len(values))))
        line = np.polyfit([1, 2, 3, 4], np.nanmean(curves, axis=0), 1)
        assert rows.active_cells[rat] == pytest.approx(line[0], rel=1e-3, abs=1e-6)


def test_sensitivity_has_a_row_a_choice_and_a_set():
    table = joint_tests.sensitivity(slopes(), {})
    assert len(table) == 1 + 3 + 3 + 5 + 3
    assert table.index[0] == "as chosen"
    assert {"information with its bias", "all time bins", "with interneurons", "blocks of 2 laps",
            "without Rechavi et al. 2022"} <= set(table.index)  # fmt: skip
    assert table.units.tolist().count("4") == 5
    fewer = slopes()[lambda found: found["set"] != "rechavi-2022"]
    left_out = [row for row in joint_tests.sensitivity(fewer, {}).index if "without" in row]
    assert left_out == [f"without {joint_tests.NAMES[name]}" for name in
                        ("sheintuch-2022", "sheintuch-2020", "elyasaf-2024")]  # fmt: skip
    rows = joint_tests.chosen_slopes(slopes(), {"interneurons": True})
    expected = joint_tests.fit_rows(rows).effect("novel", "active_cells").in_percent()
    assert table.loc["with interneurons", "novel: active cells"] == expected


def test_slopes_per_recording_are_those_per_session_times_its_steps():
    rows = joint_tests.chosen_slopes(slopes(), {})
    same = rows.assign(freedom=7)
    whole, each = (joint_tests.fit_rows(same, whole=whole, sets_differ=False)
                   for whole in (True, False))  # fmt: skip
    np.testing.assert_allclose(whole.means, 8 * each.means, rtol=1e-6)


def test_steps_of_rats():
    """Cells fall by a fifth after four laps and stay; bits rise by 0.1 of the first each lap."""
    laps = pd.DataFrame(
        [("M", session, lap, 0.5 if lap <= 4 else 0.4)
         for session in (1, 2) for lap in range(1, 13)],
        columns=["animal", "session", "lap", "active_share"],
    )  # fmt: skip
    blocks = pd.DataFrame(
        [("M", 1, block, 2 + 0.4 * (block - 1)) for block in range(1, 7)],
        columns=["animal", "session", "block", "information_excess"],
    )
    (row,) = joint_tests.steps_of_rats(laps, blocks).to_dict("records")
    assert row["first_active_cells"] == pytest.approx(-0.2)
    assert row["later_active_cells"] == pytest.approx(0, abs=1e-12)
    assert row["first_information"] == pytest.approx(3.0 / 2.2 - 1)
    assert row["later_information"] == pytest.approx(0.2 / 2.2)


# Measures of drift


def test_measures_of_drift_of_a_code_that_does_not_drift():
    maps = np.tile(np.random.default_rng(0).uniform(size=(1, 30, 12)), (4, 1, 1))
    found = signature_tables.drift_measures(maps)
    assert found["map_correlation_next"] == pytest.approx(1)
    assert found["population_correlation_last"] == pytest.approx(1)
    assert found["mean_field_shift"] == found["deaths"] == 0
    assert np.isnan(found["returns"])


def test_registered_mice_agree_with_the_other_table():
    """Correlation of population vectors at lags 1 and 7 is that of registered-correlation."""
    drift = tables.load_table("registered-drift").set_index(["animal", "environment"])
    known = (
        tables.load_table("registered-correlation")
        .set_index(["animal", "environment", "lag"])
        .population_vector
    )
    for at in drift.index:
        next_one, last = drift.loc[
            at, ["population_correlation_next", "population_correlation_last"]
        ]
        assert next_one == pytest.approx(known[(*at, 1)], abs=0.02)
        assert last == pytest.approx(known[(*at, 7)], abs=0.02)


def test_population_correlation_leaves_out_cells_that_were_not_found():
    maps = np.random.default_rng(0).uniform(size=(2, 5, 6))
    maps[1, 4] = np.nan
    expected = [np.corrcoef(maps[0, :4, at], maps[1, :4, at])[0, 1] for at in range(6)]
    assert population_correlation_by_lag(maps)[1] == pytest.approx(np.mean(expected))


def test_mice_elsewhere_are_stationary_on_average():
    """As their table has it: place cells -0.6, information -0.3 percent a session."""
    rows = slopes().query("set == 'elyasaf-2024'")
    assert rows.active_cells.mean() == pytest.approx(-0.006, abs=0.001)
    assert rows.information.mean() == pytest.approx(-0.003, abs=0.001)
    phases = tables.load_table("elsewhere-slopes").groupby("phase").size()
    assert phases.to_dict() == dict.fromkeys(phases.index, 8)
    sessions = tables.load_table("elsewhere-sessions").set_index(["measure", "session"]).animals
    assert sessions["mean_activity"].max() == 7  # the first of one mouse is missing
    assert (sessions["information"] == 8).all()
