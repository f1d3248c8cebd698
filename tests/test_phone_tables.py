"""Verdict tables on a phone, and the choice among them on the page Fidelity."""

from collections import Counter
from pathlib import Path

import pytest
from browsing import visit
from selenium.webdriver.support.ui import Select

from drift.chapters.notebooks import list_chapters
from drift.claims.verdicts import ILLUSTRATION, NOT_REPRODUCED, Claim
from drift.site.fidelity import findings_of

ROOT = Path(__file__).parent.parent
CLAIMS = [
    found
    for found in findings_of(chapter.path for chapter in list_chapters(ROOT))
    if isinstance(found.row, Claim)
]


@pytest.fixture
def phone(browser):
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("page", ["fidelity", "corridor", "mechanism"])
def test_on_a_phone_each_verdict_is_the_first_thing_of_its_card(phone, address, page):
    visit(phone, f"{address}/book/{page}.html")
    beyond, late = phone.execute_script(
        "const rows = [...document.querySelectorAll('table.verdicts tbody tr')];"
        "const beyond = rows.filter(r => r.getBoundingClientRect().right > innerWidth);"
        "const top = e => e.getBoundingClientRect().top;"
        "const late = rows.filter(r => [...r.cells].some(c => top(c) < top(r.lastElementChild)));"
        "return [beyond.length, late.length]"
    )
    assert (beyond, late) == (0, 0)
    assert phone.execute_script("return document.querySelectorAll('table.verdicts tr').length") > 1


def shown(browser):
    rows = browser.execute_script(
        "return [...document.querySelectorAll('table.verdicts tbody tr')]"
        ".filter(r => r.getBoundingClientRect().height > 0)"
        ".map(r => r.lastElementChild.textContent)"
    )
    return [row.split(":")[0].split(maxsplit=1)[1].strip() for row in rows]


def test_verdicts_can_be_chosen(browser, address):
    visit(browser, f"{address}/book/fidelity.html")
    expected = Counter(found.row.verdict for found in CLAIMS)
    assert Counter(shown(browser)) == expected
    Select(browser.find_element("id", "fidelity-verdict")).select_by_value(NOT_REPRODUCED)
    assert Counter(shown(browser)) == {NOT_REPRODUCED: expected[NOT_REPRODUCED]}
    Select(browser.find_element("id", "fidelity-chapter")).select_by_value("corridor")
    both = [f for f in CLAIMS if f.chapter == "corridor" and f.row.verdict == NOT_REPRODUCED]
    assert len(shown(browser)) == len(both)
    assert f"{len(both)} of {len(CLAIMS)}" in browser.find_element("css selector", "output").text


def test_the_address_keeps_the_choice(browser, address):
    visit(browser, f"{address}/book/fidelity.html?verdict={NOT_REPRODUCED}&figure=Figure+2")
    wanted = [
        f for f in CLAIMS if f.row.item.startswith("Fig. 2") and f.row.verdict == NOT_REPRODUCED
    ]
    assert len(shown(browser)) == len(wanted) > 0


def test_illustrations_stand_apart(browser, address):
    visit(browser, f"{address}/book/fidelity.html")
    sections = browser.execute_script(
        "return [...document.querySelectorAll('table.verdicts tbody tr')]"
        f".filter(r => r.lastElementChild.textContent.includes('{ILLUSTRATION}'))"
        ".map(r => r.closest('section').id)"
    )
    assert set(sections) == {"illustrations"}


def test_the_magnifier_does_not_lie_on_what_is_typed(browser, address):
    visit(browser, f"{address}/search.html?q=hessian")
    icon_right, text_left = browser.execute_script(
        "const field = document.querySelector('.bd-article-container .bd-search input');"
        "const icon = field.closest('.bd-search').querySelector('i, svg');"
        "return [icon.getBoundingClientRect().right, field.getBoundingClientRect().left"
        " + parseFloat(getComputedStyle(field).paddingLeft)]"
    )
    assert icon_right <= text_left
