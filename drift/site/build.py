"""The website: Jupyter Book over a staged copy of the book, with executed notebooks."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from drift.site.cover import stage_cover
from drift.site.explorer import stage_explorer
from drift.site.fidelity import FIDELITY_PAGE, findings_of, write_page
from drift.site.first_page import FIRST_PAGE, write_first_page
from drift.site.lightening import lighten
from drift.site.pictures import place_pictures
from drift.site.references import complete_references
from drift.site.single_page import write_single_page
from drift.site.site_error import SiteError
from drift.site.staging import restore_sources, stage_chapter
from drift.support.provenance import code_version

MATHJAX_FILES = ("tex-chtml-full.js", "output/chtml/fonts/woff-v2")
"""What of MathJax the pages load: the program with all TeX extensions, and its fonts."""

CONTRIBUTORS_PAGES = ("docs/studies.md", "docs/cloud.md", "CONTRIBUTING.md")
"""Pages of the repository that are in the website, too."""


def build_site(
    root: Path, notebooks: Sequence[Path], output: Path, figures: Path | None = None
) -> Path:
    """Build the book at ``root`` with ``notebooks`` in place of its own of the same name.

    Of the folder ``figures``, a folder a chapter, the files are offered below each figure. The site
    is in ``output/_build/html``; returns the landing page. Warnings are errors. If nothing has
    changed since the last call, nothing is done.

    Raises
    ------
    SiteError
        If Jupyter Book refuses the book (the message holds its output), or a figure cannot be read
        where it is shown.
    """
    build = output / "_build"
    stage = build / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(root / "book", stage / "book", ignore=ignored)
    for notebook in notebooks:
        stage_chapter(notebook, (figures or root / "none") / notebook.stem, stage)
    for name in ("_config.yml", "_toc.yml", *CONTRIBUTORS_PAGES):
        if (root / name).exists():
            (stage / name).parent.mkdir(exist_ok=True)
            shutil.copy(root / name, stage / name)
    found = findings_of(notebooks)
    fidelity = stage / "book" / FIDELITY_PAGE
    if fidelity.exists():
        write_page(fidelity, found)
    write_first_page(stage / "book" / FIRST_PAGE, root, found)
    stage_cover(stage)
    stage_explorer(stage / "book")
    page = build / "html" / "book" / "index.html"
    stamp = build / "site.key"
    key = f"{_digest(stage)} {code_version(('.',))}"  # reference pages are made of docstrings
    if page.exists() and stamp.exists() and stamp.read_text() == key:
        return page
    stamp.unlink(missing_ok=True)
    _copy_mathjax(stage / "book" / "_static" / "mathjax")
    shutil.rmtree(build / "html", ignore_errors=True)
    _jupyter_book(stage, output, strict=True)
    restore_sources(notebooks, build / "html")
    complete_references(build / "html")
    place_pictures(build / "html")
    lighten(build / "html")
    write_single_page(page.parent)
    stamp.write_text(key)
    return page


def build_page(root: Path, notebook: Path, folder: Path) -> Path:
    """A website of the one executed ``notebook`` in ``folder``; returns its page.

    References to other chapters are left as text.
    """
    stage = folder / ".stage"
    book = stage / "book"
    book.mkdir(parents=True)
    chapter = notebook.stem
    shutil.copy(notebook, stage)
    shutil.copy(root / "book" / "references.bib", book)
    shutil.copy(root / "book" / "bibliography.md", stage)
    shutil.copytree(root / "book" / "_static", book / "_static")
    _copy_mathjax(book / "_static" / "mathjax")
    shutil.copy(root / "_config.yml", stage)
    contents = {
        "format": "jb-book",
        "root": chapter,
        "chapters": [{"file": "bibliography"}],
    }
    (stage / "_toc.yml").write_text(yaml.safe_dump(contents))
    _jupyter_book(stage, stage, strict=False)
    site = folder / "page"
    shutil.copytree(stage / "_build" / "html", site)
    shutil.rmtree(stage)
    return site / f"{chapter}.html"


def site_address(root: Path) -> str:
    """Where the site of the book at ``root`` will be, as its ``_config.yml`` says; empty if not."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return str(settings["sphinx"]["config"].get("ogp_site_url") or "")


def _jupyter_book(stage: Path, output: Path, strict: bool) -> None:
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(stage)]
    command += ["--path-output", str(output), "--quiet", "--all"]
    if strict:
        command += ["--warningiserror", "--nitpick", "--keep-going"]
    plain = dict(os.environ) | {"NO_COLOR": "1", "PYTHONWARNINGS": ""}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=plain)
    if result.returncode != 0:
        raise SiteError(f"jupyter-book failed:\n{result.stdout}\n{result.stderr}")


def _copy_mathjax(target: Path) -> None:
    """Copy what the pages need of the MathJax that the package sphinx-mathjax-offline holds."""
    distribution = importlib.metadata.distribution("sphinx-mathjax-offline")
    source = Path(str(distribution.locate_file("sphinx-mathjax-offline/static/mathjax")))
    for name in MATHJAX_FILES:
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, destination)
        else:
            shutil.copy(source / name, destination)


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            total.update(str(file.relative_to(folder)).encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
