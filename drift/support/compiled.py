"""Numba for all kernels of the package: ``njit``, with a folder of compiled kernels of its own.

Numba looks only at a kernel's own file to see whether its compiled form is stale, not at the files
of the functions it calls: every version of the code gets a folder.
"""

from __future__ import annotations

import os

from numba import config, njit

from drift.support.locations import cache_directory
from drift.support.provenance import code_version

__all__ = ["njit"]

if not os.environ.get("NUMBA_CACHE_DIR"):
    config.CACHE_DIR = str(cache_directory() / f"kernels-{code_version()}")
