"""The built website as a browser sees it, from the notebooks as they stand in the book."""

import os
from pathlib import Path
from urllib.parse import urlparse

import pytest
import yaml
from browsing import build_again, visit

from drift.chapters.notebooks import find_chapter, list_chapters, list_files
from drift.site.build import SiteError, build_page, build_site

ROOT = Path(__file__).parent.parent
CHAPTERS = [chapter.name for chapter in list_chapters(ROOT)]
CONTENTS = list_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))
CHAPTER_PAGES = [file for file in CONTENTS if file.count("/") == 1 and file.startswith("book/")]
PAGES = [*(os.path.relpath(file, "book") for file in CONTENTS), "whole"]
"""Of all pages the addresses from ``book/`` on."""


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_nothing_of_the_network_and_show_no_raw_formula(browser, address, page):
    requests, failures = visit(browser, f"{address}/book/{page}.html")
    server = urlparse(address).netloc
    asked = [urlparse(request) for request in requests]
    foreign = [a for a in asked if a.scheme != "data" and a.netloc != server]
    assert len(requests) > 5
    assert foreign == []
    assert [failure for failure in failures if "favicon.ico" not in failure] == []
    errors = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert errors == []
    article = browser.execute_script(
        "const copy = document.querySelector('article').cloneNode(true);"
        "copy.querySelectorAll('pre, code, mjx-assistive-mml, script').forEach(e => e.remove());"
        "return copy.textContent"
    )
    for raw in ("$", r"\(", r"\[", r"\frac", r"\mathrm", "{cite", "{doc", "{numref", "{eq"):
        assert raw not in article
    assert browser.execute_script("return document.querySelectorAll('mjx-merror').length") == 0


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_figure_loads_has_a_caption_and_says_what_it_shows(browser, address, page):
    visit(browser, f"{address}/book/{page}.html")
    figures = browser.execute_script(
        "return [...document.querySelectorAll('article figure')].map(f => ["
        "f.querySelector('img').naturalWidth, f.querySelector('img').alt.length,"
        "f.querySelector('figcaption').textContent.length])"
    )
    assert len(figures) >= 3
    for width, alternative, caption in figures:
        assert width > 300
        assert alternative > 30
        assert caption > 60


def test_formulas_are_rendered(browser, address):
    visit(browser, f"{address}/book/corridor.html")
    count = browser.execute_script("return document.querySelectorAll('mjx-container').length")
    assert count > 10


def test_an_unchanged_book_is_not_built_again(site):
    page = site / "book" / "index.html"
    before = page.stat().st_mtime_ns
    assert build_again(site.parent.parent) == page
    assert page.stat().st_mtime_ns == before


def test_warnings_are_errors(tmp_path):
    (tmp_path / "book" / "_static").mkdir(parents=True)
    for name in ("book/references.bib", "_config.yml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    for asset in (ROOT / "book" / "_static").glob("*.*"):
        (tmp_path / "book" / "_static" / asset.name).write_bytes(asset.read_bytes())
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    (tmp_path / "book" / "index.md").write_text("# A page\n\nSee {doc}`nowhere`.\n")
    with pytest.raises(SiteError, match="nowhere"):
        build_site(tmp_path, [], tmp_path / "_build")


def test_a_single_chapter_becomes_a_page_of_its_own(tmp_path):
    chapter = find_chapter(ROOT, "corridor")
    page = build_page(ROOT, chapter.path, tmp_path)
    text = page.read_text()
    assert "The corridor" in text
    assert "mjx" in text or "mathjax" in text
    assert page == tmp_path / "page" / "corridor.html"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["page"]
