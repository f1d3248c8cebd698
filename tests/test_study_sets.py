"""The study's own sets: files of each layout with realistic values, through the chapter's cells."""

import numpy as np
import pandas as pd
import pytest
from helpers import drawn_as, matlab_cell, save_matlab
from test_animal_trials import FAMILIAR, chapter

from drift.datasets import DataMissingError, brought_sessions, fetching, folder_of
from drift.datasets.matlab import LayoutError
from drift.datasets.published_sessions import ASSEMBLY_MICE
from drift.results import study_sets

SESSIONS = 4


def brought(cells, falls=True, animals=5):
    """Numbers of animals whose cells become fewer by 3 % a session, and more informative."""
    rows = []
    for animal in range(animals):
        for session in range(1, SESSIONS + 1):
            change = -0.03 if falls else 0.03
            level = (1 + change * (session - 1)) * (1 + 0.003 * animal * session)
            rows.append((f"m{animal}", session, level, 1.1 + 0.05 * session + 0.01 * animal))
    table = pd.DataFrame(rows, columns=["animal", "session", cells, "information"])
    table[cells] *= 0.4 if cells.endswith("fraction") else 85
    return table


def write_brought(folder, table):
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "sessions.csv", index=False)


def write_assemblies(folder):
    """Sheintuch et al. 2023: 400 to 600 cells, of which 30 % are place cells, and fewer later."""
    random = np.random.default_rng(0)
    for number, mouse in enumerate(ASSEMBLY_MICE):
        cells = 400 + 25 * number + random.integers(-10, 10, (1, 16))
        information = 1.2 + 0.04 * (np.arange(16) % 8) + random.normal(0, 0.02, 16)
        right, left = matlab_cell((16, 2)), matlab_cell((16, 2))
        for session, trial in np.ndindex(16, 2):
            share = 0.18 - 0.008 * (session % 8)
            for lists in (right, left):
                found = random.choice(cells[0, session], int(share * cells[0, session]), False)
                lists[session, trial] = np.sort(found)[None] + 1.0
        index = random.integers(0, 400, (700, 16)).astype(float)
        save_matlab(folder / f"Data/{mouse}.mat", this_mouse_data={
            "number_of_neurons_sessions": cells.astype(float),
            "average_SI_SSR_bit_spike_sessions": information[None],
            "significant_right_trials": right, "significant_left_trials": left,
            "cell_to_index_map": index,
        })  # fmt: skip


def write_experience(folder):
    """Geva et al. 2023: ten sessions in one place and six in the other, without a trend."""
    random = np.random.default_rng(1)
    levels = {"fraction_pc_each_sess_all_mice": 0.35, "mean_info_each_sess_all_mice": 1.4,
              "num_place_cells_each_sess_all_mice": 150.0}  # fmt: skip
    content = {}
    for name, level in levels.items():
        cells = matlab_cell((8, 2))
        for mouse, place in np.ndindex(8, 2):
            count = 10 if place == 0 else 6
            cells[mouse, place] = level * (1 + random.normal(0, 0.02, (1, count)))
        content[name] = cells
    save_matlab(folder / "data/processed_data.mat", **content)


def write_w_tracks(folder, rat, seed):
    """Karlsson et al.: three days of ten minutes on a W track; fields become fewer and sharper."""
    random = np.random.default_rng(seed)
    place = folder / rat
    time = 5000 + np.arange(0, 600, 1 / 15)
    # From the end of one arm to that of another, arms of 78 cm that are 40 cm apart.
    corners = np.array([[2, 2], [2, 80], [42, 80], [42, 2], [42, 80], [82, 80], [82, 2.0]])
    along = np.append(0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1)))
    speed = random.uniform(15, 35, 200)[(np.arange(time.size) // 45) % 200]
    walked = np.cumsum(speed / 15)
    position = along[-1] - np.abs(walked % (2 * along[-1]) - along[-1])
    x, y = (np.interp(position, along, corners[:, axis]) for axis in (0, 1))
    frames = np.column_stack([time, x, y, 0 * time, speed])
    info = matlab_cell((1, 3))
    for day in (1, 2, 3):
        kinds = {kind: matlab_cell((1, day)) for kind in ("spikes", "pos", "task")}
        tetrodes, described = matlab_cell((1, 4)), matlab_cell((1, 4))
        for tetrode in range(4):
            cells, labels = matlab_cell((1, 5)), matlab_cell((1, 5))
            for cell in range(5):
                number = 5 * tetrode + cell
                with_field = number < 16 - 3 * day
                centre = along[-1] * (number + 0.5) / 16
                width = 22 - 4 * day
                shape = 6 * np.exp(-((position - centre) ** 2) / (2 * width**2))
                rate = shape if with_field else np.full(time.size, 0.8)
                spikes = time[random.random(time.size) < rate / 15] + 0.001
                cells[0, cell] = {"data": spikes[:, None], "fields": "time"}
                labels[0, cell] = {"area": "CA1", "meanrate": spikes.size / 600.0}
            tetrodes[0, tetrode], described[0, tetrode] = cells, labels
        run = {"type": "run", "environment": "wtr1", "exposure": float(day)}
        entries = {"spikes": tetrodes, "pos": {"data": frames, "fields": "time x y dir vel"},
                   "task": run}  # fmt: skip
        for kind, entry in entries.items():
            epochs = matlab_cell((1, 2))
            epochs[0, 1] = entry
            if kind == "task":
                epochs[0, 0] = {"type": "sleep"}
            kinds[kind][0, day - 1] = epochs
            save_matlab(place / f"{rat}{kind}{day:02}.mat", **{kind: kinds[kind]})
        epochs = matlab_cell((1, 2))
        epochs[0, 1] = described
        info[0, day - 1] = epochs
    save_matlab(place / f"{rat}cellinfo.mat", cellinfo=info)


def write_rats(folder):
    for seed, rat in enumerate(("bon", "fra")):
        write_w_tracks(folder, rat, seed)


WRITERS = {
    "khatib-2023": lambda folder: write_brought(folder, brought("place_cell_fraction")),
    "jercog-hc22": lambda folder: write_brought(folder, brought("active_cells")),
    "karlsson-hc6": write_rats,
    "sheintuch-2023": write_assemblies,
    "geva-2023": write_experience,
}


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty data folder; digests of made files are not looked at."""
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path))
    monkeypatch.setattr(fetching, "is_published", lambda path, entry: True)
    return tmp_path


@pytest.fixture
def all_sets(data_folder):
    for name, write in WRITERS.items():
        write(folder_of(name))
    return data_folder


def test_the_chapter_draws_and_judges_all_sets_that_are_there(all_sets):
    """Fig. 3 whole: a row a set, from the files to the verdicts, by the chapter's own cells."""
    assert study_sets.at_hand() == list(study_sets.STUDY_SETS)
    words = (*FAMILIAR, 'load_table("registered-correlation")', "own = study_sets", "own_slopes = ")
    found = chapter(words, own_sets=True)
    sessions = found["own"]
    axes = found["plots"].over_sessions(found["by_session"])
    assert axes.shape == (5, 3)
    for row, (name, table) in enumerate(sessions.items()):
        shares = table.pivot_table(index="animal", columns="session", values="information")
        expected = shares.div(shares[1], axis=0).mean()
        drawn = drawn_as(axes[row, 2], "as recorded")
        np.testing.assert_allclose(drawn[:, 0], expected.index, err_msg=name)
        np.testing.assert_allclose(drawn[:, 1], expected, err_msg=name)
    table = found["animal_claims"].verdicts(
        found["novel"], found["known"], found["likeness"], own=found["own_slopes"]
    )
    panels = [row for row in table.rows if row["item"].startswith("Fig. 3")
              and row["rests_on"] == "this chapter's own runs"]  # fmt: skip
    assert sorted({row["item"] for row in panels}) == ["Fig. 3A", "Fig. 3B", "Fig. 3C", "Fig. 3D"]
    for item in ("Fig. 3A", "Fig. 3B", "Fig. 3D"):
        of_panel = [row["verdict"] for row in panels if row["item"] == item]
        assert of_panel == ["reproduced", "reproduced"], item
    geva = [row["verdict"] for row in table.rows if "(Geva et al. 2023)" in row["statement"]]
    assert len(geva) == 2


def test_made_w_tracks_are_as_made(all_sets):
    """Thirteen cells with fields on the first day, ten and seven on the next, of twenty."""
    table = study_sets.sessions()["karlsson-hc6"]
    assert table.groupby("animal").session.apply(list).tolist() == [[1, 2, 3]] * 2
    assert (table.active_cells == 20).all()
    for day, cells in ((1, 13), (2, 10), (3, 7)):
        found = table.loc[table.session == day, "place_cells"]
        # Of the cells without a field one in twenty passes the test.
        assert ((found >= cells) & (found <= cells + 4)).all()
    rises = table.pivot(index="animal", columns="session", values="information")
    assert (rises[3] > rises[1]).all()


@pytest.mark.parametrize("name", study_sets.STUDY_SETS)
def test_one_set_alone_is_enough(data_folder, name):
    with pytest.raises(DataMissingError, match="own_sets needs at least one of"):
        study_sets.check_at_hand()
    WRITERS[name](folder_of(name))
    assert study_sets.at_hand() == [name]
    study_sets.check_at_hand()


# Tables that a reader brings


@pytest.mark.parametrize("name", brought_sessions.CELLS)
def test_brought_sessions(tmp_path, name):
    cells = brought_sessions.CELLS[name]
    with pytest.raises(DataMissingError, match=r"sessions\.csv"):
        brought_sessions.load(name, tmp_path)
    table = brought(cells)
    write_brought(tmp_path, table.assign(note="as told"))
    pd.testing.assert_frame_equal(brought_sessions.load(name, tmp_path), table)
    with pytest.raises(ValueError, match="has files of its own"):
        brought_sessions.load("geva-2023", tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="information"), "lacks the columns information"),
        (lambda t: t.assign(information="high"), "information must be finite numbers"),
        (lambda t: t.assign(information=np.nan), "information must be finite numbers"),
        (lambda t: t.assign(place_cell_fraction=-0.1), "place_cell_fraction must be finite"),
        (lambda t: t.assign(place_cell_fraction=40.0), "is a share, and must be at most 1"),
        (lambda t: t.assign(session=t.session + 0.5), "a whole session"),
        (lambda t: pd.concat([t, t]), "a session of an animal twice"),
        (lambda t: t[t.session > 1], "each animal needs session 1"),
        (lambda t: t[t.session == 1], "at least one more"),
        (lambda t: t[t.animal == "m1"], "at least two animals"),
        (lambda t: t.assign(information=t.information * (t.session > 1)), "first values above 0"),
    ],
)
def test_wrong_tables_are_named(tmp_path, change, message):
    write_brought(tmp_path, change(brought("place_cell_fraction")))
    with pytest.raises(LayoutError, match=rf"sessions\.csv.*{message}"):
        brought_sessions.load("khatib-2023", tmp_path)


def test_a_file_that_is_no_table_is_named(tmp_path):
    (tmp_path / "sessions.csv").write_bytes(b'animal,"\xff\n')
    with pytest.raises(LayoutError, match="cannot be read as a table"):
        brought_sessions.load("khatib-2023", tmp_path)
