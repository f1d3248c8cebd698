"""The forms of a figure: on dark ground, legible, and each where it belongs in a page."""

import base64
import colorsys
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from drift.plots.export import export_figure
from drift.plots.style import COLOURS, PHASE_SHADES, series, subplots
from drift.plots.vector_files import write_svg
from drift.site.pictures import add_dark_form, place_pictures, require_legible, with_dark_form
from drift.site.site_error import SiteError


def luminance(colour):
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(channels > 0.04045, ((channels + 0.055) / 1.055) ** 2.4, channels / 12.92)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(first, second):
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def in_dark(colour, what="stroke"):
    rules = with_dark_form(f'<svg ><path style="{what}: {colour}"/></svg>')
    found = re.search(rf'\[style\*="{what}: {colour}"\] {{{what}: (#\w+) !important}}', rules)
    return found[1] if found else colour


def written(colour):
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in colour[:3])


def test_black_becomes_light_and_the_ground_that_of_the_theme():
    assert in_dark("#ffffff", "fill") == "#121212"
    assert contrast(in_dark("#000000"), "#121212") > 12
    assert in_dark("#ffffff") == "#ffffff"  # lines on pictures
    # Text, whose colour is not said.
    assert "#dark:target {fill: #e6e6e6}" in with_dark_form("<svg ></svg>")


@pytest.mark.parametrize("colour", [*COLOURS.values(), *map(written, series(4))])
def test_what_is_drawn_is_seen_in_the_dark(colour):
    name = colour.lower()
    if name == COLOURS["silent"].lower():
        return  # in pictures only, which stay as they are
    assert contrast(in_dark(name), "#121212") >= 3
    hue = [
        colorsys.rgb_to_hls(*(int(c[i : i + 2], 16) for i in (1, 3, 5)))[0]
        for c in (name, in_dark(name))
    ]
    assert hue[0] == pytest.approx(hue[1], abs=0.03)


@pytest.mark.parametrize("shade", PHASE_SHADES.values())
def test_text_and_curves_are_seen_on_shades(shade):
    ground = in_dark(shade.lower(), "fill")
    assert contrast(in_dark("#000000"), ground) > 7
    assert contrast(in_dark(COLOURS["active_units"].lower()), ground) > 3


@pytest.fixture
def exported(tmp_path):
    """A site with a page of one figure, and the figure's files."""
    folder = tmp_path / "_static" / "figures" / "chapter"
    figure, (left, right) = subplots(1, 2, figsize=(8.5, 3))
    left.plot([0, 1], [0, 1], "k--")
    right.imshow(np.arange(4.0).reshape(2, 2), cmap="gray")
    export_figure(figure, folder / "fig-one")
    for svg in (folder / "fig-one.svg", folder / "fig-one.narrow.svg"):
        add_dark_form(svg)
    page = tmp_path / "book" / "chapter.html"
    page.parent.mkdir()
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images" / "a.png").write_bytes(b"")
    page.write_text(
        '<figure id="fig-one"><a class="reference image-reference" href="../_images/a.png">'
        '<img alt="a line" src="../_images/a.png" style="width: 75%;"/></a>'
        '<figcaption><p><span class="caption-text">Left: a line.</span></p></figcaption></figure>'
        '<figure id="fig-two"><img alt="another" src="b.png"/></figure>'
    )
    return tmp_path


def test_pictures_inside_keep_their_colours(tmp_path):
    figure, axes = subplots(figsize=(4, 3))
    axes.imshow(np.linspace(0, 1, 200).reshape(10, 20))
    write_svg(figure, tmp_path / "figure.svg")
    text = (tmp_path / "figure.svg").read_text()
    (picture,) = re.findall('href="data:image/png;base64,([^"]+)"', text)
    assert picture in with_dark_form(text)
    assert len(picture) < 3000  # it has a palette
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA"), float)
    height, width = shown.shape[:2]
    rows, columns = (np.arange(10) + 0.5) * height / 10, (np.arange(20) + 0.5) * width / 20
    cells = shown[::-1][rows.astype(int)][:, columns.astype(int), :3]  # the file is upside down
    expected = 255 * plt.get_cmap("viridis")(np.linspace(0, 1, 200).reshape(10, 20))[..., :3]
    np.testing.assert_allclose(cells, expected, atol=1)


def test_a_page_offers_all_forms(exported):
    place_pictures(exported)
    page = BeautifulSoup((exported / "book" / "chapter.html").read_text(), "html.parser")
    link = page.select_one("#fig-one > a.picture")
    pictures = link.find_all("picture")
    assert [picture["class"] for picture in pictures] == [["on-light"], ["on-dark"]]
    address = "../_static/figures/chapter/fig-one"
    assert [p.img["src"] for p in pictures] == [address + ".svg", address + ".svg#dark"]
    assert [p.source["srcset"] for p in pictures] == [
        address + ".narrow.svg", address + ".narrow.svg#dark"
    ]  # fmt: skip
    for picture in pictures:
        assert picture.source["media"] == "screen and (max-width: 720px)"
        assert picture.img["alt"] == "a line" and picture.img["style"] == "width: 75%;"
        assert int(picture.img["width"]) == 816 and int(picture.img["height"]) == 288
    assert link["href"] == address + ".svg"
    assert not (exported / "_images" / "a.png").exists()
    assert "below each other" in page.select_one("#fig-one figcaption").get_text()
    assert (
        page.select_one("#fig-two").decode()
        == '<figure id="fig-two"><img alt="another" src="b.png"/></figure>'
    )


@pytest.mark.parametrize(("points", "width", "share"), [(6, 8.5, 1), (9, 8.5, 0.6), (9, 12, 1)])
def test_text_too_small_to_read_is_refused(tmp_path, points, width, share):
    figure, axes = subplots(figsize=(width, 3))
    axes.annotate("small", (0.5, 0.5), fontsize=points)
    export_figure(figure, tmp_path / "fig")
    with pytest.raises(SiteError, match=f"{points} points"):
        require_legible(tmp_path / "fig.svg", share)


def test_text_that_can_be_read_is_not(tmp_path):
    figure, axes = subplots(figsize=(8.5, 3))
    axes.annotate("small", (0.5, 0.5), fontsize=9)
    export_figure(figure, tmp_path / "fig")
    require_legible(tmp_path / "fig.svg")
    require_legible(tmp_path / "fig.narrow.svg")


def test_a_caption_of_one_panel_says_nothing_of_panels(exported):
    folder = exported / "_static" / "figures" / "chapter"
    figure, axes = subplots(figsize=(8.5, 3))
    figure.colorbar(axes.imshow(np.eye(2)), ax=axes)
    export_figure(figure, folder / "fig-one")
    place_pictures(exported)
    assert "below each other" not in (exported / "book" / "chapter.html").read_text()
