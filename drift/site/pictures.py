"""The figures of the built pages: on white or black ground, wide or narrow, as the reader needs.

A figure of the book is an SVG. Its dark form is the same file with other colours, so that nothing
is drawn again and what colours stand for stays: pictures inside the SVG are left alone.
"""

from __future__ import annotations

import colorsys
import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from drift.plots.export import NARROW_SUFFIX
from drift.plots.narrow import NARROW_WIDTH
from drift.plots.vector_files import panels_of
from drift.site.figure_values import VALUES_SUFFIX
from drift.site.site_error import SiteError
from drift.support.storage import write_text

FIGURES = Path("_static", "figures")
"""Where the files of figures are in the built site, in a folder a chapter."""

DARK_GROUND, LIGHT_INK = 0x12 / 255, 0.9
"""Lightness of the dark theme's pages, and of what is black on white ones."""

GREY = 0.2
"""Colours whose channels differ by less are greys and pale shades: they change with the ground."""

LEAST_CONTRAST = 3.0
"""Of coloured lines with the dark ground, as WCAG 2.1 asks of graphics."""

SMALLEST_TEXT = 9.0
"""Pixels that a letter's size must have where a figure is displayed."""

PHONE_COLUMN, NARROW_UP_TO, COLUMN = 342, 720, 672
"""Pixels: the column of a phone of 390; the widest window that gets the narrow form; its column."""

WIDEST_BAR = 0.06
"""Share of a figure's width: what is narrower is a bar of colours, and no panel."""

_COLOUR = re.compile(r"(fill|stroke): #([0-9a-f]{6})")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
_PLACES = re.compile(r"\b([Ll]eft|[Rr]ight|[Mm]iddle|[Cc]olumns?)\b")
_TEXT = re.compile(r"scale\(([\d.]+) -\1\)")


def add_dark_form(svg: Path) -> None:
    """Let the file ``svg`` show the figure's dark form where its address ends with ``#dark``."""
    write_text(with_dark_form(svg.read_text(encoding="utf-8")), svg)


def with_dark_form(svg: str) -> str:
    """The text of an SVG by matplotlib with rules for the colours that it has on a dark ground.

    Black, white and grey change places, pale shades become dark, and dark colours become lighter.
    White lines stay white, since they lie on pictures. Where the rules do not apply, the figure is
    as it was.
    """
    ink = _written(LIGHT_INK, LIGHT_INK, LIGHT_INK)  # of text, which is black where nothing is said
    rules = [f"#dark:target {{fill: #{ink}}}"]
    for what, colour in sorted(set(_COLOUR.findall(svg)) - {("stroke", "ffffff")}):
        chosen = f'#dark:target [style*="{what}: #{colour}"]'
        rules.append(f"{chosen} {{{what}: #{_dark_colour(colour)} !important}}")
    style = "<style>" + "".join(rules) + "</style>"
    return svg.replace("<svg ", '<svg id="dark" ', 1).replace("</svg>", f"{style}</svg>")


def require_legible(svg: Path, share: float = 1.0) -> None:
    """SiteError if text of the figure ``svg`` is too small where pages display this form.

    The wide form is displayed over the ``share`` of a page's column, the narrow one over all of it.
    """
    width, _ = _size(svg)
    sizes = [float(size) * 100 for size in _TEXT.findall(svg.read_text(encoding="utf-8"))]
    column = PHONE_COLUMN if svg.name.endswith(NARROW_SUFFIX) else share * COLUMN
    shown = min(sizes, default=SMALLEST_TEXT) * column / width
    if shown < SMALLEST_TEXT:
        raise SiteError(
            f"the figure {svg.name} is {width / 72:.1f} inches wide and has text of "
            f"{min(sizes):g} points: in {column:.0f} pixels its letters are {shown:.1f} pixels "
            f"large, less than {SMALLEST_TEXT:g}. Draw it narrower, or its text larger."
        )


def place_pictures(site: Path) -> None:
    """Show the figures of all pages of the built ``site`` in the form that fits page and window.

    Figures without files in the folder :data:`FIGURES` stay as Jupyter Book shows them.
    """
    for folder in sorted((site / FIGURES).glob("*")):
        page = site / "book" / f"{folder.name}.html"
        if page.is_file():
            tree = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
            for svg in sorted(folder.glob("*.svg")):
                if svg.name.count(".") == 1:
                    _place(tree, svg, site)
            page.write_text(str(tree), encoding="utf-8")


def _place(tree: BeautifulSoup, svg: Path, site: Path) -> None:
    image = tree.select_one(f"figure#{svg.stem} img")
    if image is None:
        return
    before = (site / "book" / str(image["src"])).resolve()
    if before != svg.resolve():
        before.unlink(missing_ok=True)
    narrow = svg.with_name(svg.stem + NARROW_SUFFIX)
    address = f"../{FIGURES.as_posix()}/{svg.parent.name}/"
    link = tree.new_tag("a", attrs={"class": "picture", "href": address + svg.name})
    if svg.with_suffix(VALUES_SUFFIX).exists():
        link["data-values"] = address + svg.stem + VALUES_SUFFIX
    for ground, form in (("on-light", ""), ("on-dark", "#dark")):
        picture = tree.new_tag("picture", attrs={"class": ground})
        if narrow.exists():
            source = tree.new_tag(
                "source", attrs={"media": f"screen and (max-width: {NARROW_UP_TO}px)"}
            )
            source["srcset"] = address + narrow.name + form
            _say_size(source, narrow)
            picture.append(source)
        attributes: dict[str, Any] = dict(image.attrs)
        shown = tree.new_tag("img", attrs=attributes)
        shown["src"] = address + svg.name + form
        _say_size(shown, svg)
        picture.append(shown)
        link.append(picture)
    if narrow.exists():
        _explain_places(tree, svg)
    if not narrow.exists() and _size(svg)[0] > 72 * NARROW_WIDTH:
        link["class"] = "picture picture-whole"
    frame = image.parent if image.parent and image.parent.name == "a" else image
    frame.replace_with(link)


def _explain_places(tree: BeautifulSoup, svg: Path) -> None:
    """Say in a caption that names panels by their places where these are in the narrow form."""
    caption = tree.select_one(f"figure#{svg.stem} .caption-text")
    boxes = [panel["box"] for panel in panels_of(svg.read_text(encoding="utf-8"))]
    beside = sum(right - left > WIDEST_BAR for left, _, right, _ in boxes) > 1
    if beside and caption and _PLACES.search(caption.get_text()):
        note = tree.new_tag("span", attrs={"class": "when-narrow"})
        note.string = " On this screen panels stand below each other, in the order of reading."
        caption.append(note)


def _say_size(tag: Tag, svg: Path) -> None:
    """Give a picture's proportions, so that the page does not jump when it arrives."""
    tag["width"], tag["height"] = (f"{points * 96 / 72:.0f}" for points in _size(svg))


def _size(svg: Path) -> tuple[float, float]:
    """Width and height in points."""
    found = _SIZE.search(svg.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{svg} is not an SVG by matplotlib: its size is not given in points.")
    return float(found[1]), float(found[2])


def _dark_colour(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    if max(red, green, blue) - min(red, green, blue) < GREY:
        hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
        darker = LIGHT_INK - lightness * (LIGHT_INK - DARK_GROUND)
        return _written(*colorsys.hls_to_rgb(hue, darker, saturation / 2))
    channels = [red, green, blue]
    while _contrast(channels) < LEAST_CONTRAST:
        channels = [channel + 0.02 * (1 - channel) for channel in channels]
    return _written(*channels)


def _contrast(channels: list[float]) -> float:
    """Of a colour with the dark ground, as WCAG defines it."""
    ground = [DARK_GROUND] * 3
    return (_luminance(channels) + 0.05) / (_luminance(ground) + 0.05)


def _luminance(channels: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _written(*channels: float) -> str:
    return "".join(f"{round(255 * channel):02x}" for channel in channels)
