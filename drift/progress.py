"""Progress bars of long computations."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tqdm import tqdm


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
