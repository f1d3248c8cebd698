"""The command ``drift run``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from drift.chapters.book_folder import ChapterError, find_book
from drift.chapters.execution import require_empty, run_folder
from drift.chapters.manifests import command, read_manifest, why_unfinished
from drift.chapters.notebooks import PROFILES, Chapter, Profile, find_chapter
from drift.chapters.repetition import run_again
from drift.chapters.runs import combinations, folders, open_set, run_once
from drift.chapters.value_comparison import comparison_page
from drift.support.errors import FailedError


@click.command()
@click.argument("name", required=False, metavar="[CHAPTER]")
@click.option(
    "-p", "--parameter", "assignments", nargs=2, multiple=True, metavar="NAME VALUE",
    help="Set a parameter; may be given several times. Several numbers, separated by commas, give "
    "a run each and a page that compares them.",
)  # fmt: skip
@click.option(
    "--profile", type=click.Choice(PROFILES), default="book", show_default=True,
    help="Size: for a first look, as in the book, as in the study.",
)  # fmt: skip
@click.option(
    "--again", "manifest", type=click.Path(path_type=Path), default=None,
    help="Compute the run that this manifest.json describes once more, and say whether its data "
    "come out the same, and if not, by how much they differ.",
)  # fmt: skip
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None,
    help="Folder for the results; by default a new one in ./runs. A set of several values that was "
    "stopped goes on in its folder.",
)  # fmt: skip
def run(
    name: str | None,
    assignments: tuple[tuple[str, str], ...],
    profile: str,
    manifest: Path | None,
    out: Path | None,
) -> None:
    """Execute CHAPTER, with other parameters if wanted, into a folder of its own.

    The folder holds the notebook, a page, the figures, the numbers drawn, and a manifest.

    For example: drift run corridor -p hidden 300 -p update_noise 0.02

    Three runs and a comparison: drift run corridor -p update_noise 0.01,0.02,0.05 --profile quick
    """
    root = find_book()
    if manifest is not None:
        if name is not None or assignments:
            raise ChapterError(
                "--again repeats a run as it was: give no chapter and no -p with it."
            )
        _repeat(root, manifest, out)
        return
    if name is None:
        raise ChapterError("say which chapter: `drift chapters` lists them.")
    chapter = find_chapter(root, name)
    chapter.refuse_decimal_commas(assignments)
    texts = dict(assignments)
    if len(texts) < len(assignments):
        raise ChapterError("a parameter is given twice: give each at most once.")
    size = chapter.profiles.get(profile, Profile({}, "not known"))
    changed = [size.values | values for values in combinations(chapter, texts)]
    for values in changed:
        chapter.preflight(values)
    folder = out or run_folder(Path("runs"), chapter, _named(texts, profile))
    if len(changed) == 1:
        require_empty(folder)
        click.echo(
            f"{command(chapter.name, changed[0])}\nsize {profile}: {size.describe()}", err=True
        )
        run_once(root, chapter, changed[0], folder)
        _say_where(chapter, folder)
        return
    open_set(folder, chapter, changed)
    click.echo(f"{len(changed)} runs, each of size {profile}: {size.describe()}", err=True)
    _run_all(root, chapter, changed, folder)


def _named(texts: dict[str, str], profile: str) -> dict[str, str]:
    return texts if profile == "book" else {"profile": profile} | texts


def _run_all(root: Path, chapter: Chapter, runs: list[dict[str, Any]], folder: Path) -> None:
    own_folders = list(folders(folder, runs))
    for number, (values, own_folder) in enumerate(zip(runs, own_folders, strict=True), 1):
        reason = why_unfinished(own_folder, chapter, values)
        if reason is None:
            click.echo(f"{number} of {len(runs)}: {own_folder.name} is there already", err=True)
            continue
        click.echo(f"{number} of {len(runs)}: {own_folder.name} ({reason})", err=True)
        try:
            run_once(root, chapter, values, own_folder)
        except KeyboardInterrupt:
            click.echo(
                "stopped; finished runs are kept. To go on, the same words and "
                f"--out {shlex.quote(str(folder))}",
                err=True,
            )
            raise
    click.echo(f"comparison: {comparison_page(folder, chapter, runs)}")


def _repeat(root: Path, path: Path, out: Path | None) -> None:
    chapter = find_chapter(root, read_manifest(path)["chapter"])
    folder = out or run_folder(Path("runs"), chapter, {"again": path.absolute().parent.name})
    require_empty(folder)
    done = run_again(root, path, folder)
    _say_where(chapter, folder)
    if done.is_same():
        click.echo(f"data:     all {len(done.files)} files are the same, byte for byte")
        click.echo(f"first:    on {done.made}")
        return
    other = {name: words for name, words in done.files.items() if words}
    lines = [f"{len(other)} of {len(done.files)} files of data differ from the first:"]
    lines += [f"  {name}: {words}" for name, words in other.items()]
    lines.append(f"The first were made on {done.made}.")
    if done.changed:
        lines.append(f"They were made with {done.changed} than now.")
    raise DifferentDataError("\n".join(lines))


class DifferentDataError(FailedError, RuntimeError):
    """A run done again has given other numbers."""


def _say_where(chapter: Chapter, folder: Path) -> None:
    click.echo(
        f"notebook: {folder / chapter.name}.ipynb\n"
        f"page:     {folder / 'page' / chapter.name}.html\n"
        f"figures:  {folder / 'figures'}\n"
        f"data:     {folder / 'data'}"
    )
