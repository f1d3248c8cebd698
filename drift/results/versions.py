"""Which code an archive is of: whether runs begun again now should give its bits."""

from __future__ import annotations

import json

import xarray as xr

from drift.support.locations import SHIPPED

GOLDEN = SHIPPED / "golden.json"
"""Digests of what every machine should compute (:mod:`drift.results.golden`)."""

_STUDY = "runs of the study "


def recorded_digests() -> dict[str, str]:
    """What every machine should compute: SHA-256 by the names of ``drift.results.golden.CASES``."""
    return json.loads(GOLDEN.read_text())


def digests_for(name: str) -> dict[str, str]:
    """The recorded digests that the archive called ``name`` depends on, by case."""
    return {
        case: digest
        for case, digest in recorded_digests().items()
        if not case.startswith(_STUDY) or case == _STUDY + name
    }


def is_of_this_code(archive: xr.Dataset) -> bool:
    """Whether the code of today gives the bits that an archive was made of.

    Compares the digests of tasks, rules and the archive's own study that were recorded when it was
    made with those recorded now (:mod:`drift.results.golden`). Code may change without them, and
    they may become more.
    """
    made_with = json.loads(archive.attrs.get("digests", "{}"))
    now = recorded_digests()
    return bool(made_with) and all(now.get(case) == digest for case, digest in made_with.items())
