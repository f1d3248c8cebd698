"""One page that shows the runs of a set side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import nbformat

from drift.chapters.manifests import MANIFEST, read_manifest
from drift.chapters.notebooks import Chapter
from drift.chapters.runs import folders, varied
from drift.claims import MARKS, Claim
from drift.site.fidelity import findings
from drift.support.storage import write_text


def comparison_page(folder: Path, chapter: Chapter, runs: Sequence[Mapping[str, Any]]) -> Path:
    """Write ``index.html`` in the folder of a set of which all ``runs`` are finished.

    It has a column a run: its parameters, what its verdict table says, and its figures.
    """
    columns = []
    for values, own_folder in zip(runs, folders(folder, runs), strict=True):
        claims = [f.row for f in findings(chapter.name, own_folder / f"{chapter.name}.ipynb")]
        columns.append(
            {
                "address": quote(own_folder.name),
                "title": ", ".join(f"{name} = {values[name]}" for name in varied(runs)),
                "claims": {c.statement: c for c in claims if isinstance(c, Claim)},
                "seconds": read_manifest(own_folder / MANIFEST)["seconds"],
            }
        )
    statements = list(dict.fromkeys(s for column in columns for s in column["claims"]))
    source = jinja2.PackageLoader("drift.site")
    template = jinja2.Environment(
        loader=source, autoescape=True, undefined=jinja2.StrictUndefined
    ).get_template("comparison.html")
    page = folder / "index.html"
    text = template.render(
        chapter=chapter,
        columns=columns,
        statements=statements,
        marks=MARKS,
        figures=_figures(chapter),
    )
    write_text(text, page)
    return page


def _figures(chapter: Chapter) -> list[dict[str, str]]:
    """Name of each figure, the same as a title, and its alternative text in the book."""
    notebook: nbformat.NotebookNode = chapter.source()
    described = (cell.metadata.get("mystnb", {}) for cell in notebook.cells)
    return [
        {
            "name": about["figure"]["name"],
            "title": about["figure"]["name"].removeprefix("fig-").replace("-", " ").capitalize(),
            "alt": about.get("image", {}).get("alt", ""),
        }
        for about in described
        if "figure" in about
    ]
