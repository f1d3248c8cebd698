"""What a verdict is: a published claim beside our numbers, with a tolerance.

:mod:`drift.claims.judging` reaches verdicts, :mod:`drift.claims.row_tables` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = [
    "ARCHIVED",
    "BEYOND",
    "FAILS",
    "HOLDS",
    "ILLUSTRATION",
    "MARKS",
    "NOT_REPRODUCED",
    "NOT_TESTABLE",
    "REPRODUCED",
    "THIS_RUN",
    "WITH_CAVEAT",
    "Claim",
    "Erratum",
    "judged_on",
]

REPRODUCED = "reproduced"
WITH_CAVEAT = "reproduced with a caveat"
NOT_REPRODUCED = "not reproduced"
NOT_TESTABLE = "not testable here"
HOLDS = "holds"
FAILS = "does not hold"
ILLUSTRATION = "illustration"

BEYOND = "beyond the study"
"""The item of statements that are this book's own; they hold or do not."""

ARCHIVED = "archived runs at published parameters"
"""Runs that are shipped with the book; most verdicts rest on them."""

THIS_RUN = "this chapter's own runs"
"""What a verdict rests on that would be another with other parameters."""

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


@dataclass(frozen=True)
class Claim:
    """One row of a chapter's verdict table.

    Parameters
    ----------
    item, statement : str
        Figure, table or section of the study (``"Fig. 2B"``), or :data:`BEYOND`; and the claim.
    published, ours, tolerance, verdict, figure, caveat : str
        What the study and this book found; the difference allowed; a key of :data:`MARKS`; the name
        of this book's figure that shows it; what limits the verdict.
    source : str
        Where the study says so: its section, and the sentence in other words.
    rests_on : str
        What was judged: :data:`ARCHIVED`, :data:`THIS_RUN`, or a table of numbers by its name.
    """

    item: str
    statement: str
    published: str
    ours: str
    tolerance: str
    verdict: str
    figure: str = ""
    caveat: str = ""
    source: str = ""
    rests_on: str = ""


def judged_on(what: str, claims: Iterable[Claim]) -> list[Claim]:
    """The ``claims`` with a note of ``what`` was judged, where they do not have one.

    Parameters
    ----------
    what : str
        :data:`ARCHIVED`, :data:`THIS_RUN`, or the name of a table of numbers.
    claims : iterable of Claim

    Returns
    -------
    list of Claim
    """
    return [claim if claim.rests_on else replace(claim, rests_on=what) for claim in claims]


@dataclass(frozen=True)
class Erratum:
    """Where the study's text and its program differ, and what the difference does.

    Parameters
    ----------
    topic, text, program, here, effect : str
        What differs; what the text, the program and this book have; what that changes.
    """

    topic: str
    text: str
    program: str
    here: str
    effect: str
