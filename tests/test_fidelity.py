"""The page Fidelity: complete, as the chapters have it, and with working references."""

import importlib
import re
from dataclasses import replace
from html import escape
from pathlib import Path

import nbformat
import pytest

from drift.chapters.notebooks import list_chapters
from drift.claims.judging import require_each
from drift.claims.requirements import above
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import BEYOND, Claim, Erratum
from drift.site.fidelity import (
    BEGIN,
    END,
    FIDELITY_PAGE,
    STUDY,
    changed_lines,
    findings,
    findings_of,
    write_page,
)

ROOT = Path(__file__).parent.parent
CHAPTERS = list_chapters(ROOT)
FOUND = findings_of(chapter.path for chapter in CHAPTERS)


def test_every_figure_and_table_of_the_study_is_on_it():
    """The list is that of SCIENCE's section 4, panel by panel, typed here a second time."""
    panels = {
        "1": "AB",
        "2": "ABCDE",
        "3": "ABCD",
        "4": "ABC",
        "5": "ABCD",
        "S1": "AB",
        "S2": "ABCD",
    }
    expected = {f"Fig. {figure}{panel}" for figure, all_of in panels.items() for panel in all_of}
    expected |= {"Table 1", "Table 2", "Table 3"}
    assert expected <= set(STUDY)
    covered = {finding.row.item for finding in FOUND if isinstance(finding.row, Claim)}
    assert set(STUDY) <= covered


def test_the_committed_page_is_that_of_the_committed_chapters(tmp_path):
    committed = ROOT / "book" / FIDELITY_PAGE
    page = tmp_path / FIDELITY_PAGE
    page.write_text(committed.read_text())
    write_page(page, FOUND)
    assert page.read_text() == committed.read_text()


def test_every_row_names_a_figure_that_its_book_has():
    names = {
        cell.metadata["mystnb"]["figure"]["name"]
        for chapter in CHAPTERS
        for cell in nbformat.read(chapter.path, as_version=4).cells
        if "figure" in cell.metadata.get("mystnb", {})
    }
    pointed = {f.row.figure for f in FOUND if isinstance(f.row, Claim)} - {""}
    assert len(pointed) > 15
    assert pointed <= names


def test_every_row_names_the_function_that_judged_it():
    """One of a module that the reference documents, which returns claims."""
    reference = (ROOT / "book" / "api" / "data.md").read_text()
    for claim in (found.row for found in FOUND if isinstance(found.row, Claim)):
        module, name = claim.judged_by.split(".")
        assert f"automodule:: drift.claims.{module}\n" in reference
        function = getattr(importlib.import_module(f"drift.claims.{module}"), name)
        assert function.__annotations__["return"].split("[")[-1].rstrip("]") in (
            "Claim", "RowTable",
        )  # fmt: skip


def test_verdicts_are_those_of_the_tables_that_readers_of_a_chapter_see():
    """Of each row in the data, the statement and its verdict stand in one row of the HTML."""
    for chapter in CHAPTERS:
        outputs = [
            output
            for cell in nbformat.read(chapter.path, as_version=4).cells
            for output in cell.get("outputs", [])
            if CLAIMS in output.get("metadata", {})
        ]
        assert len(outputs) == 1, chapter.name
        rows = outputs[0]["data"]["text/html"].split("<tr>")[1:]
        for row in outputs[0]["metadata"][CLAIMS]:
            shown = [html for html in rows if f"<td>{escape(row['statement'])}<" in html]
            assert any(row["verdict"] in html for html in shown), row["statement"]


def page_with(tmp_path, text=f"# Title\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"):
    page = tmp_path / FIDELITY_PAGE
    page.write_text(text)
    return page


def notebook_with(tmp_path, name, claims):
    output = nbformat.v4.new_output(
        "display_data", {"text/plain": ""}, metadata={CLAIMS: [vars(claim) for claim in claims]}
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def test_counts_and_rows_are_those_of_the_claims(tmp_path):
    claims = [
        require_each("Fig. 2B", "loss falls_fast", "yes", [1.0], above(0), figure="fig-a"),
        require_each("Fig. 2B", "loss stays", "yes", [-1.0], above(0)),
        require_each("Fig. 2C", "units go", "yes", [1.0], above(0), caveat="other mice"),
        require_each(BEYOND, "a law", "-", [-1.0], above(0)),
    ]
    claims[1] = replace(claims[1], source="Results, *Part*: it stays", rests_on="a table")
    page = page_with(tmp_path)
    write_page(page, findings("small", notebook_with(tmp_path, "small", claims)))
    text = page.read_text()
    assert text.startswith("# Title\n") and text.endswith("After.\n") and "\nold\n" not in text
    assert (
        "Of 3 claims of the study: 1 reproduced (✓), 1 reproduced with a caveat (≈), 1 not "
        "reproduced (✗), 0 not testable here (?). Of 1 statements beyond it, 0 hold." in text
    )
    assert re.search(r"\* - Fig\. 2B\n  - loss\n  - 1\n  -\n  - 1\n  -\n", text)
    assert (
        "Fig. 2B, loss falls\\_fast (here {numref}`fig-a`, {ref}`parameters <parameters-small>`)"
        in text
    )
    assert "Fig. 2B, loss stays ({ref}`parameters <parameters-small>`). Results, *Part*: it" in text
    assert "  - -1.00; a table\n" in text
    assert "  - **✗ not reproduced**\n" in text
    assert "  - ≈ reproduced with a caveat: other mice\n" in text
    assert "  - **✗ does not hold**\n" in text


def test_what_would_change_is_told_line_by_line(tmp_path):
    claim = Claim("Fig. 2B", "loss falls", "yes", "1.00", "above 0", "reproduced")
    page = page_with(tmp_path)
    found = findings("small", notebook_with(tmp_path, "small", [claim]))
    write_page(page, found)
    assert changed_lines(page, found) == []
    other = replace(claim, ours="0.90")
    changed = changed_lines(page, findings("small", notebook_with(tmp_path, "small", [other])))
    assert "-  - 1.00" in changed and "+  - 0.90" in changed


def test_a_claim_about_no_figure_of_the_study_is_refused(tmp_path):
    claim = Claim("Fig. 9", "x", "a", "b", "c", "reproduced")
    found = findings("small", notebook_with(tmp_path, "small", [claim]))
    with pytest.raises(ValueError, match=r"not a figure or table of the study: Fig\. 9"):
        write_page(page_with(tmp_path), found)
    with pytest.raises(ValueError, match="has to hold the lines"):
        write_page(page_with(tmp_path, "# Title\n"), [])


def test_errata_say_what_each_side_has_and_what_it_does():
    errata = [finding.row for finding in FOUND if isinstance(finding.row, Erratum)]
    assert len(errata) >= 10
    assert all(all(vars(erratum).values()) for erratum in errata)
    topics = " ".join(erratum.topic for erratum in errata)
    for known in (
        "texture",
        "speed",
        "label noise",
        "RMSprop",
        "eigenvalues",
        "Fig. 4B",
        "perturbation",
    ):
        assert known in topics
