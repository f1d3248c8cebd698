"""Execute chapters: into the book, or with other parameters into a folder of their own."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from drift.chapters.notebooks import Chapter, ChapterError
from drift.plots.export import FOLDER_VARIABLE
from drift.results.archives import shipped_archives
from drift.results.tables import shipped_tables
from drift.support.errors import FailedError
from drift.support.provenance import code_version

_VOLATILE_METADATA = ("papermill", "execution", "ExecuteTime")


class ChapterFailedError(FailedError, RuntimeError):
    """A chapter stopped with an error; its partial notebook is kept."""


def execute_chapter(
    chapter: Chapter, values: dict[str, Any], output: Path, figures: Path | None = None
) -> None:
    """Execute ``chapter`` with ``values`` for parameters and write the notebook to ``output``.

    With ``figures``, its figures are in that folder afterwards, under their names: as PNG, SVG and
    the numbers drawn (CSV or netCDF, see :mod:`drift.plots.export`).

    Raises
    ------
    ChapterFailedError
        If a cell fails: names the cell, the error and where the notebook stands that holds
        everything up to there (``output`` with ``-partial`` in its name; ``output`` is left alone).
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f"{output.stem}-partial.ipynb")
    if sys.stderr.isatty():
        # The notebook's kernel inherits this, and shows there how far a long cell has come.
        os.environ["DRIFT_TERMINAL"] = os.ttyname(sys.stderr.fileno())
    logging.getLogger("papermill").setLevel(logging.ERROR)
    logging.getLogger("blib2to3").setLevel(logging.ERROR)
    drawn = output.with_name(f".{output.stem}-figures")
    shutil.rmtree(drawn, ignore_errors=True)
    if figures is not None:
        os.environ[FOLDER_VARIABLE] = str(drawn.absolute())
    try:
        with warnings.catch_warnings():
            # Jupyter's messages carry times without a zone; nothing here reads them.
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            papermill.execute_notebook(
                str(chapter.path),
                str(partial),
                parameters=values,
                cwd=str(chapter.path.parent),
                kernel_name="python3",
                progress_bar={"desc": chapter.name, "leave": True},
                # Sockets of this user's own; over TCP the kernel warns that anyone may listen.
                config=Config({"KernelManager": {"transport": "ipc"}}),
            )
    except PapermillExecutionError as error:
        raise ChapterFailedError(
            f"chapter {chapter.name!r} failed in code cell {error.exec_count} with "
            f"{error.ename}: {error.evalue}\nEverything up to there is in {partial}"
        ) from error
    finally:
        os.environ.pop(FOLDER_VARIABLE, None)
    if figures is not None:
        _name_figures(chapter, drawn, figures)
    notebook = clean(nbformat.read(partial, as_version=4))
    nbformat.write(notebook, partial)
    os.replace(partial, output)


def _name_figures(chapter: Chapter, drawn: Path, figures: Path) -> None:
    """Move the files of the n-th figure drawn to the name that the n-th figure cell gives."""
    files = sorted(drawn.glob("*"))
    numbers = sorted({file.stem for file in files})
    names = chapter.figure_names()
    if len(numbers) != len(names):
        raise ChapterFailedError(
            f"chapter {chapter.name!r} returned {len(numbers)} figures from its cells, and names "
            f"{len(names)}: every figure is the last expression of a cell with a name in its "
            "mystnb metadata."
        )
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)
    for file in files:
        os.replace(file, figures / f"{names[numbers.index(file.stem)]}{file.suffix}")
    shutil.rmtree(drawn, ignore_errors=True)


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """``notebook`` without times, durations, paths and other traces of one execution, in place."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for position, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{position:02d}"
        for name in _VOLATILE_METADATA:
            cell.metadata.pop(name, None)
        if cell.metadata.get("tags") == []:
            del cell.metadata["tags"]
    return notebook


def execution_key(chapter: Chapter) -> str:
    """SHA-256 of all that the executed chapter depends on: its cells, the package, its archives."""
    cells = [(cell.cell_type, cell.source, cell.metadata) for cell in chapter.source().cells]
    text = repr((cells, code_version((".",)), sys.version_info[:2]))
    total = hashlib.sha256(text.encode())
    for path in (*shipped_archives(), *shipped_tables()):
        total.update(path.read_bytes())
    return total.hexdigest()


def executed_chapter(chapter: Chapter, folder: Path) -> Path:
    """The chapter's notebook executed with its default parameters, in ``folder``.

    Nothing is executed if the folder holds one already that was made from the same cells and code.
    Its figures are beside it, in ``figures/NAME-OF-THE-CHAPTER``.
    """
    output = folder / f"{chapter.name}.ipynb"
    stamp = folder / f"{chapter.name}.key"
    figures = folder / "figures" / chapter.name
    key = execution_key(chapter)
    there = {file.stem for file in figures.glob("*")} >= set(chapter.figure_names())
    if not (there and output.exists() and stamp.exists() and stamp.read_text() == key):
        stamp.unlink(missing_ok=True)
        execute_chapter(chapter, {}, output, figures)
        stamp.write_text(key)
    return output


def run_folder(root: Path, chapter: Chapter, assignments: dict[str, str]) -> Path:
    """A new folder for a run of ``chapter``, named by the parameters that were changed."""
    changed = [f"{name}={text}" for name, text in assignments.items()]
    name = "-".join([chapter.name, *changed]).replace("/", "_")
    folder = root / name
    number = 2
    while folder.exists():
        folder = root / f"{name}-{number}"
        number += 1
    return folder


def require_empty(folder: Path) -> None:
    """ChapterError if ``folder`` holds something already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ChapterError(f"{folder} is not empty: choose another folder for --out.")
