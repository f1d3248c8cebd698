"""How pages look: on paper, in the dark, on a narrow screen; what keys and fingers find."""

import pytest
from browsing import letters, printed, visit
from test_site import CHAPTERS, PAGES


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_prints_whole_and_without_the_page_around_it(browser, address, page):
    visit(browser, f"{address}/book/{page}.html")
    headings = browser.execute_script(
        "return [...document.querySelectorAll('article h1, article h2')]"
        ".map(e => e.firstChild.textContent.trim())"
    )
    figures = browser.execute_script("return document.querySelectorAll('article figure').length")
    paper = printed(browser)
    pages = [sheet.extract_text() for sheet in paper.pages]
    text = " ".join(pages)
    assert 3 < len(pages) < 40
    assert all(
        len(sheet.strip()) > 0 or list(paper.pages[i].images) for i, sheet in enumerate(pages)
    )
    for heading in headings:
        assert letters(heading) in letters(text), heading
    assert sum(len(sheet.images) for sheet in paper.pages) >= figures
    # Folded code, and what only a screen can use, is left out.
    for absent in ("Show code cell", "Skip to main content", "Last updated", "Previous"):
        assert letters(absent) not in letters(text)
    assert letters("plots.use_style()") not in letters(text)


@pytest.mark.parametrize("page", CHAPTERS)
@pytest.mark.parametrize("width", [390, 1280])
def test_no_parameter_s_meaning_is_hidden_on_the_right(browser, address, page, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        visit(browser, f"{address}/book/{page}.html")
        hidden = browser.execute_script(
            "const e = document.querySelector('.tag_parameters pre');"
            "return e.scrollWidth - e.clientWidth"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert hidden == 0


@pytest.mark.parametrize("page", [*CHAPTERS, "fidelity"])
def test_no_verdict_is_cut_off_on_a_desktop(browser, address, page):
    visit(browser, f"{address}/book/{page}.html")
    tables, cut = browser.execute_script(
        "const edge = document.querySelector('article').getBoundingClientRect().right;"
        "const tables = [...document.querySelectorAll('table.verdicts, table.errata')];"
        "const beyond = tables.filter(t => t.getBoundingClientRect().right > edge + 1);"
        "const cells = tables.flatMap(t => [...t.querySelectorAll('th, td')]);"
        "const full = cells.filter(e => e.scrollWidth > e.clientWidth + 1);"
        "return [tables.length, [...beyond, ...full].map(e => e.textContent.trim().slice(0, 80))]"
    )
    assert tables >= 1
    assert cut == []


def test_copy_buttons_are_there_for_fingers(browser, address):
    visit(browser, f"{address}/book/index.html")
    # Headless Chromium has no mouse that could hover, like a phone.
    assert browser.execute_script("return matchMedia('(hover: none)').matches")
    shown = browser.execute_script(
        "return [...document.querySelectorAll('button.copybtn')]"
        ".map(e => getComputedStyle(e).opacity)"
    )
    assert shown == ["1"] * len(shown) and len(shown) >= 2


@pytest.mark.parametrize("page", PAGES)
def test_who_wants_no_motion_gets_none(browser, address, page):
    quiet = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": quiet})
    try:
        visit(browser, f"{address}/book/{page}.html")
        moving = browser.execute_script(
            "return [...document.querySelectorAll('body *')].filter(e => {"
            "const s = getComputedStyle(e);"
            "return s.animationName !== 'none' || s.transitionDuration.split(', ')"
            ".some(t => parseFloat(t) > 0) && s.transitionProperty !== 'none'}).length"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert moving == 0
