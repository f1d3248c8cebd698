"""Reading a study from its file; errors name line and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from drift.study.design import Part, Study
from drift.study.draws import MOST_RUNS, how_it_varies
from drift.study.folder import StudyError, check_file_name
from drift.study.settings import known_settings
from drift.study.text import check_name, load_yaml, plain_value, read_text
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
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # no path can be like this
        pass
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
    content = load_yaml(source, read_text(Path(source)) if text is None else text)

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
    name = _checked(content, "study", check_name, refuse)
    _checked(content, "study", check_file_name, refuse)
    seed = _integer(content, "seed", 0, 0, refuse)
    about = " ".join(str(content.get("about") or "").split())
    try:
        plain_value(about)
    except ValueError as problem:
        raise refuse(_line(content, "about"), f"about: {problem}") from problem
    return Study(name, about, seed, tuple(parts), str(source))


def _part(content: CommentedMap, entry: CommentedMap, line: int, refuse: _Refuse) -> Part:
    _check_fields(entry, _PART_FIELDS, ("part",), refuse)
    settings: dict[str, Any] = {}
    lines = {"": line}
    for holder in (content, entry):
        own = holder.get("settings", CommentedMap())
        if not isinstance(own, CommentedMap):
            raise refuse(_line(holder, "settings"), "settings must be a mapping.")
        settings |= _settings(own, refuse)
        lines |= {name: _line(own, name) for name in own}
    cases = entry.get("cases")
    if "cases" in entry and (not isinstance(cases, CommentedSeq) or not cases):
        raise refuse(
            _line(entry, "cases"), "cases must be a list of at least one case: else leave it out."
        )
    plain_cases = []
    for number, case in enumerate(cases or ()):
        if not isinstance(case, CommentedMap):
            at = cases.lc.item(number)[0] + 1
            raise refuse(at, "cases: each is a mapping of settings, {} for no other ones.")
        plain_cases.append(_settings(case, refuse, may_vary=False))
        lines |= {name: _line(case, name) for name in case}
    draws = _integer(entry, "runs", 1, 1, refuse)
    if draws > MOST_RUNS:
        raise refuse(
            _line(entry, "runs"), f"runs={draws} is too large: a study has at most {MOST_RUNS}."
        )
    name = _checked(entry, "part", check_name, refuse)
    return Part(name, draws, settings, tuple(plain_cases) or ({},), lines)


def _line(holder: CommentedMap, name: str) -> int:
    """The line of a field, counted from 1."""
    return int(holder.lc.key(name)[0]) + 1


def _value(holder: CommentedMap, name: str, refuse: _Refuse) -> Any:
    """A field as plain Python objects; None where it is not given."""
    try:
        return plain_value(holder.get(name))
    except ValueError as problem:
        raise refuse(_line(holder, name), f"{name}: {problem}") from problem


def _checked(
    holder: CommentedMap, name: str, check: Callable[[str, Any], str], refuse: _Refuse
) -> str:
    try:
        return check(name, holder[name])
    except ValueError as problem:
        raise refuse(_line(holder, name), str(problem)) from problem


def _integer(holder: CommentedMap, name: str, default: int, minimum: int, refuse: _Refuse) -> int:
    if name not in holder:
        return default
    try:
        return check_integer(name, _value(holder, name, refuse), minimum=minimum)
    except (TypeError, ValueError) as problem:
        if isinstance(problem, StudyError):
            raise
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


def _settings(given: CommentedMap, refuse: _Refuse, may_vary: bool = True) -> dict[str, Any]:
    """Settings as plain Python objects, of which each is known and varies in a known way."""
    settings = {}
    for name in given:
        line = _line(given, name)
        if name not in known_settings():
            known = ", ".join(known_settings())
            raise refuse(line, f"the setting {name!r} is unknown: choose from {known}.")
        settings[str(name)] = value = _value(given, name, refuse)
        try:
            varies = how_it_varies(value)
        except ValueError as problem:
            raise refuse(line, f"{name}: {problem}") from problem
        if varies and not may_vary:
            raise refuse(
                line, f"{name}: in a case nothing is drawn. Write a plain value, and a case for "
                "each value, or let it vary in the part's settings."
            )  # fmt: skip
    return settings


def read_value(name: str, text: str) -> Any:
    """The value that ``text`` gives the setting ``name``, on a command line: as in a file.

    Raises
    ------
    StudyError
        If it is no value.
    """
    try:
        return plain_value(load_yaml(f"{name} {text!r}", text))
    except ValueError as problem:
        if isinstance(problem, StudyError):
            raise
        raise StudyError(f"{name}: {problem}") from problem
