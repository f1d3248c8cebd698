"""Results on disk: found again, compared with what is wanted, and never in the way of a run."""

import errno
import os

import numpy as np
import pytest
import xarray as xr
from disks import on_tmpfs

import drift
from drift.simulation.cache import cache_path, cached_simulate
from drift.support.storage import read_dataset, write_dataset

RULE = drift.GradientDescent(update_noise=0.05)
SETTINGS = {"hidden": 10, "steps": 200, "record": drift.LinearSpacing(5), "snapshots": [0, 200]}


@pytest.fixture
def counted(monkeypatch):
    """How often the simulation really ran."""
    calls = []

    def simulate(*arguments, **settings):
        calls.append(settings)
        return drift.simulate(*arguments, **settings)

    simulate.__signature__ = __import__("inspect").signature(drift.simulate)
    monkeypatch.setattr("drift.simulation.cache.simulate", simulate)
    return calls


def test_the_second_call_reads_what_the_first_computed(own_cache, small_task, counted):
    first = cached_simulate(small_task, RULE, **SETTINGS)
    second = cached_simulate(small_task, RULE, **SETTINGS)
    assert len(counted) == 1
    assert second.identical(first)
    assert second.identical(drift.simulate(small_task, RULE, **SETTINGS))
    assert len(list(own_cache.rglob("*.*"))) == 1


def test_everything_that_matters_is_in_the_key(own_cache, small_task, monkeypatch):
    base = cache_path(small_task, RULE, **SETTINGS)
    same = (
        {"progress": True}, {"checkpoint": "x"}, {"checkpoint_seconds": 1}, {"keep_checkpoint": 1},
        {"record": [0, 50, 100, 150, 200]}, {"record": iter([200, 150, 100, 50, 0])},
        {"active_threshold": 0.0}, {"seed": np.int64(0)}, {"snapshots": np.array([0, 200])},
    )  # fmt: skip
    for change in same:
        assert cache_path(small_task, RULE, **(SETTINGS | change)) == base
    other_task = drift.Task(small_task.inputs * 1.0000001, small_task.targets)
    start = drift.Parameters(np.ones((10, 20)), np.zeros(10), np.ones((5, 10)))
    changed = [
        cache_path(other_task, RULE, **SETTINGS),
        cache_path(small_task, drift.GradientDescent(update_noise=0.06), **SETTINGS),
        *(
            cache_path(small_task, RULE, **(SETTINGS | change))
            for change in (
                {"seed": 1},
                {"hidden": 11},
                {"steps": 201},
                {"init": "lazy"},
                {"init": start},
                {"init": start._replace(bias=np.full(10, 1e-9))},
                {"dtype": "float64"},
                {"record": drift.LogSpacing(5)},
                {"record": [0, 50, 100, 151, 200]},
                {"snapshots": [0]},
                {"measures": ["loss"]},
                {"measures": ["fraction_active_units", "active_fraction", "loss"]},
                {"activation": "leaky relu", "measures": ["loss"]},
                {"active_threshold": 0.1},
                {"engine": "reference"},
                {"skip_silent": False},
                {"stop_when_silent": False},
            )
        ),
    ]
    monkeypatch.setattr("drift.simulation.call.code_version", lambda: "other code")
    changed.append(cache_path(small_task, RULE, **SETTINGS))
    assert len({base, *changed}) == len(changed) + 1


def test_an_iterator_is_read_once_and_means_its_content(own_cache, small_task, counted):
    def asked_with_iterators():
        return cached_simulate(
            small_task, RULE, hidden=10, steps=200,
            measures=(name for name in ("loss", "active_fraction")),
            record=iter([0, 100, 200]), snapshots=map(int, "0"),
        )  # fmt: skip

    first = asked_with_iterators()
    assert list(first.data_vars)[:2] == ["loss", "active_fraction"]
    assert first["step"].values.tolist() == [0, 100, 200]
    assert first["snapshot"].values.tolist() == [0]
    assert asked_with_iterators().identical(first) and len(counted) == 1


def test_what_is_damaged_is_reported_and_replaced(own_cache, small_task, counted):
    first = cached_simulate(small_task, RULE, **SETTINGS)
    path = cache_path(small_task, RULE, **SETTINGS)
    os.truncate(path, path.stat().st_size - 100)
    with pytest.warns(UserWarning, match=r"cannot be read as netCDF.*run again"):
        again = cached_simulate(small_task, RULE, **SETTINGS)
    assert len(counted) == 2 and again.identical(first)
    assert cached_simulate(small_task, RULE, **SETTINGS).identical(first)
    assert len(counted) == 2


def of_seed_1(path, run, other):
    write_dataset(other, path)


def of_earlier_code(path, run, other):
    run = run.copy()
    del run.attrs["made_from"]
    write_dataset(run, path)


def unfinished(path, run, other):
    write_dataset(run.assign_attrs(status="interrupted"), path)


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (of_seed_1, r"another run \(start is .*; seed is 1 there and 0 here\)"),
        (of_earlier_code, "does not state what it was made from, so that it is of other code"),
        (unfinished, "not finished"),
    ],
)
def test_a_result_of_something_else_under_the_name_is_not_taken_for_it(
    own_cache, small_task, counted, put, words
):
    first = cached_simulate(small_task, RULE, **SETTINGS)
    path = cache_path(small_task, RULE, **SETTINGS)
    put(path, first, drift.simulate(small_task, RULE, **SETTINGS, seed=1))
    with pytest.warns(UserWarning, match=f"{words}.*run again"):
        assert cached_simulate(small_task, RULE, **SETTINGS).identical(first)
    assert cached_simulate(small_task, RULE, **SETTINGS).identical(first)
    assert len(counted) == 2


def notes(path):
    path.write_text("my notes")


def of_others(path):
    xr.Dataset({"loss": ("step", np.zeros(3))}).to_netcdf(path, engine="h5netcdf")


def folder(path):
    path.mkdir()
    (path / "notes").write_text("mine")


@pytest.mark.parametrize("suffix", [".nc", ".checkpoint"])
@pytest.mark.parametrize(
    ("put", "words"),
    [(notes, "was not written by drift"), (of_others, "not written by drift"),
     (folder, "Is a directory")],
)  # fmt: skip
def test_what_is_not_of_drift_is_reported_and_left_alone(
    own_cache, small_task, counted, put, words, suffix
):
    path = cache_path(small_task, RULE, **SETTINGS).with_suffix(suffix)
    path.parent.mkdir(parents=True)
    put(path)
    before = path.is_file() and path.read_bytes()
    with pytest.warns(UserWarning, match=f"{words}.*in memory only"):
        run = cached_simulate(small_task, RULE, **SETTINGS)
    assert run.identical(drift.simulate(small_task, RULE, **SETTINGS))
    assert list(path.parent.iterdir()) == [path]
    assert (path.read_bytes() == before) if before else (path / "notes").read_text() == "mine"


def test_a_result_that_cannot_be_read_is_left_alone(own_cache, small_task, monkeypatch):
    first = cached_simulate(small_task, RULE, **SETTINGS)
    path = cache_path(small_task, RULE, **SETTINGS)
    before = path.read_bytes()

    def read_bytes(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(type(path), "read_bytes", read_bytes)
        with pytest.warns(UserWarning, match=r"Input/output error.*in memory only"):
            assert cached_simulate(small_task, RULE, **SETTINGS).identical(first)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_cache_that_cannot_be_written_is_said_before_the_run(
    tmp_path, monkeypatch, small_task, counted
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("DRIFT_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserWarning, match=r"Not a directory.*in memory"):  # warnings are errors
        cached_simulate(small_task, RULE, **SETTINGS)
    assert counted == []
    with pytest.warns(UserWarning, match="DRIFT_CACHE names the folder"):
        run = cached_simulate(small_task, RULE, **SETTINGS)
    assert run.identical(drift.simulate(small_task, RULE, **SETTINGS))


def test_the_state_goes_only_when_the_result_is_safe(own_cache, small_task, counted, monkeypatch):
    settings = SETTINGS | {"checkpoint_seconds": 0}
    path = cache_path(small_task, RULE, **settings)

    def full(run, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patch:
        patch.setattr("drift.simulation.cache.write_dataset", full)
        with pytest.warns(UserWarning, match=r"in memory only, not kept: .*No space left"):
            first = cached_simulate(small_task, RULE, **settings)
    assert first.identical(drift.simulate(small_task, RULE, **SETTINGS))
    assert [file.suffix for file in path.parent.iterdir()] == [".checkpoint"]
    assert int(read_dataset(path.with_suffix(".checkpoint"))["done"]) == 200
    assert cached_simulate(small_task, RULE, **settings).identical(first)
    assert list(path.parent.iterdir()) == [path]


ON_A_SMALL_DISK = """
import os, warnings
from pathlib import Path
os.environ["DRIFT_CACHE"] = "cache"
import numpy as np, drift
from drift.simulation.cache import cached_simulate
task = drift.Task(np.eye(5), np.ones((5, 1)))
rule = drift.GradientDescent(learning_rate=0.001, update_noise=0.01)
def outcome(calling):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = calling()
    files = sorted(file.suffix for file in Path(".").rglob("*") if file.is_file())
    said = ["No space" in str(one.message) for one in caught]
    print(run.attrs["status"], run.sizes["snapshot"], said, files)
settings = {"hidden": 2000, "steps": 12, "engine": "reference", "checkpoint_seconds": 0}
kept = {"checkpoint": Path("state")}
outcome(lambda: cached_simulate(task, rule, **settings, snapshots=range(13)))
outcome(lambda: drift.simulate(task, rule, **settings, **kept, snapshots=range(13)))
outcome(lambda: cached_simulate(task, rule, **settings, snapshots=[12]))
with open("x.filler", "wb", buffering=0) as filler:
    try:
        [filler.write(bytes(4096)) for _ in range(1000)]
    except OSError:
        outcome(lambda: cached_simulate(task, rule, **settings, snapshots=[0, 12]))
"""


def test_runs_survive_a_disk_that_is_really_full(tmp_path):
    """Of 13 snapshots of 110 KiB a few fit on the disk, and so do a state and one snapshot."""
    assert on_tmpfs(ON_A_SMALL_DISK, 900, tmp_path).splitlines() == [
        "finished 13 [True, True] ['.checkpoint']",
        "finished 13 [True] ['.checkpoint']",
        "finished 1 [] ['.checkpoint', '.nc']",
        "finished 2 [True] ['.checkpoint', '.filler', '.nc']",
    ]


def test_only_finished_runs_are_kept(own_cache, small_task):
    with pytest.warns(UserWarning, match="diverged"):
        cached_simulate(small_task, drift.GradientDescent(learning_rate=50.0), **SETTINGS)
    assert not list(own_cache.rglob("*.*"))
