"""Loaders of W tracks and boxes on files in the documented layouts; numbers of the chapter."""

import numpy as np
import pandas as pd
import pytest
from helpers import matlab_cell, save_matlab

from drift.analysis.trends import trend_of
from drift.datasets import (
    DataMissingError,
    karlsson,
)
from drift.datasets.matlab import LayoutError
from drift.results import animal_tables

# W tracks (Karlsson et al.)


@pytest.fixture
def w_track(tmp_path):
    """Two days; gaps, an empty cell, a one-cell tetrode, a sleep epoch, no exposure on day 2."""
    place = tmp_path / "bon"
    time = 100 + np.arange(300) / 30
    frames = np.column_stack(
        [
            time,
            40 + 38 * np.sin(time),
            40 + 38 * np.cos(time),
            time * 0,
            np.r_[[1] * 100, [9] * 200],
        ]
    )
    info = matlab_cell((1, 2))
    for day in (1, 2):
        first = matlab_cell((1, 3))
        first[0, 0] = {"area": "CA1", "meanrate": 1.0}
        first[0, 1] = {"area": "CA1", "meanrate": 20.0}
        first[0, 2] = {"area": "CA1", "meanrate": 0.5}
        tetrodes = matlab_cell((1, 4))
        tetrodes[0, 0] = first
        tetrodes[0, 3] = {"area": "CA1", "meanrate": 2.0}  # one cell: a struct, not a cell array
        other = matlab_cell((1, 1))
        other[0, 0] = {"area": "CA3", "meanrate": 1.0}
        tetrodes[0, 2] = other
        epochs = matlab_cell((1, 2))
        epochs[0, 1] = tetrodes
        info[0, day - 1] = epochs
        nest = {}
        for kind in ("spikes", "pos", "task"):
            days = matlab_cell((1, day))
            days[0, day - 1] = matlab_cell((1, 2))
            nest[kind] = days
        fires = {"data": np.column_stack([time[[5, 5, 150]] + 0.001, [0, 0, 0]]), "fields": "x"}
        cells = matlab_cell((1, 3))
        cells[0] = [fires, fires, {"data": np.zeros((0, 0)), "fields": "x"}]
        spikes = matlab_cell((1, 4))
        spikes[0, 0], spikes[0, 2], spikes[0, 3] = cells, cells[:, :1], fires
        nest["spikes"][0, day - 1][0, 1] = spikes
        nest["pos"][0, day - 1][0, 1] = {"data": frames, "fields": "time x y dir vel"}
        task = {"type": "run", "environment": "wtr1"}
        nest["task"][0, day - 1][0, 0] = {"type": "sleep"}
        nest["task"][0, day - 1][0, 1] = task | ({"exposure": 1.0} if day == 1 else {})
        for kind, days in nest.items():
            save_matlab(place / f"bon{kind}{day:02}.mat", **{kind: days})
    save_matlab(place / "boncellinfo.mat", cellinfo=info)
    return place, frames


def test_w_tracks_survive_their_gaps(w_track):
    place, frames = w_track
    epochs = list(karlsson.load("bon", place))
    assert [(e.attrs["day"], e.attrs["epoch"], e.attrs["exposure"]) for e in epochs] == [
        (1, 2, 1), (2, 2, 2),
    ]  # fmt: skip
    for epoch in epochs:
        known = list(zip(epoch.tetrode.values.tolist(), epoch.number.values.tolist(), strict=True))
        assert known == [(1, 1), (1, 3), (4, 1)]
        spikes = epoch.spikes.values
        assert spikes[5, 0] == 2
        assert spikes.sum(axis=0).tolist() == [3, 0, 3]
        assert int(epoch.running.sum()) == 200
        np.testing.assert_allclose(epoch.x, frames[:, 1])
        assert epoch.attrs["dt"] == pytest.approx(1 / 30)
        assert epoch.attrs["environment"] == "wtr1"
    assert karlsson.load("bon", place, area="CA3").__next__().sizes["cell"] == 1


def test_wrong_files_of_w_tracks_are_named(w_track, tmp_path):
    place, frames = w_track
    days = matlab_cell((1, 1))
    days[0, 0] = matlab_cell((1, 2))
    for data, message in (
        (frames[:, :3], "expected frames x at least 5 columns"),
        (frames * [1, 0.01, 0.01, 1, 1], "a track in cm spans 40 to 300"),
        (frames[::-1], "has times that do not rise"),
        (frames * [1, 1, 1, 1, 0], r"bonpos01\.mat.* no frame in which the animal runs"),
    ):
        days[0, 0][0, 1] = {"data": data, "fields": ""}
        save_matlab(place / "bonpos01.mat", pos=days)
        with pytest.raises(LayoutError, match=message):
            list(karlsson.load("bon", place))
    (place / "bonpos01.mat").unlink()
    with pytest.raises(DataMissingError, match=r"bonpos01\.mat is missing"):
        list(karlsson.load("bon", place))
    with pytest.raises(DataMissingError, match=r"request one at crcns\.org"):
        karlsson.load("fra", tmp_path / "nowhere")


@pytest.mark.parametrize("prefix", ["../../etc", "/etc", "", "bon/../bon", "b\0n", "bo*", None])
def test_an_animal_is_no_path(w_track, prefix):
    place, _ = w_track
    for folder in (place, None):
        with pytest.raises((TypeError, ValueError), match="prefix"):
            karlsson.load(prefix, folder)
    with pytest.raises(ValueError, match="area='CA2' is unknown"):
        karlsson.load("bon", place, area="CA2")


def test_place_cells_of_w_tracks_by_visit(w_track):
    """Cells that fire in one corner; too few spikes for the test in the epochs as they are."""
    place, frames = w_track
    table = animal_tables.w_track_sessions(["bon"], place.parent, shuffles=50)
    assert table.session.tolist() == [1, 2]
    assert table.active_cells.tolist() == [0, 0]
    assert table.place_cell_fraction.isna().all()
    # Laps of uneven speed, so that no shift in time brings a cell back to its place.
    angle = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.5, len(frames)))
    laps = frames.copy()
    laps[:, 1], laps[:, 2] = 40 + 38 * np.sin(angle), 40 + 38 * np.cos(angle)
    days = matlab_cell((1, 1))
    days[0, 0] = matlab_cell((1, 2))
    days[0, 0][0, 1] = {"data": laps, "fields": ""}
    save_matlab(place / "bonpos01.mat", pos=days)
    time = frames[100:, 0]
    corner = time[np.cos(angle[100:]) > 0.9]
    assert len(corner) >= 15
    tetrodes = matlab_cell((1, 1))
    tetrodes[0, 0] = matlab_cell((1, 3))
    for number, times in enumerate((corner, time[::2], time[::3])):
        tetrodes[0, 0][0, number] = {"data": times[:, None] + 0.001, "fields": "time"}
    days[0, 0][0, 1] = tetrodes
    save_matlab(place / "bonspikes01.mat", spikes=days)
    table = animal_tables.w_track_sessions(["bon"], place.parent, shuffles=200)
    # The second cell is too fast to be counted; the third fires everywhere.
    assert table.active_cells.tolist() == [2, 0]
    assert table.place_cells.tolist() == [1, 0]
    assert table.place_cell_fraction[0] == 0.5
    assert table.information[0] > 1


# Numbers of the chapter


def test_means_and_trends_over_sessions():
    table = pd.DataFrame(
        [(animal, session, base * (1 + slope * (session - 1)))
         for animal, base, slope in (("a", 2.0, 0.1), ("b", 5.0, 0.3)) for session in (1, 2, 3)],
        columns=["animal", "session", "value"],
    )  # fmt: skip
    means = animal_tables.by_session(table, ["value"])
    np.testing.assert_allclose(means["mean"], [1, 1.2, 1.4])
    np.testing.assert_allclose(means["sem"], [0, 0.1, 0.2], atol=1e-12)
    found = animal_tables.slopes_by_animal(table, ["value"])
    trend = trend_of(found["slope"])
    assert trend.slope == pytest.approx(0.2)
    assert (trend.animals, (found["slope"] > 0).sum()) == (2, 2)
    assert found["last_over_first"].mean() == pytest.approx(1.4)


def test_the_known_drift_of_registered_cells(public_data):
    """From one session to the next and over seven: .72 to .49 and .68 to .48, to .03."""
    from drift.results.tables import load_table

    table = load_table("registered-correlation").set_index(["animal", "environment", "lag"])
    for mouse, ends in (("C6_M4", (0.72, 0.49)), ("C16_M4", (0.68, 0.48))):
        for lag, expected in zip((1, 7), ends, strict=True):
            assert abs(table.loc[(mouse, "A", lag), "population_vector"] - expected) < 0.03
