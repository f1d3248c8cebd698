"""Reading a study from its file; errors name line and field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from drift.study.design import Part, Study
from drift.study.draws import how_it_varies
from drift.study.folder import StudyError
from drift.study.settings import known_settings
from drift.support.checks import check_integer

DESIGNS = Path(__file__).parent / "designs"

_STUDY_FIELDS = ("study", "about", "seed", "settings", "parts")
_PART_FIELDS = ("part", "runs", "settings", "cases")
_Refuse = Callable[[int, str], StudyError]


def list_designs() -> dict[str, Path]:
    """The studies that come with the package: name to file."""
    return {path.stem: path for path in sorted(DESIGNS.glob("*.yaml"))}


def find_design(name: str) -> Path:
    """The file of a study that comes with the package, or the user's own."""
    shipped = list_designs()
    path = Path(name)
    if name in shipped:
        return shipped[name]
    if path.is_file():
        return path
    raise StudyError(
        f"study {name!r} is unknown: choose one of {', '.join(shipped)}, or give the path of a "
        "study's file."
    )


def read_study(source: Path | str, text: str | None = None) -> Study:
    """The study in the file ``source``, or in ``text``.

    Raises
    ------
    StudyError
        If it is not the description of a study; says line and field.
    """
    try:
        content = YAML(typ="rt").load(Path(source).read_text() if text is None else text)
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise StudyError(f"{source}, line {line}: {problem.problem}.") from problem
    except OSError as problem:
        raise StudyError(f"{source} cannot be read: {problem.strerror}.") from problem

    def refuse(line: int, problem: str) -> StudyError:
        return StudyError(f"{source}, line {line}: {problem}")

    if not isinstance(content, CommentedMap):
        raise refuse(1, f"a study is a mapping with the fields {', '.join(_STUDY_FIELDS)}.")
    _check_fields(content, _STUDY_FIELDS, ("study", "parts"), refuse)
    entries = content["parts"]
    if not isinstance(entries, CommentedSeq) or not entries:
        raise refuse(_line(content, "parts"), "parts must be a list of at least one part.")
    parts: list[Part] = []
    for number, entry in enumerate(entries):
        line = entries.lc.item(number)[0] + 1
        if not isinstance(entry, CommentedMap):
            raise refuse(line, f"a part is a mapping with the fields {', '.join(_PART_FIELDS)}.")
        part = _part(content, entry, line, refuse)
        if part.name in {other.name for other in parts}:
            raise refuse(line, f"two parts are called {part.name!r}.")
        parts.append(part)
    seed = _integer(content, "seed", 0, 0, refuse)
    about = " ".join(str(content.get("about", "")).split())
    return Study(str(content["study"]), about, seed, tuple(parts), str(source))


def _part(content: CommentedMap, entry: CommentedMap, line: int, refuse: _Refuse) -> Part:
    _check_fields(entry, _PART_FIELDS, ("part",), refuse)
    settings: dict[str, Any] = {}
    lines = {"": line}
    for holder in (content, entry):
        own = holder.get("settings", CommentedMap())
        if not isinstance(own, CommentedMap):
            raise refuse(_line(holder, "settings"), "settings must be a mapping.")
        _check_settings(own, refuse)
        settings |= _plain(own)
        lines |= {name: _line(own, name) for name in own}
    cases = entry.get("cases", [{}])
    if not isinstance(cases, list) or not all(isinstance(case, Mapping) for case in cases):
        raise refuse(_line(entry, "cases"), "cases must be a list of settings.")
    for case in filter(None, cases):
        _check_settings(case, refuse)
    draws = _integer(entry, "runs", 1, 1, refuse)
    return Part(str(entry["part"]), draws, settings, tuple(_plain(cases)), lines)


def _line(holder: CommentedMap, name: str) -> int:
    """The line of a field, counted from 1."""
    return int(holder.lc.key(name)[0]) + 1


def _integer(holder: CommentedMap, name: str, default: int, minimum: int, refuse: _Refuse) -> int:
    try:
        return check_integer(name, _plain(holder.get(name, default)), minimum=minimum)
    except (TypeError, ValueError) as problem:
        raise refuse(_line(holder, name), str(problem)) from problem


def _check_fields(
    holder: CommentedMap, allowed: tuple[str, ...], needed: tuple[str, ...], refuse: _Refuse
) -> None:
    for name in holder:
        if name not in allowed:
            problem = f"the field {name!r} is unknown: choose from {', '.join(allowed)}."
            raise refuse(_line(holder, name), problem)
    for name in needed:
        if name not in holder:
            raise refuse(holder.lc.line + 1, f"the field {name!r} is missing.")


def _check_settings(settings: CommentedMap, refuse: _Refuse) -> None:
    for name, value in settings.items():
        line = _line(settings, name)
        if name not in known_settings():
            known = ", ".join(known_settings())
            raise refuse(line, f"the setting {name!r} is unknown: choose from {known}.")
        try:
            how_it_varies(value)
        except ValueError as problem:
            raise refuse(line, f"{name}: {problem}") from problem


def _plain(value: Any) -> Any:
    """``value`` as plain Python objects, without the marks of where they stood."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
