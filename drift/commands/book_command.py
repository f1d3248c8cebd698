"""The commands ``drift book ...``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from drift.chapters.book_folder import find_book
from drift.chapters.execution import execute_chapter
from drift.chapters.notebooks import Chapter, find_chapter, list_chapters
from drift.chapters.together import duration, execute_chapters
from drift.site.build import build_site, site_address
from drift.site.cover import draw_cover
from drift.site.fidelity import FIDELITY_PAGE, changed_lines, findings_of, write_page
from drift.site.live import write_live
from drift.site.live_engine import compile_engine, write_engine
from drift.site.publishing import publish, require_replaceable
from drift.support.errors import FailedError


@click.group()
def book() -> None:
    """Build the book, or write the chapters' outputs into it."""


class OtherVerdictsError(FailedError, RuntimeError):
    """The executed chapters do not give the page *Fidelity* that is committed."""


@book.command()
@click.option(
    "--strict", is_flag=True, help="Fail if the executed chapters give another page Fidelity."
)
def build(strict: bool) -> None:
    """Execute the chapters that need it and build the website."""
    began = time.monotonic()
    root = find_book()
    click.echo(f"The book in {root}: first its chapters are executed, then its pages are made.")
    page = _build(root)
    executed = [root / "_build" / "executed" / f"{c.name}.ipynb" for c in list_chapters(root)]
    changed = changed_lines(root / "book" / FIDELITY_PAGE, findings_of(executed))
    if strict and changed:
        raise OtherVerdictsError("the page Fidelity comes out otherwise:\n" + "\n".join(changed))
    click.echo(
        f"Ready after {duration(time.monotonic() - began)}. Open this file in a browser:\n{page}"
    )


@book.command()
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None,
    help="Folder to fill, in place of what is there; by default _build/site.",
)  # fmt: skip
def site(out: Path | None) -> None:
    """Build the website and put it, checked, into a folder that any static host serves."""
    root = find_book()
    folder = out or root / "_build" / "site"
    require_replaceable(folder)
    html = _build(root).parent.parent
    report = publish(html, folder, site_address(root))
    click.echo(
        f"{report.pages} pages, {report.files} files, {report.size / 1e6:.1f} MB; all of "
        f"{report.links} links lead somewhere; the first page loads at most "
        f"{report.first_page / 1e6:.2f} MB\nserve {folder}"
    )


def _build(root: Path) -> Path:
    executed = root / "_build" / "executed"
    notebooks = execute_chapters(list_chapters(root), executed)
    began = time.monotonic()
    click.echo("Making the pages (about a minute, if anything has changed) ...")
    page = build_site(root, notebooks, root, executed / "figures")
    click.echo(f"The pages are ready after {duration(time.monotonic() - began)}.")
    return page


@book.command()
@click.argument("names", nargs=-1, metavar="[CHAPTER]...")
def freeze(names: tuple[str, ...]) -> None:
    """Execute chapters (all by default) and keep their outputs in the book's own notebooks.

    The page Fidelity is made of them anew.

    The tests compare against these outputs: look at the difference before committing it.
    """
    root = find_book()
    found: list[Chapter] = [find_chapter(root, name) for name in names] or list_chapters(root)
    for chapter in found:
        execute_chapter(chapter, {}, chapter.path)
        click.echo(f"written: {chapter.path}")
    page = root / "book" / FIDELITY_PAGE
    write_page(page, findings_of(chapter.path for chapter in list_chapters(root)))
    click.echo(f"written: {page}")


@book.command()
@click.option("--compile", "compiles", is_flag=True, help="Compile its engine, too.")
def live(compiles: bool) -> None:
    """Write the data and the still picture of the live network into the book."""
    folder = find_book() / "book" / "_static" / "live"
    if compiles:
        click.echo(f"written: {write_engine(folder, compile_engine(folder))}")
    for path in write_live(folder):
        click.echo(f"written: {path}")


@book.command()
def cover() -> None:
    """Draw the figure of the landing page again, from the shipped archives."""
    click.echo(f"written: {draw_cover(find_book() / 'book' / '_static' / 'cover.png')}")
