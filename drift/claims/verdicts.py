"""Published claims beside our numbers, with a tolerance and a verdict.

A chapter shows them with :func:`~drift.claims.row_tables.verdict_table`, and where the study's text
and program differ with :func:`~drift.claims.row_tables.errata_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from drift.analysis.trends import mean_and_spread

__all__ = [
    "BEYOND",
    "FAILS",
    "HOLDS",
    "ILLUSTRATION",
    "MARKS",
    "NOT_REPRODUCED",
    "NOT_TESTABLE",
    "REPRODUCED",
    "WITH_CAVEAT",
    "Claim",
    "Erratum",
    "compare_number",
    "judged",
    "not_testable",
    "require_each",
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


def judged(item: str, held: bool, caveat: str = "") -> str:
    """The verdict on a claim about ``item`` that ``held`` or not, with or without a ``caveat``.

    Parameters
    ----------
    item : str
    held : bool
    caveat : str

    Returns
    -------
    str
    """
    if item == BEYOND:
        return HOLDS if held else FAILS
    if not held:
        return NOT_REPRODUCED
    return WITH_CAVEAT if caveat else REPRODUCED


def not_testable(item: str, statement: str, published: str, why: str, figure: str = "") -> Claim:
    """A claim that nothing here can test, and why.

    Parameters
    ----------
    item, statement, published, why, figure : str, as in :class:`Claim`; ``why`` is its caveat

    Returns
    -------
    Claim
    """
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
    taken as normal. If all runs are of one law, a share 1 - level of verdicts is wrong by chance.

    Parameters
    ----------
    item, statement : str
    published : float
    ours : (runs,) sequence of float
    digits : int, number of decimals that are shown
    level : float
    figure, caveat : str, as in :class:`Claim`

    Returns
    -------
    Claim

    Raises
    ------
    ValueError
        If there are fewer than two runs, or a value is not finite.
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
    """Judge whether every value meets a ``requirement``; ValueError if there are no values.

    Parameters
    ----------
    item, statement, published : str
    ours : sequence of float
    requirement : str
    holds : callable that says whether a value meets it
    digits : int
    of, figure, caveat : str
        ``of`` says what the values are of; the rest as in :func:`compare_number`.

    Returns
    -------
    Claim
    """
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
