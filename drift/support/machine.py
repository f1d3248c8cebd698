"""What of this machine the present process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

PROCESS_GROUPS = Path("/proc/self/cgroup")
CONTROL_GROUPS = Path("/sys/fs/cgroup")


def available_cores() -> int:
    """Number of cores that this process may use, at least 1.

    That is the fewest of the machine's cores, of those that the process is bound to (``taskset``,
    a batch system), and of the time that Linux's control groups allow it (containers, services),
    rounded up. A quota holds for all groups below, so that those above the process's own count.
    (``dask.system`` reads the process's own group only.)
    """
    return math.ceil(min(_bound_cores(), *_quotas(PROCESS_GROUPS, CONTROL_GROUPS)))


def _bound_cores() -> int:
    """Cores that the process is bound to; all of the machine's where systems do not say."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(process_groups: Path, control_groups: Path) -> Iterator[float]:
    """Cores' worth of time that each control group of this process grants; infinity first.

    Version 2 has one hierarchy, whose line is ``0::/group``; of version 1 only that of ``cpu``
    counts. A container may see its own group at the top: a path that is not there is passed over.
    """
    yield math.inf
    try:
        lines = process_groups.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, controllers, group = line.split(":", 2)
        names = controllers.split(",")
        if number != "0" and "cpu" not in names:
            continue
        top = control_groups if number == "0" else _first_version(control_groups, controllers)
        own = top / group.lstrip("/")
        for folder in (own, *own.parents):
            yield _quota(folder)
            if folder == top:
                break


def _first_version(control_groups: Path, controllers: str) -> Path:
    """Where the hierarchy of ``cpu`` is mounted, alone or together with others."""
    together = control_groups / controllers
    return together if together.is_dir() else control_groups / "cpu"


def _quota(group: Path) -> float:
    """Cores' worth of time of one group; infinity without a limit."""
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text().split()
        else:
            quota = (group / "cpu.cfs_quota_us").read_text()
            period = (group / "cpu.cfs_period_us").read_text()
        cores = int(quota) / int(period)  # version 1 says -1 for none, version 2 "max"
    except (OSError, ValueError):
        return math.inf
    return cores if cores > 0 else math.inf
