"""Runs of a chapter with other parameters: a folder each, with a manifest that makes it again.

A folder holds the executed notebook, ``page/``, ``figures/`` (PNG and SVG), ``data/`` (the numbers
drawn) and, written last, ``manifest.json``. A folder of several values holds a folder each and
``index.html``, which compares them.
"""

from __future__ import annotations

import itertools
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drift.chapters.book_folder import ChapterError
from drift.chapters.execution import execute_chapter
from drift.chapters.manifests import MANIFEST, made_from, write_manifest
from drift.chapters.notebooks import Chapter
from drift.site.build import build_page
from drift.support.storage import write_text

SET = "set.json"
LARGEST_SET = 32


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
    (folder / MANIFEST).unlink(missing_ok=True)  # what it says will not be true for a while
    began, started = datetime.now(UTC), time.monotonic()
    origin = made_from(chapter, values)
    notebook = folder / f"{chapter.name}.ipynb"
    figures, data = folder / "figures", folder / "data"
    execute_chapter(chapter, values, notebook, figures)
    data.mkdir(exist_ok=True)
    for file in sorted(figures.iterdir()):
        if file.suffix not in (".png", ".svg"):
            file.replace(data / file.name)
    shutil.rmtree(folder / "page", ignore_errors=True)
    build_page(root, notebook, folder)
    times = {
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started),
    }
    files = (notebook, *sorted(figures.iterdir()), *sorted(data.iterdir()))
    write_manifest(folder, origin, files, times)


def open_set(folder: Path, chapter: Chapter, runs: Sequence[Mapping[str, Any]]) -> None:
    """Make ``folder`` that of this set of runs.

    Raises
    ------
    ChapterError
        If it holds something else, or cannot be read.
    """
    content = {"chapter": chapter.name, "runs": [dict(values) for values in runs]}
    description = folder / SET
    if folder.is_dir() and description.exists():
        try:
            there = json.loads(description.read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise ChapterError(f"{description} cannot be read: {problem}") from problem
        if there != content:
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
