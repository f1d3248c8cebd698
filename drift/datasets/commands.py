"""The commands ``drift data ...``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from drift.datasets import DATASETS, data_directory, files_at_hand, find_dataset
from drift.datasets import fetch as fetch_files
from drift.datasets.tables import TABLES, make_table


@click.group()
def data() -> None:
    """Find and fetch the public data that the book uses."""


@data.command(name="list")
def list_datasets() -> None:
    """List the data sets, and how much of each is at hand."""
    table = Table(expand=True)
    for column in ("data set", "files", "MB", "at hand"):
        table.add_column(column, no_wrap=True, justify="left" if column == "data set" else "right")
    table.add_column("about", ratio=1)
    for name, dataset in DATASETS.items():
        files = dataset.files
        size = f"{files['bytes'].sum() / 1e6:.1f}"
        about = f"{dataset.about} ({dataset.reference})"
        table.add_row(name, str(len(files)), size, str(files_at_hand(name)), about)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"folder: {data_directory()}", soft_wrap=True)


@data.command()
@click.argument("name", type=click.Choice(list(DATASETS)))
def fetch(name: str) -> None:
    """Download the files of the data set NAME that are not at hand, and check them all."""
    click.echo(fetch_files(name))


@data.command()
@click.argument("name", type=click.Choice(list(DATASETS)))
def path(name: str) -> None:
    """Print the folder in which the files of the data set NAME belong."""
    click.echo(data_directory() / find_dataset(name).repository)


@data.command()
@click.argument("name", type=click.Choice(list(TABLES)))
def table(name: str) -> None:
    """Compute a shipped table of numbers again from the public data, and write it in its place."""
    click.echo(f"written: {make_table(name)}")
