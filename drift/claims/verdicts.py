"""Published claims beside our numbers, with a tolerance and a verdict.

A chapter ends with :func:`verdict_table`, and has an :func:`errata_table` where the study's text
and program differ. Both show as tables, and carry their rows as data, from which the page
*Fidelity* is made (:mod:`drift.site.fidelity`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from drift.analysis.trends import mean_and_spread

REPRODUCED = "reproduced"
WITH_CAVEAT = "reproduced with a caveat"
NOT_REPRODUCED = "not reproduced"
NOT_TESTABLE = "not testable here"
HOLDS = "holds"
FAILS = "does not hold"
ILLUSTRATION = "illustration"

BEYOND = "beyond the study"
"""The item of statements that are this book's own: they hold or do not."""

MARKS = {
    REPRODUCED: "✓",
    WITH_CAVEAT: "≈",
    NOT_REPRODUCED: "✗",
    NOT_TESTABLE: "?",
    HOLDS: "✓",
    FAILS: "✗",
    ILLUSTRATION: "·",
}
"""All verdicts, and the sign before each."""

CLAIMS, ERRATA = "drift claims", "drift errata"
"""In the metadata of a notebook's output: where the rows of its table are, as data."""


@dataclass(frozen=True)
class Claim:
    """One row of a chapter's verdict table.

    ``item`` is the figure, table or section of the study (``"Fig. 2B"``), or :data:`BEYOND`;
    ``figure`` the name of this book's figure that shows it; ``caveat`` what limits the verdict.
    """

    item: str
    statement: str
    published: str
    ours: str
    tolerance: str
    verdict: str
    figure: str = ""
    caveat: str = ""


@dataclass(frozen=True)
class Erratum:
    """Where the study's text and its program differ, and what the difference does."""

    topic: str
    text: str
    program: str
    here: str
    effect: str


def judged(item: str, held: bool, caveat: str = "") -> str:
    """The verdict on a claim about ``item`` that ``held`` or not, with or without a ``caveat``."""
    if item == BEYOND:
        return HOLDS if held else FAILS
    if not held:
        return NOT_REPRODUCED
    return WITH_CAVEAT if caveat else REPRODUCED


def not_testable(item: str, statement: str, published: str, why: str, figure: str = "") -> Claim:
    """A claim that nothing here can test, and why."""
    return Claim(item, statement, published, "-", "-", NOT_TESTABLE, figure, why)


def compare_number(
    item: str,
    statement: str,
    published: float,
    ours: Sequence[float],
    digits: int = 2,
    level: float = 0.95,
    figure: str = "",
    caveat: str = "",
) -> Claim:
    """Judge whether one published number could be a further draw from our runs.

    The tolerance is the half-width of the prediction interval at ``level`` for one more run with
    its own task and seed: t s sqrt(1 + 1/k), from the mean and standard deviation s of our k runs,
    taking them as normal. Given that all runs are of one law, a verdict is wrong by chance in
    1 - level of the comparisons.

    Raises
    ------
    ValueError
        If there are fewer than two runs, or one is not finite.
    """
    values = np.asarray(ours, float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"{statement!r} needs at least two finite values to state a spread, got {values}."
        )
    spread = values.std(ddof=1)
    quantile = student.ppf((1 + level) / 2, values.size - 1)
    half_width = quantile * spread * np.sqrt(1 + 1 / values.size)
    held = bool(abs(values.mean() - published) <= half_width)
    return Claim(
        item,
        statement,
        f"{published:.{digits}f}",
        f"{mean_and_spread(values, digits)} ({values.size} runs)",
        f"± {half_width:.{digits}f} ({level:.0%} prediction interval)",
        judged(item, held, caveat),
        figure,
        caveat,
    )


def require_each(
    item: str,
    statement: str,
    published: str,
    ours: Sequence[float],
    requirement: str,
    holds: Callable[[float], bool],
    digits: int = 2,
    of: str = "runs",
    figure: str = "",
    caveat: str = "",
) -> Claim:
    """Judge whether every value meets a ``requirement``; ``of`` says what there is one each."""
    values = np.asarray(ours, float)
    if values.size == 0:
        raise ValueError(f"{statement!r} has no runs to judge by.")
    low, high = values.min(), values.max()
    held = all(bool(holds(value)) for value in values)
    span = f"{low:.{digits}f} to {high:.{digits}f} ({values.size} {of})"
    return Claim(
        item,
        statement,
        published,
        span if values.size > 1 else f"{low:.{digits}f}",
        requirement,
        judged(item, held, caveat),
        figure,
        caveat,
    )


class RowTable:
    """A table for notebooks that also carries its rows as data."""

    def __init__(self, frame: pd.DataFrame, rows: list[dict[str, str]], kind: str, css_class: str):
        self.frame = frame
        self.rows = rows
        self._kind = kind
        self._class = css_class

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        shown = self.frame.map(_as_html)
        if "verdict" in shown:
            shown["verdict"] = [_marked(verdict) for verdict in self.frame.verdict]
        if "caveat" in shown:
            caveats = shown.pop("caveat")
            shown["verdict"] += [f": {caveat}" if caveat else "" for caveat in caveats]
        html = shown.to_html(index=False, border=0, escape=False, classes=self._class)
        return {"text/plain": self.frame.to_string(), "text/html": html}, {self._kind: self.rows}


def _as_html(cell: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(cell))


def _marked(verdict: str) -> str:
    text = f"{MARKS[verdict]} {verdict}"
    return f"<strong>{text}</strong>" if verdict in (NOT_REPRODUCED, FAILS) else text


def verdict_table(claims: Iterable[Claim]) -> RowTable:
    """The table a chapter ends with, a row a claim."""
    rows = [asdict(claim) for claim in claims]
    for row in rows:
        if row["verdict"] not in MARKS:
            raise ValueError(f"a verdict is one of {', '.join(MARKS)}, not {row['verdict']!r}.")
    frame = pd.DataFrame(
        {
            "of the study": [row["item"] for row in rows],
            "claim": [row["statement"] for row in rows],
            "published": [row["published"] for row in rows],
            "this book": [row["ours"] for row in rows],
            "tolerance": [row["tolerance"] for row in rows],
            "verdict": [row["verdict"] for row in rows],
        }
    )
    if any(row["caveat"] for row in rows):
        frame["caveat"] = [row["caveat"] for row in rows]
    return RowTable(frame, rows, CLAIMS, "verdicts")


def errata_table(errata: Iterable[Erratum]) -> RowTable:
    """Where text and program of the study differ, a row a difference."""
    rows = [asdict(erratum) for erratum in errata]
    titles = {
        "topic": "what",
        "text": "the study's text",
        "program": "its program",
        "here": "this book",
        "effect": "what the difference does, measured",
    }
    frame = pd.DataFrame(rows, columns=list(titles)).rename(columns=titles)
    return RowTable(frame, rows, ERRATA, "errata")
