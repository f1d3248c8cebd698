"""The narrow form of figures, for phones: its panels one below the other, each with its labels."""

import matplotlib as mpl
import numpy as np
import pytest

from drift.plots.narrow import NARROW_WIDTH, make_narrow
from drift.plots.style import subplots
from drift.plots.vector_files import panels_of, write_svg


def rows_of(figure):
    """Top edges of the panels, in the order of the figure's axes, as shares of its height."""
    figure.draw_without_rendering()
    return [axes.get_position().y1 for axes in figure.axes]


def curves(rows, columns, **settings):
    figure, grid = subplots(rows, columns, squeeze=False, figsize=(8.5, 2.2 * rows), **settings)
    for axes in grid.flat:
        axes.plot([0, 1], [0, 1])
    for axes in grid[:, 0]:
        axes.set_ylabel("share")
    for axes in grid[-1]:
        axes.set_xlabel("time")
    for number, axes in enumerate(grid[0]):
        axes.set_title(f"title {number}")
    return figure


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 3), (2, 2), (3, 3)])
def test_panels_stand_below_each_other_and_keep_what_they_shared(rows, columns):
    figure = curves(rows, columns, sharex=True, sharey="row")
    assert make_narrow(figure)
    assert figure.get_figwidth() == NARROW_WIDTH
    tops = rows_of(figure)
    assert (np.diff(tops) < 0).all() or len(tops) == 1
    widths = [axes.get_position().width for axes in figure.axes]
    assert min(widths) > 0.6
    for number, axes in enumerate(figure.axes):
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("time", "share")
        assert axes.get_title() == f"title {number % columns}"
        assert any(label.get_visible() and label.get_text() for label in axes.get_yticklabels())
        assert any(label.get_visible() and label.get_text() for label in axes.get_xticklabels())


def pictures(rows, columns):
    figure, grid = subplots(rows, columns, squeeze=False, figsize=(8.5, 7))
    for axes in grid.flat:
        axes.imshow(np.eye(4), aspect="auto")
        axes.set(xticks=[], yticks=[])
    return figure


def test_pictures_stand_two_in_a_row():
    figure = pictures(1, 4)
    assert make_narrow(figure)
    tops = rows_of(figure)
    assert tops[0] == pytest.approx(tops[1]) and tops[2] == pytest.approx(tops[3])
    assert tops[2] < tops[0]


@pytest.mark.parametrize("figure", [pictures(4, 4), curves(5, 4), subplots(figsize=(4, 3))[0]])
def test_what_has_no_narrow_form_is_left_alone(figure):
    before = figure.get_size_inches().tolist(), rows_of(figure)
    assert not make_narrow(figure)
    assert (figure.get_size_inches().tolist(), rows_of(figure)) == before


def test_an_svg_says_where_its_panels_are(tmp_path):
    figure, (left, right) = subplots(1, 2, figsize=(8, 3))
    left.semilogx([1, 1000], [0, 2])
    left.set(xlim=(1, 1000), ylim=(0, 2))
    right.imshow(np.eye(3))
    write_svg(figure, tmp_path / "figure.svg")
    first, second = panels_of((tmp_path / "figure.svg").read_text())
    assert first["x"] == ["log", 1, 1000] and first["y"] == ["linear", 0, 2]
    assert second["y"] == ["linear", 2.5, -0.5]
    box = left.get_position()
    np.testing.assert_allclose(first["box"], [box.x0, 1 - box.y1, box.x1, 1 - box.y0], atol=1e-5)
    assert panels_of("<svg></svg>") == []


def test_nothing_of_a_whole_svg_is_cut_off(tmp_path, monkeypatch):
    # Saving would lay the figure out anew, in the style of the book, which other tests leave on.
    monkeypatch.setitem(mpl.rcParams, "figure.constrained_layout.use", False)
    figure, axes = subplots(figsize=(3, 2), layout="none")
    axes.set_ylabel("a label\nof three\nlines")
    axes.set_title("a title that is much wider than the figure that it belongs to")
    write_svg(figure, tmp_path / "cut.svg")
    write_svg(figure, tmp_path / "whole.svg", whole=True)
    widths = []
    for name in ("cut.svg", "whole.svg"):
        text = (tmp_path / name).read_text()
        widths.append(float(text.partition('width="')[2].partition("pt")[0]))
        (panel,) = panels_of(text)
        left, _, right, _ = panel["box"]
        shown = (right - left) * widths[-1] / 72
        assert shown == pytest.approx(axes.get_position().width * 3, abs=1e-3)
    assert widths[0] == 3 * 72 < widths[1]
