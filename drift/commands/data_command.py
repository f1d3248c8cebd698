"""The commands ``drift data ...``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from drift.datasets import DATASETS, data_directory, files_at_hand, folder_of
from drift.datasets import fetch as fetch_files
from drift.results.tables import TABLES, make_table


@click.group()
def data() -> None:
    """Find and fetch the public data that the book uses."""


@data.command(name="list")
def list_datasets() -> None:
    """List the data sets, and how much of each is at hand."""
    table = Table(expand=True)
    for column in ("data set", "MB", "at hand"):
        table.add_column(column, no_wrap=True, justify="left" if column == "data set" else "right")
    table.add_column("about", ratio=1)
    for name, dataset in DATASETS.items():
        files = dataset.files
        size = f"{files['bytes'].sum() / 1e6:.1f}" if files["bytes"].notna().all() else "?"
        there = f"{files_at_hand(name)} of {len(files)}"
        if dataset.how_to_get:
            size, there = "?", "yes" if folder_of(name).is_dir() else "no"
        about = f"{dataset.about} ({dataset.reference})"
        table.add_row(name, size, there, "\n".join(filter(None, (about, dataset.how_to_get))))
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print(f"folder: {data_directory()}", soft_wrap=True)


@data.command()
@click.argument("name", type=click.Choice(list(DATASETS)))
def fetch(name: str) -> None:
    """Download the files of the data set NAME that are not at hand, and check them all.

    Where a data set needs an account or is not public, say how to get it.
    """
    click.echo(fetch_files(name))


@data.command()
@click.argument("name", type=click.Choice(list(DATASETS)))
def path(name: str) -> None:
    """Print the folder in which the files of the data set NAME belong."""
    click.echo(folder_of(name))


@data.command()
@click.argument("name", type=click.Choice(list(TABLES)))
def table(name: str) -> None:
    """Compute a shipped table of numbers again from the public data, and write it in its place."""
    click.echo(f"written: {make_table(name)}")
