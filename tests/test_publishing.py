"""What goes out: links, weight, icons; citations, workflow and cloud files that agree."""

import http.server
import json
import re
import threading
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from browsing import QuietHandler, visit
from fontTools.ttLib import TTFont

import drift
from drift.site.build import SiteError
from drift.site.lightening import ICON_FONTS, ICON_SCRIPT, THEME_STYLES
from drift.site.publishing import check_links, publish, weigh

ROOT = Path(__file__).parent.parent


def page(title, body):
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


@pytest.fixture
def small_site(tmp_path):
    html = tmp_path / "html"
    (html / "book").mkdir(parents=True)
    links = '<a href="book/b.html#there">b</a><a href="https://doi.org/x">x</a><a href="#own">o</a>'
    (html / "index.html").write_text(page("a", links + '<p id="own">own</p>'))
    (html / "book" / "b.html").write_text(
        page(
            "b", '<h1 id="there">b</h1><img src="../a%20b.png" alt=""><a href="../index.html">a</a>'
        )
    )
    (html / "a b.png").write_bytes(b"0" * 1000)
    (html / "book" / "index.html").write_text(page("book", ""))
    return html


def test_a_sound_site_is_published_as_it_is(small_site, tmp_path):
    report = publish(small_site, tmp_path / "site")
    assert (report.pages, report.files, report.links) == (3, 4, 4)
    assert report.size == sum(f.stat().st_size for f in small_site.rglob("*") if f.is_file())
    assert (tmp_path / "site" / ".nojekyll").exists()
    assert (tmp_path / "site" / "a b.png").read_bytes() == b"0" * 1000


@pytest.mark.parametrize("target", ["c.html", "b.html#nowhere", "../c.png", "#nowhere"])
def test_a_link_that_leads_nowhere_stops_it_and_leaves_the_old_site(small_site, tmp_path, target):
    publish(small_site, tmp_path / "site")
    (small_site / "book" / "b.html").write_text(
        page("b", f'<i id="there"></i><a href="{target}">c</a>')
    )
    with pytest.raises(
        SiteError, match=re.escape(f"1 of 3 links lead nowhere:\nbook/b.html: {target}")
    ):
        publish(small_site, tmp_path / "site")
    assert "a%20b.png" in (tmp_path / "site" / "book" / "b.html").read_text()


@pytest.mark.parametrize("kind", ["a file", "a link", "other files", "a repository"])
def test_what_is_no_site_is_never_replaced(small_site, tmp_path, kind):
    folder, hidden = tmp_path / "mine", tmp_path / ".mine"
    hidden.mkdir()
    (hidden / "key").write_text("secret")  # beside it, under the name with a dot
    if kind == "a file":
        folder.write_text("mine")
    elif kind == "a link":
        folder.symlink_to(hidden)
    elif kind == "other files":
        folder.mkdir()
        (folder / "index.html").write_text("mine")
    else:
        publish(small_site, folder)
        (folder / ".git").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SiteError, match="choose another for --out"):
        publish(small_site, folder)
    assert sorted(tmp_path.rglob("*")) == before
    publish(small_site, tmp_path / "new" / "mine")
    assert (hidden / "key").read_text() == "secret"


def test_an_earlier_site_and_an_empty_folder_are_replaced(small_site, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    publish(small_site, Path("out"))
    (tmp_path / "out" / "gone.html").write_text("old")
    publish(small_site, Path("out"))
    assert not (tmp_path / "out" / "gone.html").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_weight_of_a_page_is_that_of_all_it_may_load(tmp_path):
    """Worked out by hand: the page, a script, a picture, and a style sheet with what it imports."""
    (tmp_path / "book").mkdir()
    sizes = {"a.js": 10, "b.png": 200, "font.woff": 3000, "not-loaded.css": 40_000}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b" " * size)
    (tmp_path / "inner.css").write_text("p { background: url('../font.woff') }".replace("../", ""))
    (tmp_path / "style.css").write_text("@import 'inner.css'; a { b: url(data:image/png;x) }")
    head = (
        '<link rel="stylesheet" href="../style.css?v=1"><script src="../a.js"></script>'
        '<link rel="next" href="../not-loaded.css"><script>1</script>'
        '<link rel="icon" href="https://elsewhere.org/b.png">'
    )
    first = tmp_path / "book" / "index.html"
    first.write_text(page("book", f'{head}<img src="../b.png" alt=""><a href="../a.js">a</a>'))
    styles = sum((tmp_path / name).stat().st_size for name in ("style.css", "inner.css"))
    assert weigh(tmp_path, first) == first.stat().st_size + 10 + 200 + 3000 + styles


def test_a_first_page_that_loads_too_much_is_refused(small_site, tmp_path):
    picture = '<img src="../large.png" alt="">'
    (small_site / "book" / "index.html").write_text(page("book", picture))
    (small_site / "large.png").write_bytes(b"0" * 1_000_000)
    with pytest.raises(SiteError, match=r"the first page loads 1.00 MB, more than 1.00 MB"):
        publish(small_site, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.fixture(scope="module")
def host(site, tmp_path_factory):
    """A host like GitHub's: the site in a folder of its own, 404.html in place of what is not."""
    top = tmp_path_factory.mktemp("host")
    publish(site, top / "drift")

    class Handler(QuietHandler):
        def send_error(self, code, message=None, explain=None):
            body = (top / "drift" / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(top)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/drift"
    server.shutdown()
    server.server_close()


def test_the_folder_s_own_page_leads_to_the_book(browser, host):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{host}/")
    WebDriverWait(browser, 20).until(lambda b: b.current_url == f"{host}/book/index.html")
    assert browser.title.startswith("Drift")


@pytest.mark.parametrize(
    "missing", ["book/nothing.html", "book/deeper/nothing.html", "nothing.html"]
)
def test_a_missing_page_leads_back_to_the_book(browser, host, missing):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{host}/{missing}")
    assert browser.find_element(By.TAG_NAME, "h1").text == "There is no such page"
    browser.find_element(By.LINK_TEXT, "first page of the book").click()
    WebDriverWait(browser, 30).until(lambda b: b.current_url == f"{host}/book/index.html")
    assert browser.title.startswith("Drift")


def test_a_site_that_is_too_large_is_refused(small_site, tmp_path, monkeypatch):
    monkeypatch.setattr("drift.site.publishing.LARGEST_SITE", 1000)
    with pytest.raises(SiteError, match="more than 0 MB"):
        publish(small_site, tmp_path / "site")


def test_every_link_of_the_book_leads_somewhere(site):
    links = list(check_links(site))
    assert len(links) > 500
    assert [(page, target) for page, target, found in links if not found] == []


def test_the_first_page_is_light(browser, address, site):
    """Bytes that Chromium loads, uncompressed, before anything is touched."""
    # Not what earlier tests left in the browser's cache, of which it does not tell the size.
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    visit(browser, f"{address}/book/index.html")
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    size = browser.execute_script(
        "return performance.getEntriesByType('resource').concat(performance.getEntriesByType("
        "'navigation')).map(e => [e.name, e.transferSize, e.decodedBodySize])"
    )
    assert len(size) > 10
    assert all(decoded > 0 for name, _, decoded in size if not name.startswith("data:"))
    total = sum(decoded for _, _, decoded in size)
    assert 200_000 < total < 1_000_000, json.dumps(sorted(size, key=lambda s: -s[2])[:8])
    # What `make site` says of it counts in fonts that are named and not needed, 150 kB.
    assert 0 <= weigh(site, site / "book" / "index.html") - total < 200_000


def test_pages_without_formulas_do_without_mathjax(site):
    with_formulas = [
        p.stem for p in (site / "book").glob("*.html") if 'class="math' in p.read_text()
    ]
    loading = [p.stem for p in (site / "book").glob("*.html") if "mathjax/" in p.read_text()]
    assert "mechanism" in loading and "index" not in loading
    assert sorted(loading) == sorted(with_formulas)


def test_the_icon_font_has_the_icons_in_use_and_no_others(site):
    """Characters by name from the theme's own style sheet as installed, before it was lightened."""
    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    original = (theme / "styles" / "pydata-sphinx-theme.css").read_text()
    codes = {}
    for names, code in re.findall(
        r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\(f[0-9a-f]+)"', original
    ):
        codes |= {name: int(code, 16) for name in re.findall(r"\.(fa-[\w-]+):", names)}
    font = TTFont(site / ICON_FONTS / "fa-solid-900.woff").getBestCmap()
    text = "".join(p.read_text() for p in site.rglob("*.html"))
    used = set(codes) & set(re.findall(r"\bfa-[\w-]+", text))
    assert {"fa-bars", "fa-download", "fa-magnifying-glass"} <= used
    assert {codes[name] for name in used} <= set(font)
    assert len(font) < 80
    styles = (site / THEME_STYLES).read_text()
    assert all(f".{name}:before" in styles for name in used)
    assert not (site / ICON_SCRIPT).exists()


def test_citations_say_the_same_everywhere():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    text = (ROOT / "book" / "cite.md").read_text()
    assert cff["version"] == drift.__version__
    assert re.search(r"version = \{(.+?)\}", text)[1] == cff["version"]
    assert re.search(r"title   = \{(Drift.+?)\}", text)[1] == cff["title"]
    assert re.search(r"@software\{.*?year    = \{(\d+)\}", text, re.DOTALL)[1] == str(
        cff["date-released"].year
    )
    article = cff["references"][0]
    library = (ROOT / "book" / "references.bib").read_text()
    ours = re.search(r"@article\{ratzon2024,.*?\n\}", library, re.DOTALL)[0]
    assert ours in text
    assert article["doi"] in ours and article["title"] in ours


def test_every_source_can_be_looked_up():
    library = (ROOT / "book" / "references.bib").read_text()
    entries = re.findall(r"@\w+\{(\w+),(.*?)\n\}", library, re.DOTALL)
    assert len(entries) >= 9
    for name, entry in entries:
        assert re.search(r"^\s*(doi\s*= \{10\.|url\s*= \{https://)", entry, re.MULTILINE), name


def test_the_workflow_calls_what_there_is():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text())
    steps = workflow["jobs"]["build"]["steps"]
    commands = " && ".join(step.get("run", "") for step in steps)
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make (\w+)", commands)) == {"test", "site"} <= targets
    assert steps[-1]["with"]["path"] == "_build/site"
    assert workflow["jobs"]["publish"]["needs"] == ["check", "build"]
    check = workflow["jobs"]["check"]
    kinds = check["strategy"]["matrix"]["machine"]
    assert any("arm" in kind for kind in kinds) and any("macos" in kind for kind in kinds)
    assert ".venv/bin/drift check" in [step.get("run") for step in check["steps"]]
    assert check["steps"][-1]["run"] == "make test"
    requirements = (ROOT / "binder" / "requirements.txt").read_text()
    assert (ROOT / "binder" / re.search(r"--constraint (\S+)", requirements)[1]).exists()


def test_a_site_with_an_address_lists_its_pages(small_site, tmp_path):
    publish(small_site, tmp_path / "site")
    assert not (tmp_path / "site" / "sitemap.xml").exists()
    publish(small_site, tmp_path / "site", "https://example.org/a&b/")
    text = (tmp_path / "site" / "sitemap.xml").read_text()
    for page_name in ("index.html", "book/index.html", "book/b.html"):
        assert f"<loc>https://example.org/a&amp;b/{page_name}</loc>" in text
    assert text.count("<loc>") == 3
    assert ElementTree.fromstring(text).tag.endswith("urlset")
