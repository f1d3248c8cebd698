"""Which code made a result, and where results and compiled kernels are kept."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from functools import cache
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parent

GOLDEN = PACKAGE / "golden.json"
"""Digests of what every machine should compute (:mod:`drift.golden`)."""

SIMULATION_SOURCES = (
    "activations.py",
    "checkpoint.py",
    "engine",
    "hessian.py",
    "measures.py",
    "network.py",
    "portable.py",
    "recording.py",
    "reference.py",
    "rules",
    "simulation.py",
    "task.py",
)
"""The files and folders of the package that decide what a simulation returns."""


@cache
def code_version(sources: tuple[str, ...] = SIMULATION_SOURCES) -> str:
    """Sixteen hexadecimal digits of a SHA-256 over the named source files of the package."""
    total = hashlib.sha256()
    for source in sources:
        path = PACKAGE / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.relative_to(PACKAGE).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()[:16]


def recorded_digests() -> dict[str, str]:
    """What every machine should compute: SHA-256 by the names of :data:`drift.golden.CASES`."""
    return json.loads(GOLDEN.read_text())


def cache_directory() -> Path:
    """Where results are kept: ``$DRIFT_CACHE``, or the user's cache folder of the system."""
    chosen = os.environ.get("DRIFT_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("drift"))


def commit() -> str:
    """The commit that the package's folder is at; empty where it is not in a clone."""
    asked = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip()
