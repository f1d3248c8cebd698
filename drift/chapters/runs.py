"""Runs of a chapter with other parameters: a folder each, with a manifest that makes it again.

A folder holds the executed notebook, ``page/``, ``figures/`` (PNG and SVG), ``data/`` (the numbers
drawn) and, written last, ``manifest.json``. A folder of several values holds a folder each and
``index.html``, which compares them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
import platform
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drift.chapters.execution import execute_chapter
from drift.chapters.notebooks import Chapter, ChapterError, find_chapter
from drift.results.archives import shipped_archives
from drift.results.tables import shipped_tables
from drift.site.build import build_page
from drift.support.provenance import code_version, commit
from drift.support.storage import write_text

MANIFEST = "manifest.json"
SET = "set.json"
LARGEST_SET = 32
LIBRARIES = ("matplotlib", "numba", "numpy", "pandas", "scipy", "torch", "xarray")


def combinations(chapter: Chapter, assignments: Mapping[str, str]) -> list[dict[str, Any]]:
    """All combinations of the values that ``assignments`` lists for numbers, separated by commas.

    Raises
    ------
    ChapterError
        If a name or value is not allowed, a value is given twice, or there are more than
        :data:`LARGEST_SET` combinations.
    """
    kinds = {parameter.name: parameter.type for parameter in chapter.parameters}
    lists = []
    for name, text in assignments.items():
        texts = [text] if kinds.get(name) == "str" else text.split(",")
        values = [chapter.parse({name: one})[name] for one in texts]
        if len(set(values)) < len(values):
            raise ChapterError(f"{name}={text} has a value twice: give each once.")
        lists.append(values)
    found = [dict(zip(assignments, chosen, strict=True)) for chosen in itertools.product(*lists)]
    if len(found) > LARGEST_SET:
        raise ChapterError(
            f"{len(found)} combinations of values are more than {LARGEST_SET}: give fewer, or "
            "make a study of them (`drift study --help`), which runs on all cores."
        )
    for values in found:
        chapter.preflight(values)
    return found


def run_once(root: Path, chapter: Chapter, values: dict[str, Any], folder: Path) -> None:
    """Execute ``chapter`` with ``values`` into ``folder``: page, figures, data and manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    began, started = datetime.now(UTC), time.monotonic()
    notebook = folder / f"{chapter.name}.ipynb"
    figures, data = folder / "figures", folder / "data"
    execute_chapter(chapter, values, notebook, figures)
    data.mkdir(exist_ok=True)
    for file in sorted(figures.iterdir()):
        if file.suffix not in (".png", ".svg"):
            file.replace(data / file.name)
    shutil.rmtree(folder / "page", ignore_errors=True)
    build_page(root, notebook, folder)
    everything = {parameter.name: parameter.default for parameter in chapter.parameters} | values
    manifest = {
        "chapter": chapter.name,
        "parameters": everything,
        "command": command(chapter, everything),
        "drift": importlib.metadata.version("drift-book"),
        "commit": commit(),
        "code_version": code_version((".",)),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "machine": platform.platform(),
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started),
        "read": {path.name: _digest(path) for path in (*shipped_archives(), *shipped_tables())},
        "files": {
            file.relative_to(folder).as_posix(): _digest(file)
            for file in (notebook, *sorted(figures.iterdir()), *sorted(data.iterdir()))
        },
    }
    write_text(json.dumps(manifest, indent=1) + "\n", folder / MANIFEST)


def command(chapter: Chapter, values: Mapping[str, Any]) -> str:
    """The command that runs ``chapter`` with ``values``."""
    words = ["drift", "run", chapter.name]
    for name, value in values.items():
        words += ["-p", name, str(value)]
    return shlex.join(words)


def is_finished(folder: Path, chapter: Chapter, values: Mapping[str, Any]) -> bool:
    """Whether ``folder`` holds this run already, made by the present code, with all its files."""
    if not (folder / MANIFEST).exists():
        return False
    manifest = read_manifest(folder / MANIFEST)
    given = {name: manifest["parameters"].get(name) for name in values}
    return (
        manifest["chapter"] == chapter.name
        and given == dict(values)
        and manifest["code_version"] == code_version((".",))
        and all((folder / name).exists() for name in manifest["files"])
    )


def read_manifest(path: Path) -> dict[str, Any]:
    """A run's manifest.

    Raises
    ------
    ChapterError
        If it is not one.
    """
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
        needed = ("chapter", "parameters", "code_version", "files")
        missing = [name for name in needed if name not in manifest]
    except (OSError, ValueError, TypeError) as problem:
        raise ChapterError(f"{path} is no manifest of a run: {problem}") from problem
    if missing:
        raise ChapterError(f"{path} is no manifest of a run: it lacks {', '.join(missing)}.")
    return manifest


def run_again(root: Path, manifest: Mapping[str, Any], folder: Path) -> dict[str, bool]:
    """Do the run of a manifest once more; of each file of data, whether it came out the same.

    Raises
    ------
    ChapterError
        If the chapter, or one of its parameters, is no more.
    """
    chapter = find_chapter(root, manifest["chapter"])
    known = {parameter.name for parameter in chapter.parameters}
    if unknown := set(manifest["parameters"]) - known:
        raise ChapterError(
            f"chapter {chapter.name!r} has no parameter {', '.join(sorted(unknown))} any more: go "
            f"to commit {manifest.get('commit') or 'of the manifest'}."
        )
    chapter.preflight(manifest["parameters"])
    run_once(root, chapter, manifest["parameters"], folder)
    now = read_manifest(folder / MANIFEST)["files"]
    names = [name for name in manifest["files"] if name.startswith("data/")]
    return {name: now.get(name) == manifest["files"][name] for name in names}


def open_set(folder: Path, chapter: Chapter, runs: Sequence[Mapping[str, Any]]) -> None:
    """Make ``folder`` that of this set of runs.

    Raises
    ------
    ChapterError
        If it holds something else.
    """
    content = {"chapter": chapter.name, "runs": [dict(values) for values in runs]}
    description = folder / SET
    if folder.is_dir() and description.exists():
        if json.loads(description.read_text()) != content:
            raise ChapterError(f"{folder} holds another set of runs: choose another for --out.")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ChapterError(f"{folder} is not empty: choose another folder for --out.")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(json.dumps(content, indent=1) + "\n", description)


def varied(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the parameters that are not the same in all runs."""
    return [name for name in runs[0] if len({values[name] for values in runs}) > 1]


def folders(folder: Path, runs: Sequence[Mapping[str, Any]]) -> Iterator[Path]:
    """Where in ``folder`` each run of a set is."""
    names = varied(runs)
    for values in runs:
        yield folder / "-".join(f"{name}={values[name]}" for name in names)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
