"""The text of a study's file: YAML without what hides meaning, and values that records can hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from drift.study.folder import StudyError

MOST_BYTES = 500_000
"""Size of the largest file that is read: a longer one takes YAML's reader more than seconds."""

_DEEPEST = 12
_LONGEST_TEXT = 4000
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
LONGEST_NAME = 60
"""Characters that the name of a study or part may have."""
_INT64 = 2**63


def read_text(path: Path) -> str:
    """The text in ``path``, which is UTF-8.

    Raises
    ------
    StudyError
        If it cannot be read, is too large, or is not such a text; says the line.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise StudyError(f"{path} cannot be read: {problem.strerror}.") from problem
    if len(content) > MOST_BYTES:
        raise StudyError(
            f"{path} is too large for a study's file: it may have {MOST_BYTES:_} bytes."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise StudyError(
            f"{path}, line {line}: this is not UTF-8 text (byte 0x{content[problem.start]:02x}): "
            "save the file as UTF-8."
        ) from problem


def load_yaml(source: Path | str, text: str) -> Any:
    """What the YAML in ``text`` says, with the lines where it stands (``ruamel.yaml``, round trip).

    Raises
    ------
    StudyError
        If it is not YAML, or has anchors, merge keys, tags, dates, or more depth or longer words
        than a study needs; says line and field.
    """
    yaml = YAML(typ="rt")
    try:
        for event, field, depth in _with_fields(yaml.parse(text)):
            problem = _not_plain(event)
            if depth > _DEEPEST:
                problem = f"lists and mappings are more than {_DEEPEST} deep."
            if problem:
                where = f" ({field})" if field else ""
                line = event.start_mark.line + 1
                raise StudyError(f"{source}, line {line}{where}: {problem}")
        return YAML(typ="rt").load(text)
    except ReaderError as problem:
        line = text[: problem.position].count("\n") + 1
        raise StudyError(
            f"{source}, line {line}: the character {text[problem.position]!r} has no place in a "
            "study's file: remove it."
        ) from problem
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise StudyError(f"{source}, line {line}: {problem.problem}.") from problem
    except (YAMLError, ValueError) as problem:
        if isinstance(problem, StudyError):
            raise
        raise StudyError(f"{source} cannot be read as YAML: {problem}") from problem


def _with_fields(events: Iterable[Event]) -> Iterator[tuple[Event, str, int]]:
    """Each event, the name of the field that it belongs to, and how deep it lies."""
    fields: list[str | None] = []  # of each open mapping the present field; None for a list
    keys_next: list[bool] = []
    for event in events:
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            fields.pop()
            keys_next.pop()
        elif isinstance(event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)):
            if fields and fields[-1] is not None:
                if keys_next[-1] and isinstance(event, ScalarEvent):
                    fields[-1] = str(event.value)[:LONGEST_NAME]
                keys_next[-1] = not keys_next[-1]
            innermost = next((name for name in reversed(fields) if name), "")
            yield event, innermost, len(fields)
            if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                fields.append("" if isinstance(event, MappingStartEvent) else None)
                keys_next.append(True)


def _not_plain(event: Event) -> str | None:
    """Why something is not understood in a study's file; None if it is."""
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        return "anchors (&) and what refers to them (*) are not understood: write the value again."
    if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)) and event.tag:
        return f"the tag {event.tag} is not understood: write the value alone."
    if not isinstance(event, ScalarEvent):
        return None
    if len(event.value) > _LONGEST_TEXT:
        return f"a text of {len(event.value)} characters: at most {_LONGEST_TEXT} are allowed."
    if event.style is None and event.value == "<<":
        return "merge keys (<<) are not understood: write the fields again."
    if event.style is None and _DATE.match(event.value):
        return f"{event.value} is a date: write text in quotation marks."
    return None


def plain_value(value: Any) -> Any:
    """``value`` as plain Python objects, without the marks of where they stood.

    Raises
    ------
    ValueError
        If a part of it is not a finite number below 2^63, a word that can be printed, true, false,
        null, or a list or mapping of such.
    """
    if isinstance(value, Mapping):
        return {plain_value(key): plain_value(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain_value(entry) for entry in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise ValueError(f"{str(value)[:30]} is beyond 64 bits: pass a smaller number.")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not finite: pass a finite number.")
        return float(value)
    if isinstance(value, str):
        if not value.isprintable():
            raise ValueError(f"{value!r} has characters that cannot be printed: remove them.")
        return str(value)
    raise ValueError(f"{value!r} is neither a number nor a word.")


def check_name(what: str, name: object) -> str:
    """The ``name`` of a study or a part: one line that can be printed, not too long.

    Raises
    ------
    ValueError
        If it is not.
    """
    try:
        word = str(plain_value(name))
    except ValueError as problem:
        raise ValueError(f"{what}: {problem}") from problem
    if isinstance(name, (list, Mapping)) or not word.strip():
        raise ValueError(f"{what}={word!r} is no name: write a word or a few.")
    if len(word) > LONGEST_NAME:
        raise ValueError(f"{what} has {len(word)} characters: {LONGEST_NAME} are allowed.")
    return word
