"""What the study says of the corridor network while it learns (its Fig. 2), judged.

Every function takes runs along ``seed``, from the start to the end of learning: the beginnings of
the archived twenty, or a single run at other parameters.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import xarray as xr

from drift.claims.judging import require_each
from drift.claims.requirements import above, below
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.sections import SPARSIFICATION
from drift.claims.verdicts import ARCHIVED, BEYOND, ILLUSTRATION, THIS_RUN, Claim, judged_on

__all__ = ["verdicts"]


LAST_RECORDS = 5
"""Bursts of the loss are shorter than this many records at the end of the run."""


def verdicts(runs: xr.Dataset, hidden: int, rests_on: str = ARCHIVED) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    runs : Dataset
        As ``drift.results.corridor_runs.summary`` makes them, along ``seed``, up to the
        step at which learning is judged.
    hidden : int
        Number of hidden units of each network.
    rests_on : str
        :data:`~drift.claims.verdicts.ARCHIVED`, or for other parameters
        :data:`~drift.claims.verdicts.THIS_RUN`.

    Returns
    -------
    RowTable
    """
    claims = [
        texture_is_seen(),
        loss_drops(runs),
        units_become_tuned(runs, hidden),
        units_are_tuned_before(runs, hidden),
    ]
    return verdict_table(judged_on(rests_on, claims, "corridor"))


def texture_is_seen() -> Claim:
    """A drawing in the study, and here one of the simulated world: nothing to be wrong."""
    return Claim(
        "Fig. 2A",
        "an agent in a corridor sees the texture of its walls",
        "a drawing",
        "drawn from the simulated world",
        "-",
        ILLUSTRATION,
        figure="fig-scene",
        source=SPARSIFICATION + ": an agent walks along a corridor and sees its textured walls",
        rests_on=THIS_RUN,
    )


def loss_drops(runs: xr.Dataset) -> Claim:
    """Below a third of the variance around each output's own mean, at the end."""
    last = runs["step"].values[-1]
    loss = runs["loss"].isel(step=slice(-LAST_RECORDS, None)).median("step")
    return require_each(
        "Fig. 2B",
        "the loss drops rapidly (log10 relative to the average view, median of the last "
        f"{LAST_RECORDS} records up to step {last:,})",
        "low loss",
        np.log10((loss / runs["target_variance"]).values),
        below(Fraction(-1, 2), " in every run"),
        figure="fig-learning",
        source="Fig. 2B, caption: the loss falls fast at the beginning",
    )


def units_become_tuned(runs: xr.Dataset, hidden: int) -> Claim:
    """More than half of all units are place cells at the end."""
    last = runs["snapshot"].values[-1]
    return require_each(
        "Results",
        f"hidden units are tuned to position (share of place cells at step {last:,})",
        "place cells",
        (runs["place_cells"].isel(snapshot=-1) / hidden).values,
        above(Fraction(1, 2), " in every run"),
        figure="fig-early-maps",
        source=SPARSIFICATION + ": a simple model whose units can be tuned to place",
    )


def units_are_tuned_before(runs: xr.Dataset, hidden: int) -> Claim:
    """The same of the random start: tuning to place is no sign of learning here."""
    return require_each(
        BEYOND,
        "hidden units are tuned to position before training (share of place cells at step 0)",
        "not in the study",
        (runs["place_cells"].sel(snapshot=0) / hidden).values,
        above(Fraction(1, 2), " in every run (limit set after the result was seen)"),
        figure="fig-early-maps",
    )
