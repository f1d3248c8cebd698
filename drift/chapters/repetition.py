"""A run of a chapter done once more, and what came out otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from drift.chapters.book_folder import ChapterError
from drift.chapters.data_differences import differences
from drift.chapters.manifests import MANIFEST, changes, command, digest, made_from, read_manifest
from drift.chapters.notebooks import PARAMETER_TYPES, Chapter, find_chapter
from drift.chapters.runs import run_once
from drift.datasets.fetching import data_directory
from drift.support.environment import environment_with


@dataclass(frozen=True)
class Repetition:
    """What came of a run done again.

    ``files`` says of each file of data in what it differs from the first, empty if in nothing;
    ``made`` on which machine and with what the first was made; ``changed`` what is other now.
    """

    files: dict[str, str]
    made: str
    changed: str

    def is_same(self) -> bool:
        """Whether all data came out the same, byte for byte."""
        return not any(self.files.values())


def run_again(root: Path, path: Path, folder: Path) -> Repetition:
    """Do the run of the manifest in ``path`` once more, into ``folder``, and compare its data.

    All is computed anew: the run has a cache of its own, which is removed.

    Raises
    ------
    ChapterError
        If ``path`` is no manifest or one without data, or the chapter, or one of its parameters, is
        no more.
    """
    first = read_manifest(path)
    chapter = find_chapter(root, first["chapter"])
    _check_parameters(chapter, first)
    wanted = {name: sha for name, sha in first["files"].items() if name.startswith("data/")}
    if not wanted:
        raise ChapterError(
            f"{path} lists no files of data, so that nothing could be compared. To run the "
            f"chapter: {command(chapter.name, first['parameters'])}"
        )
    chapter.preflight(first["parameters"])
    changed = changes(first, made_from(chapter, first["parameters"]))
    folder.mkdir(parents=True, exist_ok=True)
    with _own_cache(folder):
        run_once(root, chapter, first["parameters"], folder)
    now = read_manifest(folder / MANIFEST)["files"]
    made_now = [name for name in now if name.startswith("data/")]
    files = {
        name: _difference(path.parent / name, wanted.get(name), folder / name, now.get(name))
        for name in dict.fromkeys((*wanted, *made_now))
    }
    return Repetition(files, _made(first), changed)


def _check_parameters(chapter: Chapter, manifest: Mapping[str, Any]) -> None:
    types = {parameter.name: PARAMETER_TYPES[parameter.type] for parameter in chapter.parameters}
    given = manifest["parameters"]
    if unknown := set(given) - set(types):
        raise ChapterError(
            f"chapter {chapter.name!r} has no parameter {', '.join(sorted(unknown))} any more: go "
            f"to commit {manifest.get('commit') or 'of the manifest'}."
        )
    wrong = [f"{name}={value!r}" for name, value in given.items() if type(value) is not types[name]]
    if wrong:
        raise ChapterError(f"the manifest has values of other types: {', '.join(wrong)}.")


@contextmanager
def _own_cache(folder: Path) -> Iterator[None]:
    """Results are kept and found in a new folder in ``folder``; the rest is where it was.

    That is public data, which have their own checksums, and compiled kernels, which are of a
    version of the code and take a minute to compile.
    """
    from drift.support.compiled import config  # Numba takes a second

    elsewhere = {
        "DRIFT_DATA": str(data_directory().absolute()),
        "NUMBA_CACHE_DIR": str(Path(config.CACHE_DIR).absolute()),
    }
    with TemporaryDirectory(prefix="cache-", dir=folder) as cache:
        own = elsewhere | {"DRIFT_CACHE": str(Path(cache).absolute())}
        with environment_with(own):
            yield


def _difference(first: Path, wanted: str | None, second: Path, found: str | None) -> str:
    """In what a file differs from the first, of which the manifest has the digest ``wanted``."""
    if wanted is None:
        return "was not made then"
    if found is None:
        return "is not made now"
    if wanted == found:
        return ""
    if not first.is_file():
        return "differs; by how much cannot be said, since the first is not beside its manifest"
    if digest(first) != wanted:
        return "differs; by how much cannot be said, since the first has been altered"
    try:
        return differences(first, second) or "has the same numbers, written otherwise"
    except (ValueError, OSError) as problem:
        return f"differs; by how much cannot be said: {problem}"


def _made(manifest: Mapping[str, Any]) -> str:
    versions = {"drift": manifest.get("drift"), "Python": manifest.get("python")}
    versions |= manifest.get("libraries") or {}
    stated = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return f"{manifest.get('machine') or 'a machine that is not stated'} ({stated})"
