"""The kinds of errors that the command ``drift`` reports in words instead of a traceback."""

from __future__ import annotations

import errno
import os


class RefusedError(Exception):
    """What was asked for cannot be; nothing was done. The command ends with 2."""


class FailedError(Exception):
    """Something was tried and did not succeed. The command ends with 1."""


_WAYS_OUT = {
    errno.ENOSPC: "make room there, or choose another folder",
    errno.EDQUOT: "make room there, or choose another folder",
    errno.EACCES: "change its permissions, or choose another place",
    errno.EPERM: "change its permissions, or choose another place",
    errno.EROFS: "choose another place",
    errno.EISDIR: "this is a folder, and a file is needed: give the name of a file",
    errno.ENOTDIR: "a part of this path is a file, and a folder is needed: choose another place",
    errno.EEXIST: "a part of this path is a file, and a folder is needed: choose another place",
    errno.ENOENT: "look whether the path is right",
    errno.ENAMETOOLONG: "choose a shorter name",
}
"""By what the system says of a file, how to go on."""


def in_words(problem: OSError) -> str:
    """One line that names the file or folder, what the system says of it, and how to go on.

    Errors that are not of a file, as those of a network, are told in their own words.
    """
    way_out = _WAYS_OUT.get(problem.errno or 0)
    if problem.filename is None:
        text = str(problem) or type(problem).__name__
    else:
        path = os.fspath(problem.filename) if problem.filename != "" else "(no name)"
        text = f"{os.fsdecode(path)}: {problem.strerror}"
    return " ".join(f"{text}: {way_out}.".split() if way_out else text.split())
