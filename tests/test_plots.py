"""Colours: one for each quantity, from one palette, seen by all eyes. The cover and its data."""

import ast
import itertools
from pathlib import Path

import matplotlib.colors
import numpy as np
import pytest
from PIL import Image

from drift.plots.style import COLOURS, NOISE_COLOURS, series
from drift.plots.tick_numbers import short_number
from drift.results import archives
from drift.site.cover import (
    COVER_ARCHIVES,
    COVER_STEPS,
    cover,
    cover_checksum,
    draw_cover,
    same_units,
)

ROOT = Path(__file__).parent.parent
PLOTS = sorted((ROOT / "drift" / "plots").glob("*.py"))
COLOUR_KEYWORDS = {"color", "c", "mfc", "mec", "fc", "ec", "facecolor", "edgecolor", "colors"}

SIMULATED = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip
"""Machado, Oliveira and Fernandes 2009, severity 1: what an eye without one kind of cone sees."""

TOGETHER = [
    ("loss", "active_units"), ("information", "active_units"), ("active_units", "rate"),
    ("curvature", "loss"), ("agent", "start"), ("walk", "start"), ("active_units", "loss"),
]  # fmt: skip
"""Quantities that stand in one figure."""


def lightness_and_hue(colour, matrix):
    """CIE L*a*b* (D65) of an sRGB colour seen through ``matrix`` in linear light."""
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels > 0.04045, ((channels + 0.055) / 1.055) ** 2.4, channels / 12.92)
    linear = np.clip(matrix @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ linear / (0.9505, 1.0, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first, second, matrix):
    return np.linalg.norm(lightness_and_hue(first, matrix) - lightness_and_hue(second, matrix))


@pytest.mark.parametrize("path", [p for p in PLOTS if p.name != "style.py"], ids=lambda p: p.stem)
def test_every_colour_comes_from_the_palette(path):
    """Greys and black may be written where they are used; all else has a name in the style."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0]
            named = isinstance(first, ast.Constant) and first.value == "C"
            assert not named, f"line {node.lineno}: a colour of matplotlib's cycle"
        if isinstance(node, ast.keyword) and node.arg in COLOUR_KEYWORDS:
            for constant in ast.walk(node.value):
                if isinstance(constant, ast.Constant) and matplotlib.colors.is_color_like(
                    constant.value
                ):
                    red, green, blue = matplotlib.colors.to_rgb(constant.value)
                    assert red == green == blue, f"line {node.value.lineno}: {constant.value}"


def test_one_colour_means_one_quantity():
    everything = [*COLOURS.values(), *NOISE_COLOURS.values()]
    assert len({colour.lower() for colour in everything}) == len(everything)
    for first, second in itertools.combinations(everything, 2):
        assert difference(first, second, SIMULATED["all cones"]) > 10, (first, second)


@pytest.mark.parametrize("eye", SIMULATED)
def test_what_stands_together_is_told_apart_by_all_eyes(eye):
    """A difference of 20 in L*a*b* is nine times what is just seen (2.3)."""
    pairs = [(COLOURS[a], COLOURS[b]) for a, b in TOGETHER] + [tuple(NOISE_COLOURS.values())]
    for first, second in pairs:
        assert difference(first, second, SIMULATED[eye]) > 20, (first, second)


def test_series_go_from_dark_to_light():
    lightness = [lightness_and_hue(colour, np.eye(3))[0] for colour in series(5)]
    assert (np.diff(lightness) > 10).all()
    assert lightness[-1] < 85  # still seen on white


def cover_maps():
    return archives.load_archive("corridor-maps").sel(snapshot=list(COVER_STEPS))


def test_the_cover_draws_its_data():
    maps = cover_maps()
    run = archives.load_archive("corridor").sel(seed=0, step=archives.EVERY_THOUSANDTH)
    curves, *panels = cover(run, maps).axes
    order = same_units(maps)
    peaks = maps.level.values[0, order].argmax(axis=1)
    assert (np.diff(peaks) >= 0).all()
    for panel, step in zip(panels, COVER_STEPS, strict=True):
        assert panel.get_title().endswith(f"step {short_number(step)}")
        shown = np.ma.getdata(panel.images[0].get_array()) * 255
        expected = maps.level.sel(snapshot=step).values[order].astype(float)
        expected[expected.max(axis=1) == 0] = np.nan  # silent units
        np.testing.assert_allclose(shown, expected, atol=1e-9)
    lines = {
        line.get_color(): line.get_ydata() for line in curves.lines if len(line.get_xdata()) > 2
    }
    np.testing.assert_array_equal(lines[COLOURS["active_units"]], run.fraction_active_units)
    assert 0.05 < np.median(lines[COLOURS["loss"]]) < 0.15


def test_the_page_s_cover_is_of_the_archives_as_they_are(tmp_path):
    """If this fails after `drift archive`, run `drift book cover`."""
    shipped = Image.open(ROOT / "book" / "_static" / "cover.png")
    assert shipped.text["Source"] == cover_checksum()
    assert len(COVER_ARCHIVES) == len(cover_checksum().split())
    again = Image.open(draw_cover(tmp_path / "cover.png"))
    assert again.size == shipped.size
    apart = np.abs(np.asarray(again.convert("RGB"), float) - np.asarray(shipped.convert("RGB")))
    assert apart.mean() < 1
    assert (ROOT / "book" / "_static" / "cover.png").stat().st_size < 150_000


def test_numbers_in_the_alternative_text_of_the_cover():
    text = (ROOT / "book" / "index.md").read_text()
    maps = cover_maps()
    run = archives.load_archive("corridor").sel(seed=0, step=archives.EVERY_THOUSANDTH)
    order = same_units(maps)
    dark = (maps.level.values[:, order].max(axis=2) == 0).mean(axis=1)
    first, last = run.fraction_active_units.values[[0, -1]]
    assert f"falls from {first:.2f} to {last:.2f}" in text
    assert f"the same {len(order)} units" in text
    assert dark[0] == 0
    assert "nearly half of the rows are grey" in text
    assert 0.42 < dark[1] < 0.49
    assert "three fifths are grey" in text
    assert 0.57 < dark[2] < 0.64
    assert "stays near 0.1" in text
    assert 0.08 < np.median(run.loss / run.target_variance) < 0.12
