"""The folder of a study: what is to be done, what is done, and what went wrong.

::

    study.json              every run's settings, written once
    runs/00042.nc           the result of run 42, there as soon as it is complete
    runs/00100-00149.nc     those of short runs, several in a file (:mod:`drift.study.result_files`)
    runs/00042.json         why run 42 failed, until it is tried again
    running/00042-*.nc      state of run 42, from which the same code can go on
    damaged/                results that were not whole when the study was gone on with
    index.jsonl             a line a result (:mod:`drift.study.index`)
    lock                    held by whoever works on the study

Files appear under their names complete. What is left to do follows from what is there; the index
only saves reading it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from drift.study.index import Line, Survey, append_to_index, survey, write_index
from drift.study.result_files import numbers_in, read_results, result_name
from drift.support.checks import check_kind
from drift.support.errors import RefusedError
from drift.support.provenance import code_version
from drift.support.storage import DamagedFileError, read_dataset, write_text

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import xarray as xr

CHECKPOINT_SECONDS = 60.0
"""What a run loses at most when its worker is lost."""


class StudyError(RefusedError, ValueError):
    """A study cannot be what its file, its folder or its command says."""


def check_file_name(what: str, name: str) -> str:
    """``name`` if a file can be called so, in any folder and without leaving it.

    Raises
    ------
    ValueError
        If not.
    """
    strange = [sign for sign in name if sign in '/\\:*?"<>|' or not sign.isprintable()]
    if strange or name.startswith(".") or not name.strip() or len(name.encode()) > 240:
        raise ValueError(
            f"{what}={name!r} cannot be the name of a file, which results are collected into: "
            "use letters, digits, spaces and hyphens."
        )
    return name


NEEDED = ("task", "rule", "steps", "seed")
"""Settings without which no run can be made."""


@dataclass(frozen=True)
class StudyFolder:
    """A study on disk.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def create(self, name: str, about: str, settings: list[dict[str, Any]]) -> None:
        """Make the folder that of the study ``name`` with these runs, or find that it is already.

        Raises
        ------
        StudyError
            If it is the folder of another study, holds other things, or is worked in.
        """
        with self.lock():
            self._create({"study": name, "about": about, "runs": settings})

    def _create(self, wanted: dict[str, Any]) -> None:
        manifest = self.path / "study.json"
        if manifest.exists():
            if self._manifest() != wanted:
                raise StudyError(
                    f"{self.path} is the folder of another study, or of this one with other "
                    "settings: choose another folder with --out, or call it as it was called."
                )
            return
        strangers = {entry.name for entry in self.path.iterdir()} - {"lock"}
        if strangers:
            raise StudyError(f"{self.path} is not empty and not of a study: choose another folder.")
        write_text(json.dumps(wanted, indent=1), manifest)

    def _manifest(self) -> dict[str, Any]:
        try:
            content = json.loads((self.path / "study.json").read_text())
            for field in ("study", "about", "runs"):
                content[field]
            check_file_name("study", content["study"])
            for number, run in enumerate(check_kind("runs", content["runs"], list)):
                missing = [name for name in NEEDED if name not in check_kind("run", run, dict)]
                if missing:
                    raise ValueError(f"run {number} lacks the setting {missing[0]!r}")
        except FileNotFoundError:
            raise StudyError(f"{self.path} is not the folder of a study.") from None
        except OSError as problem:
            raise StudyError(f"{self.path} cannot be read: {problem.strerror}.") from problem
        except (ValueError, LookupError, TypeError, AttributeError) as problem:
            raise StudyError(
                f"{self.path / 'study.json'} is damaged ({problem}): run the study with the same "
                "arguments into a new folder and move runs/ there."
            ) from problem
        return content

    @property
    def name(self) -> str:
        """The study's name."""
        return self._manifest()["study"]

    def settings(self) -> list[dict[str, Any]]:
        """The settings of every run, by number."""
        return self._manifest()["runs"]

    @property
    def results(self) -> Path:
        """The folder of results."""
        return self.path / "runs"

    @property
    def index(self) -> Path:
        """The file with a line a result."""
        return self.path / "index.jsonl"

    def result_path(self, number: int) -> Path:
        """The file that holds, or will hold, the result of a run, alone or with others."""
        alone = self.results / result_name([number])
        if not alone.exists() and not alone.is_symlink():
            for path in sorted(self.results.glob("*-*.nc")):
                if number in (numbers_in(path.name) or ()):
                    return path
        return alone

    def failure_path(self, number: int) -> Path:
        """The file that says why a run failed."""
        return self.results / f"{number:05}.json"

    def checkpoint_path(self, number: int) -> Path:
        """The file that a run goes on from; other code begins anew."""
        return self.path / "running" / f"{number:05}-{code_version()}.nc"

    def result(self, number: int) -> xr.Dataset:
        """The result of a run; FileNotFoundError or DamagedFileError if there is none."""
        return read_results(self.result_path(number))[number]

    def finished(self) -> set[int]:
        """Numbers of the runs that have a result (which may not count: see :meth:`survey`)."""
        return {
            number
            for path in self.results.glob("*.nc")
            for number in (numbers_in(path.name) or ())
            if path.is_file()
        }

    def survey(self) -> Survey:
        """What lies in the folder of results; reads what the index does not know."""
        return survey(self.results, self.index, self.settings())

    def note(self, lines: Iterable[Line]) -> None:
        """Add results that have landed to the index."""
        with suppress(OSError):  # what is missing in it is read when the study is gone on with
            append_to_index(self.index, lines)

    def renew_index(self, found: Survey) -> None:
        """Write the index as :meth:`survey` found it should be, if it is not."""
        if found.index_is_behind:
            with suppress(OSError):  # it may be a colleague's folder, or full
                write_index(self.index, found.lines)

    def set_aside(self, name: str) -> Path:
        """Move a file of results that is not whole to ``damaged/``, and say where it is now."""
        place = self.path / "damaged"
        place.mkdir(exist_ok=True)
        names = itertools.chain([name], (f"{name}.{count}" for count in itertools.count(2)))
        target = next(path for path in map(place.joinpath, names) if not path.exists())
        return (self.results / name).rename(target)

    def begun(self) -> dict[int, int]:
        """Runs that have a state to go on from, and the steps they have done."""
        found = {}
        for path in self.path.glob("running/*.nc"):
            number = re.fullmatch(r"(\d{5,})-[0-9a-f]+", path.stem)
            if number is None or not path.is_file():
                continue
            try:
                found[int(number[1])] = int(read_dataset(path)["done"])
            except (DamagedFileError, OSError, KeyError):
                continue
        return found

    def failures(self) -> dict[int, str]:
        """Runs that failed, and why."""
        found = {}
        for path in sorted(self.results.glob("*.json")):
            if path.stem.isdigit() and path.is_file():
                try:
                    found[int(path.stem)] = str(json.loads(path.read_text())["why"])
                except (OSError, ValueError, LookupError, TypeError):
                    found[int(path.stem)] = f"{path.name} should say why, and cannot be read"
        return found

    def fail(self, number: int, why: str) -> None:
        """Note that a run failed."""
        write_text(json.dumps({"why": why}), self.failure_path(number))

    def is_locked(self) -> bool:
        """Whether someone works on the study at present; the folder may be a colleague's."""
        if not (self.path / "lock").exists():
            return False
        try:
            with FileLock(self.path / "lock", timeout=0):
                return False
        except Timeout:
            return True
        except OSError:
            return self._is_locked_by_others()

    def _is_locked_by_others(self) -> bool:
        """The same where the lock can be read only."""
        if fcntl is None:
            return False
        try:
            handle = os.open(self.path / "lock", os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Work on the study alone.

        Raises
        ------
        StudyError
            If another process works on it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or problem
            raise StudyError(f"{self.path} cannot be made: {why}.") from problem
        lock = FileLock(self.path / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise StudyError(
                f"another `drift study run` works in {self.path}: wait for it, stop it, or choose "
                "another folder."
            ) from None
        except OSError as problem:
            raise StudyError(
                f"nothing can be written in {self.path} ({problem.strerror}): choose another "
                "folder."
            ) from problem
        try:
            yield
        finally:
            lock.release()
