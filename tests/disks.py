"""Disks that fail, emulated and real, for the tests of what is stored."""

import errno
import io
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest
from numba import config

from drift.support import (
    compiled,  # noqa: F401  (it says where compiled kernels are)
    storage,
)

NOBODY = 65534


class FullDisk(io.FileIO):
    """A file on a disk that has room for so many bytes, and no more."""

    room = 0

    def write(self, content):
        left = self.room - self.tell()
        super().write(bytes(content)[: max(left, 0)])
        if left < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(content)


@contextmanager
def full_disk(room):
    """What drift writes within goes to a disk on which no file can be larger than ``room``."""
    limited = type("Limited", (FullDisk,), {"room": room})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "open", limited, raising=False)
        yield


@contextmanager
def as_nobody():
    """What is done within is done by a user who owns nothing."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)


def on_tmpfs(program, size, folder, options=""):
    """Run a Python program in ``folder``, a file system in memory of so many KiB; its output.

    Skips where mounting is not allowed.
    """
    unshare = shutil.which("unshare")
    mount = f"mount -t tmpfs -o size={size}k{options} drift '{folder}'"
    if (
        unshare is None
        or subprocess.run(
            [unshare, "--mount", "sh", "-c", mount], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("mounting is not allowed here")
    script = f"{mount} && cd '{folder}' && exec '{sys.executable}' -c \"$PROGRAM\""
    done = subprocess.run(
        [unshare, "--mount", "sh", "-c", script],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PROGRAM": program, "NUMBA_CACHE_DIR": config.CACHE_DIR},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
