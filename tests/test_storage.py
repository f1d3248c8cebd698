"""Files are whole or absent, whatever the disk does; what drift did not write it leaves alone."""

import errno
import os
import stat
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from disks import as_nobody, full_disk, on_tmpfs

from drift.support import storage
from drift.support.storage import (
    DamagedFileError,
    ForeignFileError,
    check_target,
    read_dataset,
    remove_dataset,
    write_dataset,
    write_text,
)


def some_dataset(count=4):
    values = np.random.default_rng(0).random((3, count))
    return xr.Dataset(
        {"loss": (("run", "step"), values, {"flag_meanings": "a|b"}), "none": ("empty", [])},
        {"step": np.arange(count)},
        {"seed": 1, "rate": 0.5, "word": "é", "list": [1, 2], "long": "x" * 200_000}
        | {f"setting_{number}": number for number in range(12)},
    )


def test_a_dataset_comes_back_as_it_was_and_others_can_read_it(tmp_path):
    dataset, path = some_dataset(), tmp_path / "new" / "a.nc"
    write_dataset(dataset, path)
    assert read_dataset(path).identical(dataset)
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        assert opened.drop_attrs(deep=False).identical(dataset.drop_attrs(deep=False))
        assert opened.attrs["content_sha256"] == storage.content_checksum(dataset)
    assert [file.name for file in path.parent.iterdir()] == ["a.nc"]


@pytest.mark.parametrize("values", [[True], ["a"], [1j]])
def test_what_is_no_number_is_refused(tmp_path, values):
    with pytest.raises(TypeError, match=r"odd is of type .*: only numbers can be stored"):
        write_dataset(xr.Dataset({"odd": ("x", values)}), tmp_path / "a.nc")
    assert not list(tmp_path.iterdir())


def test_memory_is_needed_for_one_copy_of_the_file(tmp_path):
    path = tmp_path / "a.nc"
    dataset = xr.Dataset({"noise": ("x", np.random.default_rng(0).random(500_000))})
    write_dataset(dataset, path)
    tracemalloc.start()
    write_dataset(dataset, tmp_path / "b.nc")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * path.stat().st_size


@pytest.fixture
def mask():
    """Sets the umask until the test ends."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o007, 0o660)])
def test_files_are_as_open_as_the_umask_says_from_the_beginning(
    tmp_path, mask, monkeypatch, umask, mode
):
    mask(umask)
    during = []

    def fsync(descriptor, fsync=os.fsync):
        during.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(storage.os, "fsync", fsync)
    write_dataset(some_dataset(), tmp_path / "a.nc")
    write_text("text", tmp_path / "a.txt")
    assert during[0] == during[2] == mode
    for name in ("a.nc", "a.txt"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def refuse_to(code):
    def refuse(*arguments):
        raise OSError(code, os.strerror(code))

    return refuse


def test_a_disk_without_room_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.nc"
    write_dataset(some_dataset(), path)
    for room in (0, 100, path.stat().st_size - 1):
        with (
            full_disk(room),
            pytest.raises(OSError, match=r"No space left on device: '.*a\.nc'"),
        ):
            write_dataset(some_dataset().assign(more=0), path)
        assert read_dataset(path).identical(some_dataset())
        assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_late_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, step, code
):
    for write, name in (
        (lambda path: write_dataset(some_dataset(), path), "a.nc"),
        (lambda path: write_text("text", path), "a.txt"),
    ):
        path = tmp_path / name
        write(path)
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(storage.os if step == "fsync" else Path, step, refuse_to(code))
            with pytest.raises(OSError, match=os.strerror(code)):
                write(path)
        assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"a.nc", "a.txt"}


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    events = []
    monkeypatch.setattr(storage.os, "fsync", lambda descriptor: events.append("fsync"))
    replace = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (events.append("rename"), replace(self, to))
    )
    write_dataset(some_dataset(), tmp_path / "a.nc")
    assert events == ["fsync", "rename", "fsync"]


ON_A_SMALL_DISK = """
import errno
from pathlib import Path
import numpy as np, xarray as xr
from drift.support.storage import check_target, read_dataset, write_dataset
small = xr.Dataset({"x": ("i", np.arange(10.0))})
large = xr.Dataset({"x": ("i", np.random.default_rng(0).random(100_000))})
write_dataset(small, Path("a.nc"))
def reason(write):
    try:
        write()
    except OSError as problem:
        return errno.errorcode[problem.errno]
print(reason(lambda: write_dataset(large, Path("a.nc"))), *Path(".").iterdir())
print(read_dataset(Path("a.nc")).identical(small))
with open("filler", "wb", buffering=0) as filler:
    print(reason(lambda: [filler.write(bytes(4096)) for _ in range(1000)]))
b = Path("b.nc")
print(reason(lambda: check_target(b)), reason(lambda: write_dataset(small, b)))
print(*sorted(map(str, Path(".").iterdir())))
Path("filler").unlink()
write_dataset(small, Path("b.nc"))
print(read_dataset(Path("b.nc")).identical(small))
"""


def test_a_disk_that_is_really_full_is_an_error_like_others(tmp_path):
    assert on_tmpfs(ON_A_SMALL_DISK, 400, tmp_path).splitlines() == [
        "ENOSPC a.nc", "True", "ENOSPC", "ENOSPC ENOSPC", "a.nc filler", "True"
    ]  # fmt: skip


def of_others(path):
    xr.Dataset({"loss": ("step", np.zeros(3))}).to_netcdf(path, engine="h5netcdf")


FOREIGN = {
    "text": lambda path: path.write_text("my notes"),
    "picture": lambda path: path.write_bytes(b"\x89PNG" + bytes(1000)),
    "netCDF of others": of_others,
    "HDF5 cut off": lambda path: (of_others(path), os.truncate(path, 1000)),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_drift_did_not_write_is_left_alone(tmp_path, make):
    path = tmp_path / "mine"
    make(path)
    before = path.is_file() and path.read_bytes()
    with pytest.raises(ForeignFileError, match=r"cannot be read as netCDF|not written by drift"):
        read_dataset(path)
    for refused in (check_target, lambda path: write_dataset(some_dataset(), path)):
        with pytest.raises(ForeignFileError, match="not written by drift"):
            refused(path)
    remove_dataset(path)
    assert (path.is_file() and path.read_bytes()) == before
    assert list(tmp_path.iterdir()) == [path]


def flip(path):
    """Change many bytes, but not the name of the checksum."""
    content = bytearray(path.read_bytes())
    mark = content.index(b"content_sha256")
    for place in range(200, len(content), 101):
        if not mark <= place < mark + 14:
            content[place] ^= 0xFF
    path.write_bytes(content)


DAMAGED = {
    "cut off": lambda path: os.truncate(path, path.stat().st_size - 100),
    "half of it": lambda path: os.truncate(path, path.stat().st_size // 2),
    "flipped": flip,
    "empty": lambda path: os.truncate(path, 0),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_drift_wrote_and_is_damaged_may_be_replaced(tmp_path, damage):
    path = tmp_path / "a.nc"
    write_dataset(some_dataset(10_000), path)
    damage(path)
    with pytest.raises(DamagedFileError, match=r"cannot be read as netCDF|checksum") as caught:
        read_dataset(path)
    assert not isinstance(caught.value, ForeignFileError)
    check_target(path)
    write_dataset(some_dataset(), path)
    assert read_dataset(path).identical(some_dataset())
    remove_dataset(path)
    assert not path.exists()


def test_what_cannot_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    path = tmp_path / "a.nc"
    write_dataset(some_dataset(), path)
    before = path.read_bytes()
    everything = (
        read_dataset, check_target, remove_dataset, lambda path: write_dataset(some_dataset(), path)
    )  # fmt: skip
    for code in (errno.EIO, errno.EACCES, errno.ESTALE):
        for touching in everything:
            with monkeypatch.context() as patch:
                patch.setattr(Path, "read_bytes", refuse_to(code))
                with pytest.raises(OSError, match=os.strerror(code)):
                    touching(path)
            assert path.read_bytes() == before
    folder = tmp_path / "folder"
    folder.mkdir()
    for touching in everything:
        with pytest.raises(IsADirectoryError):
            touching(folder)
    assert {file.name for file in tmp_path.iterdir()} == {"a.nc", "folder"}


def test_another_user_may_neither_read_nor_write(open_folder):
    path = open_folder / "a.nc"
    write_dataset(some_dataset(), path)
    path.chmod(0)
    open_folder.chmod(0o555)
    with as_nobody():
        for touching in (read_dataset, check_target, remove_dataset):
            with pytest.raises(PermissionError, match=r"Permission denied: '.*a\.nc"):
                touching(path)
        with pytest.raises(PermissionError, match="Permission denied"):
            check_target(open_folder / "b.nc")
    path.chmod(0o644)
    open_folder.chmod(0o755)
    assert read_dataset(path).identical(some_dataset())


def test_what_killed_processes_left_is_removed_a_day_later(tmp_path):
    left = {
        "result.nc.0123456789abcdef.part": 25,
        "other.0123456789abcde0.part": 30,
        "result.nc.fedcba9876543210.part": 23,
        "film.part": 1000,
        "film.0123456789abcdef.part.mkv": 1000,
        "film.0123456789ABCDEF.part": 1000,
    }
    for name, hours in left.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - 3600 * hours,) * 2)
    write_text("text", tmp_path / "a.txt")
    assert {file.name for file in tmp_path.iterdir()} == {*list(left)[2:], "a.txt"}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far").mkdir()
    link, far = tmp_path / "link.nc", tmp_path / "far" / "a.nc"
    link.symlink_to(far)
    write_dataset(some_dataset(), link)
    assert link.is_symlink() and read_dataset(far).identical(some_dataset())
    assert [file.name for file in far.parent.iterdir()] == ["a.nc"]


def test_an_altered_number_is_found_out(tmp_path):
    """Also where the file itself is sound: one value changed by a careful hand."""
    import h5py

    write_dataset(some_dataset(), tmp_path / "a.nc")
    with h5py.File(tmp_path / "a.nc", "r+") as file:
        file["loss"][1, 2] = 2.5
    with pytest.raises(DamagedFileError, match="does not match its checksum"):
        read_dataset(tmp_path / "a.nc")


def test_words_along_a_dimension_are_kept(tmp_path):
    told = xr.Dataset(
        {"share": (("rule", "time"), [[1.0, 2.0], [3.0, 4.0]])},
        {"rule": ["50 % of a|b", "Adam"], "time": [0, 5]},
        {"hours": 2.0},
    )
    write_dataset(told, tmp_path / "told.nc")
    xr.testing.assert_identical(read_dataset(tmp_path / "told.nc"), told)
    with pytest.raises(TypeError, match="rule is of type <U4: only numbers"):
        write_dataset(xr.Dataset({"rule": ("run", ["Adam", "SGD"])}), tmp_path / "told.nc")
    xr.testing.assert_identical(read_dataset(tmp_path / "told.nc"), told)
