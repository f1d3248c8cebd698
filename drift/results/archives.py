"""Results of many long runs, shipped with the package, and the code that computes them again.

``drift archive corridor`` recomputes one. An archive is a netCDF file of numbers that ``drift``
itself computed; its attributes name the code and the machine that made it.
"""

from __future__ import annotations

import functools
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import xarray as xr

from drift.results.corridor_runs import (
    CORRIDOR_VARIANTS,
    EVERY_THOUSANDTH,
    PUBLISHED_NETWORK,
    PUBLISHED_RULE,
    corridor_archive,
    corridor_maps_archive,
    corridor_spectra_archive,
    corridor_variants_archive,
    recorded_steps,
)
from drift.results.hidden_rules import hidden_rules_archive
from drift.results.remapping_runs import label_noise_archive, remapping_archive
from drift.results.rule_archives import (
    example_sessions,
    judged_archive,
    strengths_archive,
    which_rule_archive,
)
from drift.results.study_archives import noise_scan_archive, results_so_far, study_archive
from drift.results.versions import digests_for, is_of_this_code
from drift.study.folder import StudyError
from drift.support.checks import check_choice
from drift.support.locations import SHIPPED
from drift.support.machine import available_cores
from drift.support.provenance import code_version, commit
from drift.support.storage import check_target, read_dataset, write_dataset

__all__ = [
    "ARCHIVES",
    "CORRIDOR_VARIANTS",
    "EVERY_THOUSANDTH",
    "PUBLISHED_NETWORK",
    "PUBLISHED_RULE",
    "archive_path",
    "is_of_this_code",
    "load_archive",
    "make_archive",
    "recorded_steps",
    "shipped_archives",
]


WHOLE_STUDIES = ("generality", "published-rows", "update-vs-label")
"""Archives that hold the runs of a study, and can be gone on with from a part of themselves."""

ARCHIVES: dict[str, Callable[..., xr.Dataset]] = {
    "corridor": corridor_archive,
    "corridor-maps": corridor_maps_archive,
    "corridor-spectra": corridor_spectra_archive,
    "corridor-variants": corridor_variants_archive,
    "example-sessions": example_sessions,
    "hidden-rules": hidden_rules_archive,
    "noise-scan": noise_scan_archive,
    "remapping": remapping_archive,
    "remapping-label-noise": label_noise_archive,
    "which-rule": which_rule_archive,
    "which-rule-judged": lambda: judged_archive(load_archive("which-rule")),
    "which-rule-strengths": lambda: strengths_archive(load_archive("which-rule")),
    **{name: functools.partial(study_archive, name) for name in WHOLE_STUDIES},
}

SO_FAR = {"which-rule": functools.partial(which_rule_archive, only_done=True)}
"""Archives of which a part is not made by :func:`~drift.results.study_archives.results_so_far`."""


def load_archive(name: str) -> xr.Dataset:
    """The archive called ``name``, as shipped."""
    return read_dataset(archive_path(name))


def shipped_archives() -> list[Path]:
    """The files of all archives that are shipped."""
    return sorted(SHIPPED.glob("*.nc"))


def archive_path(name: str) -> Path:
    """The file of the archive called ``name``; ValueError if there is none of that name."""
    check_choice("archive", name, ARCHIVES)
    return SHIPPED / f"{name}.nc"


def make_archive(
    name: str, path: Path | None = None, partial: bool = False, part: Path | None = None
) -> Path:
    """Compute the archive called ``name`` and write it to ``path``, by default where it is shipped.

    Interrupted, it keeps every finished run in the cache and goes on from there. The archive of a
    study may be ``partial``: of the runs that are done. Such an archive is given as ``part`` where
    the study is gone on with on another machine.

    Raises
    ------
    ForeignFileError, OSError
        If ``path`` holds something that drift did not write, or cannot be written: at once.
    StudyError
        If ``part`` is of other code or of other settings.
    """
    target = path or archive_path(name)
    check_target(target)
    began = time.monotonic()
    if part is not None and name not in WHOLE_STUDIES:
        raise StudyError(
            f"the archive {name!r} cannot be gone on with from a part of it: only "
            f"{', '.join(WHOLE_STUDIES)} can."
        )
    given = {} if part is None else {"part": read_dataset(part)}
    make = SO_FAR.get(name, functools.partial(results_so_far, name)) if partial else ARCHIVES[name]
    archive = make(**given)
    hours = round((time.monotonic() - began) / 3600, 2)
    archive.attrs = {
        "command": f"drift archive {name}",
        "code_version": code_version(),
        "commit": commit(),
        "machine": f"{platform.machine()}, {available_cores()} cores",
        "hours": hours,
        "digests": json.dumps(digests_for(name)),
    } | archive.attrs
    write_dataset(archive, target)
    return target
