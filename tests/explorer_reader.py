"""A reader of the page *Explore one run*: what they press, and what is drawn."""

import re

import numpy as np
from browsing import settle, visit
from selenium.webdriver.support.ui import WebDriverWait

from drift.results.archives import EVERY_THOUSANDTH, load_archive

MAPS = load_archive("corridor-maps")
RUN = load_archive("corridor").sel(seed=0, step=EVERY_THOUSANDTH)
SPECTRA = load_archive("corridor-spectra")
STEPS = MAPS.snapshot.values.tolist()
PAGE = "book/explorer.html"


def wait(browser, condition):
    return WebDriverWait(browser, 30).until(lambda b: b.execute_script(f"return {condition}"))


def see(browser, url, view=""):
    """Open the page at ``view``, as its address names it; returns what :func:`visit` does."""
    browser.get("about:blank")  # a change of the fragment alone would not load the page
    visited = visit(browser, url + view)
    wait(browser, "!!(window.driftExplorer && driftExplorer.shown)")
    return visited


def shown(browser):
    """What the page says it shows, when it has drawn all that it was asked to."""
    settle(browser)
    return browser.execute_script(
        "return {...driftExplorer.shown, eigenvalues: [...driftExplorer.shown.eigenvalues]}"
    )


def press(browser, name, *keys):
    element = browser.find_element("id", f"explorer-{name}")
    element.send_keys(*keys)
    settle(browser)


def click(browser, name):
    browser.find_element("id", f"explorer-{name}").click()
    settle(browser)


def text(browser, name):
    return browser.find_element("id", f"explorer-{name}").text


def expected_order(snapshot):
    """Units by numpy's argsort of their peaks, the silent after all others."""
    level = MAPS.level.values[snapshot]
    peak = np.where(level.any(axis=1), level.argmax(axis=1), 10_000)
    return np.argsort(peak, kind="stable").tolist()


def pixels(browser, name):
    """(row, column, 4) of a canvas."""
    found = browser.execute_script(
        "const canvas = document.getElementById(arguments[0]);"
        "const {width, height} = canvas;"
        "const all = canvas.getContext('2d').getImageData(0, 0, width, height).data;"
        "return [height, width, Array.from(all)]",
        f"explorer-{name}",
    )
    return np.array(found[2]).reshape(found[0], found[1], 4)


def line(browser, frame, name):
    """Points of a line, (2, points), as shares of the frame's width and height from bottom left."""
    path = browser.execute_script(
        "return document.querySelector(arguments[0]).getAttribute('d')",
        f"#explorer-{frame} .explorer-{name}",
    )
    points = np.array([pair.split() for pair in re.split("[ML]", path)[1:]], float).T / 1000
    return np.stack([points[0], 1 - points[1]])
