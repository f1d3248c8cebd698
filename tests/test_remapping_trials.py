"""What the chapter on remapping promises under "Three things to try", with its own cells."""

import matplotlib as mpl
import numpy as np
import pytest
from chapter_cells import names_after, promised

SMALL = {"early": 2000, "late": 10_000, "steps_there": 500}
CELLS = ("place = directed_place", "networks = ", "def share_that_remaps", "curves = {}")


@pytest.fixture(autouse=True)
def own_style():
    with mpl.rc_context():
        yield


def shares_and_curves(**values):
    names = names_after("remapping", CELLS, **SMALL, **values)
    return [row["remapped"] for row in names["rows"].values()], names["curves"]


def test_other_walls_remap_most_place_cells():
    assert promised("remapping", "-p dose 1")
    shares, _ = shares_and_curves(dose=1.0)
    assert min(shares) > 0.5


def test_without_a_change_nothing_differs():
    assert promised("remapping", "-p dose 0")
    shares, curves = shares_and_curves(dose=0.0)
    assert shares == [0, 0]
    for step in (2000, 10_000):
        changed, familiar = curves[step, "changed"], curves[step, "familiar"]
        # The inputs differ by rounding, which 500 steps of float32 make visible.
        np.testing.assert_allclose(changed, familiar, rtol=0.05)


def test_a_longer_corridor_looks_nearly_the_same():
    assert promised("remapping", "-p change stretch")
    shares, _ = shares_and_curves(change="stretch")
    assert max(shares) < 0.1
