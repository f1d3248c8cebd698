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
from drift.network import forward, initial_parameters
from drift.simulation.call import split_seed
from drift.site.live import HIDDEN, SEEDS, live_task
from drift.theory.flow import time_per_step

ROOT = Path(__file__).parent.parent


@pytest.fixture
def open_page(browser, address):
    """Opens the page with a query."""
    return lambda query="": Page(browser, f"{address}/book/live.html{query}")


def test_a_run_learns_and_ends(open_page):
    page = open_page("?steps=4000")
    canvases = ("loss", "units", "map-kept", "map-now", "ring", "field", "weights")
    before = [page.painted(name) for name in canvases]
    assert len(set(before)) == len(canvases) - 1  # the two maps are of one network at the start
    assert page.records() is None
    assert page.text("number-step") == "0"
    assert page.text("engine") == "in WebAssembly"
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
    after = [page.painted(name) for name in canvases]
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert page.errors() == []


def test_pause_stops_and_start_goes_on(open_page):
    page = open_page("?steps=1000000&pace=1000")
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
    # A setting that changes does not make another button of it.
    page.enter("noise", "0.05")
    assert page.text("start") == "Pause"
    page.press("start")
    page.wait_for("paused")
    page.press("reset")
    assert page.records() is None
    assert page.text("number-step") == "0"


def test_settings_change_while_it_runs(open_page):
    page = open_page("?steps=1000000&pace=1000")
    page.press("start")
    page.wait(lambda: len(page.records() or []) > 5)
    page.press("quiet")
    page.wait(lambda: len(page.changes()) == 1)
    assert page.text("quiet") == "Switch the noise on"
    (change,) = page.changes()
    assert change["settings"] == {"rule": "update-noise", "noise": 0, "rate": 0.2}
    assert 0 < change["step"] < 1_000_000
    page.press("start")
    page.wait_for("paused")
    page.press("quiet")
    page.wait(lambda: len(page.changes()) == 2)
    assert page.changes()[1]["settings"]["noise"] == 0.03
    page.enter("rule", "adam")
    page.wait(lambda: page.changes()[-1]["settings"] == {"rule": "adam", "noise": 0, "rate": 0.01})
    # What only the next run can have is said to be so.
    page.enter("seed", "3")
    assert "next run" in page.text("message")
    page.enter("seed", "0")
    # The program has a stretch for each setting that was held, and they are as long as the run.
    found = re.findall(r"^    \(([\d_]+), (drift.*)\),$", page.text("python"), re.MULTILINE)
    assert sum(int(steps) for steps, _ in found) == 1_000_000
    assert int(found[0][0]) == change["step"]
    assert found[0][1].endswith("update_noise=0.03)")
    assert found[1][1].endswith("update_noise=0)")
    assert found[-1][1] == "drift.Adam(learning_rate=0.01)"
    compile(page.text("python"), "page", "exec")
    page.press("reset")


def test_the_place_on_an_axis_of_time_adds_up_over_changes(open_page):
    page = open_page()
    settings = {"rule": "update-noise", "rate": 0.2, "noise": 0.03, "steps": 500}
    changes = [{"step": 100, "settings": settings | {"noise": 0}},
               {"step": 300, "settings": settings | {"noise": 0.06}}]  # fmt: skip
    found = page.browser.execute_script(
        "const at = axisOfRun({settings: arguments[0], changes: arguments[1]}, 'time',"
        " 'update-noise', liveData.task); return [0, 50, 100, 200, 300, 400].map(at)",
        settings, changes,
    )  # fmt: skip
    before, after = (0.2 * 0.03) ** 2, (0.2 * 0.06) ** 2
    wanted = [0, 50 * before, 100 * before, 100 * before, 100 * before, 100 * (before + after)]
    assert found == pytest.approx(wanted)
    other = [{"step": 100, "settings": settings | {"rule": "adam"}}]
    assert page.browser.execute_script(
        "return axisOfRun({settings: arguments[0], changes: arguments[1]}, 'time',"
        " 'update-noise', liveData.task)", settings, other,
    ) is None  # fmt: skip


def test_sliders_reach_all_of_a_range_and_keep_to_its_ends(open_page):
    page = open_page()
    page.slide("noise-slider", 0)
    assert page.settings()["noise"] == 0
    page.slide("noise-slider", 100)
    assert page.settings()["noise"] == 1
    page.slide("rate-slider", 0)
    assert page.settings()["rate"] == 0.0001
    assert page.field("rate").get_property("value") == "0.0001"
    page.type(Keys.ARROW_RIGHT, into=page.part("rate-slider"))
    assert 0.0001 < page.settings()["rate"] < 0.00012
    # A place that stands for a value is the place that the value is shown at.
    off = page.browser.execute_script(
        "const range = {low: 0, high: 1}, places = Array.from({length: 101}, (_, i) => i);"
        "const again = (place) => sliderPlace(sliderValue(place, range), range);"
        "return places.filter((place) => Math.abs(again(place) - place) > 0.5);"
    )
    assert off == []


def test_the_axis_of_the_loss_keeps_to_the_runs_shown(open_page):
    page = open_page()

    def floor(*lowest):
        return page.browser.execute_script("return lossFloor(arguments[0])", lowest)

    assert floor(-1.9) == -3
    assert floor(-1.9, -11.3) == -3  # the noisy one is not flattened by the other
    assert floor(-11.3) == -12
    assert floor(-30) == -12
    assert floor(0.4) == -2


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("noise", "0,05", 0.05), ("noise", "0.05", 0.05), ("rate", " 0,1 ", 0.1),
        ("steps", "12,000", 12000), ("steps", "12.000", 12000), ("steps", "12 000", 12000),
        ("steps", "12000", 12000),
    ],
)  # fmt: skip
def test_numbers_are_understood_as_people_write_them(open_page, name, text, value):
    page = open_page()
    page.enter(name, text)
    assert page.settings()[name] == value
    assert page.text("message") == ""


def test_the_last_run_stays_beside_the_next_on_a_common_axis(open_page):
    page = open_page("?steps=2000&axis=time")
    page.press("start")
    page.wait_for("finished")
    page.enter("noise", "0.06")
    assert page.text("start") == "Start again"
    page.press("start")
    page.wait_for("finished")
    page.wait(lambda: page.text("number-step") == "2,000")
    runs = page.runs()
    assert len(runs) == 3
    assert runs[0].startswith("now") and "0.06" in runs[0]
    assert runs[1].startswith("earlier") and "0.03" in runs[1]
    assert runs[2].startswith("example") and "0.03" in runs[2]
    # On an axis that other rules have no meaning on they are left out.
    page.enter("rule", "label-noise")
    assert page.runs() == []
    page.unfold("compare")
    page.enter("axis", "steps")
    assert len(page.runs()) == 3
    page.press("clear")
    assert len(page.runs()) == 1


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
        page.unfold("compare")
        page.enter(name, value)
    page.slide("pace-slider", 5)
    page.field("scale").click()
    settings = page.settings()
    assert settings == {
        "rule": "label-noise", "noise": 0.7, "rate": 0.15, "init": "lazy", "steps": 12000,
        "seed": 5, "axis": "time", "scale": "log", "pace": "full",
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
        ("?noise=-1", "noise", 0.03, ["noise cannot be “-1”", "0 to 1", "0.03"]),
        ("?noise=much", "noise", 0.03, ["“much”", "a number"]),
        ("?noise=", "noise", 0.03, ["noise cannot be “”"]),
        ("?rate=0", "rate", 0.2, ["learning rate cannot be “0”", "0.0001 to 1"]),
        ("?steps=2.5e9", "steps", 300000, ["“2.5e9”", "1000 to 5,000,000"]),
        ("?seed=1.5", "seed", 0, ["seed cannot be “1.5”", "whole number", f"0 to {SEEDS - 1}"]),
        ("?rule=magic", "rule", "update-noise", ["“magic”", "adam", "label-noise"]),
        ("?rule=adam&rate=0.2", "rate", 0.01, ["“0.2”", "0.1"]),
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
    assert "“17”" in page.text("message")
    page.enter("rate", "0.1")
    assert page.settings()["rate"] == 0.1
    assert page.field("rate").get_attribute("aria-invalid") is None
    assert page.text("message") == ""


def test_a_run_that_diverges_says_so(open_page):
    page = open_page("?rate=1&noise=1&steps=20000")
    page.press("start")
    page.wait_for("diverged")
    assert "smaller learning rate" in page.text("message")
    assert None not in [record["loss"] for record in page.records()]  # what JSON has for infinity


def test_keys_alone_are_enough(open_page):
    page = open_page("?steps=1000000&pace=1000")
    page.browser.execute_script(
        "document.querySelector('.live-experiments button:last-child').focus()"
    )
    page.type(Keys.TAB)
    assert page.browser.switch_to.active_element.get_attribute("data-live") == "start"
    page.type(Keys.ENTER)
    page.wait(lambda: len(page.records() or []) > 1)
    page.type(Keys.SPACE)
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
    assert len(canvases) == 8 + 2  # of the network, and of the game
    assert all(len(canvas.get_attribute("aria-label")) > 30 for canvas in canvases)


def resize(browser, width, height, density=1):
    metrics = {"width": width, "height": height, "deviceScaleFactor": density, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def test_curves_and_maps_are_seen_without_scrolling(browser, open_page):
    resize(browser, 1440, 900)
    try:
        page = open_page()
        names = ["start", "loss", "units", "map-kept", "map-now", "map-sorted"]
        bottoms = [
            page.browser.execute_script(
                "return arguments[0].getBoundingClientRect().bottom", page.part(name)
            )
            for name in names
        ]
        assert max(bottoms) <= 900
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_follows_the_theme(browser, open_page, theme):
    resize(browser, 390, 800, 2)
    try:
        page = open_page("?steps=1000")
        page.browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        over = page.browser.execute_script(
            "const edge = document.documentElement.clientWidth;"
            "return [...document.querySelectorAll('.live, .live *')].filter((e) =>"
            " !e.closest('pre') && e.getBoundingClientRect().right > edge).length"
        )
        assert over == 0
        height, folded = page.browser.execute_script(
            "return [document.getElementById('live-network').offsetHeight,"
            " [...document.querySelectorAll('.live-fold')].map((e) => e.open)]"
        )
        assert folded == [False] * 3
        assert height < 1400
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


def test_it_trains_in_javascript_where_there_is_no_webassembly(browser, open_page):
    script = {"source": "delete window.WebAssembly"}
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    try:
        page = open_page("?steps=2000&pace=full")
        assert page.text("engine") == "in JavaScript"
        page.press("start")
        page.wait_for("finished")
        records = page.records()
        assert records[-1]["loss"] < 0.2 * records[0]["loss"]
        assert page.errors() == []
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_what_the_page_draws_of_the_network_is_what_drift_finds(open_page):
    page, task = open_page("?seed=2"), live_task()
    start = initial_parameters(task, HIDDEN, "rich", np.random.default_rng(split_seed(2)[0]))
    activity, outputs = forward(start, task.inputs)
    predicted, places = page.browser.execute_script(
        "const rows = startingRows(liveData, 2, 'rich');"
        "const now = makeNetwork(liveData.task, rows, usualSettings(), null).observe();"
        "const angles = liveData.position.map((p) => 2 * Math.PI * p / liveData.length);"
        "return [liveData.position.map((_, s) => predictionOf(now, s, liveData.task)),"
        " meanPlaces(now.activity, angles)]"
    )
    np.testing.assert_allclose(predicted, outputs, atol=1e-12)
    turned = np.exp(2j * np.pi * np.asarray(task.position) / task.constants["length"])
    for found, curve in zip(places, activity.T, strict=True):
        if not curve.any():
            assert found is None
            continue
        wanted = (turned * curve).sum() / curve.sum()
        assert complex(*found) == pytest.approx(wanted)
    # Silent units fade on the board, and each says at how many places it is active.
    units = page.part("board").find_elements(By.TAG_NAME, "button")
    faded = ["live-off" in unit.get_attribute("class") for unit in units]
    assert faded == (~activity.any(axis=0)).tolist()
    assert 0 < sum(faded) < HIDDEN
    at = int(activity.any(axis=0).argmax())
    count = np.count_nonzero(activity[:, at])
    assert units[at].get_attribute("aria-label") == f"unit {at + 1}, active at {count} of 20 places"


def test_a_unit_is_chosen_by_pointer_and_by_keys(open_page):
    page = open_page()
    assert page.text("unit-name") == "Unit 1"
    shown = page.painted("field")
    units = page.part("board").find_elements(By.TAG_NAME, "button")
    page.browser.execute_script("arguments[0].focus()", units[0])
    page.type(Keys.ARROW_DOWN)
    page.type(Keys.ARROW_LEFT)
    assert page.text("unit-name") == "Unit 12"
    assert units[11].get_attribute("aria-checked") == "true"
    assert page.painted("field") != shown
    # A press on the first row of a map chooses the unit whose peak comes first.
    first = page.browser.execute_script(
        "const rows = startingRows(liveData, 0, 'rich');"
        "const now = makeNetwork(liveData.task, rows, usualSettings(), null).observe();"
        "const places = liveData.position.map((_, s) => s)"
        "  .sort((a, b) => liveData.position[a] - liveData.position[b]);"
        "const canvas = arguments[0], box = canvas.getBoundingClientRect();"
        "const at = {clientX: box.left + 5, clientY: box.top + 1};"
        "canvas.dispatchEvent(new MouseEvent('click', at));"
        "return tuningOrder(now.activity, places)[0];",
        page.part("map-kept"),
    )
    assert page.text("unit-name") == f"Unit {first + 1}"


def test_the_walker_can_be_taken_in_hand(open_page):
    page = open_page()
    shown = page.painted("ring")
    page.type(Keys.ARROW_RIGHT, into=page.part("place"))
    assert page.part("place").get_property("value") == "1"
    assert page.painted("ring") != shown


def test_every_experiment_can_be_run(open_page):
    page = open_page()
    links = page.browser.find_elements(By.CSS_SELECTOR, "a.live-try")
    buttons = page.part("experiments").find_elements(By.TAG_NAME, "button")
    assert [button.text for button in buttons] == [link.text for link in links]
    assert len(links) == 7
    for link in links:
        query = "?" + link.get_attribute("href").split("?")[1]
        found = page.browser.execute_script("return readLink(arguments[0], 8)", query)
        assert found["problems"] == []
    buttons[1].click()
    page.wait(lambda: len(page.records() or []) > 1)
    assert page.settings()["noise"] == 0
    assert buttons[1].get_attribute("aria-pressed") == "true"
    assert page.text("watching").startswith("Watch the maps stand still")
    page.browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", links[5]
    )
    links[5].click()
    page.wait(lambda: page.settings()["rule"] == "label-noise")
    page.wait(lambda: len(page.records() or []) > 1)
    assert [button.get_attribute("aria-pressed") for button in buttons].index("true") == 5
    page.press("reset")
