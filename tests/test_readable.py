"""Chapters are programs to read: what teaches is visible, and nothing hidden is long."""

import re
from pathlib import Path

import nbformat
import pytest

from drift.chapters.notebooks import list_chapters

ROOT = Path(__file__).parent.parent
CHAPTERS = {chapter.name: chapter.path for chapter in list_chapters(ROOT)}
LONGEST_HIDDEN, LONGEST_VISIBLE = 15, 20


def cells_of(name):
    """Number of lines with code, and whether they are hidden, of each code cell."""
    notebook = nbformat.read(CHAPTERS[name], as_version=4)
    return [
        (
            sum(bool(line.strip()) for line in cell.source.splitlines()),
            any(tag.startswith("hide") for tag in cell.metadata.get("tags", [])),
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_half_of_the_code_is_visible_and_no_cell_is_long(name):
    cells = cells_of(name)
    visible = sum(lines for lines, hidden in cells if not hidden)
    assert visible >= sum(lines for lines, _ in cells) / 2
    assert max(lines for lines, hidden in cells if hidden) <= LONGEST_HIDDEN
    assert max(lines for lines, hidden in cells if not hidden) <= LONGEST_VISIBLE


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_opens_with_its_answer_and_ends_with_things_to_try(name):
    notebook = nbformat.read(CHAPTERS[name], as_version=4)
    assert "```{admonition} In three sentences" in notebook.cells[0].source
    last = notebook.cells[-1].source
    assert last.startswith("## Three things to try")
    bullets = [line for line in last.splitlines() if line.startswith("- ")]
    assert len(bullets) == 3
    assert all(bullet.startswith(f"- `drift run {name} -p ") for bullet in bullets)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_box_in_three_sentences_has_three(name):
    first = nbformat.read(CHAPTERS[name], as_version=4).cells[0].source
    box = re.search(r"In three sentences\n(?::[^\n]*\n)?(.*?)```", first, re.DOTALL)[1]
    sentences = re.findall(r"- \*(.+?):\* ([A-Z].+?[.?])\n", box, re.DOTALL)
    assert [label for label, _ in sentences] == ["Asked", "Found", "What did not hold"]
    for _, sentence in sentences:  # an end of a sentence only at its end
        assert len(re.findall(r"[.?!](?=\s|$)", sentence)) == 1


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_output_is_left_unchecked(name):
    notebook = nbformat.read(CHAPTERS[name], as_version=4)
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert "nbval-ignore-output" not in tags


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_warning_stands_in_a_chapter(name):
    notebook = nbformat.read(CHAPTERS[name], as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) > 5
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
