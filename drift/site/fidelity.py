"""The page *Fidelity*: every figure, table and claim of the study beside what this book found.

It is made of the rows that the chapters' verdict and errata tables carry (``drift.claims``).
``drift book freeze`` writes it from the committed notebooks, ``drift book build`` anew from the
executed ones.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from drift.claims.row_tables import CLAIMS, ERRATA
from drift.claims.verdicts import (
    BEYOND,
    FAILS,
    HOLDS,
    ILLUSTRATION,
    MARKS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    WITH_CAVEAT,
    Claim,
    Erratum,
)

STUDY = {
    "Fig. 1A": "undirected and directed walks among equally good solutions",
    "Fig. 1B": "how a property of the solution changes in each",
    "Fig. 2A": "an agent in a corridor",
    "Fig. 2B": "loss",
    "Fig. 2C": "spatial information and fraction of active units",
    "Fig. 2D": "rate maps at four times",
    "Fig. 2E": "correlation of rate maps between times",
    "Fig. 3": "recordings of CA1, as a whole",
    "Fig. 3A": "Khatib et al.",
    "Fig. 3B": "Jercog et al.",
    "Fig. 3C": "Karlsson et al.",
    "Fig. 3D": "Sheintuch et al. 2023",
    "Fig. 4A": "616 runs",
    "Fig. 4B": "size of the noise: sparseness and its time scale",
    "Fig. 4C": "similarity matching",
    "Fig. 5A": "a valley that becomes flat to one side",
    "Fig. 5B": "active units and non-zero eigenvalues",
    "Fig. 5C": "eigenvalues under update noise",
    "Fig. 5D": "sum of eigenvalues under label noise",
    "Fig. S1A": "fraction of active units by learning rule",
    "Fig. S1B": "active fraction by learning rule",
    "Fig. S2A": "active fraction, update and label noise",
    "Fig. S2B": "fraction of active units, update and label noise",
    "Fig. S2C": "sum of eigenvalues, update and label noise",
    "Fig. S2D": "share of non-zero eigenvalues, update and label noise",
    "Table 1": "the three phases",
    "Table 2": "ranges of the random runs",
    "Table 3": "data sets",
    "Results": "claims made only in the text",
}
"""Every figure panel and table of the study, in its order."""

OF_THE_STUDY = (REPRODUCED, WITH_CAVEAT, NOT_REPRODUCED, NOT_TESTABLE)

FIDELITY_PAGE = "fidelity.md"
FILTER = """```{raw} html
<p id="fidelity-filter" hidden></p>
<script defer src="../_static/fidelity.js"></script>
```"""
"""Where the page's script lets its reader choose; without scripts everything is shown."""

BEGIN, END = "<!-- made of the chapters' verdict tables from here -->", "<!-- to here -->"


@dataclass(frozen=True)
class Finding:
    """A row of a chapter's verdict or errata table."""

    chapter: str
    row: Claim | Erratum


def findings(chapter: str, notebook: Path) -> list[Finding]:
    """The rows of all verdict and errata tables in an executed notebook."""
    kinds = {CLAIMS: Claim, ERRATA: Erratum}
    return [
        Finding(chapter, kind(**row))
        for cell in nbformat.read(notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        for key, kind in kinds.items()
        for row in output.get("metadata", {}).get(key, [])
    ]


def findings_of(notebooks: Iterable[Path]) -> list[Finding]:
    """The rows of all tables in the notebooks of chapters, in their order."""
    return [finding for path in notebooks for finding in findings(path.stem, path)]


def score_of(found: Iterable[Finding]) -> Counter[str]:
    """How many claims of the study have each verdict of :data:`OF_THE_STUDY`."""
    verdicts = (finding.row.verdict for finding in found if isinstance(finding.row, Claim))
    return Counter(verdict for verdict in verdicts if verdict in OF_THE_STUDY)


def changed_lines(page: Path, found: Sequence[Finding]) -> list[str]:
    """What of the page would be other if it were made of ``found``, as the lines of a diff."""
    now, then = (text.splitlines() for text in (_with_tables(page, found), page.read_text()))
    difference = difflib.unified_diff(then, now, "as committed", "as executed", lineterm="", n=0)
    return list(difference)


def write_page(page: Path, found: Sequence[Finding]) -> None:
    """Put the tables made of ``found`` between the two marks of the Markdown file ``page``.

    Raises
    ------
    ValueError
        If the marks are not there, or a row is about something that :data:`STUDY` does not list.
    """
    page.write_text(_with_tables(page, found))


def _with_tables(page: Path, found: Sequence[Finding]) -> str:
    text = page.read_text()
    unknown = {f.row.item for f in found if isinstance(f.row, Claim)} - {*STUDY, BEYOND}
    if unknown:
        raise ValueError(f"not a figure or table of the study: {', '.join(sorted(unknown))}.")
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"{page} has to hold the lines {BEGIN!r} and {END!r} once.")
    return pattern.sub(lambda _: f"{BEGIN}\n{_tables(found)}\n{END}", text)


def _tables(found: Sequence[Finding]) -> str:
    every = [(f.chapter, f.row) for f in found if isinstance(f.row, Claim)]
    claims = [(c, claim) for c, claim in every if claim.verdict != ILLUSTRATION]
    drawn = [(c, claim) for c, claim in every if claim.verdict == ILLUSTRATION]
    errata = [(f.chapter, f.row) for f in found if isinstance(f.row, Erratum)]
    parts = [_summary(found), FILTER, "## Claim by claim"]
    for heading, items in _by_figure().items():
        rows = [(c, claim) for item in items for c, claim in claims if claim.item == item]
        if rows:
            parts += [f"### {heading}", _claim_table(rows)]
    beyond = [(c, claim) for c, claim in claims if claim.item == BEYOND]
    parts += [
        "## Beyond the study",
        "These are this book's own statements. Its results depend on them.",
        _claim_table(beyond),
        *_illustrations(drawn),
        "## Where text and program differ",
        "The study's figures were made by its program. Where its text says something else, this is "
        "what each says, what this book does, and what the difference does to the result.",
        _errata_table(errata),
    ]
    return "\n\n".join(["", *parts, ""])


def _illustrations(drawn: Sequence[tuple[str, Claim]]) -> list[str]:
    if not drawn:
        return []
    about = "These pictures of the study are drawn here too. They claim nothing that could fail."
    return ["## Illustrations", about, _claim_table(drawn)]


def _by_figure() -> dict[str, list[str]]:
    """The items of :data:`STUDY` by figure: all panels of a figure under its heading."""
    headings: dict[str, list[str]] = {}
    for item in STUDY:
        figure = re.sub(r"(?<=\d)[A-E]$", "", item)
        heading = {"Results": "Text"}.get(figure, figure.replace("Fig.", "Figure"))
        headings.setdefault(heading, []).append(item)
    return headings


def _summary(found: Sequence[Finding]) -> str:
    """Counts by verdict in a sentence, and by item in a table."""
    claims = [finding.row for finding in found if isinstance(finding.row, Claim)]
    score, counts = score_of(found), Counter(claim.verdict for claim in claims)
    words = ", ".join(f"{score[verdict]} {verdict} ({MARKS[verdict]})" for verdict in OF_THE_STUDY)
    rows = [["of the study", "what it shows", *(MARKS[verdict] for verdict in OF_THE_STUDY)]]
    for item, shows in STUDY.items():
        own = Counter(claim.verdict for claim in claims if claim.item == item)
        cells = [str(own[verdict] or "") for verdict in OF_THE_STUDY]
        illustration = "" if any(cells) else " (an illustration)"
        rows.append([item, shows + illustration, *cells])
    return (
        f"**Of {score.total()} claims of the study: {words}. "
        f"Of {counts[HOLDS] + counts[FAILS]} statements beyond it, {counts[HOLDS]} hold.**\n\n"
        + _list_table(rows, "15 61 6 6 6 6", "glance")
    )


def _claim_table(claims: Sequence[tuple[str, Claim]]) -> str:
    rows = [["claim", "published", "this book", "tolerance", "verdict"]]
    for chapter, claim in claims:
        verdict = f"{MARKS[claim.verdict]} {claim.verdict}"
        if claim.verdict in (NOT_REPRODUCED, FAILS):
            verdict = f"**{verdict}**"
        if claim.caveat:
            verdict += f": {_text(claim.caveat)}"
        item = "" if claim.item == BEYOND else f"{claim.item}, "
        where = _where(chapter, claim.figure, claim.judged_by)
        statement = f"{item}{_text(claim.statement)} ({where})"
        if claim.source:  # Markdown by itself: its section is in italics
            statement += f". {claim.source}."
        ours = _text(claim.ours) + (f"; {claim.rests_on}" if claim.rests_on else "")
        rows.append([statement, _text(claim.published), ours, _text(claim.tolerance), verdict])
    return _list_table(rows, "36 13 17 16 18", "verdicts")


def _errata_table(errata: Sequence[tuple[str, Erratum]]) -> str:
    rows = [["what", "text", "program", "this book", "effect, measured"]]
    for chapter, erratum in errata:
        cells = (erratum.text, erratum.program, erratum.here, erratum.effect)
        rows.append([f"{_text(erratum.topic)} ({_where(chapter, '')})", *map(_text, cells)])
    return _list_table(rows, "18 16 20 18 28", "errata")


def _where(chapter: str, figure: str, judged_by: str = "") -> str:
    """Links to the figure that shows it, to the chapter's parameters, and to what judged it."""
    shown = f"here {{numref}}`{figure}`, " if figure else ""
    module = judged_by.partition(".")[0]
    judge = f", judged by {{py:mod}}`{judged_by} <drift.claims.{module}>`" if judged_by else ""
    return f"{shown}{{ref}}`parameters <parameters-{chapter}>`{judge}"


def _text(cell: str) -> str:
    """``cell`` with nothing in it that Markdown would take for markup, but for code."""
    if cell == "-":
        return r"\-"
    return re.sub(r"([\\*_$<>\[\]{}|#~])", r"\\\1", cell) if "`" not in cell else cell


def _list_table(rows: Sequence[Sequence[str]], widths: str, css_class: str) -> str:
    lines = ["```{list-table}", ":header-rows: 1", f":widths: {widths}", f":class: {css_class}", ""]
    for row in rows:
        lines += [f"{'  - ' if number else '* - '}{cell}" for number, cell in enumerate(row)]
    return "\n".join([*(line.rstrip() for line in lines), "```"])
