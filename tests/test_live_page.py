"""The live network as a reader uses it: run, compared, shared, and done again in Python."""

import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pytest
from live_reader import Page
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import drift
from drift.site.live import HIDDEN, SEEDS, live_task
from drift.theory.flow import time_per_step

ROOT = Path(__file__).parent.parent


@pytest.fixture
def open_page(browser, address):
    """Opens the page with a query."""
    return lambda query="": Page(browser, f"{address}/book/live.html{query}")


def test_a_run_learns_and_ends(open_page):
    page = open_page("?steps=4000")
    before = [page.painted(name) for name in ("loss", "units", "map-kept", "map-now")]
    assert page.records() is None
    page.press("start")
    page.wait_for("finished")
    records = page.records()
    wanted = page.browser.execute_script("return recordedSteps(4000)")
    assert [record["step"] for record in records] == wanted
    assert wanted[0] == 0
    assert wanted[-1] == 4000
    assert np.all(np.diff(wanted) > 0)
    assert records[-1]["loss"] < 0.1 * records[0]["loss"]
    assert page.text("number-step") == "4,000"
    active = round(records[-1]["activeUnits"] * HIDDEN)
    assert page.text("number-units") == f"{active} of {HIDDEN}"
    relative = np.log10(records[-1]["loss"] / live_task().targets.var())
    assert page.text("number-loss") == f"{relative:.2f}".replace("-", "\N{MINUS SIGN}")
    assert page.text("kept-step") == "step 80"
    assert page.text("message").startswith("Finished after 4,000 steps")
    page.wait(lambda: page.painted("map-now") != page.painted("map-kept"))
    after = [page.painted(name) for name in ("loss", "units", "map-kept", "map-now")]
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert page.errors() == []


def test_pause_stops_and_start_goes_on(open_page):
    page = open_page("?steps=1000000")
    page.press("start")
    page.wait(lambda: len(page.records() or []) > 2)
    page.press("start")
    page.wait_for("paused")
    assert page.text("start") == "Go on"
    # What was on its way when the button was pressed arrives; then nothing more.
    seen = []

    def still():
        seen.append(page.text("number-step"))
        return len(seen) > 10 and len(set(seen[-10:])) == 1

    page.wait(still)
    stopped = len(page.records())
    page.press("start")
    page.wait(lambda: len(page.records()) > stopped)
    page.press("reset")
    assert page.records() is None
    assert page.text("number-step") == "\N{EN DASH}"


def test_the_last_run_stays_beside_the_next_on_a_common_axis(open_page):
    page = open_page("?steps=2000&axis=time")
    page.press("start")
    page.wait_for("finished")
    page.browser.find_element(By.CSS_SELECTOR, '[data-name="noise"][data-times="2"]').click()
    assert page.settings()["noise"] == 0.06
    assert page.text("start") == "Start with these settings"
    page.press("start")
    page.wait_for("finished")
    page.wait(lambda: page.text("number-step") == "2,000")
    runs = [item.text for item in page.part("runs").find_elements(By.TAG_NAME, "li")]
    assert len(runs) == 2
    assert "0.06" in runs[0]
    assert "0.03" in runs[1]
    assert runs[1].startswith("earlier")
    # On an axis that other rules have no meaning on they are left out.
    page.enter("rule", "label-noise")
    assert page.part("runs").find_elements(By.TAG_NAME, "li") == []
    page.enter("axis", "steps")
    assert len(page.part("runs").find_elements(By.TAG_NAME, "li")) == 2
    page.press("clear")
    assert len(page.part("runs").find_elements(By.TAG_NAME, "li")) == 1


def test_the_axes_are_the_theory_s(open_page):
    page = open_page()
    task = live_task()

    def per_step(settings):
        return page.browser.execute_script(
            "return liveAxis(arguments[0], liveData.task).perStep", settings
        )

    settings = {"rule": "update-noise", "rate": 0.3, "noise": 0.05}
    assert per_step(settings | {"axis": "steps"}) == 1
    assert per_step(settings | {"axis": "time"}) == pytest.approx(0.3**2 * 0.05**2)
    assert per_step(settings | {"axis": "cubed"}) == pytest.approx(0.3**3 * 0.05**2)
    rule = drift.GradientDescent(0.3, label_noise=0.05)
    wanted = time_per_step(task, rule)
    settings["rule"] = "label-noise"
    assert per_step(settings | {"axis": "time"}) == pytest.approx(wanted)
    for rule in ("adam", "error-descent"):
        assert per_step(settings | {"rule": rule, "axis": "time"}) == 1


def test_a_link_holds_all_settings(open_page):
    page = open_page()
    for name, value in {"rule": "label-noise", "noise": "0.7", "rate": "0.15", "init": "lazy",
                        "steps": "12000", "seed": "5", "axis": "time"}.items():  # fmt: skip
        page.enter(name, value)
    page.field("scale").click()
    settings = page.settings()
    assert settings == {
        "rule": "label-noise", "noise": 0.7, "rate": 0.15, "init": "lazy", "steps": 12000,
        "seed": 5, "axis": "time", "scale": "log",
    }  # fmt: skip
    link = page.part("link").get_property("value")
    page.browser.get(link)
    assert page.settings() == settings
    assert page.text("message") == ""
    assert page.field("noise").get_property("value") == "0.7"
    assert page.field("scale").is_selected()


@pytest.mark.parametrize(
    ("query", "name", "shown", "said"),
    [
        ("?noise=-1", "noise", 0.03, ["noise=-1", "0 to 1", "0.03"]),
        ("?noise=much", "noise", 0.03, ["noise=much", "a number"]),
        ("?noise=", "noise", 0.03, ["noise="]),
        ("?rate=0", "rate", 0.2, ["rate=0", "0.0001 to 1"]),
        ("?steps=2.5e9", "steps", 300000, ["steps=2.5e9", "1000 to 5000000"]),
        ("?seed=1.5", "seed", 0, ["seed=1.5", "whole number", f"0 to {SEEDS - 1}"]),
        ("?rule=magic", "rule", "update-noise", ["rule=magic", "adam", "label-noise"]),
        ("?rule=adam&rate=0.2", "rate", 0.01, ["rate=0.2", "0.1"]),
        ("?colour=red", "noise", 0.03, ["colour", "noise"]),
    ],
)
def test_a_link_that_asks_for_the_impossible_is_told_so(open_page, query, name, shown, said):
    page = open_page(query)
    assert page.settings()[name] == shown
    message = page.part("message")
    assert "live-wrong" in message.get_attribute("class")
    for words in said:
        assert words in page.text("message")
    assert page.errors() == []


def test_a_wrong_entry_is_refused_and_changes_nothing(open_page):
    page = open_page()
    page.enter("rate", "17")
    assert page.settings()["rate"] == 0.2
    assert page.field("rate").get_attribute("aria-invalid") == "true"
    assert "rate=17" in page.text("message")
    page.enter("rate", "0.1")
    assert page.settings()["rate"] == 0.1
    assert page.field("rate").get_attribute("aria-invalid") is None
    assert page.text("message") == ""


def test_a_run_that_diverges_says_so(open_page):
    page = open_page("?rate=1&noise=1&steps=20000")
    page.press("start")
    page.wait_for("diverged")
    assert "smaller rate" in page.text("message")
    assert None not in [record["loss"] for record in page.records()]  # what JSON has for infinity


def test_keys_alone_are_enough(open_page):
    page = open_page("?steps=1000000")
    page.browser.execute_script("document.getElementById('live-rate').focus()")
    reached = []
    for _ in range(12):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        active = page.browser.switch_to.active_element
        reached.append(active.get_attribute("data-live") or active.get_attribute("id"))
        if reached[-1] == "start":
            break
    assert reached[-1] == "start"
    page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    page.wait(lambda: len(page.records() or []) > 1)
    page.browser.switch_to.active_element.send_keys(Keys.SPACE)
    page.wait_for("paused")
    page.press("reset")


def test_every_control_has_a_name_and_the_state_is_announced(open_page):
    page = open_page()
    unnamed = page.browser.execute_script(
        "return [...document.querySelectorAll('.live input, .live select, .live button')]"
        ".filter((e) => !(e.labels && e.labels.length) && !e.textContent.trim()"
        " && !e.getAttribute('aria-label')).map((e) => e.outerHTML)"
    )
    assert unnamed == []
    assert page.part("message").get_attribute("aria-live") == "polite"
    canvases = page.browser.find_elements(By.CSS_SELECTOR, ".live canvas")
    assert len(canvases) == 5
    assert all(len(canvas.get_attribute("aria-label")) > 30 for canvas in canvases)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_follows_the_theme(open_page, theme):
    page = open_page("?steps=1000")
    page.browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": False},
    )
    try:
        page.browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        over = page.browser.execute_script(
            "const edge = document.documentElement.clientWidth;"
            "return [...document.querySelectorAll('.live, .live *')].filter((e) =>"
            " !e.closest('pre') && e.getBoundingClientRect().right > edge).length"
        )
        assert over == 0
        ink, ground = page.browser.execute_script(
            "const style = getComputedStyle(document.getElementById('live-network'));"
            "return [style.getPropertyValue('--live-loss').trim(), style.backgroundColor]"
        )
        assert contrast(ink, ground) > 7
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.browser.execute_script("document.documentElement.dataset.theme = 'light'")


def contrast(first, second):
    """Ratio of contrast of two colours (WCAG 2.2)."""

    def luminance(colour):
        if colour.startswith("rgb"):
            parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        else:
            parts = mpl.colors.to_rgb(colour)
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def test_a_page_opened_as_a_file_runs(browser, site):
    page = Page(browser, f"{(site / 'book' / 'live.html').as_uri()}?steps=1000")
    page.press("start")
    page.wait_for("finished")
    assert page.records()[-1]["step"] == 1000
    assert page.part("link").get_property("value").startswith("file:")
    assert page.errors() == []


def test_a_picture_stands_in_without_javascript(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{address}/book/live.html")
        picture = browser.find_element(By.CSS_SELECTOR, "figure.live-still img")
        assert picture.is_displayed()
        assert picture.size["width"] > 300
        assert len(picture.get_attribute("alt")) > 100
        assert not browser.find_element(By.ID, "live-network").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.get(f"{address}/book/live.html")
    assert not browser.find_element(By.CSS_SELECTOR, "figure.live-still img").is_displayed()
    assert browser.find_element(By.ID, "live-network").is_displayed()


def test_every_experiment_can_be_run(open_page):
    page = open_page()
    links = page.browser.find_elements(By.CSS_SELECTOR, "a.live-try")
    assert len(links) == 6
    for link in links:
        query = "?" + link.get_attribute("href").split("?")[1]
        found = page.browser.execute_script("return readLink(arguments[0], 8)", query)
        assert found["problems"] == []
    page.browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", links[1]
    )
    links[1].click()
    page.wait(lambda: len(page.records() or []) > 1)
    assert page.settings()["noise"] == 0
    page.press("reset")
