"""A chapter's cells executed in this process, and what each of them shows."""

import ast
import contextlib
import io
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from matplotlib.figure import Figure

from drift.chapters.notebooks import list_chapters
from drift.claims.row_tables import RowTable
from drift.plots.export import drawn_images, drawn_points

ROOT = Path(__file__).parent.parent
CHAPTERS = {chapter.name: chapter for chapter in list_chapters(ROOT)}


def written_out(chapter, *names, **space):
    """The functions that visible cells of a chapter define, made with these names around them."""
    notebook = nbformat.read(CHAPTERS[chapter].path, as_version=4)
    for name in names:
        (cell,) = [cell for cell in notebook.cells if cell.source.startswith(f"def {name}(")]
        assert "hide-input" not in cell.metadata.get("tags", [])
        exec(cell.source, space)
    return [space[name] for name in names]


def promised(chapter, words):
    """Whether a chapter ends with a promise about its run with these ``words``."""
    text = nbformat.read(CHAPTERS[chapter].path, as_version=4).cells[-1].source
    return f"`drift run {chapter} {words}`" in text


def names_after(chapter, words, **values):
    """Names after a chapter's parameters, its preflight, and the cells that hold these words."""
    cells = nbformat.read(CHAPTERS[chapter].path, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    names = {}
    exec(sources[0], names)
    assert set(values) <= set(names)
    names.update(values)
    exec(sources[1], names)
    for word in words:
        (source,) = [source for source in sources if word in source]
        exec(source, names)
    return names


def shown_by(name, **values):
    """The figures and tables of a chapter with these parameters, each as a text.

    A figure is the numbers that it draws. What is only printed is left out.
    """
    notebook = nbformat.read(CHAPTERS[name].path, as_version=4)
    namespace = {"__name__": "__main__"}
    texts = []
    with plt.style.context("default"), contextlib.chdir(ROOT / "book"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                texts.append(_run(cell, namespace))
            if "parameters" in cell.metadata.get("tags", []):
                unknown = set(values) - set(namespace)
                if unknown:
                    raise ValueError(f"{name} has no parameters {unknown}.")
                namespace.update(values)
    return [text for text in texts if text]


def _run(cell, namespace):
    tree = ast.parse(cell.source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(tree, cell.id, "exec"), namespace)
        result = last and eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace)
    return _text(result)


def _text(result):
    if isinstance(result, Figure):
        images = [values.round(5).tolist() for _, values, _ in drawn_images(result).values()]
        return drawn_points(result).to_csv(float_format="%.5g") + repr(images)
    if isinstance(result, RowTable):
        return repr(result.rows)
    return result.to_csv() if isinstance(result, pd.DataFrame) else ""
