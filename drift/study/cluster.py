"""Processes that runs are computed in: this machine's cores, or the workers of a Dask cluster.

Whoever can talk to a Dask scheduler or worker can have any code run as their user. Here they listen
on this machine alone, speak TLS, and take only who holds the key of this one study, which is made
when it begins and lives in memory. There is no dashboard, and nothing is told by HTTP.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from drift.support.environment import environment_with
from drift.support.errors import RefusedError
from drift.support.machine import available_cores

CONNECT_SECONDS = 10
"""How long a scheduler is waited for."""


class SchedulerMissingError(RefusedError, ConnectionError):
    """There is no Dask scheduler where one should be."""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM format by which a scheduler and its clients know each other.

    Parameters
    ----------
    authority : Path
        Certificate of the authority that signed those of scheduler, workers and client.
    certificate, key : Path
        The client's own certificate, and the key to it.
    """

    authority: Path
    certificate: Path
    key: Path

    def security(self) -> Security:
        """The same for Dask."""
        return Security(
            tls_ca_file=str(self.authority),
            tls_client_cert=str(self.certificate),
            tls_client_key=str(self.key),
            require_encryption=True,
        )


@contextmanager
def dask_client(
    scheduler: str | None = None,
    workers: int | None = None,
    certificates: Certificates | None = None,
) -> Iterator[Client]:
    """A client of the scheduler at an address, or of ``workers`` processes on this machine.

    By default there is one process a core. Each computes one thing at a time on one thread.
    ``certificates`` are for a scheduler at ``tls://``; without, Dask's configuration has them.

    Raises
    ------
    SchedulerMissingError
        If the scheduler cannot be reached, or does not take the certificates.
    """
    if scheduler is not None:
        with _client_of(scheduler, certificates) as client:
            yield client
        return
    silent: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with _quiet_children(), dask.config.set(silent):
        cluster = LocalCluster(
            n_workers=workers or available_cores(),
            threads_per_worker=1,
            host="127.0.0.1",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.ERROR,  # of runs cut short it would warn
        )
    with cluster, Client(cluster) as client:
        yield client


def _client_of(scheduler: str, certificates: Certificates | None) -> Client:
    protocol, _, place = scheduler.rpartition("://")
    if certificates is not None and protocol != "tls":
        raise SchedulerMissingError(
            f"certificates are for a scheduler at tls://, and this one is {scheduler!r}."
        )
    if protocol != "tls" and not _is_here(place):
        print(
            f"whoever reaches {scheduler} can run any code as you: start the scheduler with TLS "
            "(docs/studies.md, A cluster), unless the network between is yours alone.",
            file=sys.stderr,
        )
    try:
        security = None if certificates is None else certificates.security()
        return Client(scheduler, timeout=CONNECT_SECONDS, security=security)
    except (OSError, ValueError, TypeError, RuntimeError, MemoryError) as problem:
        # The last one where something else answers, and what it says is taken for a size.
        keys = " Look also at the certificates." if protocol == "tls" else ""
        raise SchedulerMissingError(
            f"there is no Dask scheduler at {scheduler!r}: start one with `dask scheduler`, "
            f"and give the address that it prints.{keys} ({problem})"
        ) from problem


def _is_here(place: str) -> bool:
    """Whether an address, as host and port, can be reached from this machine only."""
    host = place.rsplit(":", 1)[0].strip("[]")
    try:
        found = {place[4][0] for place in socket.getaddrinfo(host, None)}
        return all(ipaddress.ip_address(address).is_loopback for address in found)
    except (OSError, ValueError):
        return True  # that nobody is there is told when it is called


@contextmanager
def _quiet_children() -> Iterator[None]:
    """Processes that begin meanwhile leave Ctrl-C, which a terminal sends to all, to this one.

    Nor do they warn of what a worker leaves behind that is ended in the middle of a run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set what a signal does
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    filters = [os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker:UserWarning"]
    try:
        with environment_with({"PYTHONWARNINGS": ",".join(filter(None, filters))}):
            yield
    finally:
        signal.signal(signal.SIGINT, heard)
