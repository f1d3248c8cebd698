"""The built website and a browser to see it with: fixtures of all tests that open pages."""

import base64
import http.server
import io
import json
import os
import re
import shutil
import threading
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from pypdf import PdfReader

from drift.chapters.notebooks import list_chapters
from drift.plots.export import export_figure
from drift.plots.style import subplots
from drift.site.build import build_site

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Folder of the built website, built once by whichever of pytest's processes needs it first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    done = shared / "site.txt"
    with FileLock(shared / "site.lock"):
        if not done.exists():
            chapters = list_chapters(ROOT)
            draw_stand_ins(chapters, shared / "site" / "figures")
            done.write_text(str(build_again(shared / "site").parent.parent))
    return Path(done.read_text())


def build_again(folder):
    """Build the site in ``folder`` of the chapters as they are and of the figures there."""
    notebooks = [chapter.path for chapter in list_chapters(ROOT)]
    return build_site(ROOT, notebooks, folder, folder / "figures")


def draw_stand_ins(chapters, folder):
    """For each figure of the chapters the files of one that is drawn at once.

    The last of a chapter has sixteen panels, and so no narrow form.
    """
    grid, panels = subplots(4, 4, figsize=(8, 7), layout="none")  # which takes no time
    for axes in panels.flat:
        axes.imshow([[0, 1], [2, 3]])
        axes.set(xticks=[], yticks=[], title="picture")
    export_figure(grid, folder / "grid")
    pair, (left, right) = subplots(1, 2, figsize=(6.2, 3))
    left.plot([0, 250_000, 1_000_000], [1, 3, 2], "k--", label="a curve")
    left.set(xlabel="training step", ylabel="value")
    right.imshow([[0, 1], [2, 3]])
    export_figure(pair, folder / "pair")
    for chapter in chapters:
        names = chapter.figure_names()
        (folder / chapter.name).mkdir()
        for name in names:
            for file in folder.glob("grid.*" if name == names[-1] else "pair.*"):
                kind = file.name.partition(".")[2]
                shutil.copy(file, folder / chapter.name / f"{name}.{kind}")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Address of a server of the site on this machine."""
    handler = partial(QuietHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser(chromium, tmp_path_factory):
    """Headless Chromium that keeps a log of requests and of the console."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    for flag in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", "--disable-sync", "--window-size=1280,900",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromium[1]))
    # A window counts as the active one when the system says so, which may be never.
    driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    yield driver
    driver.quit()


def visit(browser, url):
    """Open ``url``, wait for its formulas, and return the requests it made and the failed ones."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(url)
    WebDriverWait(browser, 30).until(
        lambda b: b.execute_script(
            "return document.readyState === 'complete' && (!document.querySelector('.math') ||"
            " (window.MathJax && MathJax.startup && MathJax.startup.promise &&"
            " document.querySelector('mjx-container') !== null))"
        )
    )
    requests, failures = [], []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        parameters = message.get("params", {})
        if message["method"] == "Network.requestWillBeSent":
            requests.append(parameters["request"]["url"])
        if message["method"] == "Network.loadingFailed":
            failures.append(parameters["errorText"])
        if message["method"] == "Network.responseReceived":
            response = parameters["response"]
            if response["status"] >= 400:
                failures.append(f"{response['status']} {response['url']}")
    return requests, failures


def settle(browser):
    """Wait until the page has answered what was done to it, and is painted: two frames."""
    browser.execute_async_script(
        "const done = arguments[0];requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    )


@pytest.fixture
def live_page(browser, address):
    """The page of the live network, with its functions."""
    visit(browser, f"{address}/book/live.html")
    return browser


def printed(browser):
    """The page as a browser prints it."""
    document = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    return PdfReader(io.BytesIO(base64.b64decode(document["data"])))


def letters(text):
    """Only the letters of ``text``: a PDF has ligatures, and lines where a screen has none."""
    return re.sub(r"[\W\d_]", "", unicodedata.normalize("NFKC", text))
