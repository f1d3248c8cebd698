"""The folder of a study: what is to be done, what is done, and what went wrong.

::

    study.json          every run's settings, written once
    runs/00042.nc       the result of run 42, there as soon as it is complete
    runs/00042.json     why run 42 failed, until it is tried again
    running/00042-*.nc  state of run 42, from which the same code can go on
    lock                held by whoever works on the study

Files appear under their names complete. What is left to do follows from what is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from drift.support.errors import RefusedError
from drift.support.provenance import code_version
from drift.support.storage import DamagedFileError, read_dataset, write_text

if TYPE_CHECKING:
    import xarray as xr

CHECKPOINT_SECONDS = 60.0
"""What a run loses at most when its worker is lost."""


class StudyError(RefusedError, ValueError):
    """A study cannot be what its file, its folder or its command says."""


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
        except FileNotFoundError:
            raise StudyError(f"{self.path} is not the folder of a study.") from None
        except (ValueError, LookupError, TypeError) as problem:
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

    def result_path(self, number: int) -> Path:
        """The file that holds, or will hold, the result of a run."""
        return self.path / "runs" / f"{number:05}.nc"

    def failure_path(self, number: int) -> Path:
        """The file that says why a run failed."""
        return self.path / "runs" / f"{number:05}.json"

    def checkpoint_path(self, number: int) -> Path:
        """The file that a run goes on from; other code begins anew."""
        return self.path / "running" / f"{number:05}-{code_version()}.nc"

    def result(self, number: int) -> xr.Dataset:
        """The result of a run; FileNotFoundError or DamagedFileError if there is none."""
        return read_dataset(self.result_path(number))

    def finished(self) -> set[int]:
        """Numbers of the runs that have a result (it may be damaged: see :meth:`outcomes`)."""
        return {int(path.stem) for path in self.path.glob("runs/*.nc")}

    def outcomes(self) -> tuple[dict[int, str], dict[int, str]]:
        """How each run ended, and which results cannot be trusted and why; reads all of them."""
        endings, damaged = {}, {}
        for number in sorted(self.finished()):
            try:
                endings[number] = self.result(number).attrs["status"]
            except DamagedFileError as problem:
                damaged[number] = str(problem)
        return endings, damaged

    def begun(self) -> dict[int, int]:
        """Runs that have a state to go on from, and the steps they have done."""
        found = {}
        for path in self.path.glob("running/*.nc"):
            try:
                found[int(path.stem.split("-")[0])] = int(read_dataset(path)["done"])
            except (DamagedFileError, FileNotFoundError):
                continue
        return found

    def failures(self) -> dict[int, str]:
        """Runs that failed, and why."""
        return {
            int(path.stem): json.loads(path.read_text())["why"]
            for path in sorted(self.path.glob("runs/*.json"))
        }

    def fail(self, number: int, why: str) -> None:
        """Note that a run failed."""
        write_text(json.dumps({"why": why}), self.failure_path(number))

    def is_locked(self) -> bool:
        """Whether someone works on the study at present."""
        try:
            with FileLock(self.path / "lock", timeout=0):
                return False
        except Timeout:
            return True

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
        except OSError as problem:
            raise StudyError(f"{self.path} cannot be made: {problem.strerror}.") from problem
        lock = FileLock(self.path / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise StudyError(
                f"another `drift study run` works in {self.path}: wait for it, stop it, or choose "
                "another folder."
            ) from None
        try:
            yield
        finally:
            lock.release()
