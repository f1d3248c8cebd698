"""`drift run`: sets of values, sizes, and folders that say how to make them again."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from drift.chapters import runs
from drift.chapters.notebooks import ChapterError, find_chapter, list_chapters, read_chapter

ROOT = Path(__file__).parent.parent

CELLS = [
    new_markdown_cell("# A line"),
    new_code_cell(
        "slope: float = 2.0  # how steep; above 0\n"
        "points: int = 4  # number of points; at least 2\n"
        "word: str = 'a,b'  # what to call it",
        metadata={"tags": ["parameters"]},
    ),
    new_code_cell(
        "import numpy as np\n\nfrom drift import claims, plots\n"
        "from drift.support.checks import check_integer\nfrom drift.plots.style import subplots\n\n"
        "check_integer('points', points, minimum=2)\nplots.use_style()",
        metadata={"tags": ["preflight"]},
    ),
    new_code_cell(
        "figure, axes = subplots()\nx = np.arange(points)\n"
        "axes.plot(x, slope * x, label=word)\nfigure",
        metadata={
            "mystnb": {
                "figure": {"name": "fig-line", "caption": "A line."},
                "image": {"alt": "A rising line <b>."},
            }
        },
    ),
    new_code_cell(
        "claims.verdict_table([claims.require_each('Fig. 2B', 'it rises', 'yes', [slope], "
        "'above 2.5', lambda value: value > 2.5)])"
    ),
]


@pytest.fixture
def line_book(tmp_path):
    """A book of one small chapter with a figure and a claim."""
    root = tmp_path / "line"
    (root / "book").mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    for name in ("book/references.bib", "book/bibliography.md", "_config.yml"):
        shutil.copy(ROOT / name, root / name)
    (root / "_toc.yml").write_text("root: book/index\nchapters: [{file: book/line}]\n")
    notebook = new_notebook(cells=CELLS)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["drift"] = {
        "profiles": {
            "quick": {"values": {"points": 3}, "cost": "a moment"},
            "book": {"values": {}, "cost": "two moments"},
        }
    }
    nbformat.write(notebook, root / "book" / "line.ipynb")
    return root


def drift_run(*words, cwd):
    return subprocess.run(
        [sys.executable, "-c", "from drift.cli import main; main()", "run", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip


def line_of(folder):
    table = pd.read_csv(folder / "data" / "fig-line.csv")
    return (
        table.series.unique().tolist(),
        (table.y / table.x).dropna().unique().tolist(),
        len(table),
    )


def test_several_values_give_a_run_each_and_a_page_that_compares_them(line_book):
    words = ("line", "-p", "slope", "2.0,3.0", "-p", "word", "a,b", "--profile", "quick")
    first = drift_run(*words, cwd=line_book)
    assert first.returncode == 0, first.stderr
    assert "2 runs, each of size quick: a moment (points 3)" in first.stderr
    folder = line_book / "runs" / "line-profile=quick-slope=2.0,3.0-word=a,b"
    assert sorted(file.name for file in folder.iterdir()) == [
        "index.html", "set.json", "slope=2.0", "slope=3.0"
    ]  # fmt: skip
    for slope in (2.0, 3.0):
        place = folder / f"slope={slope}"
        assert line_of(place) == (["a,b"], [slope], 3)
        assert {file.name for file in (place / "figures").iterdir()} == {
            "fig-line.png",
            "fig-line.svg",
        }
        assert (place / "page" / "line.html").exists()
    page = (folder / "index.html").read_text()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    verdicts = next(row for row in rows if "it rises" in row)
    assert re.findall(r"<td>(.*?)</td>", verdicts) == [
        "2.00<br>✗ not reproduced", "3.00<br>✓ reproduced"
    ]  # fmt: skip
    assert 'src="slope%3D3.0/figures/fig-line.png"' in page
    assert "A rising line &lt;b&gt;. (slope = 3.0)" in page

    times = {
        slope: (folder / f"slope={slope}" / "line.ipynb").stat().st_mtime_ns for slope in (2.0, 3.0)
    }
    (folder / "slope=3.0" / "manifest.json").unlink()  # as if it had been stopped in the second
    second = drift_run(*words, "--out", folder, cwd=line_book)
    assert second.returncode == 0, second.stderr
    assert "1 of 2: slope=2.0 is there already" in second.stderr
    assert (folder / "slope=2.0" / "line.ipynb").stat().st_mtime_ns == times[2.0]
    assert (folder / "slope=3.0" / "line.ipynb").stat().st_mtime_ns > times[3.0]
    other = drift_run("line", "-p", "slope", "2.0,4.0", "--out", folder, cwd=line_book)
    assert other.returncode == 2 and "holds another set of runs" in other.stderr


def test_a_manifest_describes_a_run_and_repeats_it(line_book):
    folder = line_book / "mine"
    done = drift_run("line", "-p", "slope", "0.25", "--out", folder, cwd=line_book)
    assert done.returncode == 0, done.stderr
    assert "drift run line -p slope 0.25\nsize book: two moments" in done.stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["parameters"] == {"slope": 0.25, "points": 4, "word": "a,b"}
    assert manifest["command"] == "drift run line -p slope 0.25 -p points 4 -p word a,b"
    assert set(manifest["files"]) == {
        "line.ipynb", "figures/fig-line.png", "figures/fig-line.svg", "data/fig-line.csv"
    }  # fmt: skip
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest

    again = drift_run("--again", folder / "manifest.json", cwd=line_book)
    assert again.returncode == 0, again.stderr
    assert "all 1 files are the same, byte for byte" in again.stdout
    assert line_of(line_book / "runs" / "line-again=mine") == line_of(folder)

    manifest["files"]["data/fig-line.csv"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    differs = drift_run("--again", folder / "manifest.json", "--out", "other", cwd=line_book)
    assert differs.returncode == 1
    assert "1 of 1 files of data differ from the manifest's: data/fig-line.csv" in differs.stderr


def test_values_are_combined_and_each_combination_is_checked_first(line_book):
    chapter = find_chapter(line_book, "line")
    assert runs.combinations(chapter, {"slope": "1,2", "points": "3,4"}) == [
        {"slope": 1.0, "points": 3},
        {"slope": 1.0, "points": 4},
        {"slope": 2.0, "points": 3},
        {"slope": 2.0, "points": 4},
    ]
    assert runs.combinations(chapter, {}) == [{}]
    assert runs.combinations(chapter, {"word": "x,y"}) == [{"word": "x,y"}]
    with pytest.raises(ChapterError, match="points=1"):
        runs.combinations(chapter, {"points": "3,1"})
    with pytest.raises(ChapterError, match="has a value twice"):
        runs.combinations(chapter, {"slope": "1,1.0"})
    many = ",".join(map(str, range(2, 9)))
    with pytest.raises(ChapterError, match="49 combinations of values are more than 32"):
        runs.combinations(chapter, {"slope": many, "points": many})
    with pytest.raises(ChapterError, match="no parameter 'slop'"):
        runs.combinations(chapter, {"slop": "1,2"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is no manifest"),
        ("[]", "it lacks chapter"),
        ('{"chapter": "line"}', "it lacks parameters"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path, content, message):
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ChapterError, match=message):
        runs.read_manifest(path)


def test_a_manifest_of_a_parameter_that_is_gone_is_refused(line_book, tmp_path):
    manifest = {"chapter": "line", "parameters": {"width": 1}, "code_version": "", "files": {}}
    with pytest.raises(ChapterError, match="has no parameter width any more"):
        runs.run_again(line_book, manifest, tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "profiles",
    [
        {"tiny": {"values": {}, "cost": "x"}},
        {"quick": {"values": {"slop": 1.0}, "cost": "x"}},
        {"quick": {"values": {"points": 1.5}, "cost": "x"}},
        {"book": {"values": {"points": 3}, "cost": "x"}},
    ],
)
def test_profiles_that_cannot_be_meant_are_refused(line_book, profiles):
    path = line_book / "book" / "line.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["drift"] = {"profiles": profiles}
    nbformat.write(notebook, path)
    with pytest.raises(ChapterError, match=f"profile '{next(iter(profiles))}'"):
        read_chapter(path)


@pytest.mark.parametrize("chapter", list_chapters(ROOT), ids=lambda chapter: chapter.name)
def test_every_chapter_has_three_sizes_that_its_checks_accept(chapter):
    assert list(chapter.profiles) == ["quick", "book", "paper"]
    for profile in chapter.profiles.values():
        assert len(profile.cost) > 10
        chapter.preflight(profile.values)
