"""What a study consists of, checked and drawn as a list of runs."""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from drift.study.draws import CROSSED, DRAWN, MOST_RUNS, how_it_varies
from drift.study.folder import StudyError
from drift.study.settings import WHOLE, check_settings, known_settings
from drift.study.text import plain_value
from drift.support.checks import check_choice


@dataclass(frozen=True)
class Part:
    """Runs that are drawn alike."""

    name: str
    draws: int
    settings: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...] = ({},)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Study:
    """A study: its name, the seed that everything is drawn from, and its parts."""

    name: str
    about: str
    seed: int
    parts: tuple[Part, ...]
    source: str
    """The file that it was read from."""

    def runs(self, count: int | None = None) -> list[dict[str, Any]]:
        """The settings of every run, in order, or of ``count`` of them chosen at random.

        The same list at every call; ``number`` is the place of a run in the whole study.

        Raises
        ------
        StudyError
            If a setting cannot be drawn as its part says, or there are fewer runs than ``count``.
        """
        self._check_size()
        drawn = [run for part in self.parts for run in _draw(self, part)]
        runs = [{"number": number} | run for number, run in enumerate(drawn)]
        if count is None:
            return runs
        if not 1 <= count <= len(runs):
            raise StudyError(f"runs={count}: the study {self.name!r} has {len(runs)} runs.")
        chosen = np.random.default_rng(self.seed).choice(len(runs), count, replace=False)
        return [runs[number] for number in sorted(chosen)]

    def with_settings(self, changes: Mapping[str, Any]) -> Study:
        """The study with other settings.

        ``changes`` names a setting, or a part and a setting as in ``"label noise.steps"``. A
        setting replaces what the parts have under its name; if none has it, all get it.

        Raises
        ------
        StudyError
            If there is no such part or setting, or no such way to vary.
        """
        parts = list(self.parts)
        for target, value in changes.items():
            part_name, _, name = target.rpartition(".")
            named = [part for part in parts if part_name in ("", part.name)]
            if not named:
                known = ", ".join(repr(part.name) for part in parts)
                raise StudyError(f"{target}: there is no part {part_name!r}; there are {known}.")
            try:
                check_choice("setting", name, known_settings())
                value = plain_value(value)
                how_it_varies(value)
            except ValueError as problem:
                raise StudyError(f"{target}: {problem}") from problem
            having = [part for part in named if name in set(part.settings).union(*part.cases)]
            for part in having or named:
                cases = tuple({k: v for k, v in case.items() if k != name} for case in part.cases)
                parts[parts.index(part)] = replace(
                    part, settings={**part.settings, name: value}, cases=cases
                )
        return replace(self, parts=tuple(parts))

    def check(self) -> None:
        """Refuse a study of which some run could not begin, or some setting does nothing.

        Each distinct configuration is tried once, however many runs have it.

        Raises
        ------
        StudyError
            Saying where in the study's file.
        """
        self._check_size()
        tried: set[str] = set()
        whole: set[bool] = set()
        for part in self.parts:
            unused = set(part.settings).union(*part.cases)
            for run in _draw(self, part):
                try:
                    unused -= check_settings(run, tried)
                except (TypeError, ValueError) as problem:
                    guilty = getattr(problem, "setting", None)
                    raise self._error(part, guilty, str(problem)) from problem
                except (MemoryError, OverflowError) as problem:
                    raise self._error(
                        part, None, f"too large for this machine: {problem}"
                    ) from problem
                whole.add(run.get("keep", WHOLE) == WHOLE)
            if len(whole) > 1:
                raise self._error(
                    part, "keep", f"some runs keep {WHOLE!r} and others do not: use two studies."
                )
            for name in unused:
                raise self._error(
                    part, name, "no task and no rule of this part has such a setting: remove it."
                )

    def _check_size(self) -> None:
        """Refuse too many runs before any is drawn."""
        sizes = [_size(self, part) for part in self.parts]
        for part, size in zip(self.parts, sizes, strict=True):
            if size > MOST_RUNS:
                raise self._error(part, None, f"has {size} runs, more than {MOST_RUNS}: divide it.")
        if sum(sizes) > MOST_RUNS:
            raise StudyError(
                f"{self.source}: the parts have {sum(sizes)} runs together, more than {MOST_RUNS}: "
                "divide the study."
            )

    def _error(self, part: Part, name: str | None, problem: str) -> StudyError:
        line = part.lines.get(name or "", part.lines.get("", 0))
        where = f", {name}" if name else ""
        return StudyError(f"{self.source}, line {line} (part {part.name!r}{where}): {problem}")


def _crossed(study: Study, part: Part) -> dict[str, list]:
    """The settings of a part that have several values in every draw."""
    crossed = {}
    for name, setting in part.settings.items():
        try:
            word = how_it_varies(setting)
            if word in CROSSED:
                crossed[name] = CROSSED[word](setting[word])
        except (TypeError, ValueError) as problem:
            raise study._error(part, name, str(problem)) from problem
    return crossed


def _size(study: Study, part: Part) -> int:
    """How many runs a part has."""
    crossings = math.prod(map(len, _crossed(study, part).values()))
    return part.draws * crossings * len(part.cases)


def _draw(study: Study, part: Part) -> Iterator[dict[str, Any]]:
    """The runs of a part: every draw, at every crossing, in every case."""

    def label(text: str) -> int:
        return zlib.crc32(text.encode())

    crossed = _crossed(study, part)
    drawn: dict[str, list] = {}
    plain = {k: v for k, v in part.settings.items() if how_it_varies(v) is None}
    crossings = [
        dict(zip(crossed, values, strict=True)) for values in itertools.product(*crossed.values())
    ]
    count = part.draws * len(crossings)
    for name, setting in part.settings.items():
        word = how_it_varies(setting)
        if word in DRAWN:
            # Each setting has its own stream: changing one leaves all others as they were.
            key = (label(part.name), label(name))
            random = np.random.default_rng(np.random.SeedSequence(study.seed, spawn_key=key))
            try:
                drawn[name] = DRAWN[word](setting[word], count, random)
            except (TypeError, ValueError) as problem:
                raise study._error(part, name, str(problem)) from problem
    for i in range(count):
        sequence = np.random.SeedSequence(study.seed, spawn_key=(label(part.name), i))
        seed = int(sequence.generate_state(1)[0])
        own = {name: values[i] for name, values in drawn.items()}
        for case in part.cases:
            yield {
                "part": part.name,
                "seed": seed,
                **plain,
                **crossings[i % len(crossings)],
                **own,
                **case,
            }
