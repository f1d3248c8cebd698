"""Figures as SVG: small, the same bytes each time, and each says where its panels are."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

__all__ = ["panels_of", "shown_as_pictures", "write_svg"]

MARGIN = 0.04
"""Inches around all that is drawn"""

LARGEST_COUNT = 60
"""Lines or points of a panel that are shapes in the SVG."""

LARGEST_LINES = 20_000
"""Vertices of the lines of a panel that are shapes in the SVG."""

REPRODUCIBLE: dict[Any, Any] = {"svg.hashsalt": "drift", "svg.fonttype": "path"}

_PATH = re.compile(r' d="[^"]+"')
_PICTURE = re.compile(r'(data:image/png;base64,)([^"]+)')
_LONG = re.compile(r"(\.\d\d)\d+")
_PANELS = re.compile(r"<!-- panels (\[.*\]) -->")


def shown_as_pictures(figure: Figure) -> Iterator[Artist]:
    """What of ``figure`` becomes a picture inside its SVG.

    Colours that stand for numbers, points and coloured lines of which there are many. What is
    black, white or grey stays a shape: its colour depends on the background.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Left as it is.

    Yields
    ------
    matplotlib.artist.Artist
    """
    for axes in figure.axes:
        vertices = sum(np.size(line.get_xdata()) for line in axes.lines)
        many = len(axes.lines) > LARGEST_COUNT or vertices > LARGEST_LINES
        if many:
            yield from (line for line in axes.lines if len({*to_rgb(line.get_color())}) > 1)
        for artist in axes.collections:
            if artist.get_array() is not None or _is_a_cloud(artist):
                yield artist


def _is_a_cloud(artist: Collection) -> bool:
    return isinstance(artist, PathCollection) and np.shape(artist.get_offsets())[0] > LARGEST_COUNT


def write_svg(figure: Figure, path: Path, whole: bool = False) -> None:
    """Write ``figure`` as SVG, with a comment that :func:`panels_of` reads.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn as it is.
    path : pathlib.Path
        The file; its folder is there.
    whole : bool
        Whether the picture is as large as all that is drawn, instead of as large as the figure.
    """
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox().padded(MARGIN) if whole else figure.bbox_inches
    buffer = io.StringIO()
    with mpl.rc_context(REPRODUCIBLE):
        about = {"Date": None, "Creator": None}
        figure.savefig(buffer, format="svg", metadata=about, dpi=150, bbox_inches=drawn)
    text = _PATH.sub(lambda found: _LONG.sub(r"\1", found[0]), buffer.getvalue())
    text = _PICTURE.sub(lambda found: found[1] + _with_few_colours(found[2]), text)
    panels = json.dumps([_panel(axes, drawn) for axes in figure.axes])
    path.write_text(text.replace("</svg>", f"<!-- panels {panels} --></svg>"), encoding="utf-8")


def panels_of(svg: str) -> list[dict[str, Any]]:
    """Where the panels are in an SVG by :func:`write_svg`, and what their axes span.

    Parameters
    ----------
    svg : str
        The file's text.

    Returns
    -------
    list of dict
        Of each panel ``box``, its left, top, right and bottom as shares of the picture, and ``x``
        and ``y``: scale, the data at left and right, or at bottom and top, and of the scale
        "symlog" where its linear part ends. Empty for another SVG.
    """
    found = _PANELS.search(svg)
    panels: list[dict[str, Any]] = json.loads(found[1]) if found else []
    return panels


def _with_few_colours(picture: str) -> str:
    """A PNG, as base64, with a palette where 256 colours are enough, which is much smaller."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA"))
    colours, number = np.unique(pixels.view(">u4").astype(np.uint32), return_inverse=True)
    if len(colours) > 256:
        return picture
    smaller = Image.fromarray(number.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    smaller.putpalette(colours.astype(">u4").tobytes(), "RGBA")
    buffer = io.BytesIO()
    smaller.save(buffer, "png", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _panel(axes: Any, drawn: Bbox) -> dict[str, Any]:
    place = axes.get_position()
    width, height = axes.get_figure(root=True).get_size_inches()
    box = [
        (place.x0 * width - drawn.x0) / drawn.width,
        (drawn.y1 - place.y1 * height) / drawn.height,
        (place.x1 * width - drawn.x0) / drawn.width,
        (drawn.y1 - place.y0 * height) / drawn.height,
    ]
    box = np.round(box, 5).tolist()
    return {"box": box, "x": _span(axes.xaxis), "y": _span(axes.yaxis)}


def _span(axis: Axis) -> list[Any]:
    first, last = axis.get_view_interval()
    span = [axis.get_scale(), float(f"{first:.7g}"), float(f"{last:.7g}")]
    transform: Any = axis.get_transform()
    return [*span, transform.linthresh] if axis.get_scale() == "symlog" else span
