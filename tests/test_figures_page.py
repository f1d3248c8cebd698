"""Figures as they are displayed: light and dark, on phones and desktops, enlarged, by keyboard."""

import io
import re

import numpy as np
import pytest
from browsing import ROOT, settle, visit
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_site import CHAPTERS

from drift.chapters.notebooks import find_chapter
from drift.site.pictures import SMALLEST_TEXT

WIDTHS = (390, 768, 1440)


@pytest.fixture(params=WIDTHS)
def width(browser, request):
    """Width of the window, as on a phone, a tablet or a desktop."""
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1}
    metrics = {**size, "mobile": request.param < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield request.param
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def shown(browser, theme):
    """Of each figure the picture that is displayed: its address, its width, whether it is drawn."""
    browser.execute_script(
        "document.documentElement.dataset.theme = arguments[0];"
        "document.querySelectorAll('figure img').forEach(e => (e.loading = 'eager'))",
        theme,
    )
    script = (
        "return [...document.querySelectorAll('article figure')].map(f =>"
        " [...f.querySelectorAll('img')].filter(e => e.getBoundingClientRect().width > 0)"
        " .map(e => [e.currentSrc.split('#')[0] + new URL(e.src).hash,"
        " e.getBoundingClientRect().width, e.naturalWidth]))"
    )
    WebDriverWait(browser, 20).until(
        lambda b: all(each[2] > 0 for figure in b.execute_script(script) for each in figure)
    )
    return browser.execute_script(script)


def smallest_letter(file, displayed):
    """Pixels of the smallest text in an SVG that is displayed at a width."""
    text = file.read_text()
    sizes = [100 * float(size) for size in re.findall(r"scale\(([\d.]+) -\1\)", text)]
    return min(sizes) * displayed / float(re.search(r'width="([\d.]+)pt"', text)[1])


@pytest.mark.parametrize("page", ["index", *CHAPTERS])
def test_each_figure_has_one_form_that_fits(browser, address, site, width, page):
    visit(browser, f"{address}/book/{page}.html")
    chapter = page in CHAPTERS
    names = find_chapter(ROOT, page).figure_names() if chapter else ["fig-cover"]
    for theme, form in (("light", ""), ("dark", "#dark")):
        figures = shown(browser, theme)
        assert len(figures) == len(names)
        for name, pictures in zip(names, figures, strict=True):
            ((source, displayed, _),) = pictures
            whole = chapter and name == names[-1]  # the stand-in that has no narrow form
            file = f"{name}.narrow.svg" if width == 390 and not whole else f"{name}.svg"
            assert source.endswith(f"/{page}/{file}{form}")
            assert displayed <= width
            if width > 390 or not whole:
                drawn = site / "_static" / "figures" / page / file
                assert smallest_letter(drawn, displayed) >= SMALLEST_TEXT


def test_a_figure_without_narrow_form_says_that_it_can_be_enlarged(browser, address, width):
    visit(browser, f"{address}/book/corridor.html")
    notes = browser.execute_script(
        "return [...document.querySelectorAll('a.picture')]"
        ".map(e => getComputedStyle(e, '::after').content)"
    )
    assert notes.count("none") == len(notes) - (width == 390)
    if width == 390:
        assert "enlarge" in notes[-1]


def test_the_caption_says_where_panels_are_on_a_phone(browser, address, width):
    visit(browser, f"{address}/book/two-kinds.html")
    note = browser.find_element(By.CSS_SELECTOR, "#fig-landscapes .when-narrow")
    assert note.is_displayed() == (width == 390)
    assert "below each other" in note.get_attribute("textContent")


@pytest.fixture
def dialog(browser, address, width):
    """The last figure of a chapter, enlarged by the keyboard."""
    visit(browser, f"{address}/book/corridor.html")
    link = browser.find_elements(By.CSS_SELECTOR, "figure a.picture")[-1]
    browser.execute_script("arguments[0].focus()", link)
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    opened = browser.find_element(By.CSS_SELECTOR, "dialog.enlarged")
    WebDriverWait(browser, 10).until(
        lambda b: opened.is_displayed() and b.execute_script(
            "return document.querySelector('dialog.enlarged img')?.style.width.endsWith('px')"
        )
    )  # fmt: skip
    return opened


def test_enlarged_its_text_can_be_read_and_it_can_be_zoomed(browser, site, dialog):
    image = dialog.find_element(By.TAG_NAME, "img")
    name = image.get_attribute("src").rpartition("/")[2].partition("#")[0]
    before = image.rect["width"]
    file = site / "_static" / "figures" / "corridor" / name
    assert smallest_letter(file, before) >= SMALLEST_TEXT
    dialog.find_element(By.XPATH, ".//button[text()='+']").click()
    settle(browser)
    assert image.rect["width"] > 1.3 * before
    dialog.find_element(By.XPATH, ".//button[@aria-label='Smaller']").click()
    settle(browser)
    assert image.rect["width"] == pytest.approx(before, rel=0.01)


def test_escape_closes_it_and_the_focus_is_where_it_was(browser, dialog):
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    settle(browser)
    assert not dialog.is_displayed()
    assert browser.execute_script("return document.activeElement.matches('figure a.picture')")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_no_serious_fault_of_accessibility(browser, dialog, theme):
    from selenium_axe_python import Axe

    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    axe = Axe(browser)
    axe.inject()
    found = axe.run(options={"resultTypes": ["violations"]})
    assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
    assert len(found["passes"]) > 5


def test_without_scripts_the_figure_is_there_and_its_link_leads_to_it(browser, address, site):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{address}/book/corridor.html")
        link = browser.find_elements(By.CSS_SELECTOR, "figure a.picture")[0]
        light, dark = link.find_elements(By.TAG_NAME, "img")
        assert light.is_displayed() and not dark.is_displayed()
        target = link.get_attribute("href").removeprefix(address)
        assert (site / target.lstrip("/")).is_file()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize(("theme", "ground"), [("light", 255), ("dark", 0x12)])
def test_the_ground_of_a_figure_is_that_of_its_page(browser, address, theme, ground):
    visit(browser, f"{address}/book/two-kinds.html")
    shown(browser, theme)
    images = browser.find_elements(By.CSS_SELECTOR, "figure a.picture img")
    image = next(each for each in images if each.is_displayed())
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", image)
    pixels = np.asarray(Image.open(io.BytesIO(image.screenshot_as_png)).convert("RGB"))
    assert (pixels[3, 3] == ground).all()
    # What is darkest in the light is lightest in the dark: text and axes.
    share = (
        np.abs(pixels.astype(float) - (0 if theme == "light" else 230)).max(axis=2) < 30
    ).mean()
    assert share > 0.002
