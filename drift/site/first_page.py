"""What the first page says of the rest of the book, filled in when the site is built.

The page ``book/index.md`` has comments where these texts belong: ``<!-- score -->``,
``<!-- times: CHAPTER -->`` and ``<!-- edition -->``. Nothing of them is typed by hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import yaml

from drift.claims.verdicts import MARKS
from drift.site.fidelity import OF_THE_STUDY, Finding, score_of

FIRST_PAGE = "index.md"

WORDS_PER_MINUTE = 200
"""How fast a reader of technical prose is taken to read."""

DEFAULT_BRANCH = "master"
"""The branch that Jupyter Book takes where ``_config.yml`` names none."""

_MARK = re.compile(r"<!-- (?P<what>score|edition|times: (?P<chapter>[\w-]+)) -->")


def write_first_page(page: Path, root: Path, found: Sequence[Finding]) -> None:
    """Put score, times and edition in place of the comments in the Markdown file ``page``.

    Parameters
    ----------
    page : Path
        The staged first page. What has no comment is not filled in.
    root : Path
        The book: its chapters tell how long they take, ``CITATION.cff`` who wrote the study and
        which version of the book this is, and ``_config.yml`` where its repository is.
    found : sequence of Finding
        Rows of the chapters' verdict tables, as for the page *Fidelity*.
    """

    def text(mark: re.Match[str]) -> str:
        if mark["chapter"]:
            return times(root / "book" / f"{mark['chapter']}.ipynb")
        if mark["what"] == "score":
            return score(found)
        citation = yaml.safe_load((root / "CITATION.cff").read_text())
        settings = yaml.safe_load((root / "_config.yml").read_text())
        return edition(citation, settings)

    page.write_text(_MARK.sub(text, page.read_text()))


def score(found: Sequence[Finding]) -> str:
    """How many claims of the study have each verdict, as cards that lead to just these claims."""
    counts = score_of(found)
    cards = [
        f":::{{grid-item-card}} {counts[verdict]} {MARKS[verdict]}\n"
        f":link: fidelity.html?verdict={quote(verdict)}\n:link-type: url\n{verdict}\n:::"
        for verdict in OF_THE_STUDY
    ]
    return "\n".join(
        [
            f"The chapters judge {counts.total()} claims of the study.",
            "",
            "::::{grid} 2 2 4 4",
            ":gutter: 2",
            ":class-container: score",
            "",
            *cards,
            "::::",
        ]
    )


def times(notebook: Path) -> str:
    """How long the chapter in ``notebook`` takes to read, and to run at the size of the book."""
    content = nbformat.read(notebook, as_version=4)
    words = 0
    for cell in content.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {"caption": ""})
        prose = cell.source if cell.cell_type == "markdown" else figure["caption"]
        words += len(prose.split())
    minutes = math.ceil(words / WORDS_PER_MINUTE)
    cost = content.metadata["drift"]["profiles"]["book"]["cost"]
    return f"· {minutes} minutes to read · {cost} to run"


def edition(citation: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The study and its authors; version, date and licence of the book; where to cite and get it.

    Parameters
    ----------
    citation : mapping
        The content of ``CITATION.cff``.
    settings : mapping
        The content of ``_config.yml``. Links to the repository, to Binder and to Colab are there
        where it has their addresses.

    Returns
    -------
    str
        Markdown.
    """
    study = citation["references"][0]
    authors = ", ".join(f"{who['given-names']} {who['family-names']}" for who in study["authors"])
    released: date = citation["date-released"]
    lines = [
        f"- The study: {authors} ({study['year']}). *{study['title']}*. {study['journal']} "
        f"{study['volume']}:{study['start']}. "
        f"[doi:{study['doi']}](https://doi.org/{study['doi']})",
        f"- This book: version {citation['version']}, {released.day} {released:%B %Y}, licence "
        f"{citation['license']}. The page {{doc}}`cite` says how to cite both.",
    ]
    links = [f"[{name}]({address})" for name, address in addresses(settings).items()]
    if links:
        lines.append(f"- On other machines: {', '.join(links)}")
    return "\n".join(lines)


def addresses(settings: Mapping[str, Any]) -> dict[str, str]:
    """Where the book's source is, and where Binder and Colab run it, by name.

    Without the address of a repository there are none; with it, those of Binder and Colab are there
    where ``launch_buttons`` has the addresses of these services.
    """
    repository = settings.get("repository", {})
    if not repository.get("url"):
        return {}
    url = str(repository["url"]).rstrip("/")
    name = url.removeprefix("https://github.com/")
    branch = repository.get("branch", DEFAULT_BRANCH)
    services = settings.get("launch_buttons", {})
    found = {"source": url}
    if services.get("binderhub_url"):
        found["Binder"] = f"{services['binderhub_url']}/v2/gh/{name}/{branch}?urlpath=tree/book"
    if services.get("colab_url"):
        found["Colab"] = f"{services['colab_url']}/github/{name}/blob/{branch}/book/corridor.ipynb"
    return found
