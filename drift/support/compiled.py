"""Numba for all kernels of the package: ``njit``, with a folder of compiled kernels of its own.

Numba looks only at a kernel's own file to see whether its compiled form is stale, not at the files
of the functions it calls: every version of the code gets a folder.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import config

from drift.support.errors import RefusedError
from drift.support.locations import NoCacheFolderError, cache_directory, can_write
from drift.support.provenance import code_version

__all__ = ["KernelsDisabledError", "njit"]


class KernelsDisabledError(RefusedError, RuntimeError):
    """A kernel was called that the environment forbids to compile."""


def kernel_directory() -> Path:
    """Where compiled kernels are kept: beside the results, for this process only if need be."""
    try:
        folder = cache_directory() / f"kernels-{code_version()}"
        problem = "" if can_write(folder) else f"{folder} cannot be written"
    except NoCacheFolderError as error:
        problem = str(error)
    if not problem:
        return folder
    warnings.warn(
        f"{problem}. Nothing can be kept there, neither compiled kernels, which takes a minute "
        "each time, nor results: set the environment variable DRIFT_CACHE to a folder of yours.",
        RuntimeWarning,
        stacklevel=2,
    )
    temporary = tempfile.mkdtemp(prefix="drift-kernels-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = temporary  # for the processes that this one starts
    return Path(temporary)


def _uncompiled(function: Callable[..., Any] | None = None, **_: Any) -> Any:
    """In place of Numba's ``njit`` where it may not compile: what needs it says so when called."""
    if function is None:
        return _uncompiled

    @functools.wraps(function)
    def interpreted(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except NotImplementedError as error:  # of instructions that Python does not have
            raise KernelsDisabledError(
                "NUMBA_DISABLE_JIT is set, and the fast kernels cannot run uncompiled: unset it, "
                'or choose engine="reference".'
            ) from error

    return interpreted


njit = _uncompiled if config.DISABLE_JIT else numba.njit

_chosen = os.environ.get("NUMBA_CACHE_DIR")
if not (_chosen and can_write(Path(_chosen))):
    config.CACHE_DIR = str(kernel_directory())
