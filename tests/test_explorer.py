"""The page *Explore one run*: what it draws, against the archives."""

import re
from urllib.parse import urlparse

import matplotlib
import numpy as np
import pytest
from browsing import visit
from explorer_reader import (
    MAPS,
    PAGE,
    RUN,
    SPECTRA,
    STEPS,
    click,
    expected_order,
    line,
    pixels,
    press,
    see,
    shown,
    text,
    wait,
)

from drift.analysis.tuning import PLACE_CELL_INFORMATION, peak_order
from drift.plots.style import COLOURS
from drift.site import notable_units
from drift.site.explorer import picture as still_picture


@pytest.fixture(params=["http", "file"])
def anywhere(request, address, site):
    """Address of the page on a server, and as a file."""
    return f"{address}/{PAGE}" if request.param == "http" else (site / PAGE).as_uri()


@pytest.fixture
def page(address):
    return f"{address}/{PAGE}"


def test_the_script_decodes_what_the_archives_hold(browser, anywhere):
    """Maps as the archive keeps them, to half of 1/255 of their peak; all in single precision."""
    see(browser, anywhere)
    for snapshot, unit in ((0, 0), (1, 499), (17, 166), (50, 3), (50, 498)):
        rate = browser.execute_script(
            "return driftExplorer.rates(driftExplorer.data, ...arguments)", snapshot, unit
        )
        peak = MAPS.peak_rate.values[snapshot, unit].astype(float)
        np.testing.assert_allclose(rate, MAPS.level.values[snapshot, unit] * peak / 255, rtol=1e-12)
    sums = browser.execute_script(
        "return Object.fromEntries(Object.entries(driftExplorer.data).map("
        "([name, values]) => [name, values.reduce((sum, value, i) => sum + value * (i % 7), 0)]))"
    )
    information = np.nan_to_num(MAPS.spatial_information.values)
    for name, values in (
        ("level", MAPS.level.values),
        ("peak", MAPS.peak_rate.values),
        ("information", information),
        ("correlation", RUN.rate_map_correlation.values),
        ("active_units", RUN.fraction_active_units.values),
        ("relative_loss", np.log10(RUN.loss.values / float(RUN.target_variance))),
    ):
        flat = values.astype(float).ravel()
        # Single precision: each value to 6e-8 of itself.
        tolerance = 1e-7 * np.abs(flat * (np.arange(flat.size) % 7)).sum()
        assert sums[name] == pytest.approx((flat * (np.arange(flat.size) % 7)).sum(), abs=tolerance)


@pytest.mark.parametrize(
    ("view", "snapshot", "reference"),
    [
        ("", 0, 0),
        ("#step=400000&sort=start", 20, 0),
        ("#step=400000&sort=now", 20, 20),
        ("#step=1000000&sort=now", 50, 50),
        ("#step=1000000&sort=900000", 50, 45),
    ],
)
def test_maps_are_drawn_in_the_order_of_their_peaks(browser, page, view, snapshot, reference):
    """Each pixel: viridis to 5 of 255 (colours between its anchors), nothing for silent units."""
    see(browser, page, view)
    order = expected_order(reference)
    assert shown(browser)["order"] == order
    picture = pixels(browser, "maps")
    assert picture.shape == (500, 100, 4)
    level = MAPS.level.values[snapshot][order]
    bins = MAPS.place_bin.values
    silent = MAPS.peak_rate.values[snapshot][order] == 0
    assert 0 < silent.sum() < 500
    assert (picture[silent, :, 3] == 0).all()
    assert (picture[~silent][:, bins, 3] == 255).all()
    viridis = 255 * matplotlib.colormaps["viridis"](level[~silent])[:, :, :3]
    assert np.abs(picture[~silent][:, bins, :3] - viridis).max() <= 5.5
    # Between the directions nothing is drawn; a bin without a sample repeats the one before.
    back = MAPS.place.values < 0
    turn = np.arange(bins[back].max() + 1, bins[~back].min())
    assert len(turn) > 5 and (picture[:, turn, 3] == 0).all()
    for missing in np.setdiff1d(np.arange(100), np.concatenate([bins, turn])):
        np.testing.assert_array_equal(picture[:, missing], picture[:, missing - 1])
    assert text(browser, "active") == str(500 - silent.sum())
    # The still is drawn alike.
    assert peak_order(MAPS.level.values[reference]).tolist() == order
    still = still_picture(level, bins, MAPS.place.values)
    np.testing.assert_array_equal(still[silent][:, bins], -1.0)
    np.testing.assert_array_equal(np.isnan(still) | (still < 0), picture[:, :, 3] == 0)
    np.testing.assert_array_equal(still[:, bins][~silent], level[~silent])


def test_the_slider_moves_with_the_keyboard(browser, page):
    from selenium.webdriver.common.keys import Keys

    see(browser, page)
    before = pixels(browser, "maps")
    press(browser, "time", Keys.ARROW_RIGHT)
    view = shown(browser)
    assert view["step"] == 20_000 and text(browser, "step") == "20,000"
    assert view["order"] == expected_order(0)
    after = pixels(browser, "maps")
    silent = MAPS.peak_rate.values[1][view["order"]] == 0
    np.testing.assert_array_equal(after[:, 0, 3] == 0, silent)
    assert (after != before).any()
    press(browser, "time", Keys.END)
    assert shown(browser)["step"] == 1_000_000
    slider = browser.find_element("id", "explorer-time")
    assert slider.get_attribute("aria-valuetext") == "step 1,000,000"
    assert slider.accessible_name == "Training step"
    spoken = browser.find_element("id", "explorer-spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    expected = f"{RUN.rate_map_correlation.values[0, 50]:.2f}"
    active = (MAPS.peak_rate.values[50] > 0).sum()
    summary = f"Step 1,000,000: {active} of 500 units active; correlation with step 0: {expected}."
    wait(browser, f"document.getElementById('explorer-spoken').textContent === {summary!r}")


@pytest.mark.parametrize(("snapshot", "reference"), [(0, 0), (10, 0), (15, 10), (50, 45), (5, 50)])
def test_the_correlation_is_drifts(browser, page, snapshot, reference):
    """To the two digits shown; drift's value, and numpy's of units tuned at both times."""
    see(browser, page, f"#step={STEPS[snapshot]}&sort={STEPS[reference]}")
    found = text(browser, "correlation-now")
    assert found == f"{RUN.rate_map_correlation.values[snapshot, reference]:.2f}"
    tuned = MAPS.spatial_information.values[[snapshot, reference]] > PLACE_CELL_INFORMATION
    maps = MAPS.level.values[[snapshot, reference]][:, tuned.all(axis=0)].astype(float)
    each = [np.corrcoef(*pair)[0, 1] for pair in zip(*maps, strict=True)]
    assert float(found) == pytest.approx(np.mean(each), abs=0.0055)
    drawn = line(browser, "correlation", "correlation")
    np.testing.assert_allclose(drawn[0] * 1e6, STEPS, atol=100)
    np.testing.assert_allclose(drawn[1], RUN.rate_map_correlation.values[reference], atol=1e-4)


@pytest.mark.parametrize("snapshot", [0, 1, 10, 50])
def test_spectra_are_the_archives(browser, page, snapshot):
    """Each eigenvalue to 0.2 percent: the 10 bits of the archive and 0.1 of 1000 in height."""
    see(browser, page, f"#step={STEPS[snapshot]}")
    for name, at in (("curvature", snapshot), ("first", 0)):
        kept = SPECTRA.eigenvalues.values[at].astype(float)
        kept = kept[kept > 1e-9 * kept.max()]
        rank, height = line(browser, "spectrum", name)
        np.testing.assert_allclose(1 + rank * 2549, 1 + np.arange(kept.size), atol=0.2)
        np.testing.assert_allclose(10 ** (-8.2 + 10.4 * height), kept, rtol=2e-3)
    assert text(browser, "rank-now") == f"{int(SPECTRA['rank'][snapshot]):,}"


def test_time_courses_are_the_archives(browser, page):
    see(browser, page, "#step=600000")
    loss = np.log10(RUN.loss.values / float(RUN.target_variance))
    for frame, name, values, (low, high) in (
        ("loss", "loss", loss, (-1.6, 1)),
        ("share", "active_units", RUN.fraction_active_units.values, (0, 1)),
        ("information", "information", RUN.mean_information.values, (0, 2.4)),
    ):
        assert low <= values.min() and values.max() <= high
        _, height = line(browser, frame, name)
        np.testing.assert_allclose(low + height * (high - low), values, atol=1e-4 * (high - low))
    cursors = browser.execute_script(
        "return [...document.querySelectorAll('.explorer-cursor')].map(c => c.getAttribute('d'))"
    )
    assert cursors == ["M600 0V1000"] * 4


def test_a_unit_is_chosen_by_keys_and_by_pointing(browser, page):
    from selenium.webdriver.common.keys import Keys

    see(browser, page, "#step=200000&sort=now&unit=166")
    order = expected_order(10)
    row = order.index(166)
    press(browser, "maps", Keys.ARROW_DOWN)
    assert shown(browser)["unit"] == order[row + 1]
    press(browser, "maps", Keys.HOME)
    view = shown(browser)
    unit = order[0]
    assert view["unit"] == unit and view["row"] == 0
    assert text(browser, "unit") == f"Unit {unit}"
    assert text(browser, "unit-state") == f"{MAPS.spatial_information.values[10, unit]:.2f} bits"
    rate = MAPS.level.values[10, unit] / 255 * MAPS.peak_rate.values[10, unit]
    np.testing.assert_allclose(view["curve"], rate, rtol=1e-6)
    place, height = line(browser, "tuning", "rate")
    top = MAPS.peak_rate.values[:, unit].max()
    np.testing.assert_allclose(height * 1.08 * top, rate, atol=2e-4 * top)
    places = MAPS.place.values
    np.testing.assert_allclose(places[0] + place * np.ptp(places), places, atol=1e-4 * 25)
    # All its times, relative to its highest peak; silent ones stay empty.
    life = pixels(browser, "life")
    assert life.shape == (51, 100, 4)
    heard = MAPS.peak_rate.values[:, unit] > 0
    np.testing.assert_array_equal(life[:, 0, 3] == 255, heard)
    level = np.round(
        MAPS.level.values[heard, unit] * MAPS.peak_rate.values[heard, unit, None] / top
    )
    viridis = 255 * matplotlib.colormaps["viridis"](level.astype(int))[:, :, :3]
    assert np.abs(life[heard][:, MAPS.place_bin.values, :3] - viridis).max() <= 5.5
    press(browser, "maps", Keys.END)
    assert text(browser, "unit-state") == "silent now"

    # The mouse over a row shows its unit; away from it the chosen one is back. A click chooses.
    from selenium.webdriver.common.action_chains import ActionChains

    canvas = browser.find_element("id", "explorer-maps")
    ActionChains(browser).move_to_element(canvas).perform()
    over = shown(browser)["unit"]
    assert over in order[245:256]
    ActionChains(browser).move_to_element(browser.find_element("id", "explorer-play")).perform()
    assert shown(browser)["unit"] == order[-1]
    ActionChains(browser).move_to_element(canvas).click().perform()
    ActionChains(browser).move_to_element(browser.find_element("id", "explorer-play")).perform()
    assert shown(browser)["unit"] == over


def test_play_runs_to_the_end_and_can_be_paused(browser, page):
    see(browser, page, "#step=900000")
    assert text(browser, "play") == "Play"
    click(browser, "play")
    assert text(browser, "play") == "Pause"
    wait(browser, "driftExplorer.shown.step > 900000")
    click(browser, "play")
    stopped = shown(browser)["step"]
    wait(browser, f"location.hash.startsWith('#step={stopped}&')")
    assert shown(browser)["step"] == stopped
    click(browser, "play")
    wait(browser, "driftExplorer.shown.step === 1000000")
    wait(browser, "document.getElementById('explorer-play').textContent === 'Play'")


def test_a_link_restores_the_view(browser, anywhere):
    from selenium.webdriver.common.keys import Keys

    see(browser, anywhere)
    press(browser, "time", *[Keys.ARROW_RIGHT] * 3)
    click(browser, "pin")
    press(browser, "time", Keys.ARROW_RIGHT)
    press(browser, "maps", Keys.HOME)
    before = shown(browser)
    assert (before["step"], before["reference"]) == (80_000, 3)
    link = browser.find_element("id", "explorer-share-link").get_attribute("href")
    assert link == f"{anywhere}#step=80000&sort=60000&unit={before['unit']}"
    wait(browser, f"location.href === {link!r}")
    see(browser, link)
    assert shown(browser) == before
    assert browser.find_element("id", "explorer-sort-pinned").is_selected()
    assert text(browser, "pinned") == "60,000"


def test_an_address_that_names_no_view_shows_the_usual_one(browser, page):
    see(browser, page, "#step=20001&sort=never&unit=500")
    view = shown(browser)
    assert (view["step"], view["sorting"], view["unit"]) == (0, "start", notable_units.mover(MAPS))


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(browser, anywhere):
    requests, failures = see(browser, anywhere)
    here = urlparse(anywhere)
    asked = [urlparse(request) for request in requests]
    foreign = [a for a in asked if a.scheme != "data" and a[:2] != here[:2]]
    assert foreign == []
    assert [failure for failure in failures if "favicon.ico" not in failure] == []
    assert [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []
    assert any(a.path.endswith("explorer/data.js") for a in asked)


def test_only_its_own_page_loads_it(browser, address, site):
    requests, _ = visit(browser, f"{address}/book/index.html")
    assert [request for request in requests if "explorer" in request] == []
    folder = site / "_static" / "explorer"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_500_000


def test_a_still_stands_in_where_no_script_runs(browser, page):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get("about:blank")
        browser.get(page)
        still = browser.find_element("id", "explorer-still")
        live = browser.find_element("id", "explorer-live")
        assert still.size["height"] > 300
        assert live.size["height"] == 0
        picture = still.find_element("tag name", "img")
        assert int(picture.get_property("naturalWidth")) > 600
        assert len(picture.get_attribute("alt")) > 100
        assert "With scripts switched on" in still.get_property("textContent")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_with_scripts_the_still_makes_way(browser, page):
    see(browser, page)
    assert not browser.find_element("id", "explorer-still").is_displayed()
    assert browser.find_element("id", "explorer-live").is_displayed()


def test_a_browser_that_cannot_unpack_keeps_the_still_and_says_so(browser, page):
    script = {"source": "delete window.DecompressionStream"}
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    try:
        browser.get("about:blank")
        visit(browser, page)
        wait(
            browser, "document.getElementById('explorer-still-note').textContent.includes('cannot')"
        )
        assert "DecompressionStream" in text(browser, "still-note")
        assert browser.find_element("id", "explorer-still").is_displayed()
        assert not browser.find_element("id", "explorer-live").is_displayed()
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_a_phone_shows_it_without_scrolling_sideways(browser, page):
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        see(browser, page)
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        for name in ("play", "time", "pin", "maps", "tuning", "life", "spectrum", "loss"):
            box = browser.find_element("id", f"explorer-{name}").rect
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, name
            assert box["width"] > 60, name
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_lines_have_the_colours_of_the_figures(browser, page):
    see(browser, page)
    for name in ("loss", "information", "active_units", "correlation", "rate", "curvature"):
        drawn = browser.execute_script(
            "return getComputedStyle(document.querySelector(arguments[0])).stroke",
            f".explorer path.explorer-{name}",
        )
        expected = tuple(round(255 * c) for c in matplotlib.colors.to_rgb(COLOURS[name]))
        assert tuple(map(int, re.findall(r"\d+", drawn))) == expected, name


@pytest.mark.parametrize("place", range(4))
def test_a_button_shows_a_notable_unit(browser, page, place):
    see(browser, page, "#step=400000&sort=now&unit=3")
    browser.find_element("css selector", f"[data-notable='{place}']").click()
    unit, snapshot = notable_units.notable_units(MAPS)[place]
    view = shown(browser)
    assert (view["unit"], view["snapshot"], view["sorting"]) == (unit, snapshot, "start")


def test_the_slider_is_as_wide_as_a_phone(browser, page):
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        see(browser, page)
        assert browser.find_element("id", "explorer-time").rect["width"] > 300
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
