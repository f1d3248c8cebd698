"""Tables of claims and errata for notebooks, which carry their rows as data.

From these rows the page *Fidelity* is made (:mod:`drift.site.fidelity`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

import pandas as pd

from drift.claims.verdicts import FAILS, MARKS, NOT_REPRODUCED, Claim, Erratum

__all__ = ["CLAIMS", "ERRATA", "RowTable", "errata_table", "verdict_table"]

CLAIMS, ERRATA = "drift claims", "drift errata"
"""Where the rows of a table are, as data, in the metadata of a notebook's output."""


class RowTable:
    """A table for notebooks that also carries its rows as data.

    Parameters
    ----------
    frame : DataFrame
        What is shown.
    rows : list of dict
        The same as data, a dictionary a row.
    kind : str
        Under what the rows stand in the metadata of the notebook's output.
    css_class : str
    notes : dict of str to sequence of str, optional
        By column, what stands in small print below each of its cells.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: list[dict[str, str]],
        kind: str,
        css_class: str,
        notes: Mapping[str, Sequence[str]] | None = None,
    ):
        self.frame = frame
        self.rows = rows
        self._kind = kind
        self._class = css_class
        self._notes = dict(notes or {})

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        shown = self.frame.map(_as_html)
        for column, notes in self._notes.items():
            shown[column] += [
                f"<br><small>{_as_html(note)}</small>" if note else "" for note in notes
            ]
        if "verdict" in shown:
            shown["verdict"] = [_marked(verdict) for verdict in self.frame.verdict]
        if "caveat" in shown:
            caveats = shown.pop("caveat")
            shown["verdict"] += [f": {caveat}" if caveat else "" for caveat in caveats]
        html = shown.to_html(index=False, border=0, escape=False, classes=self._class)
        return {"text/plain": self.frame.to_string(), "text/html": html}, {self._kind: self.rows}


def _as_html(cell: str) -> str:
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(cell))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", marked)


def _marked(verdict: str) -> str:
    text = f"{MARKS[verdict]} {verdict}"
    return f"<strong>{text}</strong>" if verdict in (NOT_REPRODUCED, FAILS) else text


def verdict_table(claims: Iterable[Claim]) -> RowTable:
    """The table a chapter ends with, a row a claim.

    Parameters
    ----------
    claims : iterable of Claim

    Returns
    -------
    RowTable

    Raises
    ------
    ValueError
        If a verdict is none of :data:`~drift.claims.verdicts.MARKS`.
    """
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
    notes = {
        "claim": [row["source"] for row in rows],
        "this book": [row["rests_on"] for row in rows],
    }
    return RowTable(frame, rows, CLAIMS, "verdicts", notes)


def errata_table(errata: Iterable[Erratum]) -> RowTable:
    """Where text and program of the study differ, a row a difference.

    Parameters
    ----------
    errata : iterable of Erratum

    Returns
    -------
    RowTable
    """
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
