"""What the chapter promises under "Three things to try", done with its own visible cells."""

import json
from pathlib import Path

import numpy as np
import pytest
from chapter_cells import names_after

NOTEBOOK = Path(__file__).parents[1] / "book" / "animal.ipynb"

MADE_UP_CELLS = ("np.random.default_rng(0)\nspeed", "def bits_per_event", "p_value = 1 -", "tested")
"""Words in the cells of the place-cell test, in their order."""

FAMILIAR = ('load_table("familiar-sessions")', "known = ")


def chapter(words, **values):
    return names_after("animal", words, **values)


@pytest.fixture(autouse=True)
def own_style():
    import matplotlib as mpl

    with mpl.rc_context():
        yield


def test_commands_of_the_chapter_are_those_tested():
    text = json.loads(NOTEBOOK.read_text())["cells"][-1]["source"]
    bullets = "".join(text).split("\n- ")[1:]
    commands = [bullet.split("`")[1].removeprefix("drift run animal -p ") for bullet in bullets]
    assert commands == ["laps 5", "shuffles 20", "alone CA3"]


def test_as_the_chapter_is():
    found = chapter(MADE_UP_CELLS)
    assert found["p_value"][0] < 0.05 <= found["p_value"][1]
    assert found["recorded"][1] < 0.2
    assert found["shuffles"] == 1000 == found["shuffled"].shape[1]


def test_fewer_laps():
    """The cell without a field says more than a bit; the test tells the two apart all the same."""
    usual, few = chapter(MADE_UP_CELLS), chapter(MADE_UP_CELLS, laps=5)
    assert few["place"].size * 8 == usual["place"].size
    assert few["recorded"][1] > 1
    assert few["recorded"][1] > usual["recorded"][0]
    assert np.median(few["shuffled"][1]) > 1
    assert few["p_value"][0] < 0.05 <= few["p_value"][1]


@pytest.mark.parametrize("laps", [5, 6, 7, 12])
def test_no_number_of_laps_leaves_too_few_events_for_the_test(laps):
    assert chapter(MADE_UP_CELLS, laps=laps)["tested"].active.all()


def test_twenty_shuffles():
    found = chapter(MADE_UP_CELLS, shuffles=20)
    steps = found["p_value"] / 0.05
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert (found["recorded"][0] > found["shuffled"][0]).all()
    assert found["tested"].significant.tolist() == [True, False]


def test_ca3_alone():
    from drift.analysis.trends import trend_of
    from drift.results.trend_tables import LABELS

    found = chapter(FAMILIAR, alone="CA3")
    known, novel = found["known"], found["novel"]
    of_area = known[known.area == "CA3"]
    assert of_area.animal.nunique() == 5
    cells = {area: trend_of(rows.slope) for area, rows in
             known[known.measure == "active_cells"].groupby("area")}  # fmt: skip
    margin = abs(novel.slope[novel.measure == "active_cells"].mean()) / 2
    for trend in cells.values():
        assert trend.low < 0 < trend.high
        assert trend.low < -margin and trend.high > margin
    assert cells["CA3"].high - cells["CA3"].low < cells["CA1"].high - cells["CA1"].low
    assert set(of_area.measure) <= set(LABELS)


@pytest.mark.parametrize(
    ("name", "value"), [("laps", 4), ("shuffles", 19), ("alone", "CA2"), ("mouse", "Mickey")]
)
def test_values_that_make_no_sense_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        chapter((), **{name: value})


def test_own_sets_are_refused_where_they_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="own_sets needs at least one of khatib-2023"):
        chapter((), own_sets=True)


def test_half_of_the_code_is_seen_and_no_output_is_excused():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    lines = {True: 0, False: 0}
    for cell in cells:
        tags = cell["metadata"].get("tags", [])
        assert "nbval-ignore-output" not in tags
        if cell["cell_type"] == "code":
            count = sum(bool(line.strip()) for line in "".join(cell["source"]).splitlines())
            assert count <= (15 if "hide-input" in tags else 20)
            lines["hide-input" in tags] += count
    assert lines[False] >= lines[True]
