"""What lies beside the results of a study: a line a result, so that none need be read to know it.

A line says which run it is of, the digest of its settings, how it ended, and the file that holds
it, with size, time of change and SHA-256. Whoever computes the study appends a line when a result
lands. A file of the size and time that its lines say is believed without being read; one of the
same content too; any other is read and checked, and its lines are made anew.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift.study.result_files import (
    OtherSettingsError,
    check_signature,
    numbers_in,
    read_results,
    settings_digest,
)
from drift.support.progress import each
from drift.support.storage import DamagedFileError, write_text

if TYPE_CHECKING:
    import xarray as xr

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """What is known of one result."""

    run: int
    settings: str
    status: str
    file: str
    size: int
    modified: int
    """In nanoseconds, as the file system has it."""
    sha256: str


@dataclass
class Survey:
    """What lies in a study's folder of results."""

    lines: list[Line] = field(default_factory=list)
    """Of the results that count, each run once."""
    damaged: dict[str, str] = field(default_factory=dict)
    """By name the files of results that are not whole, and why."""
    left_alone: dict[str, str] = field(default_factory=dict)
    """By name what is no result of this study, and why."""
    index_is_behind: bool = False

    @property
    def endings(self) -> dict[int, str]:
        """How each run ended that has a result."""
        return {line.run: line.status for line in self.lines}

    def in_the_way(self, runs: int) -> dict[int, str]:
        """Of a study of so many runs those whose result has no place, since there is another thing.

        What would be the file of several runs is in the way of each.
        """
        done = self.endings
        blocked: dict[int, str] = {}
        for name, why in self.left_alone.items():
            numbers = numbers_in(name) or range(0)
            if numbers.stop <= runs:
                reason = f"{name} {why}: move it away, and the run is computed"
                blocked |= dict.fromkeys(set(numbers) - done.keys(), reason)
        return blocked


def read_index(path: Path) -> list[Line]:
    """The lines of an index, without those that were cut short; none if there is no index."""
    lines = []
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                try:
                    lines.append(Line(**json.loads(text)))
                except (ValueError, TypeError):
                    continue
    except OSError:
        return []
    return lines


def append_to_index(path: Path, lines: Iterable[Line]) -> None:
    """Add lines to an index, which one process does at a time."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_text(lines))


def write_index(path: Path, lines: Iterable[Line]) -> None:
    """Write an index anew."""
    write_text(_text(lines), path)


def _text(lines: Iterable[Line]) -> str:
    return "".join(json.dumps(asdict(line)) + "\n" for line in lines)


def survey(results: Path, index: Path, settings: Sequence[Settings]) -> Survey:
    """What lies in the folder ``results``, by the lines of ``index`` where they still hold.

    Parameters
    ----------
    results, index : Path
    settings : sequence of mappings
        The settings of every run of the study, by number.
    """
    found = Survey()
    lines = read_index(index)
    known: dict[str, dict[int, Line]] = {}
    for line in lines:
        known.setdefault(line.file, {})[line.run] = line
    digests = [settings_digest(run) for run in settings]
    taken: set[int] = set()
    files, found.left_alone = files_of_results(results, len(settings))
    for path, numbers in files.items():
        before = list(known.get(path.name, {}).values())
        if {line.run: line.settings for line in before} != {n: digests[n] for n in numbers}:
            before = []
        try:
            now = _still(path, before) or examine(path, {n: settings[n] for n in numbers})
        except FileNotFoundError:
            continue  # taken away meanwhile
        except OSError as problem:
            found.left_alone[path.name] = f"cannot be read ({problem.strerror})"
        except DamagedFileError as problem:
            found.damaged[path.name] = str(problem)
        except OtherSettingsError as problem:
            found.left_alone[path.name] = str(problem)
        else:
            found.lines += [line for line in now if line.run not in taken]
            taken |= {line.run for line in now}
    found.lines.sort(key=lambda line: line.run)
    found.index_is_behind = set(found.lines) != set(lines) or len(lines) > len(found.lines)
    return found


def files_of_results(results: Path, runs: int) -> tuple[dict[Path, range], dict[str, str]]:
    """The files in the folder ``results`` by what they are called, and by name what else is there.

    Parameters
    ----------
    results : Path
    runs : int
        How many runs the study has.

    Returns
    -------
    files : dict of Path to range
        The numbers of the runs whose results each should hold, the files with the fewest first:
        where two hold a run, the first one counts.
    left_alone : dict of str to str
        Why something is no file of results; what failed and what is being written left out.
    """
    files, left_alone = {}, {}
    for path in sorted(results.iterdir()) if results.is_dir() else ():
        if path.suffix == ".part" or (path.suffix == ".json" and path.stem.isdigit()):
            continue
        try:
            files[path] = _numbers(path, runs)
        except OSError as problem:
            left_alone[path.name] = f"cannot be read ({problem.strerror})"
        except ValueError as problem:
            left_alone[path.name] = str(problem)
    return dict(sorted(files.items(), key=lambda item: (len(item[1]), item[0]))), left_alone


def read_results_of(
    results: Path,
    settings: list[dict[str, Any]],
    describe: Callable[[xr.Dataset, dict[str, Any]], dict[str, Any]],
    progress: bool = True,
) -> tuple[list[dict[str, Any]], list[str]]:
    """What ``describe`` tells of each run that has a result, and what could not be used and why.

    Parameters
    ----------
    results : Path
        Folder of the results of a study.
    settings : list of dict
        Of every run.
    describe : callable
        Of a result and its run's settings.
    progress : bool
        Show a progress bar.

    Returns
    -------
    told : list of dict
        One for each run; empty where it has no result.
    left_out : list of str
    """
    told: list[dict[str, Any]] = [{} for _ in settings]
    files, left_alone = files_of_results(results, len(settings))
    left_out = [f"{results / name} {why}" for name, why in left_alone.items()]
    for path in each(files, "files", progress):
        try:
            runs = read_results(path)
            for number, run in runs.items():
                check_signature(run, settings[number])
        except FileNotFoundError:
            continue  # taken away meanwhile
        except OtherSettingsError as problem:
            left_out.append(f"{path}: {problem}")
        except (OSError, DamagedFileError) as problem:
            left_out.append(str(problem))
        else:
            for number, run in runs.items():
                told[number] = told[number] or describe(run, settings[number])
    return told, left_out


def _numbers(path: Path, runs: int) -> range:
    """The runs that a file in the folder of results holds; ValueError if it is none of them."""
    numbers = numbers_in(path.name)
    if numbers is None:
        raise ValueError("is not one of the study's files")
    if numbers.stop > runs:
        raise ValueError(f"would be of run {numbers[-1]}, and the study has {runs} runs")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise ValueError("is a link to nothing") from None
        raise
    if not stat.S_ISREG(mode):
        raise ValueError("is a folder" if stat.S_ISDIR(mode) else "is not a file with content")
    return numbers


def _still(path: Path, before: list[Line]) -> list[Line]:
    """The lines of a file that is as they say, at its present time; none if it is not."""
    if not before:
        return []
    state = path.stat()
    size, modified = before[0].size, before[0].modified
    if (state.st_size, state.st_mtime_ns) == (size, modified):
        return before
    if state.st_size == size and _sha256(path) == before[0].sha256:
        return [replace(line, modified=state.st_mtime_ns) for line in before]
    return []


def examine(path: Path, settings: Mapping[int, Settings]) -> list[Line]:
    """Read a file of results, and what it holds as lines of an index.

    Parameters
    ----------
    path : Path
    settings : mapping of int to mapping
        By number the settings of the runs that it should hold.

    Raises
    ------
    OSError
        If it cannot be read.
    DamagedFileError
        If it is not whole.
    OtherSettingsError
        If it holds the result of another run.
    """
    endings = {}
    for number, run in read_results(path).items():
        try:
            check_signature(run, settings[number])
        except OtherSettingsError as problem:
            raise OtherSettingsError(f"is not run {number}: {problem}") from problem
        endings[number] = run.attrs["status"]
    return describe(path, settings, endings)


def describe(
    path: Path, settings: Mapping[int, Settings], endings: Mapping[int, str]
) -> list[Line]:
    """Lines for a file that holds results of the runs with these settings, which ended so."""
    state, content = path.stat(), _sha256(path)
    return [
        Line(number, settings_digest(settings[number]), status, path.name,
             state.st_size, state.st_mtime_ns, content)
        for number, status in endings.items()
    ]  # fmt: skip


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
