"""Loader of the rats on a track, lap by lap, on files that the test writes and on the real ones."""

import numpy as np
import pandas as pd
import pytest

from drift.datasets import lap_recordings
from drift.datasets.matlab import LayoutError

FOLDER = "Dimension Reduction/UMAP/data_cross_validation"


def written(folder, number, units=4, laps=3, seed=0):
    """A session of three units that fire now and then, and a fast one; as a table."""
    random = np.random.default_rng(seed)
    lap = np.repeat(np.arange(1, laps + 1), 20)
    place = np.tile(np.linspace(0, 200, 20), laps)
    counts = random.poisson(0.1, (lap.size, units)).astype(float)
    counts[:, -1] = 0.75  # in bins of 0.1 s
    table = pd.DataFrame({"x": place, "lap": lap})
    for unit in range(units):
        table[f"c{unit + 1}"] = counts[:, unit]
    save(folder, number, table)
    return table


def save(folder, number, table):
    path = folder / FOLDER / f"data_{number}_T1.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


@pytest.fixture
def rat_m(tmp_path):
    """The four sessions of rat M, files 1, 8, 12 and 16."""
    return tmp_path, [written(tmp_path, number, seed=number) for number in (1, 8, 12, 16)]


def test_files_are_of_four_rats_in_a_known_order():
    assert len(lap_recordings.SESSIONS) == 19
    assert lap_recordings.SESSIONS[:4] == tuple((rat, "16x8") for rat in "MNPQ")
    assert lap_recordings.SESSIONS[4:7] == tuple((rat, "16x4") for rat in "NPQ")
    assert lap_recordings.SESSIONS[18] == ("Q", "16x1")


def test_sessions_are_labelled(rat_m):
    folder, tables = rat_m
    found = list(lap_recordings.load("M", folder))
    assert [session.attrs["protocol"] for session in found] == ["16x8", "16x3", "16x2", "16x1"]
    assert [session.attrs["session"] for session in found] == [1, 2, 3, 4]
    for session, table in zip(found, tables, strict=True):
        np.testing.assert_allclose(session.activity, table.to_numpy()[:, 2:], rtol=1e-6)
        np.testing.assert_array_equal(session.lap, table.lap)
        # Bins of 10 cm; the end of the track, 200 cm, belongs to the last.
        expected = [min(int(x // 10), 19) for x in table.x]
        assert session.place_bin.values.tolist() == expected
        assert max(expected) == 19
        assert (session.attrs["animal"], session.attrs["dt"]) == ("M", 0.1)


def test_fast_units_are_no_pyramidal_cells(rat_m):
    """0.75 spikes in 0.1 s are 7.5 Hz, above 5; the others fire at about 1 Hz."""
    session = next(lap_recordings.load("M", rat_m[0]))
    assert lap_recordings.pyramidal(session).tolist() == [True, True, True, False]
    at_the_limit = session.assign(activity=session.activity * 0 + 0.5)
    assert lap_recordings.pyramidal(at_the_limit).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="x"), "has the columns lap, c1, c2, c3"),
        (lambda t: t.drop(columns="c2"), "x, lap, c1, c2 and so on are expected"),
        (lambda t: t[["x", "lap"]], "has the columns x, lap"),
        (lambda t: t.assign(speed=1.0), "x, lap, c1, c2 and so on are expected"),
        (lambda t: t.iloc[:0], "has no time bins"),
        (lambda t: t.assign(c3=["a"] * len(t)), "the column 'c3' holds values that are not"),
        (lambda t: t.assign(c3=t.c3.where(t.index != 6)), "'c3' is not a finite number in row 7"),
        (lambda t: t.assign(x=np.inf), "'x' is not a finite number in row 1"),
        (lambda t: t.assign(c1=-1.0), "has negative counts"),
        (lambda t: t.assign(x=t.x + 1), "x must lie on the track, 0 to 200 cm"),
        (lambda t: t.assign(x=t.x - 1), "x must lie on the track, 0 to 200 cm"),
        (lambda t: t.assign(lap=t.lap + 1), "laps must be numbered 1, 2, 3"),
        (lambda t: t.assign(lap=t.lap + 0.5), "laps must be numbered 1, 2, 3"),
        (lambda t: t[t.lap != 2], "laps must be numbered 1, 2, 3"),
        (lambda t: t.iloc[::-1], "each in one piece"),
    ],
)
def test_wrong_files_are_named(rat_m, change, message):
    folder, tables = rat_m
    save(folder, 8, change(tables[1]))
    sessions = lap_recordings.load("M", folder)
    next(sessions)
    with pytest.raises(LayoutError, match=rf"data_8_T1\.csv.*{message}"):
        next(sessions)


def test_a_file_that_is_no_table_is_named(rat_m):
    folder, _ = rat_m
    (folder / FOLDER / "data_1_T1.csv").write_bytes(b'x,lap,c1\n"1,2\n\xff\xfe')
    with pytest.raises(LayoutError, match=r"data_1_T1\.csv cannot be read as a table"):
        next(lap_recordings.load("M", folder))
    (folder / FOLDER / "data_1_T1.csv").unlink()
    with pytest.raises(FileNotFoundError):
        next(lap_recordings.load("M", folder))


def test_unknown_rats_and_what_is_no_session_are_refused(rat_m):
    with pytest.raises(ValueError, match="rat='R' is unknown"):
        lap_recordings.load("R")
    with pytest.raises(TypeError, match="session=int must be a recording session"):
        lap_recordings.pyramidal(3)
    session = next(lap_recordings.load("M", rat_m[0]))
    with pytest.raises(ValueError, match="session has no time bins"):
        lap_recordings.pyramidal(session.isel(time=slice(0)))


def test_the_published_files(public_data):
    """Nineteen sessions of 14 to 18 laps, between 52 and 267 units each."""
    found = [session for rat in lap_recordings.RATS for session in lap_recordings.load(rat)]
    assert len(found) == 19
    assert {int(session.lap.max()) for session in found} == {14, 15, 16, 17, 18}
    units = [session.sizes["cell"] for session in found]
    assert (min(units), max(units)) == (52, 267)
    assert int(lap_recordings.pyramidal(found[0]).sum()) == 78
