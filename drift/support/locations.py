"""Where the package lies, and where results and compiled kernels are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parents[1]


def cache_directory() -> Path:
    """Where results are kept: ``$DRIFT_CACHE``, or the user's cache folder of the system."""
    chosen = os.environ.get("DRIFT_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("drift"))
