"""The whole book on one page: to read through, to search in, to print, to save as PDF."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

from bs4 import BeautifulSoup, Tag

FIRST_PAGE = "index.html"
SINGLE_PAGE = "whole.html"
TITLE = "The whole book on one page"

_ONLY_ONE_CHAPTERS = "footer.prev-next-footer, link[rel=next], link[rel=prev]"
_ONLY_ALIVE = "script, [hidden]"
_CONTENTS = "ul.section-nav"
_MATHJAX = 'script[src*="mathjax/"]'
_REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def write_single_page(folder: Path) -> Path:
    """Write the pages of a built book, all in ``folder``, into one beside them; returns its path.

    They are in the order of the book's contents, in the frame of its first page. Links between
    them lead within the one; where a page has interactive parts, their pictures stand.
    """
    frame = _read(folder / FIRST_PAGE)
    names = _names(frame, folder)
    pages = {name: _read(folder / name) for name in names}
    article = _only(frame, "article")
    article.clear()
    contents = frame.new_tag("ul", attrs={"class": "nav section-nav flex-column"})
    for name, page in pages.items():
        chapter = _only(page, "article")
        for part in chapter.select(_ONLY_ALIVE):
            part.decompose()
        title = _only(chapter, "h1").get_text().removesuffix("#")
        _rename(chapter, name, names)
        chapter.name = "div"
        chapter.attrs = {"id": _anchor(name), "class": "whole-chapter"}
        article.append(chapter)
        contents.append(_entry(frame, title, _anchor(name)))
    for old in frame.select(_CONTENTS):
        old.replace_with(copy.copy(contents))
    for part in frame.select(_ONLY_ONE_CHAPTERS):
        part.decompose()
    for link in frame.select('nav a[href="#"]'):
        link["href"] = FIRST_PAGE
    mathjax = [script for page in pages.values() for script in page.select(_MATHJAX)]
    if mathjax and not frame.select(_MATHJAX):
        _only(frame, "head").append(mathjax[0])
    _only(frame, "title").string = TITLE
    target = folder / SINGLE_PAGE
    target.write_text(str(frame))
    return target


def _read(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(), "html.parser")


def _only(tree: Tag, selector: str) -> Tag:
    found = tree.select_one(selector)
    if found is None:
        raise ValueError(f"a page of the built book has no {selector}.")
    return found


def _names(first: Tag, folder: Path) -> list[str]:
    """Names of the pages in the order of the book's contents, as the first page lists them."""
    links = [str(link["href"]) for link in first.select("nav.bd-docs-nav a[href]")]
    named = [link for link in links if (folder / link).is_file() and "/" not in link]
    return list(dict.fromkeys([FIRST_PAGE, *named]))


def _anchor(name: str, identifier: str = "") -> str:
    """What ``identifier`` of the page ``name`` is called where all pages are one."""
    chapter = name.removesuffix(".html")
    return f"{chapter}.{identifier}" if identifier else f"chapter.{chapter}"


def _rename(chapter: Tag, name: str, names: Sequence[str]) -> None:
    """Make the identifiers in ``chapter`` its own, and links to all pages lead within one."""
    for tag in chapter.find_all(True):
        if "id" in tag.attrs:
            tag["id"] = _anchor(name, str(tag["id"]))
        for attribute in _REFERRING:
            if attribute in tag.attrs:
                tag[attribute] = " ".join(
                    _anchor(name, word) for word in str(tag[attribute]).split()
                )
        page, hash_sign, identifier = str(tag.get("href", "")).partition("#")
        if page in names or (hash_sign and not page):
            tag["href"] = f"#{_anchor(page or name, identifier)}"


def _entry(frame: BeautifulSoup, title: str, anchor: str) -> Tag:
    """A line of the table of contents, as the theme has them."""
    line = frame.new_tag("li", attrs={"class": "toc-h2 nav-item toc-entry"})
    attributes = {"class": "reference internal nav-link", "href": f"#{anchor}"}
    link = frame.new_tag("a", attrs=attributes)
    link.string = title
    line.append(link)
    return line
