"""Results on disk: found again, and never trusted when damaged."""

import numpy as np
import pytest
import xarray as xr

import drift
from drift.simulation.cache import cache_path, cached_simulate
from drift.support.storage import DamagedFileError, read_dataset, write_dataset

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
    assert not list(own_cache.rglob("*.part"))


def test_everything_that_matters_is_in_the_key(own_cache, small_task, monkeypatch):
    base = cache_path(small_task, RULE, **SETTINGS)
    assert cache_path(small_task, RULE, **SETTINGS, progress=True) == base
    other_task = drift.Task(small_task.inputs * 1.0000001, small_task.targets)
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
                {"dtype": "float64"},
                {"record": drift.LogSpacing(5)},
                {"snapshots": [0]},
                {"skip_silent": False},
            )
        ),
    ]
    monkeypatch.setattr("drift.simulation.cache.code_version", lambda: "other code")
    changed.append(cache_path(small_task, RULE, **SETTINGS))
    assert len({base, *changed}) == len(changed) + 1


def flip(path):
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content), 101):
        content[place] ^= 0xFF
    path.write_bytes(content)


def foreign(path):
    xr.Dataset({"loss": ("step", np.zeros(3))}).to_netcdf(path, engine="h5netcdf")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "cannot be read|altered"),
        (lambda path: path.write_text("not netCDF at all"), "cannot be read"),
        (foreign, "not written by drift"),
        (flip, "cannot be read|altered"),
    ],
    ids=["truncated", "text", "foreign", "flipped"],
)
def test_damaged_files_are_reported_and_recomputed(own_cache, small_task, counted, damage, words):
    first = cached_simulate(small_task, RULE, **SETTINGS)
    damage(cache_path(small_task, RULE, **SETTINGS))
    with pytest.warns(UserWarning, match=f"({words}).*run again"):
        again = cached_simulate(small_task, RULE, **SETTINGS)
    assert len(counted) == 2 and again.identical(first)
    assert cached_simulate(small_task, RULE, **SETTINGS).identical(first)
    assert len(counted) == 2


def test_an_altered_number_is_found_out(tmp_path):
    """Also where the file itself is sound: one value changed by a careful hand."""
    dataset = xr.Dataset({"loss": ("step", np.arange(4.0))}, {"step": [0, 1, 2, 3]}, {"seed": 1})
    write_dataset(dataset, tmp_path / "a.nc")
    import h5py

    with h5py.File(tmp_path / "a.nc", "r+") as file:
        file["loss"][2] = 2.5
    with pytest.raises(DamagedFileError, match="does not match its checksum"):
        read_dataset(tmp_path / "a.nc")


def test_only_finished_runs_are_kept(own_cache, small_task):
    with pytest.warns(UserWarning, match="diverged"):
        cached_simulate(small_task, drift.GradientDescent(learning_rate=50.0), **SETTINGS)
    assert not list(own_cache.rglob("*.nc"))


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    dataset = xr.Dataset({"loss": ("step", np.arange(4.0))})
    path = tmp_path / "a.nc"
    write_dataset(dataset, path)

    def full_disk(*arguments, **settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_dataset(dataset + 1, path)
    assert read_dataset(path).identical(dataset)
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]
