"""The command ``drift``: what it can do, and the module that is loaded when that is asked for."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from types import FrameType

import click

from drift.support.errors import FailedError, RefusedError, in_words

COMMANDS = {
    "archive": ("archive_command", "Compute a shipped archive of runs again."),
    "book": ("book_command", "Build the book, or write the chapters' outputs into it."),
    "chapters": ("chapters_command", "List the chapters and their parameters."),
    "check": ("check_command", "Does this machine compute what every machine should?"),
    "data": ("data_command", "Find and fetch the public data that the book uses."),
    "infer": ("infer_command", "Which learning rule do recorded sessions speak for?"),
    "run": ("run_command", "Execute a chapter into a folder of its own."),
    "study": ("study_command", "Run studies of many runs, on this machine or on a cluster."),
}
"""Of each command the module in ``drift.commands`` that has it under its name, and what it does."""


STOPPED = 130
"""Exit status of a command that was stopped, as shells have it for Ctrl-C."""


class CommandsOnDemand(click.Group):
    """A group whose commands are imported when they are called, so that help comes at once."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of the commands, in the order of the alphabet."""
        return sorted(COMMANDS)

    def invoke(self, context: click.Context) -> object:
        """Do what was asked for; a command that is stopped says so, once."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo("\ndrift: stopped.", err=True)
            raise SystemExit(STOPPED) from None

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
    listen_for_the_end()
    os.environ["MPLBACKEND"] = "agg"  # figures go into files: no display is needed
    try:
        cli()
    except RefusedError as problem:
        click.echo(f"drift: refused: {problem}", err=True)
        sys.exit(2)
    except FailedError as problem:
        click.echo(f"drift: {problem}", err=True)
        sys.exit(1)
    except OSError as problem:
        click.echo(f"drift: {in_words(problem)}", err=True)
        sys.exit(1)


ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, what a batch system sends, and a terminal that is closed."""


def listen_for_the_end() -> None:
    """Have every signal that ends a program stop a command as Ctrl-C does.

    Signals that the process was begun deaf to (``nohup``, a shell's background) stay unheard.
    """
    for sign in ENDINGS:
        if signal.getsignal(sign) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(sign, _stop)


def _stop(sign: int, frame: FrameType | None) -> None:
    """Stop once: a second signal says to wait for what is being put away, a third ends at once."""
    _next(_stop, _be_patient)
    raise KeyboardInterrupt


def _be_patient(sign: int, frame: FrameType | None) -> None:
    _next(_be_patient, _leave)
    with contextlib.suppress(OSError):  # the terminal may be gone
        os.write(2, b"drift: stopping, a moment please; once more ends it as it is.\n")


def _leave(sign: int, frame: FrameType | None) -> None:
    os._exit(STOPPED)


def _next(now: Callable[..., None], later: Callable[..., None]) -> None:
    for sign in ENDINGS:
        if signal.getsignal(sign) is now:
            signal.signal(sign, later)
