"""Which runs are computed and written together: those that take less time than a file does."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from drift.study.settings import seconds

if TYPE_CHECKING:
    import xarray as xr

SHORT_SECONDS = 0.25
"""A run that takes longer has a file of its own."""

FEW_RUNS = 100
"""Fewer short runs have a file each: it costs them seconds in all."""

BATCH_RUNS = 100
BATCH_SECONDS = 1.0
"""How much is computed, about, while finished runs wait for others to be written with them."""

BATCH_BYTES = 32_000_000
"""The same as memory."""


def batches(numbers: Iterable[int], settings: list[dict[str, Any]]) -> Iterator[list[int]]:
    """``numbers`` of runs, those of short runs that follow each other together.

    Parameters
    ----------
    numbers : iterable of int
    settings : list of dict
        Of every run of the study.
    """
    ordered = sorted(numbers)
    expected = {number: seconds(settings[number]) for number in ordered}
    short = {number for number in ordered if expected[number] < SHORT_SECONDS}
    if len(short) < FEW_RUNS:
        yield from ([number] for number in ordered)
        return
    batch: list[int] = []
    for number in ordered:
        follows = bool(batch) and number == batch[-1] + 1 and {number, batch[-1]} <= short
        fits = len(batch) < BATCH_RUNS and sum(expected[n] for n in batch) < BATCH_SECONDS
        if batch and not (follows and fits):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


class Waiting:
    """Finished runs that are not written yet."""

    def __init__(self) -> None:
        self.runs: dict[int, xr.Dataset] = {}
        self.since = time.process_time()

    def add(self, number: int, run: xr.Dataset) -> None:
        """Let a run wait."""
        self.runs[number] = run

    def is_due(self) -> bool:
        """Whether enough was computed meanwhile, or they fill the memory."""
        size = sum(run.nbytes for run in self.runs.values())
        return time.process_time() - self.since > BATCH_SECONDS or size > BATCH_BYTES

    def take(self) -> Iterator[Mapping[int, xr.Dataset]]:
        """Those that follow each other, together; then none is left."""
        runs, self.runs, self.since = self.runs, {}, time.process_time()
        groups = itertools.groupby(enumerate(sorted(runs)), lambda pair: pair[1] - pair[0])
        for _, group in groups:
            yield {number: runs[number] for _, number in group}
