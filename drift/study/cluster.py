"""Processes that runs are computed in: this machine's cores, or the workers of a Dask cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster

from drift.support.errors import RefusedError


class SchedulerMissingError(RefusedError, ConnectionError):
    """There is no Dask scheduler where one should be."""


@contextmanager
def dask_client(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of ``workers`` processes on this machine.

    By default there is one process a core. Each computes one thing at a time on one thread.

    Raises
    ------
    SchedulerMissingError
        If the scheduler cannot be reached.
    """
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout="10s")
        except (OSError, TimeoutError, ValueError) as problem:
            raise SchedulerMissingError(
                f"there is no Dask scheduler at {scheduler!r}: start one with `dask scheduler`, "
                f"and give the address that it prints. ({problem})"
            ) from problem
        with client:
            yield client
        return
    with _quiet_children():
        cluster = LocalCluster(
            n_workers=workers or os.cpu_count(),
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.ERROR,  # of runs cut short it would warn
        )
    with cluster, Client(cluster) as client:
        yield client


@contextmanager
def _quiet_children() -> Iterator[None]:
    """Processes that begin meanwhile leave Ctrl-C, which a terminal sends to all, to this one.

    Nor do they warn of what a worker leaves behind that is ended in the middle of a run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set what a signal does
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    filters = os.environ.get("PYTHONWARNINGS")
    silent = "ignore:resource_tracker:UserWarning"
    os.environ["PYTHONWARNINGS"] = f"{filters},{silent}" if filters else silent
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
        if filters is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = filters
