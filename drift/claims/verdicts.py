"""What a verdict is: a published claim beside our numbers, with a tolerance.

:mod:`drift.claims.judging` reaches verdicts, :mod:`drift.claims.row_tables` shows them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import FrameType

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


def _judge() -> str:
    """The function of a module of claims that makes a claim now, as ``"corridor_claims.loss"``."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        is_of_claims = module.startswith("drift.claims.") and module.endswith("_claims")
        if is_of_claims and name.isidentifier() and not name.startswith("_"):
            return f"{module.removeprefix('drift.claims.')}.{name}"
        frame = frame.f_back
    return ""


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
    judged_by : str
        The module and function that judged it; by default the one that makes the claim.
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
    judged_by: str = field(default_factory=_judge)


def judged_on(what: str, claims: Iterable[Claim], archive: str = "") -> list[Claim]:
    """The ``claims`` with a note of ``what`` was judged, where they do not have one.

    Parameters
    ----------
    what : str
        :data:`ARCHIVED`, :data:`THIS_RUN`, or the name of a table of numbers.
    claims : iterable of Claim
    archive : str
        Name of the archive, where ``what`` is :data:`ARCHIVED`.

    Returns
    -------
    list of Claim
    """
    note = f"{what} ({archive})" if archive and what == ARCHIVED else what
    return [claim if claim.rests_on else replace(claim, rests_on=note) for claim in claims]


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
