"""What a result says of its making: the code, and settings as records hold them."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from drift.support.locations import PACKAGE

SIMULATION_SOURCES = (
    "analysis/hessian.py",
    "engine",
    "network.py",
    "rules",
    "simulation",
    "similarity.py",
    "support/compiled.py",
    "support/portable.py",
    "tasks",
    "theory",
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


def commit() -> str:
    """The commit that the package's folder is at.

    Empty where the package is not part of a commit (it was installed, perhaps into a folder of
    another repository, or its clone belongs to somebody whom git does not trust), and where there
    is no git.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # The second answer is there only if that commit has the package's files.
    command = ["git", "-C", str(PACKAGE), "rev-parse", "HEAD", "HEAD:./__init__.py"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False, env=own)
    except OSError:
        return ""
    return asked.stdout.split()[0] if asked.returncode == 0 else ""


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with NumPy's numbers as Python's, which files and records can hold."""
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in values.items()
    }
