"""The folder that a static host serves: complete, light, and with no link that leads nowhere."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

from bs4 import BeautifulSoup

from drift.site.site_error import SiteError
from drift.support.storage import write_text

LARGEST_SITE = 30_000_000
"""Bytes of all files together."""

LARGEST_FIRST_PAGE = 1_000_000
"""Bytes of the first page and all that it may load."""

FIRST_PAGE = Path("book", "index.html")
NO_JEKYLL = ".nojekyll"
SITEMAP = "sitemap.xml"
TEMPLATES = Path(__file__).parent / "templates"

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src"}


@dataclass(frozen=True)
class Report:
    """What is in a published folder."""

    pages: int
    files: int
    size: int
    """Bytes"""
    first_page: int
    """Bytes of the first page and all that it may load, uncompressed"""
    links: int
    """Links within the site, all of which lead somewhere"""


def publish(html: Path, folder: Path, address: str = "") -> Report:
    """Copy the built website ``html`` to ``folder``, in place of what was there, and check it.

    The folder's own first page leads to the book's, and there is a page to show in place of missing
    ones. With the ``address`` that the folder will have, there is a list of its pages for search
    engines, which is called :data:`SITEMAP`.

    Raises
    ------
    SiteError
        If ``folder`` holds something else than such a site, or links lead nowhere (names the first
        of them), or it is larger than :data:`LARGEST_SITE`, or its first page than
        :data:`LARGEST_FIRST_PAGE`; ``folder`` is then as it was.
    """
    require_replaceable(folder)
    links, broken = 0, []
    for page, target, found in check_links(html):
        links += 1
        if not found:
            broken.append(f"{page}: {target}")
    if broken:
        first = "\n".join(broken[:20])
        raise SiteError(f"{len(broken)} of {links} links lead nowhere:\n{first}")
    files = [path for path in html.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if size > LARGEST_SITE:
        raise SiteError(f"the site has {size / 1e6:.1f} MB, more than {LARGEST_SITE / 1e6:.0f} MB.")
    first = weigh(html, html / FIRST_PAGE)
    if first > LARGEST_FIRST_PAGE:
        raise SiteError(
            f"the first page loads {first / 1e6:.2f} MB, "
            f"more than {LARGEST_FIRST_PAGE / 1e6:.2f} MB."
        )
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".site-") as beside:
        fresh = Path(beside) / "site"
        ignored = shutil.ignore_patterns(".buildinfo*", ".doctrees")
        shutil.copytree(html, fresh, ignore=ignored)
        for name in ("index.html", "404.html"):
            shutil.copy(TEMPLATES / name, fresh / name)
        if address:
            write_text(sitemap(html, address), fresh / SITEMAP)
        (fresh / NO_JEKYLL).touch()  # GitHub Pages drops folders that begin with _ without it
        if folder.exists():
            folder.rename(Path(beside) / "old")
        fresh.rename(folder)
    return Report(len(list(html.rglob("*.html"))), len(files), size, first, links)


def sitemap(html: Path, address: str) -> str:
    """The pages of the website ``html`` at ``address``, in the form of sitemaps.org."""
    pages = sorted(page.relative_to(html).as_posix() for page in html.rglob("*.html"))
    lines = [f"<url><loc>{escape(address.rstrip('/'))}/{quote(page)}</loc></url>" for page in pages]
    start = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', start, *lines, "</urlset>", ""])


def require_replaceable(folder: Path) -> None:
    """SiteError if ``folder`` is there and is neither empty nor an earlier site."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise SiteError(f"{folder} is no folder: choose another for --out.")
    if not any(folder.iterdir()):
        return
    if not ((folder / NO_JEKYLL).exists() and (folder / FIRST_PAGE).exists()):
        raise SiteError(f"{folder} holds something else than a site: choose another for --out.")
    if (folder / ".git").exists():
        raise SiteError(
            f"{folder} is a repository, which would be lost: choose another for --out, and copy "
            "what is in it."
        )


def weigh(site: Path, page: Path) -> int:
    """Bytes of ``page`` and of all files of ``site`` that it or its style sheets load.

    A browser loads no more than that, and less where a font is not needed.
    """
    loaded = {page.resolve()}
    for tag in _parse(page).find_all(["link", "img", "script", "source"]):
        if tag.name == "link" and not {"stylesheet", "preload", "icon"} & set(tag.get("rel") or []):
            continue
        loaded.add(_beside(page, str(tag.get(_LINKS[tag.name]) or "")))
    unread = {path for path in loaded if path.suffix == ".css"}
    while unread:
        styles = unread.pop()
        text = styles.read_text(encoding="utf-8")
        named = re.findall(r"""(?:url\(|@import )["']?([^"')]+)["']?""", text)
        found = {_beside(styles, name) for name in named if not name.startswith("data:")} - loaded
        loaded |= found
        unread |= {path for path in found if path.suffix == ".css"}
    top = site.resolve()
    return sum(p.stat().st_size for p in loaded if p.is_file() and p.is_relative_to(top))


def _beside(file: Path, target: str) -> Path:
    return (file.parent / unquote(urlsplit(target).path)).resolve()


def check_links(site: Path) -> Iterator[tuple[str, str, bool]]:
    """Every link within ``site``: its page, its target, and whether there is such a file and place.

    Links to other hosts are not followed.
    """
    pages = {path.resolve(): _parse(path) for path in sorted(site.rglob("*.html"))}
    places = {
        path: {tag[name] for tag in page.find_all(True) for name in ("id", "name") if tag.get(name)}
        for path, page in pages.items()
    }
    for path, page in pages.items():
        for tag in page.find_all(list(_LINKS)):
            target = tag.get(_LINKS[tag.name])
            parts = urlsplit(str(target or ""))
            if not target or parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            found = file.is_file()
            if found and parts.fragment and file in places:
                found = unquote(parts.fragment) in places[file]
            yield path.relative_to(site.resolve()).as_posix(), str(target), found


def _parse(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(), "html.parser")
