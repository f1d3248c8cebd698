"""Where the book is: its folder is found, and refused if it is another user's."""

from __future__ import annotations

import os
from pathlib import Path

import click

from drift.support.errors import RefusedError
from drift.support.locations import PACKAGE

BOOK_VARIABLE = "DRIFT_BOOK"
"""Name in the environment of the folder of the book to use."""


class ChapterError(RefusedError, ValueError):
    """A book, chapter, parameter or value that does not exist or is not allowed."""


def find_book(start: Path | None = None) -> Path:
    """The folder that holds ``_toc.yml`` and ``book/``.

    It is the one that ``$DRIFT_BOOK`` names, or is found here, above, or where the package lies. A
    book that is neither named nor the package's own is told of, since its code will run.

    Parameters
    ----------
    start : pathlib.Path, optional
        In the place of here.

    Raises
    ------
    ChapterError
        If there is none, or the one found here or above is another user's.
    """
    if named := os.environ.get(BOOK_VARIABLE):
        folder = Path(named).absolute()
        if not _is_book(folder):
            raise ChapterError(
                f"{BOOK_VARIABLE}={named} is no book: it needs a file _toc.yml and a folder book."
            )
        return folder
    here = (start or Path.cwd()).resolve()
    own = PACKAGE.parent
    for folder in (here, *here.parents):
        if _is_book(folder):
            if folder != own:
                _require_own(folder)
                click.echo(f"The book in {folder}:", err=True)
            return folder
    if _is_book(own):
        return own
    raise ChapterError(
        f"no book found at {here} or above it: go to a clone of the book's repository."
    )


def _is_book(folder: Path) -> bool:
    return (folder / "_toc.yml").exists() and (folder / "book").is_dir()


def _require_own(root: Path) -> None:
    """Refuse a book of which something belongs to another user than this one and the system's."""
    trusted, book = _trusted_users(), root / "book"
    for path in (root, root / "_toc.yml", root / "_config.yml", book, *book.rglob("*")):
        if os.path.lexists(path) and path.lstat().st_uid not in trusted:
            raise ChapterError(
                f"{root} looks like a book, but {path} belongs to another user (number "
                f"{path.lstat().st_uid}), and its code would run as yours. If you trust it, set "
                f"the environment variable {BOOK_VARIABLE}={root}; or go to another folder."
            )


def _trusted_users() -> set[int]:
    return {0, os.getuid()}
