"""The command ``drift archive``."""

from __future__ import annotations

from pathlib import Path

import click

from drift.results.archives import ARCHIVES, make_archive


@click.command()
@click.argument("name", type=click.Choice(sorted(ARCHIVES)))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None,
    help="Write here instead of where the package ships it.",
)  # fmt: skip
@click.option("--partial", is_flag=True, help="Of a study: write the runs that are done.")
@click.option(
    "--part", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None,
    help="Of a study: an archive of some of its runs (--partial), which are not computed again.",
)  # fmt: skip
def archive(name: str, out: Path | None, partial: bool, part: Path | None) -> None:
    """Compute a shipped archive of runs again, on all cores; finished runs are kept."""
    click.echo(f"written: {make_archive(name, out, partial, part)}")
