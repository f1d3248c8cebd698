"""What the site's copy of a chapter has beside the notebook: files of its figures, and itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from matplotlib.figure import Figure
from nbformat.v4 import new_markdown_cell

from drift.plots.export import NARROW_SUFFIX, export_figure
from drift.site.figure_values import write_values
from drift.site.pictures import add_dark_form, require_legible

FIGURES = Path("book", "_static", "figures")
"""Where in the staged book the files of figures are, in a folder a chapter."""

GET_DRIFT = """*This notebook is a chapter of the executable book Drift. To run it, get the book's
repository and type `make environment` in it. Then open this notebook with the Python in the folder
`.venv`, where the package `drift` is installed. To read it, nothing is needed.*"""
"""The first cell of a chapter that is downloaded."""

_DATA = {".csv": "CSV", ".nc": "netCDF"}
_OFFERED = (*_DATA, ".svg")  # the page itself shows the PNG


def stage_chapter(notebook: Path, figures: Path, stage: Path) -> None:
    """Copy an executed chapter to ``stage``, with a fold under each figure and a link to itself.

    The fold has the figure's files from the folder ``figures``, and the command that makes them
    again; without that folder there are none.

    Raises
    ------
    SiteError
        If text of a figure is too small.
    """
    chapter = notebook.stem
    content = nbformat.read(notebook, as_version=4)
    cells = []
    for cell in content.cells:
        cells.append(cell)
        if "parameters" in cell.metadata.get("tags", []):
            cells.append(new_markdown_cell(_link_to_itself(chapter)))
        figure = cell.metadata.get("mystnb", {}).get("figure")
        offered = [figures / f"{figure['name']}{kind}" for kind in _OFFERED] if figure else []
        files = [file for file in offered if file.exists()]
        if files:
            cells.append(new_markdown_cell(_fold(chapter, files)))
            share = cell.metadata["mystnb"].get("image", {}).get("width", "100%")
            narrow = figures / f"{figure['name']}{NARROW_SUFFIX}"
            _stage_files([*files, narrow], stage / FIGURES / chapter, float(share.strip("%")) / 100)
            write_values(stage / FIGURES / chapter / figure["name"])
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:02d}"
    content.cells = cells
    nbformat.write(content, stage / "book" / notebook.name)


def stage_figure(figure: Figure, page: str, name: str, stage: Path) -> None:
    """Have the figure ``name`` of a ``page`` that is no chapter drawn like those of chapters.

    The page has an image in a figure of that name, in place of which it is shown.

    Raises
    ------
    SiteError
        If its text is too small.
    """
    target = stage / FIGURES / page
    with tempfile.TemporaryDirectory() as folder:
        files = export_figure(figure, Path(folder) / name)
        _stage_files([file for file in files if file.suffix != ".png"], target, share=1)
    write_values(target / name)


def _stage_files(files: Sequence[Path], target: Path, share: float) -> None:
    """Copy those ``files`` of a figure that are there, and give each picture its dark form."""
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.exists():
            shutil.copy(file, target)
            if file.suffix == ".svg":
                require_legible(file, share)
                add_dark_form(target / file.name)


def restore_sources(notebooks: Sequence[Path], site: Path) -> None:
    """Have the pages' download buttons give the chapters as they were executed, without folds.

    A first cell says what they need.
    """
    for notebook in notebooks:
        content = nbformat.read(notebook, as_version=4)
        content.cells.insert(0, new_markdown_cell(GET_DRIFT, id="get-drift"))
        nbformat.write(content, site / "_sources" / "book" / notebook.name)


def _link_to_itself(chapter: str) -> str:
    return (
        f'<p class="chapter-file"><a href="../_sources/book/{chapter}.ipynb" download>'
        "Download this chapter</a> as a notebook, with what it computed.</p>"
    )


def _fold(chapter: str, files: list[Path]) -> str:
    def link(file: Path, name: str) -> str:
        size = max(1, round(file.stat().st_size / 1000))
        address = f"../_static/figures/{chapter}/{file.name}"
        return f'<a href="{address}" download>{name}</a> ({size} kB)'

    *data, picture = files
    numbers = ", ".join(link(file, _DATA[file.suffix]) for file in data)
    return f"""<details class="figure-files">
<summary>Data and command</summary>
<p>The numbers drawn: {numbers}. The picture: {link(picture, "SVG")}. All of them again, and those
of the chapter's other figures, in a new folder under <code>runs</code>:</p>

```shell
drift run {chapter}
```

</details>"""
