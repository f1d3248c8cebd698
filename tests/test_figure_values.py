"""What the pointer reads in figures are the numbers drawn, at the place where they are drawn."""

import json

import numpy as np
import pytest
from browsing import visit

from drift.plots.export import export_figure
from drift.plots.style import subplots
from drift.site.figure_values import write_values


def values_of(path):
    assert write_values(path)
    text = path.with_suffix(".values.js").read_text()
    return json.loads(text.partition('"] = ')[2].rstrip(";\n"))


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_places_are_those_of_matplotlib(tmp_path, scale):
    figure, axes = subplots(figsize=(8, 3))
    x, y = np.array([1.0, 30.0, 1000.0]), np.array([1.0, 4.0, 2.0])
    axes.plot(x, y, label="curve $\\eta^2$")
    axes.set_xscale(scale)
    axes.set(xlabel="$\\sigma$", ylabel="of\nthis", ylim=(0, 5))
    export_figure(figure, tmp_path / "fig")
    (curve,) = values_of(tmp_path / "fig")["shown"]
    assert (curve["name"], curve["labels"]) == (
        "curve η²",
        ["\N{GREEK SMALL LETTER SIGMA}", "of this"],
    )
    assert (curve["x"], curve["y"]) == (x.tolist(), y.tolist())
    places = axes.transAxes.inverted().transform(axes.transData.transform(np.c_[x, y]))
    np.testing.assert_allclose(np.c_[curve["u"], curve["v"]], places, atol=2e-4)


def test_long_curves_are_thinned_and_many_left_out(tmp_path):
    figure, axes = subplots()
    x = np.linspace(0, 1, 5000)
    axes.plot(x, x, label="named")
    axes.plot(x, -x)
    export_figure(figure, tmp_path / "fig")
    (curve,) = values_of(tmp_path / "fig")["shown"]
    assert curve["name"] == "named" and 1000 < len(curve["x"]) <= 1500


@pytest.mark.parametrize("kind", ["upper", "lower", "mesh"])
def test_a_matrix_has_its_cells(tmp_path, kind):
    cells = np.arange(6.0).reshape(2, 3)
    figure, axes = subplots(figsize=(5, 4))
    if kind == "mesh":
        axes.pcolormesh([0, 1, 2, 3], [0, 10, 20], cells)
    else:
        axes.imshow(cells, origin=kind, extent=(0, 3, 20, 0) if kind == "upper" else (0, 3, 0, 20))
    export_figure(figure, tmp_path / "fig")
    (picture,) = values_of(tmp_path / "fig")["shown"]
    assert picture["cells"] == cells.ravel().tolist() and picture["rows"] == 2
    assert picture["edges"] == [[0, 3], [0, 20]]
    assert picture["spans"] == [[0, 3], [20, 0] if kind == "upper" else [0, 20]]


def test_gaps_and_missing_labels_are_left_out(tmp_path):
    figure, axes = subplots()
    axes.plot([0, 1, 2, 3], [1, np.nan, 2, 0])
    export_figure(figure, tmp_path / "fig")
    (curve,) = values_of(tmp_path / "fig")["shown"]
    assert (curve["x"], curve["y"]) == ([0, 2, 3], [1, 2, 0])
    assert (curve["name"], curve["labels"]) == ("", ["", ""])


def test_a_figure_without_numbers_has_no_script(tmp_path):
    figure, axes = subplots()
    axes.axis("off")
    export_figure(figure, tmp_path / "fig")
    assert not write_values(tmp_path / "fig")
    assert not (tmp_path / "fig.values.js").exists()


@pytest.mark.parametrize("gap", [np.nan, np.inf, np.ma.masked])
def test_gaps_in_a_curve_have_no_values_to_read(tmp_path, gap):
    figure, axes = subplots()
    height = np.ma.array([1.0, 2.0, 3.0])
    height[1] = gap
    axes.plot([1.0, 2.0, 3.0], height)
    axes.set_ylim(0, 4)
    export_figure(figure, tmp_path / "fig")
    (curve,) = values_of(tmp_path / "fig")["shown"]
    assert (curve["x"], curve["y"]) == ([1, 3], [1, 3])


def point_at(browser, x, y):
    """Move the mouse over the first figure, at shares of its width and height."""
    browser.execute_script(
        "const link = document.querySelector('figure a.picture');"
        "link.scrollIntoView({block: 'center'});"
        "const image = [...link.querySelectorAll('img')].find(e => e.offsetWidth);"
        "const box = image.getBoundingClientRect();"
        "image.dispatchEvent(new PointerEvent('pointermove', {bubbles: true,"
        " clientX: box.left + arguments[0] * box.width,"
        " clientY: box.top + arguments[1] * box.height}))",
        x,
        y,
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pointer_reads_the_nearest_point_and_the_cell(browser, address, site, width):
    from selenium.webdriver.support.ui import WebDriverWait

    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        visit(browser, f"{address}/book/two-kinds.html")
        point_at(browser, 0.5, 0.5)
        WebDriverWait(browser, 10).until(
            lambda b: b.execute_script("return Object.keys(window.driftFigures || {}).length > 0")
        )
        data = browser.execute_script("return Object.values(window.driftFigures)[0]")
        boxes = data["narrow" if width == 390 else "wide"]
        (curve,) = [part for part in data["shown"] if "u" in part]
        left, top, right, bottom = boxes[curve["panel"]]
        u, v = curve["u"][1] + 0.01, curve["v"][1] + 0.01
        point_at(browser, left + u * (right - left), bottom - v * (bottom - top))
        note = browser.find_element("css selector", ".figure-value")
        assert note.text.split("\n") == ["a curve", "training step: 250 k", "value: 3"]
        (picture,) = [part for part in data["shown"] if "cells" in part]
        left, top, right, bottom = boxes[picture["panel"]]
        point_at(browser, left + 0.75 * (right - left), bottom - 0.25 * (bottom - top))
        assert note.text.endswith("value: 3")  # the cell at the lower right
        point_at(browser, 0.001, 0.001)
        assert not note.is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
