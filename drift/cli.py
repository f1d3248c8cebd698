"""The command ``drift``."""

from __future__ import annotations

import platform
import sys
import time
from pathlib import Path

import click
from llvmlite.binding import get_host_cpu_name as llvm_host_cpu
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from drift.archive import ARCHIVES, make_archive
from drift.book.chapters import Chapter, ChapterError, find_book, find_chapter, list_chapters
from drift.book.commands import DifferentDataError, describe, run
from drift.book.execution import ChapterFailedError, execute_chapter, executed_chapter
from drift.book.fidelity import FIDELITY_PAGE, findings_of, write_page
from drift.book.live import write_live
from drift.book.publishing import publish
from drift.book.site import SiteError, build_site
from drift.cluster import SchedulerMissingError
from drift.datasets import DataDamagedError, DataMissingError
from drift.datasets.commands import data
from drift.golden import CASES, differing, record_digests
from drift.plots.cover import draw_cover
from drift.provenance import GOLDEN
from drift.study.commands import study
from drift.study.design import StudyError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="drift-book")
def cli() -> None:
    """Representational drift as implicit regularization: run chapters and build the book."""


cli.add_command(run)
cli.add_command(data)
cli.add_command(study)


@cli.command()
def chapters() -> None:
    """List the chapters and their parameters."""
    console = Console(highlight=False)
    for chapter in list_chapters(find_book()):
        table = Table(
            title=f"[bold]{chapter.name}[/bold]: {chapter.title}", title_justify="left", expand=True
        )
        for column in ("parameter", "type", "default"):
            table.add_column(column, no_wrap=True)
        table.add_column("(unit) meaning", ratio=1)
        for parameter in chapter.parameters:
            table.add_row(
                parameter.name,
                parameter.type,
                _readable(parameter.default),
                f"({parameter.unit}) {parameter.meaning}" if parameter.unit else parameter.meaning,
            )
        console.print(table)
        for name, profile in chapter.profiles.items():
            console.print(f"[bold]--profile {name}[/bold]: {describe(profile)}")
        console.print()


@cli.command()
@click.option("--record", is_flag=True, help="Write this machine's digests as those to be found.")
def check(record: bool) -> None:
    """Compute what every machine should compute alike, and say what this one computes otherwise."""
    if record:
        record_digests()
        click.echo(f"written: {GOLDEN}")
        return
    different = differing(tqdm(CASES, unit=" digests", disable=None, leave=False))
    machine = f"{platform.machine()}, numba for {llvm_host_cpu()}"
    if different:
        raise click.ClickException(
            f"on this machine ({machine}) {len(different)} of {len(CASES)} digests differ:\n  "
            + "\n  ".join(different)
            + "\nResults with one seed will differ from those of the book. Please report it."
        )
    click.echo(f"all {len(CASES)} digests are as recorded ({machine})")


@cli.group()
def book() -> None:
    """Build the book, or write the chapters' outputs into it."""


@book.command()
def build() -> None:
    """Execute the chapters that need it and build the website."""
    began = time.monotonic()
    page = _build(find_book())
    click.echo(f"built in {time.monotonic() - began:.0f} s; open {page}")


@book.command()
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None,
    help="Folder to fill, in place of what is there; by default _build/site.",
)  # fmt: skip
def site(out: Path | None) -> None:
    """Build the website and put it, checked, into a folder that any static host serves."""
    root = find_book()
    html = _build(root).parent.parent
    folder = out or root / "_build" / "site"
    report = publish(html, folder)
    click.echo(
        f"{report.pages} pages, {report.files} files, {report.size / 1e6:.1f} MB; all of "
        f"{report.links} links lead somewhere; the first page loads at most "
        f"{report.first_page / 1e6:.2f} MB\nserve {folder}"
    )


def _build(root: Path) -> Path:
    executed = root / "_build" / "executed"
    notebooks = [executed_chapter(chapter, executed) for chapter in list_chapters(root)]
    click.echo("building the website ...")
    return build_site(root, notebooks, root, executed / "figures")


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
def live() -> None:
    """Write the data and the still picture of the live network into the book."""
    for path in write_live(find_book() / "book" / "_static" / "live"):
        click.echo(f"written: {path}")


@book.command("cover")
def draw_cover_again() -> None:
    """Draw the figure of the landing page again, from the shipped archives."""
    click.echo(f"written: {draw_cover(find_book() / 'book' / '_static' / 'cover.png')}")


@cli.command(short_help="Compute a shipped archive of runs again.")
@click.argument("name", type=click.Choice(sorted(ARCHIVES)))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None,
    help="Write here instead of where the package ships it.",
)  # fmt: skip
@click.option("--partial", is_flag=True, help="Of a study: write the runs that are done.")
def archive(name: str, out: Path | None, partial: bool) -> None:
    """Compute a shipped archive of runs again, on all cores; finished runs are kept."""
    click.echo(f"written: {make_archive(name, out, partial)}")


def _readable(value: object) -> str:
    return (
        f"{value:_}"
        if type(value) is int
        else f"{value:.5g}"
        if type(value) is float
        else str(value)
    )


def main() -> None:
    """Entry point: errors that name their cause are printed without a traceback."""
    try:
        cli()
    except (ChapterError, SchedulerMissingError, StudyError) as problem:
        click.echo(f"drift: refused: {problem}", err=True)
        sys.exit(2)
    except (
        ChapterFailedError,
        DataDamagedError,
        DataMissingError,
        DifferentDataError,
        SiteError,
    ) as problem:
        click.echo(f"drift: {problem}", err=True)
        sys.exit(1)
