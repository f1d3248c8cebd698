"""What links say: definitions of terms beside them, works named as they are cited."""

import pytest
from browsing import visit

from drift.site.references import LONGEST, complete_references, definitions

GLOSSARY = (
    '<article><dl class="simple glossary"><dt id="term-drift">drift'
    '<a class="headerlink" href="#term-drift" title="Link to this term">#</a></dt>'
    "<dd><p>A slow\nchange of a &quot;code&quot;.</p></dd></dl></article>"
)
BIBLIOGRAPHY = (
    '<div class="citation" id="id1"><span class="label">[RDB24]</span><p>Ratzon.</p></div>'
    '<div class="citation" id="id2"><span class="label">[Z13]</span><p>Ziv.</p></div>'
    '<div class="citation" id="id3"><span class="label">[X99]</span><p>X.</p></div>'
)
PAGE = (
    '<p><a class="reference internal" href="glossary.html#term-drift"><span>drift</span></a> '
    '<span class="bibtex-citation" id="a">Ratzon <em>et al.</em>'
    '[<a class="reference internal" href="bibliography.html#id1" title="t">2024</a>]</span> '
    '<span class="bibtex-citation" id="b">[<a class="reference internal" '
    'href="bibliography.html#id1">Ratzon <em>et al.</em>, 2024</a>, <a class="reference internal" '
    'href="bibliography.html#id2">Ziv <em>et al.</em>, 2013</a>]</span></p>'
)


@pytest.fixture
def small(tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    for name, text in (("glossary", GLOSSARY), ("bibliography", BIBLIOGRAPHY), ("page", PAGE)):
        (book / f"{name}.html").write_text(text)
    complete_references(tmp_path)
    return book


def test_a_term_carries_its_definition(small):
    text = (small / "page.html").read_text()
    assert 'data-definition="A slow change of a &quot;code&quot;."' in text
    assert "data-definition" not in (small / "glossary.html").read_text()


def test_works_are_named_as_they_are_cited(small):
    text = (small / "bibliography.html").read_text()
    assert '<span class="label">Ratzon et al. 2024</span>' in text
    assert '<span class="label">Ziv et al. 2013</span>' in text
    assert '<span class="label"></span>' in text  # cited nowhere


def test_long_definitions_end_with_a_sentence():
    sentences = [f"This is sentence number {number} of many." for number in range(20)]
    found = definitions(GLOSSARY.replace("A slow", " ".join(sentences) + " A slow"))
    fitting = [" ".join(sentences[:count]) for count in range(1, 20)]
    assert found["term-drift"] == max((t for t in fitting if len(t) <= LONGEST), key=len)
    assert LONGEST - 40 < len(found["term-drift"]) <= LONGEST


def test_a_site_without_either_is_left_alone(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "page.html").write_text(PAGE)
    complete_references(tmp_path)
    assert (tmp_path / "book" / "page.html").read_text() == PAGE


def test_a_definition_is_shown_to_the_keyboard_within_a_phone(browser, address):
    from selenium.webdriver.support.ui import WebDriverWait

    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        visit(browser, f"{address}/book/two-kinds.html")
        shown = (
            "const term = document.querySelector('a[data-definition]');"
            "const box = getComputedStyle(term, '::after');"
            "return [box.content, parseFloat(box.width)]"
        )
        before, _ = browser.execute_script(shown)
        browser.execute_script(
            "document.querySelector('a[data-definition]').focus({focusVisible: true})"
        )
        WebDriverWait(browser, 30).until(lambda b: b.execute_script(shown)[0] != "none")
        definition, width = browser.execute_script(shown)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert before == "none" and len(definition) > 20
    assert width < 390


def test_works_of_the_book_have_authors_and_years(site):
    text = (site / "book" / "bibliography.html").read_text()
    assert '<span class="label">Ratzon et al. 2024</span>' in text
    assert "[RDB24" not in text
