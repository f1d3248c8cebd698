"""Execute chapters: into the book, or with other parameters into a folder of their own."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from drift.chapters.book_folder import ChapterError
from drift.chapters.interpreter import ChapterFailedError, Order, execute_notebook
from drift.chapters.notebooks import Chapter
from drift.plots.export import FOLDER_VARIABLE
from drift.results.archives import shipped_archives
from drift.results.tables import shipped_tables
from drift.support.locations import safe_name
from drift.support.progress import TERMINAL_VARIABLE, terminal_name
from drift.support.provenance import code_version

_VOLATILE_METADATA = ("papermill", "execution", "ExecuteTime")


@dataclass(frozen=True)
class Execution:
    """One execution of a chapter, in three parts: what to do first, meanwhile, and afterwards.

    Parameters
    ----------
    chapter : Chapter
        What to execute.
    values : dict
        Parameters that are not as in the notebook.
    output : pathlib.Path
        The notebook to write.
    figures : pathlib.Path, optional
        The folder for the chapter's figures.
    """

    chapter: Chapter
    values: dict[str, Any]
    output: Path
    figures: Path | None = None

    def prepare(self, terminal: str = "") -> Order:
        """Make way for the results, and say what :func:`execute_notebook` needs.

        ``terminal`` is where the kernel shows how far a long cell has come.
        """
        self.output.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._drawn, ignore_errors=True)
        variables = {
            FOLDER_VARIABLE: "" if self.figures is None else str(self._drawn),
            TERMINAL_VARIABLE: terminal,
        }
        return Order(self.chapter.name, self.chapter.path, self._partial, self.values, variables)

    def finish(self) -> None:
        """Put what was executed in its place."""
        if self.figures is not None:
            _name_figures(self.chapter, self._drawn, self.figures)
        notebook = clean(nbformat.read(self._partial, as_version=4))
        nbformat.write(notebook, self._partial)
        os.replace(self._partial, self.output)

    @property
    def _partial(self) -> Path:
        return self.output.absolute().with_name(f"{self.output.stem}-partial.ipynb")

    @property
    def _drawn(self) -> Path:
        return self.output.absolute().with_name(f".{self.output.stem}-figures")


def execute_chapter(
    chapter: Chapter, values: dict[str, Any], output: Path, figures: Path | None = None
) -> None:
    """Execute ``chapter`` with ``values`` for parameters and write the notebook to ``output``.

    With ``figures``, its figures are in that folder afterwards, under their names: as PNG, SVG and
    the numbers drawn (CSV or netCDF, see :mod:`drift.plots.export`). The kernel is this
    interpreter's, and no settings of the user's count (:mod:`drift.chapters.interpreter`).

    Raises
    ------
    ChapterFailedError
        If a cell fails: names the cell, the error and where the notebook stands that holds
        everything up to there (``output`` with ``-partial`` in its name; ``output`` is left alone).
    """
    execution = Execution(chapter, values, output, figures)
    execute_notebook(execution.prepare(terminal_name()))
    execution.finish()


def _name_figures(chapter: Chapter, drawn: Path, figures: Path) -> None:
    """Move the files of the n-th figure drawn to the name that the n-th figure cell gives."""
    files = sorted(drawn.glob("*"))
    numbers = sorted({file.name.partition(".")[0] for file in files})
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
        number, _, kind = file.name.partition(".")
        os.replace(file, figures / f"{names[numbers.index(number)]}.{kind}")
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
        if cell.cell_type == "code":
            cell["outputs"] = _joined_streams(cell["outputs"])
    return notebook


def _joined_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """What was printed in one piece, also where a slow machine handed it over in several."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and output.get("name") == last.get("name"):
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def execution_key(chapter: Chapter) -> str:
    """SHA-256 of all that the executed chapter depends on: its cells, the package, its archives."""
    cells = [(cell.cell_type, cell.source, cell.metadata) for cell in chapter.source().cells]
    text = repr((cells, code_version((".",)), sys.version_info[:2]))
    total = hashlib.sha256(text.encode())
    for path in (*shipped_archives(), *shipped_tables()):
        total.update(path.read_bytes())
    return total.hexdigest()


class KeptExecution:
    """A chapter executed with its default parameters in ``folder``, unless it is there already.

    It is, if the folder holds one that was made from the same cells and code. Its figures are
    beside it, in ``figures/NAME-OF-THE-CHAPTER``.
    """

    def __init__(self, chapter: Chapter, folder: Path) -> None:
        self.output = folder / f"{chapter.name}.ipynb"
        self._stamp = folder / f"{chapter.name}.key"
        self._figures = folder / "figures" / chapter.name
        self._key = execution_key(chapter)  # of the chapter as it is before it is executed
        self.execution = Execution(chapter, {}, self.output, self._figures)

    def is_there(self) -> bool:
        """Whether nothing is left to do."""
        drawn = {file.name.partition(".")[0] for file in self._figures.glob("*")}
        return (
            drawn >= set(self.execution.chapter.figure_names())
            and self.output.exists()
            and self._stamp.exists()
            and self._stamp.read_text() == self._key
        )

    def prepare(self) -> Order:
        """As of :class:`Execution`."""
        self._stamp.unlink(missing_ok=True)
        return self.execution.prepare()

    def finish(self) -> None:
        """As of :class:`Execution`; from now on it is there."""
        self.execution.finish()
        self._stamp.write_text(self._key)


def run_folder(root: Path, chapter: Chapter, assignments: dict[str, str]) -> Path:
    """A new folder for a run of ``chapter``, named by the parameters that were changed."""
    changed = [f"{name}={text}" for name, text in assignments.items()]
    name = safe_name("-".join([chapter.name, *changed]))
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
