"""Progress bars of long computations."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

TERMINAL_VARIABLE = "DRIFT_TERMINAL"
"""Name in the environment of the terminal on which a chapter's kernel shows its progress."""


def terminal_name() -> str:
    """Path of the terminal that the user sees; empty where there is none, or none with a name."""
    try:
        return os.ttyname(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):  # closed; no terminal, or of another container
        return ""


@contextmanager
def progress_bar(steps: int, wanted: bool | None) -> Iterator[Callable[[int], object]]:
    """A bar of ``steps`` steps on the terminal; gives the function that advances it.

    The kernels of notebooks have no terminal of their own; the program that executes a chapter
    names one in ``$DRIFT_TERMINAL``. Where there is none to write to there is no bar: it is never a
    reason not to compute.
    """
    with ExitStack() as stack:
        named = None if wanted is False else _named_terminal(stack)
        file = named or sys.stderr
        if file is None or file.closed:
            file, wanted = io.StringIO(), False
        elif wanted is None:
            wanted = file.isatty()
        bar = tqdm(
            total=steps, unit=" steps", unit_scale=True, disable=not wanted, file=file, leave=False
        )
        yield stack.enter_context(bar).update


def _named_terminal(stack: ExitStack) -> TextIO | None:
    """The terminal that the environment names, open for writing; None where it cannot be."""
    name = os.environ.get(TERMINAL_VARIABLE)
    if not name:
        return None
    try:
        terminal = os.open(name, os.O_WRONLY | os.O_NOCTTY)  # it shall not rule this process
    except OSError:  # gone meanwhile, or another user's
        return None
    file = stack.enter_context(os.fdopen(terminal, "w"))
    return file if file.isatty() else None


def each(items: Iterable[Item], unit: str, wanted: bool = True) -> Iterable[Item]:
    """``items`` with a bar on the terminal, if there is one and it is ``wanted``."""
    if sys.stderr is None or sys.stderr.closed:
        return items
    return tqdm(items, unit=f" {unit}", disable=None if wanted else True, leave=False)
