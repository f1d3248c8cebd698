"""Each claim about Fig. 1 on made-up walks: some that must pass, and some that must fail."""

import numpy as np
import pytest
import xarray as xr

from drift.claims import two_kinds_claims as claims
from drift.claims.row_tables import CLAIMS
from drift.claims.verdicts import (
    FAILS,
    HOLDS,
    ILLUSTRATION,
    NOT_REPRODUCED,
    REPRODUCED,
    THIS_RUN,
    WITH_CAVEAT,
)
from drift.theory.walks import RingOfMinima

STEPS = np.linspace(0, 400_000, 401).astype(int)
RINGS = {"undirected": RingOfMinima(), "directed": RingOfMinima(modulation=2.0)}


def course(end):
    """The mean of log k, which falls from 2 to ``end``."""
    return end + (2 - end) * np.exp(-STEPS / 60_000)


def made_up(end=-0.9, radius=0.1, late=1.0, walks=200):
    """Walks around angles whose mean log k follows a known course, and the other circle's."""
    random = np.random.default_rng(0)
    spread = random.normal(0, 0.5, (len(STEPS), walks)) * (STEPS > 0)[:, None]
    spread -= spread.mean(axis=1, keepdims=True)
    log_curvature = {"undirected": 0 * spread, "directed": course(end)[:, None] + spread}
    paths = {}
    for name, values in log_curvature.items():
        # At angle pi / 2 the curvature is k_0 on both circles; the radius alone makes the loss.
        away = radius * np.where(STEPS[-1] / 2 < STEPS, late, 1)[:, None] * np.ones(walks)
        paths[name] = xr.Dataset(
            {
                "x": (("step", "walk"), np.zeros_like(away)),
                "y": (("step", "walk"), 1 + away),
                "log_curvature": (("step", "walk"), values),
            },
            {"step": STEPS},
        )
    return paths


def test_walks_as_described_pass():
    rows = claims.verdicts(RINGS, made_up(), course(-0.9)).rows
    assert [row["verdict"] for row in rows] == [
        ILLUSTRATION, WITH_CAVEAT, HOLDS, REPRODUCED, HOLDS
    ]  # fmt: skip
    assert all(row["source"] for row in rows if row["item"].startswith("Fig."))
    assert {row["rests_on"] for row in rows} == {THIS_RUN}


def test_what_is_constant_by_construction_is_an_illustration_whatever_it_is():
    paths = made_up()
    assert "by construction" in claims.property_is_constant(paths["undirected"]).caveat
    assert claims.property_is_constant(paths["directed"]).verdict == ILLUSTRATION


@pytest.mark.parametrize("end", [2.0, 2.05, 1.95])
def test_no_fall_or_a_rise_is_no_trend(end):
    """Four standard errors are 0.14 here."""
    assert claims.property_has_a_trend(made_up(end)["directed"]).verdict == NOT_REPRODUCED


def test_a_fall_by_five_standard_errors_is_a_trend():
    judged = claims.property_has_a_trend(made_up(2 - 5 * 0.5 / np.sqrt(200))["directed"])
    assert judged.verdict == WITH_CAVEAT
    assert judged.ours == "-0.18 (-5 standard errors)"


@pytest.mark.parametrize(("end", "verdict"), [(-0.9, HOLDS), (0.0, FAILS), (0.5, FAILS)])
def test_diffusion_alone_would_take_the_mean_to_zero(end, verdict):
    """It is that of cos over angles with variance t: 2 exp(-t / 2), t = 10 after 400,000 steps."""
    judged = claims.trend_is_more_than_diffusion(RINGS["directed"], made_up(end)["directed"])
    assert judged.verdict == verdict
    assert f"diffusion: {2 * np.exp(-5):.2f}" in judged.ours


def test_diffusion_counts_the_level_of_the_curvature():
    """With three times the curvature all of log k is higher by log 3."""
    ring = RingOfMinima(curvature=3.0, modulation=2.0)
    judged = claims.trend_is_more_than_diffusion(ring, made_up(0.5)["directed"])
    assert judged.verdict == HOLDS
    assert f"diffusion: {np.log(3) + 2 * np.exp(-5):.2f}" in judged.ours


@pytest.mark.parametrize(
    ("late", "verdict"), [(1.03, REPRODUCED), (1.1, NOT_REPRODUCED), (0.9, NOT_REPRODUCED)]
)
def test_the_loss_goes_with_the_square_of_the_distance(late, verdict):
    judged = claims.loss_stays(RINGS, made_up(late=late))
    assert judged.verdict == verdict
    assert judged.ours.startswith(f"{late**2:.2f}")


def test_one_circle_of_two_is_enough_to_fail():
    paths = made_up() | {"directed": made_up(late=1.2)["directed"]}
    assert claims.loss_stays(RINGS, paths).verdict == NOT_REPRODUCED


@pytest.mark.parametrize(("off", "verdict"), [(0.1, HOLDS), (0.2, FAILS), (-0.2, FAILS)])
def test_a_mean_away_from_the_theory_fails(off, verdict):
    """A standard error is 0.035."""
    theory = course(-0.9) + off * (STEPS == 200_000)
    assert claims.mean_follows_theory(made_up()["directed"], theory).verdict == verdict


def test_walks_that_do_not_spread_are_judged_too():
    """As on a directed circle without modulation: nothing moves, and no error divides."""
    still = made_up()["undirected"]
    flat = {"undirected": still, "directed": still}
    rings = {"undirected": RINGS["undirected"], "directed": RINGS["undirected"]}
    table = claims.verdicts(rings, flat, np.zeros(len(STEPS)))
    assert [row["verdict"] for row in table.rows] == [
        ILLUSTRATION, NOT_REPRODUCED, FAILS, REPRODUCED, HOLDS
    ]  # fmt: skip
    assert table._repr_mimebundle_()[1][CLAIMS] == table.rows
