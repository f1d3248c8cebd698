"""The built website and a browser to see it with: fixtures of all tests that open pages."""

import base64
import http.server
import io
import json
import os
import re
import threading
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from pypdf import PdfReader

from drift.chapters.notebooks import list_chapters
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
            notebooks = [chapter.path for chapter in list_chapters(ROOT)]
            done.write_text(str(build_site(ROOT, notebooks, shared / "site").parent.parent))
    return Path(done.read_text())


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
