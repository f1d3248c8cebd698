"""What links within the built pages say: definitions of terms, and labels of cited works."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup

LONGEST = 280
"""Characters of a definition that is shown beside a term."""

GLOSSARY, BIBLIOGRAPHY = "glossary.html", "bibliography.html"

_TERM = re.compile(r'(<a class="[^"]*" href="(?:glossary\.html)?#(term-[\w-]+)")(?! title="Link)')
_CITATION = re.compile(r'<span class="bibtex-citation"[^>]*>(.*?)</span>', re.DOTALL)
_WORK = re.compile(r'<a [^>]*href="bibliography\.html#(id\d+)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_MARKS = re.compile(r"[\[\](),]")


def complete_references(site: Path) -> None:
    """Let links to terms carry their definitions, and name works as they are cited, in ``site``.

    Pages without glossary or bibliography are left as they are. A work that no page cites has no
    label.
    """
    book = site / "book"
    pages = {page: page.read_text(encoding="utf-8") for page in sorted(book.glob("*.html"))}
    glossary, bibliography = book / GLOSSARY, book / BIBLIOGRAPHY
    if glossary in pages:
        known = definitions(pages[glossary])
        for page, text in pages.items():
            pages[page] = _TERM.sub(lambda link: _with_definition(link, known), text)
    if bibliography in pages:
        cited = dict(work for text in pages.values() for work in _cited_works(text))
        pages[bibliography] = _with_labels(pages[bibliography], cited)
    for page, text in pages.items():
        page.write_text(text, encoding="utf-8")


def definitions(glossary: str) -> dict[str, str]:
    """By its identifier what each term of the page *Glossary* means, as plain text.

    Where a definition is longer than :data:`LONGEST`, its first sentences.
    """
    found = {}
    for term in BeautifulSoup(glossary, "html.parser").select("dl.glossary dt[id]"):
        meaning = term.find_next_sibling("dd")
        text = " ".join(meaning.get_text().split()) if meaning else ""
        while len(text) > LONGEST and ". " in text:
            text = text.removesuffix(".").rpartition(". ")[0] + "."
        found[str(term["id"])] = text
    return found


def _with_definition(link: re.Match[str], known: dict[str, str]) -> str:
    meaning = html.escape(known.get(link[2], ""))
    return f'{link[1]} data-definition="{meaning}"' if meaning else link[0]


def _cited_works(page: str) -> Iterator[tuple[str, str]]:
    """Identifier, and author and year, of the works that a page cites."""
    for citation in _CITATION.finditer(page):
        works = _WORK.findall(citation[1])
        for identifier, text in works:  # alone, a work may have its authors outside of the link
            yield identifier, _plain(citation[1] if len(works) == 1 else text)


def _plain(cited: str) -> str:
    """A citation without markup and brackets: author and year."""
    return " ".join(_MARKS.sub(" ", _TAG.sub("", cited)).split())


def _with_labels(page: str, cited: dict[str, str]) -> str:
    tree = BeautifulSoup(page, "html.parser")
    for work in tree.select("div.citation[id]"):
        label = work.select_one("span.label")
        if label is not None:
            label.string = cited.get(str(work["id"]), "")
    return str(tree)
