"""Make the built pages light: without what the theme brings and no page of this book needs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

THEME_STYLES = Path("_static", "styles", "pydata-sphinx-theme.css")
ICON_FONTS = Path("_static", "vendor", "fontawesome", "webfonts")
ICON_SCRIPT = Path("_static", "scripts", "fontawesome.js")

_ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"(\\[0-9a-f]+ ?|.)"\}')
_ICON_NAME = re.compile(r"fa-[a-z0-9-]+")
_TRUETYPE = re.compile(r',url\([^)]*\.ttf\) format\("truetype"\)')
_MENDED = {
    "<th></th>": "<td></td>",  # a corner of a table that heads nothing
    ' role="doc-biblioentry"': "",  # a role that is no more
    ' role="list"': "",  # of a bibliography, whose children are no items
    "<title>Drift &#8212; Drift</title>": "<title>Drift: an executable book</title>",
    "et al.[ ": "et al. [",  # in descriptions of pages
}
_SCRIPT = '<script[^>]*src="[^"]*{}[^"]*"[^>]*></script>\n?'


def lighten(site: Path) -> None:
    """Take out of the built ``site``, in place, what its pages load and do not need.

    Icons are drawn from a font with only those in use, in place of a script that holds all of them;
    MathJax is loaded where there are formulas, the search index where one searches. Source maps and
    translations go.
    """
    pages = list(site.rglob("*.html"))
    for page in pages:
        _lighten_page(page)
    _lighten_icons(site, pages)
    templates = (site / "_static").glob("*webpack-macros.html")
    for unused in [*site.rglob("*.map"), *templates, site / ICON_SCRIPT]:
        unused.unlink(missing_ok=True)
    shutil.rmtree(site / "_static" / "locales", ignore_errors=True)


def _lighten_page(page: Path) -> None:
    text = page.read_text()
    unneeded = [r"scripts/fontawesome\.js"]
    if 'class="math' not in text:
        unneeded.append("mathjax/")
    if page.name != "search.html":
        unneeded += [r"searchtools\.js", r"language_data\.js", r"searchindex\.js"]
    for name in unneeded:
        text = re.sub(_SCRIPT.format(name), "", text)
    for fault, mended in _MENDED.items():
        text = text.replace(fault, mended)
    page.write_text(text)


def _lighten_icons(site: Path, pages: Iterable[Path]) -> None:
    """Keep the icons that pages, scripts or the theme's styles name, in rules and in the font."""
    scripts = (path for path in (site / "_static").rglob("*.js") if path != site / ICON_SCRIPT)
    words = "".join(path.read_text(errors="ignore") for path in (*pages, *scripts))
    used = set(_ICON_NAME.findall(words))
    styles = site / THEME_STYLES
    css = styles.read_text()
    characters: set[int] = set()

    def keep(rule: re.Match[str]) -> str:
        if used.isdisjoint(name.removeprefix(".") for name in re.split(r":before,?", rule[1])):
            return ""
        characters.add(_character(rule[2]))
        return rule[0]

    css = _TRUETYPE.sub("", _ICON_RULE.sub(keep, css))
    others = (path for path in (site / "_static").rglob("*.css") if path != styles)
    rest = css + "".join(path.read_text() for path in others)
    codes = re.findall(r'"(\\f[0-9a-f]{3}|[\uf000-\uf8ff])"', rest)
    characters |= {_character(code) for code in codes}

    solid = site / ICON_FONTS / "fa-solid-900.ttf"
    options = Options()
    options.layout_features = []  # words that turn into icons: pages use characters
    font = TTFont(solid)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(solid.with_suffix(".woff"))
    css = css.replace('fa-solid-900.woff2) format("woff2")', 'fa-solid-900.woff) format("woff")')
    styles.write_text(css)
    (site / ICON_FONTS / "fa-solid-900.woff2").unlink()
    for truetype in (site / ICON_FONTS).glob("*.ttf"):
        truetype.unlink()


def _character(code: str) -> int:
    return int(code.removeprefix("\\"), 16) if code.startswith("\\") else ord(code)
