"""`drift run`: sets of values, sizes, and folders that say how to make them again."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from helpers import command
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from drift.chapters import repetition, runs
from drift.chapters.book_folder import ChapterError
from drift.chapters.data_differences import differences
from drift.chapters.manifests import (
    MANIFEST,
    made_from,
    read_manifest,
    why_unfinished,
    write_manifest,
)
from drift.chapters.notebooks import find_chapter, list_chapters, read_chapter
from drift.commands.run_command import DifferentDataError

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
        "claims.above(2.5))])"
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
            "fig-line.narrow.svg",
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
    assert "2 of 2: slope=3.0 (not there yet)" in second.stderr
    assert (folder / "slope=2.0" / "line.ipynb").stat().st_mtime_ns == times[2.0]
    assert (folder / "slope=3.0" / "line.ipynb").stat().st_mtime_ns > times[3.0]
    other = drift_run("line", "-p", "slope", "2.0,4.0", "--out", folder, cwd=line_book)
    assert other.returncode == 2 and "holds another set of runs" in other.stderr


def test_a_manifest_describes_a_run_and_repeats_it(line_book, monkeypatch):
    folder = line_book / "mine"
    done = drift_run("line", "-p", "slope", "0.25", "--out", folder, cwd=line_book)
    assert done.returncode == 0, done.stderr
    assert "drift run line -p slope 0.25\nsize book: two moments" in done.stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["parameters"] == {"slope": 0.25, "points": 4, "word": "a,b"}
    assert manifest["command"] == "drift run line -p slope 0.25 -p points 4 -p word a,b"
    assert set(manifest["files"]) == {
        "line.ipynb", "figures/fig-line.narrow.svg", "figures/fig-line.png",
        "figures/fig-line.svg", "data/fig-line.csv"
    }  # fmt: skip
    for name, expected in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected

    again = drift_run("--again", folder / "manifest.json", cwd=line_book)
    assert again.returncode == 0, again.stderr
    assert "all 1 files are the same, byte for byte" in again.stdout
    assert f"first:    on {platform.platform()} (drift" in again.stdout
    assert line_of(line_book / "runs" / "line-again=mine") == line_of(folder)
    assert not list((line_book / "runs" / "line-again=mine").glob("cache-*"))

    table = pd.read_csv(folder / "data" / "fig-line.csv")
    assert table.y.tolist() == [0, 0.25, 0.5, 0.75]
    table.assign(y=[0, 0.25, 0.75, 0.75]).to_csv(folder / "data" / "fig-line.csv", index=False)
    altered = (folder / "data" / "fig-line.csv").read_bytes()
    manifest["files"]["data/fig-line.csv"] = hashlib.sha256(altered).hexdigest()
    manifest |= {"machine": "a first machine", "code_version": "0"}
    (folder / "manifest.json").write_text(json.dumps(manifest))

    def as_at_first(root, chapter, values, folder):
        put_run(folder, chapter, {"fig-line.csv": table.to_csv(index=False)}, values)

    monkeypatch.setattr(repetition, "run_once", as_at_first)
    monkeypatch.chdir(line_book)
    with pytest.raises(DifferentDataError) as differs:
        command("run", "--again", folder / "manifest.json", "--out", "other")
    for words in (
        "1 of 1 files of data differ from the first:\n  data/fig-line.csv: y: "
        "1 of 4 numbers differ, by at most 0.25, relatively 0.333",
        "The first were made on a first machine (drift",
        "They were made with other code of drift than now.",
    ):
        assert words in str(differs.value)


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
        ('{"chapter": 3, "parameters": {}, "code_version": "", "files": []}', "lacks chapter, f"),
        (b"\xff\xfe", "is no manifest"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path, content, message):
    path = tmp_path / "manifest.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ChapterError, match=message):
        read_manifest(path)


def test_a_manifest_that_cannot_be_read_is_not_called_damaged(tmp_path):
    with pytest.raises(ChapterError, match="cannot be read: Is a directory"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": {"width": 1}}, "has no parameter width any more"),
        ({"parameters": {"slope": 1}}, "values of other types: slope=1"),
        ({"files": {}}, "lists no files of data, so that nothing could be compared"),
        ({"files": {"line.ipynb": "0"}}, "To run the chapter: drift run line -p slope 2.0"),
        ({"chapter": "square"}, "there is no chapter 'square'"),
    ],
)
def test_what_cannot_be_done_again_is_refused(line_book, tmp_path, change, message):
    manifest = {
        "chapter": "line", "parameters": {"slope": 2.0}, "code_version": "",
        "files": {"data/fig-line.csv": "0"},
    }  # fmt: skip
    (tmp_path / MANIFEST).write_text(json.dumps(manifest | change))
    with pytest.raises(ChapterError, match=message):
        repetition.run_again(line_book, tmp_path / MANIFEST, tmp_path / "x")
    assert not (tmp_path / "x").exists()


VALUES = {"slope": 0.5}


def put_run(folder, chapter, files, values=VALUES):
    """A folder as a run leaves it, with these files of data."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / "data" / name).write_text(content)
    written = sorted((folder / "data").iterdir())
    write_manifest(folder, made_from(chapter, values), written, {"seconds": 1})


def rewrite(folder, **changes):
    manifest = read_manifest(folder / MANIFEST) | changes
    (folder / MANIFEST).write_text(json.dumps(manifest))


def forget(folder, name):
    manifest = read_manifest(folder / MANIFEST)
    del manifest[name]
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: None, None),
        (lambda folder: (folder / MANIFEST).unlink(), "not there yet"),
        (lambda folder: (folder / "data" / "a.csv").unlink(), "data/a.csv is missing"),
        (lambda folder: (folder / "data" / "a.csv").write_text("3"), "data/a.csv has been altered"),
        (lambda folder: rewrite(folder, files={}), "its manifest lists no files"),
        (lambda folder: rewrite(folder, code_version="0"), "made with other code of drift"),
        (lambda folder: rewrite(folder, read={}), "made with other archives or tables"),
        (lambda folder: rewrite(folder, text="0"), "made with another text of the chapter"),
        (lambda folder: forget(folder, "text"), "made with another text of the chapter"),
        (lambda folder: rewrite(folder, parameters=VALUES), "made with other parameters"),
        (lambda folder: rewrite(folder, chapter="x"), "made with another chapter"),
    ],
)
def test_a_run_is_there_only_if_all_is_as_it_would_be_made_now(line_book, tmp_path, change, reason):
    chapter, folder = find_chapter(line_book, "line"), tmp_path / "run"
    put_run(folder, chapter, {"a.csv": "1", "b.csv": "2"})
    change(folder)
    assert why_unfinished(folder, chapter, VALUES) == reason


def test_a_run_of_another_text_of_the_chapter_is_not_taken_for_this(line_book, tmp_path):
    chapter = find_chapter(line_book, "line")
    put_run(tmp_path, chapter, {"a.csv": "1"})
    assert why_unfinished(tmp_path, chapter, VALUES) is None
    notebook = nbformat.read(chapter.path, as_version=4)
    notebook.cells[-1].source += "\n"
    nbformat.write(notebook, chapter.path)
    changed = find_chapter(line_book, "line")
    assert why_unfinished(tmp_path, changed, VALUES) == "made with another text of the chapter"
    assert why_unfinished(tmp_path, chapter, {"slope": 0.6}).startswith("made with other param")


def test_a_run_done_again_computes_anew_and_says_what_differs(
    line_book, tmp_path, monkeypatch, own_cache
):
    chapter, first, again = find_chapter(line_book, "line"), tmp_path / "first", tmp_path / "again"
    monkeypatch.delenv("DRIFT_DATA", raising=False)
    before = dict(os.environ)
    csv = "series,y\na,{}\nb,2.0\n"
    names = ("same.csv", "other.csv", "lost.csv", "mine.csv", "gone.csv")
    put_run(first, chapter, {name: csv.format(1.0) for name in names})
    (first / "data" / "lost.csv").unlink()
    (first / "data" / "mine.csv").write_text("mine")
    seen = {}

    def run_once(root, chapter, values, folder):
        seen.update(os.environ)
        (Path(os.environ["DRIFT_CACHE"]) / "runs").mkdir()
        names = ("other.csv", "lost.csv", "mine.csv", "new.csv")
        files = {name: csv.format(1.25) for name in names} | {"same.csv": csv.format(1.0)}
        put_run(folder, chapter, files, values)

    monkeypatch.setattr(repetition, "run_once", run_once)
    done = repetition.run_again(line_book, first / MANIFEST, again)
    assert done.files == {
        "data/gone.csv": "is not made now",
        "data/lost.csv": "differs; by how much cannot be said, since the first is not beside its "
        "manifest",
        "data/mine.csv": "differs; by how much cannot be said, since the first has been altered",
        "data/other.csv": "y: 1 of 2 numbers differ, by at most 0.25, relatively 0.2",
        "data/same.csv": "",
        "data/new.csv": "was not made then",
    }
    assert not done.is_same() and done.changed == ""
    assert done.made.startswith(f"{platform.platform()} (drift ")
    own = Path(seen["DRIFT_CACHE"])
    assert own.parent == again and not own.exists()
    assert seen["DRIFT_DATA"] == str(own_cache / "data")
    assert "kernels-" in seen["NUMBA_CACHE_DIR"] or "NUMBA_CACHE_DIR" in before
    assert dict(os.environ) == before


def test_a_set_that_cannot_be_read_is_refused(line_book, tmp_path):
    chapter, own = find_chapter(line_book, "line"), [{"slope": 1.0}, {"slope": 2.0}]
    runs.open_set(tmp_path / "set", chapter, own)
    runs.open_set(tmp_path / "set", chapter, own)
    description = tmp_path / "set" / "set.json"
    description.write_text("{")
    with pytest.raises(ChapterError, match=r"set\.json cannot be read: Expecting"):
        runs.open_set(tmp_path / "set", chapter, own)
    description.unlink()
    description.mkdir()
    with pytest.raises(ChapterError, match=r"set\.json cannot be read: .*Is a directory"):
        runs.open_set(tmp_path / "set", chapter, own)


def test_differences_of_numbers_are_the_largest_of_each_kind(tmp_path):
    nan, infinite = float("nan"), float("inf")
    first = pd.DataFrame({
        "word": ["a", "b", "c", "d"], "same": [1.0, nan, infinite, 0.0],
        "y": [100.0, 0.0, -2.0, 1e-300], "gone": [1, 2, 3, 4], "whole": [1, 2, 3, 4],
        "lost": [1.0, 2.0, 3.0, 4.0],
    })  # fmt: skip
    second = first.drop(columns="gone").assign(
        word=["a", "b", "x", "y"], y=[101.0, 0.0, -1.0, 1e-300], whole=[1, 2, 3, 5],
        lost=[1.0, nan, 3.0, 4.0], new=0,
    )  # fmt: skip
    first.to_csv(tmp_path / "first.csv", index=False)
    second.to_csv(tmp_path / "second.csv", index=False)
    assert differences(tmp_path / "first.csv", tmp_path / "second.csv").split("; ") == [
        "gone is gone", "new is new", "word: 2 of 4 words differ",
        "y: 2 of 4 numbers differ, by at most 1, relatively 0.5",
        "whole: 1 of 4 numbers differ, by at most 1, relatively 0.2",
        "lost: 1 of 4 numbers differ, some of which are not finite",
    ]  # fmt: skip
    images = xr.Dataset({"image": (("row", "column"), np.ones((2, 3))), "name": ("n", ["a", "b"])})
    images.to_netcdf(tmp_path / "first.nc", engine="h5netcdf")
    other = images.assign(image=images.image + xr.DataArray([0.0, 1e-3], dims="row"))
    other.to_netcdf(tmp_path / "second.nc", engine="h5netcdf")
    images.isel(row=[0]).to_netcdf(tmp_path / "short.nc", engine="h5netcdf")
    assert differences(tmp_path / "first.nc", tmp_path / "second.nc") == (
        "image: 3 of 6 numbers differ, by at most 0.001, relatively 0.000999"
    )
    assert differences(tmp_path / "first.nc", tmp_path / "first.nc") == ""
    assert differences(tmp_path / "first.nc", tmp_path / "short.nc") == (
        "image: 2 x 3 values then and 1 x 3 values now"
    )


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
