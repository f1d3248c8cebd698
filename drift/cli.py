"""The command ``drift``: what it can do, and the module that is loaded when that is asked for."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from drift.support.errors import FailedError, RefusedError

COMMANDS = {
    "archive": ("archive_command", "Compute a shipped archive of runs again."),
    "book": ("book_command", "Build the book, or write the chapters' outputs into it."),
    "chapters": ("chapters_command", "List the chapters and their parameters."),
    "check": ("check_command", "Does this machine compute what every machine should?"),
    "data": ("data_command", "Find and fetch the public data that the book uses."),
    "run": ("run_command", "Execute a chapter into a folder of its own."),
    "study": ("study_command", "Run studies of many runs, on this machine or on a cluster."),
}
"""Of each command the module in ``drift.commands`` that has it under its name, and what it does."""


class CommandsOnDemand(click.Group):
    """A group whose commands are imported when they are called, so that help comes at once."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of the commands, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called ``name``, imported now; None if there is none."""
        if name not in COMMANDS:
            return None
        return getattr(import_module(f"drift.commands.{COMMANDS[name][0]}"), name)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])


@click.group(
    cls=CommandsOnDemand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="drift-book")
def cli() -> None:
    """Representational drift as implicit regularization: run chapters and build the book."""


def main() -> None:
    """Entry point: errors that name their cause are printed without a traceback."""
    try:
        cli()
    except RefusedError as problem:
        click.echo(f"drift: refused: {problem}", err=True)
        sys.exit(2)
    except FailedError as problem:
        click.echo(f"drift: {problem}", err=True)
        sys.exit(1)
