"""The whole book on one page: nothing of the others is missing, and its links stay within it."""

import collections

import pytest
from browsing import letters, printed, visit
from bs4 import BeautifulSoup
from test_site import CHAPTER_PAGES

from drift.site.single_page import write_single_page

FRAME = """<html><head><title>First</title><link rel="next" href="b.html"></head><body>
<nav class="bd-docs-nav"><a href="#">Home</a><a href="b.html">B</a><a href="a.html">A</a>
<a href="https://example.org">elsewhere</a></nav>
<article><h1 id="top">First<a class="headerlink">#</a></h1><a href="a.html#x">a</a></article>
<ul class="section-nav"><li>old</li></ul><footer class="prev-next-footer">next</footer>
</body></html>"""
A = """<html><head></head><body><article><h1>Page A#</h1><p id="x">text</p>
<a href="#x">here</a><a href="b.html">b</a><a href="b.html#x">b's</a><a href="../data/n.csv">n</a>
<a href="c.html">c</a></article></body></html>"""
B = """<html><head><script src="../_static/mathjax/tex.js"></script></head><body><article>
<h1>Page B#</h1><p id="x">other</p><label for="x">l</label><script>alert(1)</script>
<div hidden>alive</div></article></body></html>"""


@pytest.fixture
def three_pages(tmp_path):
    for name, text in {"index": FRAME, "a": A, "b": B}.items():
        (tmp_path / f"{name}.html").write_text(text)
    return BeautifulSoup(write_single_page(tmp_path).read_text(), "html.parser")


def test_pages_follow_the_contents_and_are_listed(three_pages):
    assert [h1.get_text() for h1 in three_pages.select("article h1")] == [
        "First#", "Page B#", "Page A#",
    ]  # fmt: skip
    listed = three_pages.select(".section-nav a")
    assert [(link.get_text(), link["href"]) for link in listed] == [
        ("First", "#chapter.index"), ("Page B", "#chapter.b"), ("Page A", "#chapter.a"),
    ]  # fmt: skip


def test_identifiers_become_a_page_s_own_and_links_follow(three_pages):
    chapters = {c["id"]: c for c in three_pages.select("article > .whole-chapter")}
    assert [link["href"] for link in chapters["chapter.a"].select("a")] == [
        "#a.x", "#chapter.b", "#b.x", "../data/n.csv", "c.html",
    ]  # fmt: skip
    assert three_pages.find(id="a.x").get_text() == "text"
    assert three_pages.find(id="b.x").get_text() == "other"
    assert chapters["chapter.b"].label["for"] == "b.x"
    assert chapters["chapter.index"].select("a")[-1]["href"] == "#a.x"


def test_formulas_are_set_and_what_is_alive_or_of_one_page_is_gone(three_pages):
    assert [s["src"] for s in three_pages.select("script")] == ["../_static/mathjax/tex.js"]
    text = three_pages.get_text()
    assert "alive" not in text and "next" not in text and "old" not in text
    assert three_pages.select("link[rel=next]") == []
    assert three_pages.title.get_text() == "The whole book on one page"
    assert three_pages.select("nav a")[0]["href"] == "index.html"


def test_a_folder_that_is_no_built_book_is_named(tmp_path):
    (tmp_path / "index.html").write_text("<html></html>")
    with pytest.raises(ValueError, match="no article"):
        write_single_page(tmp_path)


def test_all_pages_are_on_it_with_all_they_show(site):
    whole = BeautifulSoup((site / "book" / "whole.html").read_text(), "html.parser")
    chapters = whole.select("article > .whole-chapter")
    assert len(chapters) == len(CHAPTER_PAGES)
    for file, chapter in zip(CHAPTER_PAGES, chapters, strict=True):
        page = BeautifulSoup((site / f"{file}.html").read_text(), "html.parser").article
        for alive in page.select("script, [hidden]"):
            alive.decompose()
        assert chapter.get_text().split() == page.get_text().split()
        for shown in ("img", "table", "details", ".math"):
            assert len(chapter.select(shown)) == len(page.select(shown))
    identifiers = collections.Counter(tag["id"] for tag in whole.find_all(id=True))
    assert [name for name, count in identifiers.items() if count > 1] == []
    inner = [a["href"][1:] for a in whole.select("article a[href^='#']")]
    assert len(inner) > 100
    assert [name for name in inner if name not in identifiers] == []


def test_it_prints_each_chapter_on_a_new_sheet_with_its_formulas(browser, address, site):
    visit(browser, f"{address}/book/whole.html")
    set_formulas = browser.execute_script(
        "return [document.querySelectorAll('.math').length,"
        " document.querySelectorAll('.math mjx-container').length]"
    )
    assert set_formulas[0] == set_formulas[1] > 50
    sheets = [letters(sheet.extract_text()) for sheet in printed(browser).pages]
    titles = browser.execute_script(
        "return [...document.querySelectorAll('.whole-chapter h1')]"
        ".map(e => e.firstChild.textContent.trim())"
    )
    begun = [  # all but the bibliography, whose column of labels comes first in the text of a PDF
        next((number for number, text in enumerate(sheets) if text.startswith(title)), None)
        for title in map(letters, titles[:-1])
    ]
    assert begun[0] == 0
    assert [t for t, sheet in zip(titles, begun, strict=False) if sheet is None] == []
    assert begun == sorted(set(begun))
