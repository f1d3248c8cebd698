"""Where the package lies, where results and compiled kernels are kept, and names of new folders."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

import platformdirs

from drift.support.errors import RefusedError

PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "results" / "files"
"""Computed results that come with the package."""

LONGEST_NAME = 120
"""Characters; file systems allow 255 bytes, and files inside want to have longer names."""


class NoCacheFolderError(RefusedError, OSError):
    """There is no folder of this user's to keep results in."""


def cache_directory() -> Path:
    """Where results are kept: ``$DRIFT_CACHE``, or the user's cache folder of the system.

    Returns
    -------
    pathlib.Path
        Absolute, so that it stays the same when the process goes to another folder; a relative
        ``$DRIFT_CACHE`` is from the folder in which the process began.

    Raises
    ------
    NoCacheFolderError
        If neither is known: the user has no home, or ``$DRIFT_CACHE`` names the home of nobody.
    """
    chosen = os.environ.get("DRIFT_CACHE")
    try:
        folder = Path(chosen or platformdirs.user_cache_dir("drift")).expanduser()
    except RuntimeError as problem:  # what pathlib says where there is no such home
        why = f"DRIFT_CACHE={chosen} names" if chosen else "this user has"
        raise NoCacheFolderError(
            f"{why} no home folder that is known: set the environment variable DRIFT_CACHE to the "
            "absolute path of a folder to keep results in."
        ) from problem
    return _BEGAN_IN / folder


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path("/")


_BEGAN_IN = _working_directory()


def can_write(folder: Path) -> bool:
    """Whether files can be made in ``folder``, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def safe_name(text: str) -> str:
    """A name for a file or folder that says ``text`` as far as every file system allows.

    Letters, digits and ``_ . , = + -`` are kept, all else becomes ``_``. Of a name that is too long
    the beginning is kept, and a digest stands for the rest. No name begins with a dot or is empty.
    Two texts may have one name where characters were replaced.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        At most :data:`LONGEST_NAME` characters of ASCII.
    """
    name = re.sub(r"[^A-Za-z0-9_.,=+-]", "_", text)
    if name.startswith(".") or not name:
        name = f"_{name}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]}-{digest}"
