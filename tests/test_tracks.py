"""Loaders of the spike trains and events of familiar and registered tracks."""

import itertools

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
from helpers import matlab_cell, save_matlab

from drift.datasets import (
    familiar_tracks,
    registered_tracks,
)
from drift.datasets.matlab import LayoutError, MatlabFile

# Familiar tracks (Sheintuch et al. 2022)


@pytest.fixture
def familiar(tmp_path):
    """One mouse of four cells; sessions of different lengths, one of them sparse."""
    random = np.random.default_rng(0)
    spikes, places = matlab_cell((2, 4, 2)), matlab_cell((2, 4, 2))
    for number, index in enumerate(np.ndindex(2, 4, 2)):
        length = 50 + number
        spikes[index] = random.poisson(0.2, (length, 4)).astype(float)
        places[index] = random.integers(3, 23, (length, 1)).astype(np.uint8)
    spikes[1, 2, 0] = scipy.sparse.csc_matrix(spikes[1, 2, 0])
    folder = tmp_path / "Real data/Full data set/CA1"

    def write():
        save_matlab(folder / "C8M2_spike_train.mat", spike_train=spikes)
        save_matlab(folder / "C8M2_stimulus_trace.mat", stimulus_trace=places)
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, p: s.__setitem__((0, 1, 0), s[0, 1, 0] * np.nan), r"spike_train\{1,2,1\}' has"),
        (lambda s, p: s.__setitem__((0, 1, 0), -s[0, 1, 0] - 1), "has negative activity"),
        (lambda s, p: p.__setitem__((0, 0, 1), p[0, 0, 1][:-1]), "has the shape 50 x 1, expected"),
        (lambda s, p: p.__setitem__((1, 0, 1), p[1, 0, 1] + 20), "no bins 3 to 22"),
        (lambda s, p: s.__setitem__((0, 1, 0), np.full((51, 4), 2**53 + 1)), r"beyond 2\^53"),
        (
            lambda s, p: s.__setitem__((1, 1, 0), np.zeros((0, 4))),
            r"C8M2_spike_train\.mat.*spike_train\{2,2,1\}' has no frames",
        ),
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
        familiar_tracks.load("C8M2", tmp_path)  # at once, not when the first session is asked for

    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(LayoutError, match=r"C8M2_spike_train\.mat cannot be read as a MATLAB"):
        load()
    with h5py.File(path, "w", userblock_size=512) as file:
        file["spike_train"] = np.zeros(3)
    with pytest.raises(LayoutError, match=r"is a MATLAB 7\.3 file .HDF5."):
        load()
    save_matlab(path, spikes=np.zeros((3, 3)))
    with pytest.raises(LayoutError, match="field 'spike_train' is missing; the file has spikes"):
        load()
    save_matlab(path, spike_train=np.zeros((3, 3)))
    with pytest.raises(LayoutError, match="'spike_train' is not a cell array but an array"):
        load()
    with pytest.raises(ValueError, match="mouse='C1M1' is unknown"):
        familiar_tracks.load("C1M1", tmp_path)


# Registered tracks (Sheintuch et al. 2020)


@pytest.fixture
def registered(tmp_path):
    """Eight sessions of a mouse that runs to and fro; three cells, two registered."""
    folder = tmp_path / "Data/C6_M4/Environment A"
    frames = 400
    phase = np.linspace(0, 4 * np.pi, frames)
    position, velocity = 0.5 - 0.45 * np.cos(phase), 20 * np.sin(phase)
    for session in range(1, 9):
        movement = matlab_cell((1, 6))
        movement[0, 0] = np.zeros((1, 0))
        for trial in range(1, 6):
            # The camera of the animal takes a few frames more than that of the cells.
            movement[0, trial] = {
                "position": np.append(position, [0.5] * trial)[:, None],
                "velocity": np.append(velocity, [0.0] * trial)[:, None],
            }
        save_matlab(folder / f"behavior_{session}.mat", my_mvmt=movement)
        events = np.zeros((7 * frames, 3))
        for trial in range(1, 6):
            place = np.ceil(position * 24)
            events[trial * frames : (trial + 1) * frames, 1] = 0.1 * (place == 10)
            events[trial * frames : (trial + 1) * frames, 2] = 0.2 * (place == 15)
        save_matlab(folder / f"finalEventsMat_{session}.mat", allEventsMat=events)
        log = [(session, t, 1 + (t - 1) * frames, t * frames, "x.tif") for t in range(1, 8)]
        columns = ["session", "trial", "begFrame", "endFrame", "Var5"]
        pd.DataFrame(log, columns=columns).to_csv(folder / f"frameLog_{session}.csv", index=False)
    table = np.array([[2] * 8, [3] * 7 + [0]], np.uint16)
    save_matlab(folder / "cell_registration.mat", cell_to_index_map=table)
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


def standing():
    """Six trials of an animal that does not move."""
    trials = matlab_cell((1, 6))
    trials[0, :] = [{"position": np.full((400, 1), 0.5), "velocity": np.zeros((400, 1))}] * 6
    return trials


def test_a_trial_that_is_not_used_may_have_no_frames(registered):
    root, folder = registered
    whole = list(registered_tracks.load("C6_M4", "A", root))
    log = pd.read_csv(folder / "frameLog_1.csv").astype(object)
    log.loc[log.trial == 7, ["begFrame", "endFrame"]] = np.nan
    log.to_csv(folder / "frameLog_1.csv", index=False)
    for found, expected in zip(registered_tracks.load("C6_M4", "A", root), whole, strict=True):
        assert found.equals(expected)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: save_matlab(f / "cell_registration.mat", cell_to_index_map=np.full((1, 8), 9)),
         "names cell 9 of session 1, which has 3"),
        (lambda f: save_matlab(f / "cell_registration.mat", cell_to_index_map=np.full((2, 8), -1)),
         "has -1: whole numbers of at least 0 are expected"),
        (lambda f: save_matlab(f / "cell_registration.mat", cell_to_index_map=np.full((2, 8), 0.5)),
         "has 0.5: whole numbers"),
        (lambda f: save_matlab(f / "cell_registration.mat", cell_to_index_map=np.full((2, 8), 2)),
         "has cell 2 of session 1 for several cells"),
        (lambda f: (f / "frameLog_1.csv").write_text("trial,begFrame,endFrame\n2,,\n"),
         r"frameLog_1\.csv: trial 2 has frames nan to nan of 2800 recorded"),
        (lambda f: save_matlab(f / "behavior_1.mat", my_mvmt=standing()),
         r"behavior_1\.mat: the animal never runs to the right"),
        (lambda f: (f / "frameLog_1.csv").write_text("trial,begFrame,endFrame\n2,1,400\n"),
         r"frameLog_1\.csv: trial 3 is missing"),
        (lambda f: (f / "frameLog_1.csv").write_text("trial,begFrame\n2,1\n"),
         "lacks the columns endFrame"),
        (lambda f: save_matlab(f / "behavior_1.mat", my_mvmt=matlab_cell((1, 3))),
         "trial 4 is missing"),
        (lambda f: save_matlab(f / "finalEventsMat_1.mat", allEventsMat=np.zeros((500, 3))),
         "has frames 401 to 800 of 500 recorded"),
    ],
)  # fmt: skip
def test_wrong_files_of_registered_tracks_are_named(registered, spoil, message):
    root, folder = registered
    if "trial 4" in message:
        short = matlab_cell((1, 3))
        short[:] = [[{"position": np.full((400, 1), 0.5), "velocity": np.zeros((400, 1))}] * 3]
        save_matlab(folder / "behavior_1.mat", my_mvmt=short)
    else:
        spoil(folder)
    with pytest.raises(LayoutError, match=message):
        list(registered_tracks.load("C6_M4", "A", root))


def test_integers_of_matlab_are_exact_or_refused(tmp_path):
    path = save_matlab(tmp_path / "some.mat", most=np.array([[2**53, -(2**53)]]), beyond=2**53 + 1)
    file = MatlabFile(path)
    assert file.numbers("most").astype(int).tolist() == [[2**53, -(2**53)]]
    with pytest.raises(LayoutError, match=r"some\.mat.*'beyond' has integers beyond 2\^53"):
        file.numbers("beyond")
