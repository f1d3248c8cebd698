"""What chapters there are, and the parameters that their notebooks declare.

A chapter is a notebook in ``book/`` that ``_toc.yml`` names. Its cell tagged ``parameters`` holds
one line a parameter, ``name: type = default  # [unit] meaning``; its cell tagged ``preflight``
builds from them everything that can be refused, without running anything long.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from drift.chapters.book_folder import ChapterError

if TYPE_CHECKING:
    import nbformat

PARAMETER_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}

_LINE = re.compile(
    r"(?P<name>\w+): (?P<type>\w+) = (?P<default>.+?)  # (\[(?P<unit>[^]]*)\] )?(?P<meaning>.+)"
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chapter, as its notebook declares it."""

    name: str
    type: str
    default: Any
    unit: str
    meaning: str

    def parse(self, text: str) -> Any:
        """The value that ``text`` gives this parameter; ChapterError if not of its type."""
        kind = PARAMETER_TYPES[self.type]
        if kind is str:
            return text
        try:
            value = yaml.safe_load(text) if kind is bool else float(text)
        except (ValueError, yaml.YAMLError):
            value = None
        if kind is int and isinstance(value, float) and value.is_integer():
            value = int(text) if re.fullmatch(r"[+-]?[\d_]+", text.strip()) else int(value)
        if type(value) is not kind:
            raise ChapterError(
                f"{self.name}={text} is not of type {self.type}: {self.meaning} "
                f"(default {self.default!r})."
            )
        return value


PROFILES = ("quick", "book", "paper")
"""Sizes to run a chapter at: for a first look, as in the book, as in the study."""


@dataclass(frozen=True)
class Profile:
    """Parameters for one size of a chapter, and how long it takes, in words."""

    values: dict[str, Any]
    cost: str

    def describe(self) -> str:
        """Cost and parameters, in words."""
        values = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return self.cost + (f" ({values})" if values else "")


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook and what it says of itself.

    ``profiles`` are in the notebook's metadata, under ``drift``: of each of :data:`PROFILES`, the
    ``values`` of parameters that it changes and the ``cost`` of a first run.
    """

    name: str
    title: str
    path: Path
    parameters: tuple[Parameter, ...]
    profiles: dict[str, Profile]

    def source(self) -> nbformat.NotebookNode:
        """The notebook as it stands in the book."""
        import nbformat

        return nbformat.read(self.path, as_version=4)

    def tagged_code(self, tag: str) -> str:
        """Source of the cells tagged ``tag``, joined."""
        return "\n".join(_source(cell) for cell in _tagged(_read(self.path), tag))

    def figure_names(self) -> list[str]:
        """Names of its figures, in their order."""
        figures = (cell.metadata.get("mystnb", {}).get("figure") for cell in self.source().cells)
        return [figure["name"] for figure in figures if figure]

    def parse(self, assignments: dict[str, str]) -> dict[str, Any]:
        """Values for the parameters named; ChapterError for an unknown name or a wrong type."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in assignments:
            if name not in known:
                raise ChapterError(
                    f"chapter {self.name!r} has no parameter {name!r}: it has {', '.join(known)}."
                )
        return {name: known[name].parse(text) for name, text in assignments.items()}

    def refuse_decimal_commas(self, assignments: Iterable[tuple[str, str]]) -> None:
        """ChapterError if a value may be one number with a comma or two numbers, such as 0,02."""
        floats = {parameter.name for parameter in self.parameters if parameter.type == "float"}
        for name, text in assignments:
            found = re.fullmatch(r"([+-]?\d+),(\d+)", text.strip(), re.ASCII)
            if name in floats and found:
                whole, rest = found.groups()
                raise ChapterError(
                    f"{name}={text} may be one number or two: say {whole}.{rest} for the one, "
                    f"{float(whole)},{float(rest)} for the two."
                )

    def preflight(self, values: dict[str, Any]) -> None:
        """Run the chapter's own checks with ``values`` for parameters.

        Raises
        ------
        ChapterError
            If a value is impossible, with what the package says of it.
        """
        namespace: dict[str, Any] = {"__name__": f"preflight_of_{self.name}"}
        exec(self.tagged_code("parameters"), namespace)
        namespace.update(values)
        try:
            exec(self.tagged_code("preflight"), namespace)
        except (TypeError, ValueError) as error:
            raise ChapterError(str(error)) from error


def list_chapters(root: Path) -> list[Chapter]:
    """The chapters of the book at ``root`` in the order of its table of contents."""
    try:
        contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as problem:
        raise ChapterError(f"{root / '_toc.yml'} cannot be read: {problem}") from problem
    paths = (root / f"{name}.ipynb" for name in list_files(contents))
    return [read_chapter(path) for path in paths if path.exists()]


def find_chapter(root: Path, name: str) -> Chapter:
    """The chapter called ``name``; ChapterError if there is none."""
    chapters = list_chapters(root)
    for chapter in chapters:
        if chapter.name == name:
            return chapter
    names = ", ".join(chapter.name for chapter in chapters)
    raise ChapterError(f"there is no chapter {name!r}: the book has {names}.")


def read_chapter(path: Path) -> Chapter:
    """The chapter in one notebook; ChapterError if it does not keep to the form."""
    notebook = _read(path)
    heading = re.search(r"^# (.+)$", _source(notebook["cells"][0]), re.MULTILINE)
    declared = _tagged(notebook, "parameters")
    if heading is None or len(declared) != 1:
        raise ChapterError(
            f"{path} is no chapter: it needs a heading in its first cell and one cell tagged "
            "'parameters'."
        )
    lines = [line for line in _source(declared[0]).splitlines() if line.strip()]
    parameters = tuple(_parameter(path, line) for line in lines if not line.startswith("#"))
    return Chapter(path.stem, heading[1], path, parameters, _profiles(path, notebook, parameters))


def list_files(contents: Any) -> list[str]:
    """All file names in a table of contents, depth first."""
    if isinstance(contents, list):
        return [name for part in contents for name in list_files(part)]
    if not isinstance(contents, dict):
        return []
    own = [contents[key] for key in ("root", "file") if key in contents]
    nested = [contents[key] for key in ("parts", "chapters", "sections") if key in contents]
    return own + list_files(nested)


def _parameter(path: Path, line: str) -> Parameter:
    match = _LINE.fullmatch(line)
    if match is None or match["type"] not in PARAMETER_TYPES:
        raise ChapterError(
            f"{path}, cell 'parameters': the line {line!r} must read "
            f"'name: type = default  # [unit] meaning', type one of {', '.join(PARAMETER_TYPES)}."
        )
    default = ast.literal_eval(match["default"])
    return Parameter(match["name"], match["type"], default, match["unit"] or "", match["meaning"])


def _profiles(
    path: Path, notebook: dict[str, Any], parameters: tuple[Parameter, ...]
) -> dict[str, Profile]:
    """The profiles that the notebook's metadata declare; ChapterError if one cannot be meant."""
    declared = notebook["metadata"].get("drift", {}).get("profiles", {})
    types = {parameter.name: PARAMETER_TYPES[parameter.type] for parameter in parameters}
    for name, profile in declared.items():
        wrong = [
            parameter
            for parameter, value in profile["values"].items()
            if type(value) is not types.get(parameter)
        ]
        if name not in PROFILES or wrong or (name == "book" and profile["values"]):
            raise ChapterError(
                f"{path}, profile {name!r}: a profile is one of {', '.join(PROFILES)}, its values "
                f"are of parameters and of their types, and 'book' has none{wrong or ''}."
            )
    return {  # in the order of PROFILES: a notebook's metadata are saved in the alphabet's
        name: Profile(dict(declared[name]["values"]), declared[name]["cost"])
        for name in PROFILES
        if name in declared
    }


def _read(path: Path) -> dict[str, Any]:
    """The notebook in ``path`` as JSON: nbformat takes long to load, and a list of chapters not."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise ChapterError(f"{path} is no notebook: {problem}") from problem


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tagged(notebook: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if tag in cell["metadata"].get("tags", [])]
