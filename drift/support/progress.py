"""Progress bars of long computations."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


@contextmanager
def progress_bar(steps: int, wanted: bool | None) -> Iterator[Callable[[int], object]]:
    """A bar of ``steps`` steps on the terminal; gives the function that advances it.

    The kernels of notebooks have no terminal of their own; the program that executes a chapter
    names one in ``$DRIFT_TERMINAL``.
    """
    terminal = os.environ.get("DRIFT_TERMINAL")
    if wanted is None:
        wanted = bool(terminal) or sys.stderr.isatty()
    with ExitStack() as stack:
        file = stack.enter_context(open(terminal, "w")) if wanted and terminal else sys.stderr
        bar = tqdm(
            total=steps, unit=" steps", unit_scale=True, disable=not wanted, file=file, leave=False
        )
        yield stack.enter_context(bar).update


def each(items: Iterable[Item], unit: str, wanted: bool = True) -> Iterable[Item]:
    """``items`` with a bar on the terminal, if there is one and it is ``wanted``."""
    return tqdm(items, unit=f" {unit}", disable=None if wanted else True, leave=False)
