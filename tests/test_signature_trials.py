"""What the chapter promises under "Three things to try", done with its own cells."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from chapter_cells import names_after, promised

NOTEBOOK = Path(__file__).parents[1] / "book" / "signature.ipynb"

THE_TEST = ('table = tables.load_table("signature-slopes")',)
RATS = ('blocks = tables.load_table("rat-blocks")', "time = curves.index",
        'rat_laps = tables.load_table("rat-laps")', "steps = ")  # fmt: skip


def chapter(words, **values):
    return names_after("signature", words, **values)


@pytest.fixture(autouse=True)
def own_style():
    with mpl.rc_context():
        yield


def effects(**values):
    fit = chapter(THE_TEST, **values)["fit"]
    return {(place, measure): fit.effect(place, measure) for place in ("novel", "difference")
            for measure in ("active_cells", "information")}  # fmt: skip


def test_as_the_chapter_is():
    found = effects()
    assert found["novel", "active_cells"].high < 0
    assert found["novel", "information"].slope == pytest.approx(0.148, abs=0.001)
    names = chapter(THE_TEST + RATS)
    assert not names["again"]
    assert len(names["rows"]) == 33
    assert names["signature_claims"].course_of_laps(names["steps"]) == "familiarisation"


def test_without_correction():
    assert promised("signature", "-p corrected false")
    found = effects(corrected=False)
    assert found["novel", "information"].slope == pytest.approx(0.04, abs=0.005)
    assert found["novel", "information"].low > 0
    assert found["difference", "information"].low < 0 < effects()["difference", "information"].low


def test_blocks_of_two_laps():
    assert promised("signature", "-p laps 2")
    found = effects(laps=2)
    assert found["novel", "active_cells"].high > 0
    assert found["novel", "information"].low < 0
    usual, short = (chapter(THE_TEST, laps=laps)["fit"] for laps in (4, 2))
    assert (np.diag(short.between_sets) > np.diag(usual.between_sets)).all()


def test_without_the_mice_in_new_environments():
    assert promised("signature", "-p without rechavi-2022")
    usual, rest = effects(), effects(without="rechavi-2022")
    for measure in ("active_cells", "information"):
        wide, narrow = rest["novel", measure], usual["novel", measure]
        assert wide.high - wide.low > 3 * (narrow.high - narrow.low)
        assert wide.low < 0 < wide.high


@pytest.mark.parametrize(
    ("name", "value"),
    [("laps", 1), ("laps", 6), ("interval", 0), ("interval", 7), ("without", "geva-2023")],
)
def test_values_that_make_no_sense_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        chapter((), **{name: value})


@pytest.mark.parametrize("interval", [1, 6])
def test_every_interval_has_its_snapshots(interval):
    """Eight snapshots of the model after learning, and the last eight."""
    model = chapter(("def networks",), interval=interval)["model"]
    early, late = model.values()
    assert early.shape == late.shape == (20, 2)
    assert (early[:, 0] < 0).all()
    assert early[:, 1].mean() > late[:, 1].mean()


def test_differences_of_degree_between_mice_and_the_model():
    """As the text has them: cells return, and what stability depends on."""
    words = ("maps = archives.load_archive",)
    measures = chapter(words)["measures"]
    mice, model = measures.iloc[:4], measures.iloc[4]
    assert (mice.returns > 0.65).all() and model.returns == pytest.approx(0.04, abs=0.005)
    assert (mice.stability_with_activity > mice.stability_with_redundancy).all()
    assert model.stability_with_activity < model.stability_with_redundancy
    assert (mice.map_correlation_next < model.map_correlation_next).all()
