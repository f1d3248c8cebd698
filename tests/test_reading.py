"""The book as people read it: on a phone, by keyboard, in the dark, with a screen reader."""

import json

import nbformat
import pytest
from browsing import settle, visit
from bs4 import BeautifulSoup
from test_site import CHAPTERS, PAGES

PHONE, DESKTOP = (390, 844), (1280, 900)


@pytest.fixture
def at_size(browser):
    """Set the size of the browser's page; it is back to a desktop's afterwards."""

    def resize(width, height):
        # Chromium has no window as narrow as a phone: its page is told that it is on one.
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    yield resize
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_a_phone(browser, address, at_size, page):
    at_size(*PHONE)
    visit(browser, f"{address}/book/{page}.html")
    assert browser.execute_script("return window.innerWidth") == 390
    wide = browser.execute_script(
        """
        const inside = e => {
          for (let p = e; p; p = p.parentElement) {
            const style = getComputedStyle(p);
            const clips = p !== e && style.overflowX !== 'visible';
            if (style.position === 'fixed' || clips) return true;
          }
          return false;
        };
        return [...document.querySelectorAll('main *, article *')]
          .filter(e => e.getBoundingClientRect().right > 391 && e.getBoundingClientRect().width > 0)
          .filter(e => !inside(e)).map(e => e.tagName + '.' + e.className).slice(0, 5)
        """
    )
    assert wide == []
    scrolls = browser.execute_script(
        "return document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    assert scrolls <= 0


COLOURS_ALONE = ["color-contrast", "link-in-text-block"]
"""What axe finds in colours: all that may differ in the dark, and most of the time it takes."""

ALL_ELSE = {rule: {"enabled": False} for rule in COLOURS_ALONE}


@pytest.mark.parametrize("page", PAGES)
def test_no_serious_fault_of_accessibility(browser, address, page):
    from selenium_axe_python import Axe

    visit(browser, f"{address}/book/{page}.html")
    browser.execute_script(
        "const still = document.createElement('style');"
        "still.textContent = '* { transition: none !important; animation: none !important }';"
        "document.head.append(still)"
    )
    browser.set_script_timeout(120)
    axe = Axe(browser)
    axe.inject()

    def looks(theme, options):
        browser.execute_script(
            "const page = document.documentElement.dataset;page.theme = page.mode = arguments[0]",
            theme,
        )
        # Options as JavaScript writes them
        found = axe.run(options=json.dumps({"resultTypes": ["violations"], **options}))
        serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        shown = [(v["id"], [n["html"][:150] for n in v["nodes"][:4]]) for v in serious]
        assert shown == [], theme
        return {passed["id"] for passed in found["passes"]}

    if page == "whole":  # its parts are seen one by one
        assert len(looks("light", {"rules": ALL_ELSE})) > 20
    else:
        assert len(looks("light", {})) > 20  # it did look
        assert "color-contrast" in looks("dark", {"runOnly": COLOURS_ALONE})


def press(browser, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*keys).perform()
    settle(browser)


def test_the_keyboard_reaches_the_text_and_shows_where_it_is(browser, address):
    from selenium.webdriver.common.keys import Keys

    visit(browser, f"{address}/book/corridor.html")
    press(browser, Keys.TAB)
    assert "Skip to main content" in browser.execute_script(
        "return document.activeElement.innerText"
    )
    press(browser, Keys.ENTER)
    for _ in range(3):
        press(browser, Keys.TAB)
    seen = browser.execute_script(
        "const e = document.activeElement, style = getComputedStyle(e);"
        "return [document.querySelector('main').contains(e), style.outlineStyle !== 'none' ||"
        " style.boxShadow !== 'none']"
    )
    assert seen == [True, True]


@pytest.mark.parametrize("page", CHAPTERS)
def test_folded_code_opens_by_keyboard_and_can_be_copied(browser, address, page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    visit(browser, f"{address}/book/{page}.html")
    folds = browser.find_elements(By.CSS_SELECTOR, "details.above-input, details.hide")
    assert len(folds) >= 1
    summary = folds[0].find_element(By.TAG_NAME, "summary")
    browser.execute_script("arguments[0].focus()", summary)
    assert not folds[0].get_attribute("open")
    press(browser, Keys.ENTER)
    assert folds[0].get_attribute("open")
    code = folds[0].find_element(By.CSS_SELECTOR, "div.highlight pre")
    WebDriverWait(browser, 30).until(lambda _: code.text)  # it is faded in
    buttons = browser.find_elements(By.CSS_SELECTOR, "button.copybtn")
    assert len(buttons) >= len(folds)
    assert all(button.get_attribute("data-tooltip") == "Copy" for button in buttons)


def test_search_finds_a_word_of_the_book(browser, address):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{address}/search.html?q=sparsification")
    try:  # the page lists what it found one after another
        WebDriverWait(browser, 30).until(
            lambda b: "Sparsification" in b.execute_script(
                "return [...document.querySelectorAll('#search-results li a')]"
                ".map((link) => link.textContent)"
            )
        )  # fmt: skip
    finally:  # the page opened next would have the words marked
        browser.execute_script("localStorage.clear()")


def test_a_chapter_can_be_downloaded_as_it_is_in_the_book(site):
    from pathlib import Path

    book = Path(__file__).parent.parent / "book"
    for name in CHAPTERS:
        page = BeautifulSoup((site / "book" / f"{name}.html").read_text(), "html.parser")
        assert page.find("a", href=f"../_sources/book/{name}.ipynb", download=True)
        given = nbformat.read(site / "_sources" / "book" / f"{name}.ipynb", as_version=4)
        assert "make environment" in given.cells[0].source
        assert given.cells[1:] == nbformat.read(book / f"{name}.ipynb", as_version=4).cells
