"""Several chapters executed side by side, and what is said of it meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from drift.chapters.execution import KeptExecution
from drift.chapters.interpreter import ChapterFailedError, execute_and_tell
from drift.chapters.notebooks import Chapter
from drift.support.environment import environment_with
from drift.support.machine import available_cores

MOST_AT_ONCE = 4
"""Chapters side by side; each holds up to a gigabyte of memory."""

PATIENCE = 10.0
"""Seconds that a process has to end its kernel."""

THREADS = "OMP_NUM_THREADS"
"""What linear algebra of NumPy, SciPy and PyTorch asks for its number of threads."""


def execute_chapters(
    chapters: Sequence[Chapter], folder: Path, at_once: int | None = None
) -> list[Path]:
    """Execute the chapters that need it, and say on standard error what is done and what is left.

    Parameters
    ----------
    chapters : sequence of Chapter
        Begun in this order.
    folder : pathlib.Path
        As of :class:`drift.chapters.execution.KeptExecution`.
    at_once : int, optional
        How many are executed side by side; by default one a core, at most :data:`MOST_AT_ONCE`.

    Returns
    -------
    list of pathlib.Path
        The executed notebooks, in the order of ``chapters``.

    Raises
    ------
    ChapterFailedError
        If one fails: the first that did. Those that run then are finished first, so that they need
        not be executed again.
    """
    everything = [KeptExecution(chapter, folder) for chapter in chapters]
    waiting = [one for one in everything if not one.is_there()]
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if len(waiting) < len(chapters):
        kept = len(chapters) - len(waiting)
        console.print(f"{kept} of {len(chapters)} chapters are as they were executed before.")
    if waiting:
        at_once = min(at_once or available_cores(), MOST_AT_ONCE, len(waiting))
        _announce(console, [one.execution.chapter for one in waiting], at_once)
        with environment_with(_threads(max(1, available_cores() // at_once))):
            _execute(console, waiting, at_once)
    return [one.output for one in everything]


def _announce(console: Console, waiting: Sequence[Chapter], at_once: int) -> None:
    chapters = "1 chapter" if len(waiting) == 1 else f"{len(waiting)} chapters"
    together = f", {at_once} at a time" if at_once > 1 else ""
    console.print(f"Executing {chapters}{together}. Each takes, by itself:")
    width = max(len(chapter.name) for chapter in waiting)
    for chapter in waiting:
        profile = chapter.profiles.get("book")
        cost = profile.cost if profile else "not known"
        console.print(f"  {chapter.name:{width}}  {cost}", markup=False)


@dataclass
class _Execution:
    """A process that executes a chapter, and what it has said so far."""

    kept: KeptExecution
    process: BaseProcess
    news: Connection
    bar: TaskID
    began: float
    problem: Exception | None = None

    @property
    def name(self) -> str:
        """The chapter's."""
        return self.kept.execution.chapter.name

    def wait_for_the_end(self) -> None:
        """Wait until the process has put its kernel away; not for ever."""
        self.process.join(PATIENCE)
        self.process.kill()


def _execute(console: Console, waiting: Sequence[KeptExecution], at_once: int) -> None:
    began = time.monotonic()
    later, done = deque(waiting), 0
    running: dict[Connection, _Execution] = {}
    failure: Exception | None = None
    bars = Progress(
        TextColumn("  {task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TextColumn("cells"), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bars:
        try:
            while running or (later and failure is None):
                while later and failure is None and len(running) < at_once:
                    begun = _begin(later.popleft(), bars)
                    running[begun.news] = begun
                for news in connection.wait(list(running)):
                    one = running[news]  # type: ignore[index]
                    if not _hear(one, bars):
                        continue
                    del running[one.news]
                    done += 1
                    failure = failure or one.problem
                    what = "failed" if one.problem else "is done"
                    names = [*(other.name for other in running.values())]
                    names += [other.execution.chapter.name for other in later]
                    left = f" Still to do: {', '.join(names)}." if names else ""
                    console.print(
                        f"Chapter {done} of {len(waiting)}: {one.name} {what} after "
                        f"{duration(time.monotonic() - one.began)} "
                        f"({duration(time.monotonic() - began)} in all).{left}",
                        markup=False,
                    )
        finally:
            for one in running.values():
                one.process.terminate()
            for one in running.values():
                one.wait_for_the_end()
    if failure is not None:
        raise failure


def _begin(kept: KeptExecution, bars: Progress) -> _Execution:
    processes = multiprocessing.get_context("spawn")
    news, telling = processes.Pipe(duplex=False)
    process = processes.Process(
        target=execute_and_tell, args=(kept.prepare(), telling), daemon=True
    )
    process.start()
    telling.close()  # here; that the process has closed it, too, says that it has ended
    chapter = kept.execution.chapter
    cells = sum(cell.cell_type == "code" for cell in chapter.source().cells)
    bar = bars.add_task(chapter.name, total=cells)
    return _Execution(kept, process, news, bar, time.monotonic())


def _hear(one: _Execution, bars: Progress) -> bool:
    """Take in what a process says; whether it has ended."""
    try:
        said = one.news.recv()
    except (EOFError, OSError):  # it has closed its end, or was killed in the middle of a word
        one.process.join()
        bars.remove_task(one.bar)
        if one.process.exitcode and one.problem is None:
            one.problem = ChapterFailedError(
                f"the process that executed chapter {one.name!r} was ended from outside "
                f"(exit status {one.process.exitcode}), perhaps for want of memory."
            )
        one.process.close()
        one.news.close()
        if one.problem is None:
            _finish(one)
        return True
    if isinstance(said, Exception):
        one.problem = said
    else:
        bars.advance(one.bar, said)
    return False


def _finish(one: _Execution) -> None:
    try:
        one.kept.finish()
    except ChapterFailedError as problem:
        one.problem = problem


def duration(seconds: float) -> str:
    """``seconds`` in words: seconds, and minutes from one on."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _threads(number: int) -> dict[str, str]:
    """Has kernels compute on so many threads, unless the user has said how many.

    Chapters side by side would otherwise each take all cores, and wait for each other.
    """
    return {} if THREADS in os.environ else {THREADS: str(number)}
