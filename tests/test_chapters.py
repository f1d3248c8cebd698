"""Chapters as programs: parameters read, refused, run; failures that lose nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from helpers import command
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from drift.chapters import book_folder, execution, notebooks, together
from drift.support.errors import RefusedError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def tiny_book(tmp_path):
    """A book of one chapter that takes no time; its last cell fails if asked to."""
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text("root: book/index\nchapters: [{file: book/tiny}]\n")
    cells = [
        new_markdown_cell("# A tiny chapter"),
        new_code_cell(
            "count: int = 3  # how often; at least 1\n"
            "width: float = 0.5  # [m] how wide\n"
            "word: str = 'on'  # which way\n"
            "fail: bool = False  # whether to fail",
            metadata={"tags": ["parameters"]},
        ),
        new_code_cell(
            "from drift.support.checks import check_integer\n"
            "check_integer('count', count, minimum=1)",
            metadata={"tags": ["preflight"]},
        ),
        new_code_cell("print('before', count, width, word)"),
        new_code_cell("assert not fail, 'asked to'"),
        new_code_cell("print('after')"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, tmp_path / "book" / "tiny.ipynb")
    return tmp_path


def drift_command(*words, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-c", "from drift.cli import main; main()", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_parameters_are_read_from_the_notebook(tiny_book):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    assert chapter.title == "A tiny chapter"
    assert [(p.name, p.type, p.default, p.unit, p.meaning) for p in chapter.parameters] == [
        ("count", "int", 3, "", "how often; at least 1"),
        ("width", "float", 0.5, "m", "how wide"),
        ("word", "str", "on", "", "which way"),
        ("fail", "bool", False, "", "whether to fail"),
    ]


def test_every_chapter_of_the_book_declares_and_passes_its_defaults():
    found = notebooks.list_chapters(ROOT)
    names = ["two-kinds", "corridor", "sparsification", "generality", "similarity", "mechanism",
             "animal", "signature", "remapping", "which-rule"]  # fmt: skip
    assert [chapter.name for chapter in found] == names
    for chapter in found:
        assert all(len(p.meaning) > 10 for p in chapter.parameters)
        assert len(re.findall(r"\bdrift\.", chapter.tagged_code("preflight"))) > 0
        chapter.preflight({"steps": 2000})


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("1_000", 1000), ("1e6", 1_000_000), ("-2", -2)]
)
def test_whole_numbers_may_be_written_in_any_way(text, value):
    parsed = notebooks.Parameter("steps", "int", 1, "", "").parse(text)
    assert parsed == value
    assert type(parsed) is int


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "2.5"), ("int", "many"), ("float", "wide"), ("bool", "3"), ("int", "true")],
)
def test_values_of_a_wrong_type_are_refused(kind, text):
    parameter = notebooks.Parameter("x", kind, 1, "", "what it is")
    with pytest.raises(
        book_folder.ChapterError, match=f"x={text} is not of type {kind}: what it is"
    ):
        parameter.parse(text)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-p", "hiden", "300"], "no parameter 'hiden': it has seed, samples"),
        (["-p", "hidden", "many"], "hidden=many is not of type int"),
        (["-p", "hidden", "0"], "hidden=0 is too small: it must be at least 1"),
        (["-p", "update_noise", "-0.1"], "update_noise=-0.1 is negative"),
        (["-p", "learning_rate", "80"], "learning_rate=80.0 diverges on this task"),
        (["-p", "field_of_view", "4"], "it must be at most pi"),
        (["-p", "steps", "0"], "steps=0 is too small"),
        (["-p", "hidden", "5", "-p", "hidden", "6"], "given twice"),
    ],
)
def test_bad_values_are_refused_before_anything_runs(tmp_path, words, message):
    with pytest.raises(RefusedError, match=re.escape(message)):
        command("run", "corridor", *words, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unknown_chapters_are_refused():
    """In one line, with the exit status of what is refused."""
    result = drift_command("run", "corridors")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "there is no chapter 'corridors': the book has two-kinds, corridor" in result.stderr


def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RefusedError, match="is not empty"):
        command("run", "corridor", "--out", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failing_chapter_leaves_its_partial_notebook_and_says_where(tiny_book):
    result = drift_command("run", "tiny", "-p", "fail", "true", "-p", "count", "7", cwd=tiny_book)
    assert result.returncode == 1
    assert "chapter 'tiny' failed in code cell 5 with AssertionError: asked to" in result.stderr
    folder = tiny_book / "runs" / "tiny-fail=true-count=7"
    assert [file.name for file in folder.iterdir()] == ["tiny-partial.ipynb"]
    assert str(folder.name) in result.stderr
    partial = nbformat.read(folder / "tiny-partial.ipynb", as_version=4)
    printed = [o.text for cell in partial.cells for o in cell.get("outputs", []) if "text" in o]
    assert printed == ["before 7 0.5 on\n"]


def test_runs_of_the_same_name_do_not_meet(tiny_book):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    first = execution.run_folder(tiny_book, chapter, {"count": "4"})
    first.mkdir()
    second = execution.run_folder(tiny_book, chapter, {"count": "4"})
    assert (first.name, second.name) == ("tiny-count=4", "tiny-count=4-2")


def test_chapters_are_executed_only_when_something_changed(tiny_book, tmp_path):
    folder = tmp_path / "executed"
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    [first] = together.execute_chapters([chapter], folder)
    before = first.read_bytes(), first.stat().st_mtime_ns
    together.execute_chapters([chapter], folder)
    assert (first.read_bytes(), first.stat().st_mtime_ns) == before
    notebook = chapter.source()
    notebook.cells[-1].source = "print('changed')"
    nbformat.write(notebook, chapter.path)
    together.execute_chapters([chapter], folder)
    assert "changed\\n" in first.read_text()


def test_the_key_of_a_chapter_knows_its_cells_the_code_and_the_archives(
    tiny_book, tmp_path, monkeypatch
):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    keys = {execution.execution_key(chapter)}
    monkeypatch.setattr(execution, "code_version", lambda sources: "other code")
    keys.add(execution.execution_key(chapter))
    other = tmp_path / "other.nc"
    other.write_bytes(b"other runs")
    monkeypatch.setattr(execution, "shipped_archives", lambda: [other])
    keys.add(execution.execution_key(chapter))
    notebook = chapter.source()
    notebook.cells[-1].source = "print('other cell')"
    nbformat.write(notebook, chapter.path)
    keys.add(execution.execution_key(chapter))
    assert len(keys) == 4


def test_executed_notebooks_carry_no_trace_of_the_execution(tiny_book, tmp_path):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    execution.execute_chapter(chapter, {}, tmp_path / "one.ipynb")
    execution.execute_chapter(chapter, {}, tmp_path / "two.ipynb")
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
    assert str(tmp_path) not in (tmp_path / "one.ipynb").read_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("count = 3", "must read"),
        ("count: list = [3]  # how often", "type one of int, float, str, bool"),
        ("count: int = 3", "must read"),
    ],
)
def test_a_malformed_parameter_cell_is_named(tiny_book, line, message):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    notebook = chapter.source()
    notebook.cells[1].source = line
    nbformat.write(notebook, chapter.path)
    with pytest.raises(book_folder.ChapterError, match=f"tiny.ipynb, cell 'parameters'.*{message}"):
        notebooks.list_chapters(tiny_book)


def test_the_list_of_chapters_names_every_parameter():
    result = command("chapters")
    assert result.exit_code == 0
    for word in ("corridor", "sparsification", "update_noise", "0.013895", "float", "rad"):
        assert word in result.output


def test_outside_a_clone_the_installed_book_is_found(tmp_path):
    assert book_folder.find_book(tmp_path) == ROOT


def test_a_chapter_knows_the_terminal_to_show_its_progress_on(tiny_book):
    chapter = notebooks.find_chapter(tiny_book, "tiny")
    notebook = chapter.source()
    notebook.cells[-1].source = "import os\nprint(os.environ['DRIFT_TERMINAL'])"
    nbformat.write(notebook, chapter.path)
    master, terminal = os.openpty()
    program = (
        "from pathlib import Path; from drift.chapters import execution, notebooks\n"
        "chapter = notebooks.find_chapter(Path('.'), 'tiny')\n"
        "execution.execute_chapter(chapter, {}, Path('out.ipynb'))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tiny_book, stderr=terminal, check=True)
    name = os.ttyname(terminal)
    os.close(master)
    os.close(terminal)
    assert name in (tiny_book / "out.ipynb").read_text()


def test_what_is_printed_is_in_one_piece():
    def stream(name, text):
        return nbformat.v4.new_output("stream", name=name, text=text)

    shown = nbformat.v4.new_output("display_data", data={"text/plain": "1"})
    pieces = [stream("stdout", "a\n"), stream("stdout", "b\n"), shown, stream("stdout", "c\n")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=pieces)])
    (cell,) = execution.clean(notebook).cells
    assert [output.get("text") for output in cell.outputs] == ["a\nb\n", None, "c\n"]
