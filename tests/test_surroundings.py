"""Machines that are not as expected: each thing works, or says at once what is wrong."""

import io
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import drift
from drift.support import compiled, locations, progress, provenance
from drift.support.environment import environment_with

GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]


def git(folder, *words):
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [*GIT, "-C", folder, *words], capture_output=True, text=True, check=True, env=own
    ).stdout.strip()


@pytest.fixture
def outer_repository(tmp_path, monkeypatch):
    """A repository with a commit, in which the package's folder lies."""
    package = tmp_path / "vendor" / "drift"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (tmp_path / "mine.txt").touch()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "mine.txt")
    git(tmp_path, "commit", "-q", "-m", "mine")
    monkeypatch.setattr(provenance, "PACKAGE", package)
    return tmp_path


def test_the_commit_of_another_repository_around_the_package_is_not_its_own(outer_repository):
    assert provenance.commit() == ""


def test_a_commit_that_holds_the_package_is_its_own(outer_repository, monkeypatch):
    git(outer_repository, "add", ".")
    git(outer_repository, "commit", "-q", "-m", "with drift")
    own = git(outer_repository, "rev-parse", "HEAD")
    # Git itself sets such a variable for hooks, among which may be a test run.
    monkeypatch.setenv("GIT_DIR", str(outer_repository / "nowhere"))
    assert len(own) == 40
    assert provenance.commit() == own


def test_without_git_there_is_no_commit(outer_repository, monkeypatch):
    monkeypatch.setenv("PATH", str(outer_repository))
    assert provenance.commit() == ""


def test_a_relative_cache_stays_where_it_was_when_the_process_began(tmp_path):
    program = (
        "import os; from drift.support.locations import cache_directory\n"
        "first = cache_directory(); os.chdir('/'); print(first, cache_directory())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=dict(os.environ) | {"DRIFT_CACHE": "mine/results"},
    )  # fmt: skip
    assert done.stdout.split() == [str(tmp_path / "mine" / "results")] * 2


@pytest.fixture
def nobody(monkeypatch):
    """A user without a name, a home or a cache."""

    def unknown(_):
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_CACHE_HOME", "DRIFT_CACHE"):
        monkeypatch.delenv(name, raising=False)


def test_a_user_without_a_home_is_told_to_name_a_folder(nobody, tmp_path, monkeypatch):
    with pytest.raises(locations.NoCacheFolderError, match="this user has no home folder that is"):
        locations.cache_directory()
    monkeypatch.setenv("DRIFT_CACHE", "~/results")
    with pytest.raises(locations.NoCacheFolderError, match="DRIFT_CACHE=~/results names no home"):
        locations.cache_directory()
    monkeypatch.setenv("DRIFT_CACHE", str(tmp_path))
    assert locations.cache_directory() == tmp_path


def test_without_home_in_the_environment_the_user_s_own_is_used(monkeypatch):
    for name in ("HOME", "XDG_CACHE_HOME", "DRIFT_CACHE"):
        monkeypatch.delenv(name, raising=False)
    assert locations.cache_directory().is_relative_to(pwd.getpwuid(os.getuid()).pw_dir)


def test_a_folder_that_cannot_be_written_is_known_and_left_alone(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert not locations.can_write(tmp_path / "file" / "cache")
    assert not locations.can_write(tmp_path / "file")
    assert locations.can_write(tmp_path / "new" / "cache")
    assert [path.name for path in tmp_path.rglob("*")] == ["file", "new", "cache"]
    assert (tmp_path / "file").read_text() == "mine"


def test_kernels_are_kept_for_one_process_where_nothing_can_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DRIFT_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # restored afterwards
    with pytest.warns(RuntimeWarning, match="file/cache/kernels.* cannot be written.*DRIFT_CACHE"):
        folder = compiled.kernel_directory()
    assert locations.can_write(folder)
    assert folder.stat().st_mode & 0o077 == 0  # compiled code of this user's only
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder)


def test_kernels_that_may_not_be_compiled_are_refused_and_the_reference_goes_on():
    program = (
        "import drift; from drift.support.compiled import KernelsDisabledError\n"
        "task, rule = drift.random_mapping(0), drift.GradientDescent()\n"
        "print(drift.simulate(task, rule, steps=3, engine='reference').status)\n"
        "try: drift.simulate(task, rule, steps=3)\n"
        "except KernelsDisabledError as problem: print(problem)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=dict(os.environ) | {"NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    assert done.stdout == (
        "finished\nNUMBA_DISABLE_JIT is set, and the fast kernels cannot run uncompiled: unset it, "
        'or choose engine="reference".\n'
    )


def _closed():
    stream = io.StringIO()
    stream.close()
    return stream


def _of_another_container(_):
    raise OSError(19, "No such device")


@pytest.mark.parametrize("stream", [None, _closed(), io.StringIO()], ids=["none", "closed", "text"])
def test_without_a_terminal_there_is_no_bar_and_no_error(stream, monkeypatch, small_task):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv(progress.TERMINAL_VARIABLE, raising=False)
    assert progress.terminal_name() == ""
    assert list(progress.each([1, 2], "numbers")) == [1, 2]
    with progress.progress_bar(3, wanted=None) as advance:
        advance(3)
    run = drift.simulate(small_task, drift.GradientDescent(), steps=3, engine="reference")
    assert run.status == "finished"
    assert stream is None or stream.closed or stream.getvalue() == ""


def test_a_terminal_without_a_name_is_none(monkeypatch):
    master, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        assert progress.terminal_name() == os.ttyname(terminal)
        monkeypatch.setattr(os, "ttyname", _of_another_container)
        assert progress.terminal_name() == ""
    os.close(master)


@pytest.mark.parametrize("kind", ["absent", "a folder", "a file"])
def test_what_is_named_as_terminal_and_is_none_is_left_alone(kind, tmp_path, monkeypatch):
    path = tmp_path / "terminal"
    if kind == "a folder":
        path.mkdir()
    if kind == "a file":
        path.write_text("mine")
    monkeypatch.setenv(progress.TERMINAL_VARIABLE, str(path))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.progress_bar(2, wanted=None) as advance:
        advance(2)
    assert path.exists() == (kind != "absent")
    assert kind != "a file" or path.read_text() == "mine"
    assert sys.stderr.getvalue() == ""


def test_the_terminal_that_is_named_shows_the_bar(monkeypatch):
    master, terminal = os.openpty()
    monkeypatch.setenv(progress.TERMINAL_VARIABLE, os.ttyname(terminal))
    with progress.progress_bar(8, wanted=None) as advance:
        advance(8)
    assert b"8.00" in os.read(master, 10_000)
    os.close(master)
    os.close(terminal)


NAMES = {
    "corridor-update_noise=0.02": "corridor-update_noise=0.02",
    "two-kinds-word=a,b": "two-kinds-word=a,b",
    "../../etc": "_.._.._etc",
    "..": "_..",
    "": "_",
    "a/b": "a_b",
    "a\0b\nc|d{e}": "a_b_c_d_e_",
    "größe=1": "gr__e=1",
}


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_names_say_what_they_can(text, name):
    assert locations.safe_name(text) == name


@given(text=st.text(max_size=400))
def test_names_are_those_of_one_file_in_the_folder_given(text):
    name = locations.safe_name(text)
    folder = Path("/folder")
    assert (folder / name).parent == folder
    assert 0 < len(name.encode()) <= 120
    assert not name.startswith(".") and name.isascii() and name.isprintable()
    assert locations.safe_name(name) == name


def test_long_names_that_differ_at_their_ends_stay_apart():
    names = [locations.safe_name("hidden=" + "1," * 200 + end) for end in "123"]
    assert len(set(names)) == 3
    assert all(name.startswith("hidden=1,1,1") for name in names)


def test_variables_are_afterwards_what_they_were(monkeypatch):
    monkeypatch.setenv("DRIFT_ONE", "before")
    monkeypatch.delenv("DRIFT_TWO", raising=False)
    with environment_with({"DRIFT_ONE": "1", "DRIFT_TWO": "2"}):
        assert (os.environ["DRIFT_ONE"], os.environ["DRIFT_TWO"]) == ("1", "2")
    assert os.environ["DRIFT_ONE"] == "before"
    assert "DRIFT_TWO" not in os.environ
