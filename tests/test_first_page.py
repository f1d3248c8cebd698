"""The first page: the score of *Fidelity*, the times of the chapters, links that are set."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from drift.chapters.notebooks import list_chapters
from drift.site.fidelity import findings_of
from drift.site.first_page import FIRST_PAGE, addresses, edition, score, times, write_first_page

ROOT = Path(__file__).parent.parent
CHAPTERS = list_chapters(ROOT)
FOUND = findings_of(chapter.path for chapter in CHAPTERS)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Text of the first page of this book as it is staged."""
    staged = tmp_path_factory.mktemp("stage") / FIRST_PAGE
    staged.write_text((ROOT / "book" / FIRST_PAGE).read_text())
    write_first_page(staged, ROOT, FOUND)
    return staged.read_text()


def test_the_score_is_that_of_the_page_fidelity():
    """The committed page says it in one sentence."""
    sentence = re.search(r"\*\*Of (\d+) claims.*?\*\*", (ROOT / "book" / "fidelity.md").read_text())
    counts = re.findall(r"(\d+) (reproduced|reproduced with a caveat|not [\w ]+?) \(", sentence[0])
    text = score(FOUND)
    assert text.startswith(f"The chapters judge {sentence[1]} claims of the study.")
    card = (
        r"grid-item-card\} (\d+) .\n:link: fidelity\.html\?verdict=(\S+)\n:link-type: url\n([\w ]+)"
    )
    found = re.findall(card, text)
    assert [unquote(chosen) for _, chosen, _ in found] == [verdict for *_, verdict in found]
    cards = [(count, verdict) for count, _, verdict in found]
    assert cards == counts and len(cards) == 4
    assert sum(int(count) for count, _ in cards) == int(sentence[1])


def test_nothing_is_left_to_fill_in_and_every_chapter_has_its_times(page):
    assert "<!--" not in page
    typed_by_hand = (ROOT / "book" / FIRST_PAGE).read_text()
    assert not re.search(r"\d+ (claims|reproduced|✓)|version \d", typed_by_hand)
    for chapter in CHAPTERS:
        card = page[page.index(f":link: {chapter.name}\n") :].split(":::")[0]
        assert re.search(r"· \d+ minutes to read · ", card)
        assert f"· {chapter.profiles['book'].cost} to run" in card


def test_reading_counts_prose_and_captions_and_no_code(tmp_path):
    caption = new_code_cell("code " * 5000)
    caption.metadata["mystnb"] = {"figure": {"name": "a", "caption": "word " * 100}}
    cells = [new_markdown_cell("word " * 301), new_code_cell("code " * 5000), caption]
    profiles = {"book": {"values": {}, "cost": "about a minute"}}
    notebook = new_notebook(cells=cells, metadata={"drift": {"profiles": profiles}})
    nbformat.write(notebook, tmp_path / "a.ipynb")
    assert times(tmp_path / "a.ipynb") == "· 3 minutes to read · about a minute to run"


CITATION = {
    "version": "1.2",
    "date-released": date(2031, 4, 5),
    "license": "MIT",
    "references": [
        {
            "title": "On walks",
            "authors": [
                {"given-names": "Ada", "family-names": "One"},
                {"given-names": "Bo", "family-names": "Two"},
            ],
            "journal": "J",
            "volume": "3",
            "start": "77",
            "year": 2030,
            "doi": "10.1/2",
        }
    ],
}


def test_the_edition_names_authors_version_date_and_licence():
    text = edition(CITATION, {})
    assert "Ada One, Bo Two (2030). *On walks*. J 3:77." in text
    assert "(https://doi.org/10.1/2)" in text
    assert "version 1.2, 5 April 2031, licence MIT" in text
    assert "{doc}`cite`" in text
    assert "source" not in text


@pytest.mark.parametrize("services", [{}, {"binderhub_url": "https://b", "colab_url": "https://c"}])
def test_without_a_repository_nothing_is_linked(services):
    assert addresses({"launch_buttons": services}) == {}
    assert addresses({"launch_buttons": services, "repository": {"url": ""}}) == {}


def test_with_a_repository_its_source_and_the_services_that_are_set_are_linked():
    settings = {
        "repository": {"url": "https://github.com/o/n/", "branch": "main"},
        "launch_buttons": {"binderhub_url": "https://b", "colab_url": ""},
    }
    assert addresses(settings) == {
        "source": "https://github.com/o/n",
        "Binder": "https://b/v2/gh/o/n/main?urlpath=tree/book",
    }
    settings["launch_buttons"] = {"colab_url": "https://c"}
    assert addresses(settings)["Colab"] == "https://c/github/o/n/blob/main/book/corridor.ipynb"
    text = edition(CITATION, settings)
    assert "[source](https://github.com/o/n)" in text and "Binder" not in text
