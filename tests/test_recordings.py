"""Loaders of recordings on files written in the documented layouts, and on what can be wrong."""

import itertools

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io

from drift import recordings
from drift.datasets import (
    DataMissingError,
    familiar_tracks,
    jercog,
    karlsson,
    published_sessions,
    registered_tracks,
)
from drift.datasets.matlab import LayoutError
from drift.datasets.sessions import to_pynapple


def cell(shape):
    """A cell array; entries that are not set are empty, as in MATLAB."""
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        made[index] = np.zeros((0, 0))
    return made


def save(path, **content):
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(path, content, long_field_names=True)
    return path


# Familiar tracks (Sheintuch et al. 2022)


@pytest.fixture
def familiar(tmp_path):
    """One mouse of four cells; sessions of different lengths, one of them sparse."""
    random = np.random.default_rng(0)
    spikes, places = cell((2, 4, 2)), cell((2, 4, 2))
    for number, index in enumerate(np.ndindex(2, 4, 2)):
        length = 50 + number
        spikes[index] = random.poisson(0.2, (length, 4)).astype(float)
        places[index] = random.integers(3, 23, (length, 1)).astype(np.uint8)
    spikes[1, 2, 0] = scipy.sparse.csc_matrix(spikes[1, 2, 0])
    folder = tmp_path / "Real data/Full data set/CA1"

    def write():
        save(folder / "C8M2_spike_train.mat", spike_train=spikes)
        save(folder / "C8M2_stimulus_trace.mat", stimulus_trace=places)
        return list(familiar_tracks.load("C8M2", tmp_path))

    return spikes, places, write


def test_familiar_tracks_are_labelled(familiar):
    spikes, places, write = familiar
    sessions = write()
    assert len(sessions) == 16
    for found, index in zip(sessions, np.ndindex(2, 4, 2), strict=True):
        expected = spikes[index].toarray() if index == (1, 2, 0) else spikes[index]
        np.testing.assert_array_equal(found.activity, expected)
        np.testing.assert_array_equal(found.place_bin, places[index][:, 0])
        labels = found.attrs["environment"], found.attrs["session"], found.attrs["direction"]
        assert labels == ("AB"[index[0]], index[1] + 1, ("right", "left")[index[2]])
        assert (found.attrs["dt"], found.attrs["area"]) == (0.1, "CA1")
    assert float(sessions[0].time[1]) == pytest.approx(0.1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_sessions_as_pynapples_objects(familiar):
    *_, write = familiar
    session = write()[3]
    events, place = to_pynapple(session)
    np.testing.assert_array_equal(events.values, session.activity)
    np.testing.assert_allclose(events.times(), session.time, atol=1e-9)
    np.testing.assert_array_equal(place.values, session.place_bin)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, p: s.__setitem__((0, 1, 0), s[0, 1, 0] * np.nan), r"spike_train\{1,2,1\}' has"),
        (lambda s, p: s.__setitem__((0, 1, 0), -s[0, 1, 0] - 1), "has negative activity"),
        (lambda s, p: p.__setitem__((0, 0, 1), p[0, 0, 1][:-1]), "has the shape 50 x 1, expected"),
        (lambda s, p: p.__setitem__((1, 0, 1), p[1, 0, 1] + 20), "no bins 3 to 22"),
        (lambda s, p: p.__setitem__((1, 0, 1), np.array(["a"])), "not a matrix of numbers but"),
    ],
)
def test_wrong_fields_of_familiar_tracks_are_named(familiar, change, message):
    spikes, places, write = familiar
    change(spikes, places)
    with pytest.raises(LayoutError, match=message):
        write()


def test_files_that_are_no_matlab_files_of_version_5_are_named(familiar, tmp_path):
    *_, write = familiar
    write()
    path = tmp_path / "Real data/Full data set/CA1/C8M2_spike_train.mat"

    def load():
        next(familiar_tracks.load("C8M2", tmp_path))

    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(LayoutError, match=r"C8M2_spike_train\.mat cannot be read as a MATLAB"):
        load()
    with h5py.File(path, "w", userblock_size=512) as file:
        file["spike_train"] = np.zeros(3)
    with pytest.raises(LayoutError, match=r"is a MATLAB 7\.3 file .HDF5."):
        load()
    save(path, spikes=np.zeros((3, 3)))
    with pytest.raises(LayoutError, match="field 'spike_train' is missing; the file has spikes"):
        load()
    save(path, spike_train=np.zeros((3, 3)))
    with pytest.raises(LayoutError, match="'spike_train' is not a cell array but an array"):
        load()
    with pytest.raises(ValueError, match="mouse='C1M1' is unknown"):
        next(familiar_tracks.load("C1M1", tmp_path))


# Registered tracks (Sheintuch et al. 2020)


@pytest.fixture
def registered(tmp_path):
    """Eight sessions of a mouse that runs to and fro; three cells, two registered."""
    folder = tmp_path / "Data/C6_M4/Environment A"
    frames = 400
    phase = np.linspace(0, 4 * np.pi, frames)
    position, velocity = 0.5 - 0.45 * np.cos(phase), 20 * np.sin(phase)
    for session in range(1, 9):
        movement = cell((1, 6))
        movement[0, 0] = np.zeros((1, 0))
        for trial in range(1, 6):
            # The camera of the animal takes a few frames more than that of the cells.
            movement[0, trial] = {
                "position": np.append(position, [0.5] * trial)[:, None],
                "velocity": np.append(velocity, [0.0] * trial)[:, None],
            }
        save(folder / f"behavior_{session}.mat", my_mvmt=movement)
        events = np.zeros((7 * frames, 3))
        for trial in range(1, 6):
            place = np.ceil(position * 24)
            events[trial * frames : (trial + 1) * frames, 1] = 0.1 * (place == 10)
            events[trial * frames : (trial + 1) * frames, 2] = 0.2 * (place == 15)
        save(folder / f"finalEventsMat_{session}.mat", allEventsMat=events)
        log = [(session, t, 1 + (t - 1) * frames, t * frames, "x.tif") for t in range(1, 8)]
        columns = ["session", "trial", "begFrame", "endFrame", "Var5"]
        pd.DataFrame(log, columns=columns).to_csv(folder / f"frameLog_{session}.csv", index=False)
    table = np.array([[2] * 8, [3] * 7 + [0]], np.uint16)
    save(folder / "cell_registration.mat", cell_to_index_map=table)
    return tmp_path, folder


def test_registered_tracks_keep_places_directions_and_cells(registered):
    root, _ = registered
    sessions = list(registered_tracks.load("C6_M4", "A", root))
    assert [(s.attrs["session"], s.attrs["direction"]) for s in sessions] == list(
        itertools.product(range(1, 9), ("right", "left"))
    )
    for found in sessions:
        expected = [0] if found.attrs["session"] == 8 else [0, 1]
        assert found.cell.values.tolist() == expected
        assert found.place_bin.min() == 3
        assert found.place_bin.max() == 22
        active_at = found.place_bin.values[found.activity.values[:, 0] > 0]
        assert set(active_at) == {10}
        assert len(active_at) >= 5 * 2 * 3  # five trials, two runs each way, several frames


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: save(f / "cell_registration.mat", cell_to_index_map=np.full((2, 8), 9)),
         "names cell 9 of session 1, which has 3"),
        (lambda f: (f / "frameLog_1.csv").write_text("trial,begFrame,endFrame\n2,1,400\n"),
         r"frameLog_1\.csv: trial 3 is missing"),
        (lambda f: (f / "frameLog_1.csv").write_text("trial,begFrame\n2,1\n"),
         "lacks the columns endFrame"),
        (lambda f: save(f / "behavior_1.mat", my_mvmt=cell((1, 3))), "trial 4 is missing"),
        (lambda f: save(f / "finalEventsMat_1.mat", allEventsMat=np.zeros((500, 3))),
         "has frames 401 to 800 of 500 recorded"),
    ],
)  # fmt: skip
def test_wrong_files_of_registered_tracks_are_named(registered, spoil, message):
    root, folder = registered
    if "trial 4" in message:
        short = cell((1, 3))
        short[:] = [[{"position": np.full((400, 1), 0.5), "velocity": np.zeros((400, 1))}] * 3]
        save(folder / "behavior_1.mat", my_mvmt=short)
    else:
        spoil(folder)
    with pytest.raises(LayoutError, match=message):
        list(registered_tracks.load("C6_M4", "A", root))


# Tables of sessions


def test_novel_environments(tmp_path):
    for prefix, first in (("funct", 0), ("stuck", 5)):
        number = first + np.arange(5)[:, None] + 0.1 * np.arange(8)
        save(tmp_path / f"{prefix}_abs_number_of_active_cells.mat",
             **{f"{prefix}_abs_number_of_active_cells": 100 * number})  # fmt: skip
        save(
            tmp_path / f"frac_active_cells_{prefix}.mat", **{f"frac_active_cells_{prefix}": number}
        )
        for name in ("PC_percentage", "information_per_day"):
            save(tmp_path / f"{prefix}_{name}.mat", **{f"{prefix}_{name}": number})
    found = published_sessions.load_novel(tmp_path)
    assert len(found) == 80
    row = found[(found.animal == "sedentary 3") & (found.session == 5)].iloc[0]
    assert (row.day, row.place_cell_fraction) == (13, pytest.approx(7.4))
    assert row.active_cells == pytest.approx(740)
    save(tmp_path / "funct_PC_percentage.mat", funct_PC_percentage=np.zeros((5, 7)))
    with pytest.raises(LayoutError, match="has the shape 5 x 7, expected 5 x 8"):
        published_sessions.load_novel(tmp_path)


def assemblies(path, cells=20, beyond=0):
    right, left = cell((16, 2)), cell((16, 2))
    for index in np.ndindex(16, 2):
        right[index] = np.array([[1, 2, 3 + index[1]]], float)
        left[index] = np.zeros((0, 0)) if index[0] == 3 else np.array([[5, cells + beyond]], float)
    information = np.full((1, 16), 1.5)
    information[0, 7] = np.nan
    save(path, this_mouse_data={
        "number_of_neurons_sessions": np.full((1, 16), float(cells)),
        "average_SI_SSR_bit_spike_sessions": information,
        "significant_right_trials": right,
        "significant_left_trials": left,
    })  # fmt: skip


def test_assemblies(tmp_path):
    for mouse in published_sessions.ASSEMBLY_MICE:
        assemblies(tmp_path / f"Data/{mouse}.mat")
    found = published_sessions.load_assemblies(tmp_path)
    assert len(found) == 9 * 16
    one = found[found.animal == "C5M1"].reset_index()
    # {1, 2, 3, 4, 5, 20} of 20; without the second list {1, 2, 3, 4}.
    assert one.place_cell_fraction[0] == pytest.approx(6 / 20)
    assert one.place_cell_fraction[3] == pytest.approx(4 / 20)
    assert np.isnan(one.information[7])
    assert one.day.tolist()[6:10] == [13, 15, 19, 21]
    assert one.environment.tolist() == ["A"] * 8 + ["B"] * 8
    assemblies(tmp_path / "Data/C6M3.mat", beyond=1)
    with pytest.raises(LayoutError, match=r"C6M3\.mat.*names cells beyond the 20 of session 1"):
        published_sessions.load_assemblies(tmp_path)
    save(tmp_path / "Data/C5M1.mat", this_mouse_data={"number_of_neurons_sessions": np.ones(3)})
    with pytest.raises(LayoutError, match=r"this_mouse_data\.average_SI\w+' is missing|1 x 3"):
        published_sessions.load_assemblies(tmp_path)


def test_experience(tmp_path):
    names = ("num_place_cells_each_sess_all_mice", "fraction_pc_each_sess_all_mice",
             "mean_info_each_sess_all_mice")  # fmt: skip
    content = {}
    for name in names:
        rows = cell((8, 2))
        for index in np.ndindex(8, 2):
            rows[index] = np.arange(1.0, 11 if index[1] == 0 else 7)[None] + index[0]
        content[name] = rows
    save(tmp_path / "data/processed_data.mat", **content)
    found = published_sessions.load_experience(tmp_path)
    assert len(found) == 8 * 16
    last = found[(found.animal == "mouse 8") & (found.environment == "B")].iloc[-1]
    assert (last.session, last.information) == (6, 13)
    content[names[1]][2, 0] = np.ones((1, 4))
    save(tmp_path / "data/processed_data.mat", **content)
    with pytest.raises(LayoutError, match="differ in length for mouse 3"):
        published_sessions.load_experience(tmp_path)


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
    info = cell((1, 2))
    for day in (1, 2):
        first = cell((1, 3))
        first[0, 0] = {"area": "CA1", "meanrate": 1.0}
        first[0, 1] = {"area": "CA1", "meanrate": 20.0}
        first[0, 2] = {"area": "CA1", "meanrate": 0.5}
        tetrodes = cell((1, 4))
        tetrodes[0, 0] = first
        tetrodes[0, 3] = {"area": "CA1", "meanrate": 2.0}  # one cell: a struct, not a cell array
        other = cell((1, 1))
        other[0, 0] = {"area": "CA3", "meanrate": 1.0}
        tetrodes[0, 2] = other
        epochs = cell((1, 2))
        epochs[0, 1] = tetrodes
        info[0, day - 1] = epochs
        nest = {}
        for kind in ("spikes", "pos", "task"):
            days = cell((1, day))
            days[0, day - 1] = cell((1, 2))
            nest[kind] = days
        fires = {"data": np.column_stack([time[[5, 5, 150]] + 0.001, [0, 0, 0]]), "fields": "x"}
        cells = cell((1, 3))
        cells[0] = [fires, fires, {"data": np.zeros((0, 0)), "fields": "x"}]
        spikes = cell((1, 4))
        spikes[0, 0], spikes[0, 2], spikes[0, 3] = cells, cells[:, :1], fires
        nest["spikes"][0, day - 1][0, 1] = spikes
        nest["pos"][0, day - 1][0, 1] = {"data": frames, "fields": "time x y dir vel"}
        task = {"type": "run", "environment": "wtr1"}
        nest["task"][0, day - 1][0, 0] = {"type": "sleep"}
        nest["task"][0, day - 1][0, 1] = task | ({"exposure": 1.0} if day == 1 else {})
        for kind, days in nest.items():
            save(place / f"bon{kind}{day:02}.mat", **{kind: days})
    save(place / "boncellinfo.mat", cellinfo=info)
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
    days = cell((1, 1))
    days[0, 0] = cell((1, 2))
    for data, message in (
        (frames[:, :3], "expected frames x at least 5 columns"),
        (frames * [1, 0.01, 0.01, 1, 1], "a track in cm spans 40 to 300"),
        (frames[::-1], "has times that do not rise"),
    ):
        days[0, 0][0, 1] = {"data": data, "fields": ""}
        save(place / "bonpos01.mat", pos=days)
        with pytest.raises(LayoutError, match=message):
            list(karlsson.load("bon", place))
    (place / "bonpos01.mat").unlink()
    with pytest.raises(DataMissingError, match=r"bonpos01\.mat is missing"):
        list(karlsson.load("bon", place))
    with pytest.raises(DataMissingError, match=r"request one at crcns\.org"):
        list(karlsson.load("fra", tmp_path / "nowhere"))


def test_place_cells_of_w_tracks_by_visit(w_track):
    """Cells that fire in one corner; too few spikes for the test in the epochs as they are."""
    place, frames = w_track
    table = recordings.w_track_sessions(["bon"], place.parent, shuffles=50)
    assert table.session.tolist() == [1, 2]
    assert table.active_cells.tolist() == [0, 0]
    assert table.place_cell_fraction.isna().all()
    # Laps of uneven speed, so that no shift in time brings a cell back to its place.
    angle = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.5, len(frames)))
    laps = frames.copy()
    laps[:, 1], laps[:, 2] = 40 + 38 * np.sin(angle), 40 + 38 * np.cos(angle)
    days = cell((1, 1))
    days[0, 0] = cell((1, 2))
    days[0, 0][0, 1] = {"data": laps, "fields": ""}
    save(place / "bonpos01.mat", pos=days)
    time = frames[100:, 0]
    corner = time[np.cos(angle[100:]) > 0.9]
    assert len(corner) >= 15
    tetrodes = cell((1, 1))
    tetrodes[0, 0] = cell((1, 3))
    for number, times in enumerate((corner, time[::2], time[::3])):
        tetrodes[0, 0][0, number] = {"data": times[:, None] + 0.001, "fields": "time"}
    days[0, 0][0, 1] = tetrodes
    save(place / "bonspikes01.mat", spikes=days)
    table = recordings.w_track_sessions(["bon"], place.parent, shuffles=200)
    # The second cell is too fast to be counted; the third fires everywhere.
    assert table.active_cells.tolist() == [2, 0]
    assert table.place_cells.tolist() == [1, 0]
    assert table.place_cell_fraction[0] == 0.5
    assert table.information[0] > 1


# Boxes (Jercog et al.)


def test_boxes_by_a_map_of_fields(tmp_path):
    random = np.random.default_rng(0)
    place = random.uniform(0, 50, (5000, 2))
    maps = np.zeros((10, 10, 3))
    maps[..., 0], maps[0, 0, 1] = 2.0, 5.0
    path = save(tmp_path / "day1.mat", ratemaps=maps, xy=place)
    fields = jercog.FieldMap(rate_maps="ratemaps", trajectory="xy")
    (session,) = jercog.load([path], fields, "m1")
    assert session.attrs["verified"] == 0
    assert session.mean_rate.values[0] == pytest.approx(2)
    assert session.mean_rate.values[1] == pytest.approx(5 / 100, rel=0.5)
    assert jercog.active_cells(session) == 1
    with pytest.raises(LayoutError, match="'rates' is missing; the file has ratemaps, xy"):
        jercog.load([path], jercog.FieldMap("rates", "xy"), "m1")
    with pytest.raises(LayoutError, match="in a box of 50 cm"):
        jercog.load([save(tmp_path / "d.mat", ratemaps=maps, xy=place / 50)], fields, "m1")


# Numbers of the chapter


def test_means_and_trends_over_sessions():
    table = pd.DataFrame(
        [(animal, session, base * (1 + slope * (session - 1)))
         for animal, base, slope in (("a", 2.0, 0.1), ("b", 5.0, 0.3)) for session in (1, 2, 3)],
        columns=["animal", "session", "value"],
    )  # fmt: skip
    means = recordings.by_session(table, ["value"])
    np.testing.assert_allclose(means["mean"], [1, 1.2, 1.4])
    np.testing.assert_allclose(means["sem"], [0, 0.1, 0.2], atol=1e-12)
    (trend,) = recordings.trends_over_sessions(table, ["value"]).to_dict("records")
    assert trend["slope"] == pytest.approx(0.2)
    assert (trend["animals"], trend["rising"]) == (2, 2)
    assert trend["last_over_first"] == pytest.approx(1.4)


def test_the_known_drift_of_registered_cells(public_data):
    """From one session to the next and over seven: .72 to .49 and .68 to .48, to .03."""
    from drift.datasets.tables import load_table

    table = load_table("registered-correlation").set_index(["animal", "environment", "lag"])
    for mouse, ends in (("C6_M4", (0.72, 0.49)), ("C16_M4", (0.68, 0.48))):
        for lag, expected in zip((1, 7), ends, strict=True):
            assert abs(table.loc[(mouse, "A", lag), "population_vector"] - expected) < 0.03
