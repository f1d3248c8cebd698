"""What a run of a chapter says of itself: all that it was made from, and what it made.

A manifest is written last, so that a folder with one is whole; what it says is compared with what
is there and with what is wanted.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drift.chapters.book_folder import ChapterError
from drift.chapters.notebooks import Chapter
from drift.results.archives import shipped_archives
from drift.results.tables import shipped_tables
from drift.support.provenance import code_version, commit
from drift.support.storage import write_text

MANIFEST = "manifest.json"
LIBRARIES = ("matplotlib", "numba", "numpy", "pandas", "scipy", "torch", "xarray")

_NEEDED = {"chapter": str, "parameters": dict, "code_version": str, "files": dict}


def made_from(chapter: Chapter, values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that shapes the numbers of a run of ``chapter`` with ``values``, as it is now."""
    defaults = {parameter.name: parameter.default for parameter in chapter.parameters}
    return {
        "chapter": chapter.name,
        "parameters": defaults | dict(values),
        "text": text_digest(chapter),
        "code_version": code_version((".",)),
        "read": {path.name: digest(path) for path in (*shipped_archives(), *shipped_tables())},
    }


def write_manifest(
    folder: Path, origin: Mapping[str, Any], files: Iterable[Path], times: Mapping[str, Any]
) -> None:
    """Write what a finished run in ``folder`` was made from, when, where, and its ``files``."""
    manifest = {
        **origin,
        "command": command(origin["chapter"], origin["parameters"]),
        "drift": importlib.metadata.version("drift-book"),
        "commit": commit(),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "machine": platform.platform(),
        **times,
        "files": {file.relative_to(folder).as_posix(): digest(file) for file in files},
    }
    write_text(json.dumps(manifest, indent=1) + "\n", folder / MANIFEST)


def read_manifest(path: Path) -> dict[str, Any]:
    """A run's manifest.

    Raises
    ------
    ChapterError
        If it cannot be read, or is not one.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ChapterError(f"{path} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise ChapterError(f"{path} is no manifest of a run: {problem}") from problem
    content = manifest if isinstance(manifest, dict) else {}
    missing = [name for name, kind in _NEEDED.items() if not isinstance(content.get(name), kind)]
    if missing:
        raise ChapterError(f"{path} is no manifest of a run: it lacks {', '.join(missing)}.")
    return content


def why_unfinished(folder: Path, chapter: Chapter, values: Mapping[str, Any]) -> str | None:
    """Why the run with ``values`` is not in ``folder`` as it would be made now; None if it is.

    Raises
    ------
    ChapterError
        If what is there cannot be read, or is no manifest.
    """
    if not (folder / MANIFEST).exists():
        return "not there yet"
    manifest = read_manifest(folder / MANIFEST)
    differing = changes(manifest, made_from(chapter, values))
    if differing:
        return f"made with {differing}"
    if not manifest["files"]:
        return "its manifest lists no files"
    for name, expected in manifest["files"].items():
        if not (folder / name).is_file():
            return f"{name} is missing"
        if digest(folder / name) != expected:
            return f"{name} has been altered"
    return None


def changes(manifest: Mapping[str, Any], origin: Mapping[str, Any]) -> str:
    """What is other now than when a manifest was written, in words; empty if nothing is."""
    named = {
        "chapter": "another chapter",
        "parameters": "other parameters",
        "text": "another text of the chapter",
        "code_version": "other code of drift",
        "read": "other archives or tables",
    }
    # What a manifest of earlier code does not state counts as other.
    return ", ".join(word for name, word in named.items() if manifest.get(name) != origin[name])


def command(chapter: str, values: Mapping[str, Any]) -> str:
    """The command that runs the chapter of this name with ``values``."""
    words = ["drift", "run", chapter]
    for name, value in values.items():
        words += ["-p", name, str(value)]
    return shlex.join(words)


def text_digest(chapter: Chapter) -> str:
    """SHA-256 of the chapter's cells as they stand in the book."""
    cells = [(cell.cell_type, cell.source, cell.metadata) for cell in chapter.source().cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file; ChapterError if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise ChapterError(f"{path} cannot be read: {problem.strerror}.") from problem
