"""The command ``drift chapters``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from drift.chapters.book_folder import find_book
from drift.chapters.notebooks import list_chapters


@click.command()
def chapters() -> None:
    """List the chapters and their parameters."""
    console = Console(highlight=False)
    for chapter in list_chapters(find_book()):
        table = Table(
            title=f"[bold]{escape(chapter.name)}[/bold]: {escape(chapter.title)}",
            title_justify="left",
            expand=True,
        )
        for column in ("parameter", "type", "default"):
            table.add_column(column, no_wrap=True)
        table.add_column("(unit) meaning", ratio=1)
        for parameter in chapter.parameters:
            table.add_row(
                parameter.name,
                parameter.type,
                escape(_readable(parameter.default)),
                escape(f"({parameter.unit}) " * bool(parameter.unit) + parameter.meaning),
            )
        console.print(table)
        for name, profile in chapter.profiles.items():
            console.print(f"[bold]--profile {name}[/bold]: {escape(profile.describe())}")
        console.print()


def _readable(value: object) -> str:
    if type(value) is int:
        return f"{value:_}"
    return f"{value:.5g}" if type(value) is float else str(value)
