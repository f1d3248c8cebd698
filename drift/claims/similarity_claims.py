"""What the study says of similarity matching (its Fig. 4C) and of three phases (its Table 1).

Each of the nine cells of Table 1 is judged three times: in this network with borders of phases that
our criterion finds, in this network with the borders that the study's figure shades, and in
the corridor network with borders of our criterion. What our criterion makes true by itself is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import xarray as xr

from drift.analysis.phases import Change, in_phase
from drift.analysis.tuning import population_vector_correlation
from drift.claims.judging import not_testable, require_each
from drift.claims.requirements import Requirement, above, below, between
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.sections import GENERALITY
from drift.claims.verdicts import ARCHIVED, BEYOND, ILLUSTRATION, THIS_RUN, Claim, judged_on

__all__ = ["verdicts"]


Changes = Sequence[dict[str, Change]]

TABLE_1 = {
    "learning": {"performance": True, "activity": True, "representation": True},
    "directed drift": {"performance": False, "activity": True, "representation": True},
    "null drift": {"performance": False, "activity": False, "representation": True},
}
"""Whether each of the three changes in a phase, or is stationary, as the study has it."""

WORDS = {
    "performance": ("performance", "is", "changes", "loss, end over beginning"),
    "activity": ("activity statistics", "are", "change", "change of the fraction of active units"),
    "representation": ("representations", "are", "change", "correlation, end with beginning"),
}


class Group(NamedTuple):
    """Runs with borders of phases, as one row of each cell of Table 1 judges them."""

    title: str
    figure: str
    stationary_loss: tuple[float, float]
    by_criterion: bool
    rests_on: str


OURS = Group(
    "similarity matching, our borders", "fig-three-phases", (0.97, 1.03), True, THIS_RUN
)  # fmt: skip
STUDYS = Group(
    "similarity matching, the study's borders", "fig-three-phases", (0.97, 1.03), False, THIS_RUN
)  # fmt: skip
CORRIDOR = Group("corridor, our borders", "fig-loss", (0.5, 2), True, f"{ARCHIVED} (corridor)")

BY_CRITERION = {
    ("learning", "performance"): (
        "by our criterion nine tenths of the change of the loss lie before the border; "
        "only the size of the change was open"
    ),
    ("directed drift", "performance"): (
        "by our criterion the loss is at most a tenth of its change from its late level "
        "at the first border; only whether it stays there was open"
    ),
    ("directed drift", "activity"): (
        "by our criterion nine tenths of the change of the fraction lie before the border; only "
        "the size of the change, and how much of it is after learning, was open"
    ),
    ("null drift", "activity"): (
        "true by construction: our criterion puts the border where the fraction is within a "
        "tenth of "
        "its change from its late level, which is less than 0.1"
    ),
}
"""What borders that are drawn by the very curves make true by themselves."""


CHANGED = 0.1
"""From this difference of the fraction of active units on, their number changes."""


def verdicts(
    runs: xr.Dataset,
    control: xr.Dataset,
    changes: Changes,
    at_study_borders: Changes | None = None,
    corridor: Changes | None = None,
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    runs, control : Dataset
        ``fraction_active_units`` and ``activity`` along ``seed``, with noise and without.
    changes : sequence of dict
        Of :func:`~drift.analysis.phases.changes_of_runs`, with borders by our criterion.
    at_study_borders : sequence of dict, optional
        The same with the borders between the shades of the study's figure; left out where the
        network is not the published one.
    corridor : sequence of dict, optional
        The same of the archived runs of the corridor network; left out where a chapter is run with
        other parameters, which these runs do not have.

    Returns
    -------
    RowTable
    """
    groups = {OURS: changes, STUDYS: at_study_borders, CORRIDOR: corridor}
    table_1 = [
        cell(phase, what, group, found)
        for phase, row in TABLE_1.items()
        for what in row
        for group, found in groups.items()
        if found is not None
    ]
    claims = [
        activity_settles_later(changes),
        *table_1,
        tuning_goes_on(runs),
        noise_is_needed(control),
    ]
    return verdict_table(judged_on(THIS_RUN, claims))


def activity_settles_later(changes: Changes) -> Claim:
    """Steps of directed drift over steps of learning, in the runs that have both."""
    ratios = [
        change["directed drift"].duration / change["learning"].duration
        for change in changes
        if "learning" in change and "directed drift" in change
    ]
    item, statement, published, figure, source = (
        "Fig. 4C",
        "the loss settles long before the activity (steps of directed drift over learning)",
        "much longer",
        "fig-three-phases",
        f"{GENERALITY}: the phases have different time scales, and the fraction of active units "
        "falls in the second of them",
    )
    if not ratios:
        why = "no run reaches the end of directed drift"
        return not_testable(item, statement, published, why, figure, source)
    return require_each(
        item,
        statement,
        published,
        ratios,
        above(2, " in every run"),
        digits=1,
        figure=figure,
        caveat=_left_out(len(ratios), len(changes)),
        source=source,
    )


def cell(phase: str, what: str, group: Group, changes: Changes) -> Claim:
    """One cell of Table 1 in one group of runs."""
    subject, verb, change, measure = WORDS[what]
    changing = TABLE_1[phase][what]
    says = change if changing else f"{verb} stationary"
    statement = f"{phase}, {group.title}: {subject} {says} ({measure})"
    published = change if changing else "stationary"
    source = f"{GENERALITY}, Table 1: in the phase of {phase}, {subject} {says}"
    values = in_phase(changes, phase, what)
    if not values:
        why = "no run reaches the end of this phase"
        return not_testable("Table 1", statement, published, why, group.figure, source)
    by_itself = BY_CRITERION.get((phase, what), "") if group.by_criterion else ""
    judged = require_each(
        "Table 1",
        statement,
        published,
        values,
        requirement(what, changing, group.stationary_loss),
        digits=3 if what == "performance" and group is not CORRIDOR else 2,
        figure=group.figure,
        caveat="; ".join(filter(None, [by_itself, _left_out(len(values), len(changes))])),
        source=source,
    )
    if by_itself.startswith("true by construction"):
        judged = replace(judged, verdict=ILLUSTRATION)
    return replace(judged, rests_on=group.rests_on)


def requirement(what: str, changing: bool, stationary_loss: tuple[float, float]) -> Requirement:
    """When one of the three changes or is stationary."""
    every = " in every run"
    requirements: Mapping[tuple[str, bool], Requirement] = {
        ("performance", True): below(0.9, every),
        ("performance", False): between(*stationary_loss, every),
        ("activity", True): _by(above(CHANGED, every)),
        ("activity", False): _by(below(CHANGED, every)),
        ("representation", True): below(0.8, every),
    }
    return requirements[what, changing]


def _by(change: Requirement) -> Requirement:
    """A requirement that the size of a change meets, in whichever direction."""
    return Requirement(f"in size {change.words}", lambda value: change.holds(abs(value)))


def _left_out(count: int, runs: int) -> str:
    left = runs - count
    return f"{left} of {runs} runs do not reach the end of this phase" if left else ""


def tuning_goes_on(runs: xr.Dataset) -> Claim:
    """Correlation of population vectors over about a thousand steps from the middle of the runs."""
    steps = runs["step"].values
    begin = int(steps[steps >= steps[-1] / 2][0])
    end = int(steps[np.abs(steps - begin - 1000).argmin()])
    codes = runs["activity"].transpose("seed", "step", "position", "unit").sel(step=[begin, end])
    return require_each(
        "Fig. 4C",
        f"in the last phase tuning keeps changing (correlation over {end - begin} steps)",
        "changes",
        [population_vector_correlation(*of_a_run) for of_a_run in codes.values],
        below(0.8, " in every run"),
        figure="fig-ring-lag",
        source=f"{GENERALITY}: in the third phase loss and sparsity stay constant while the "
        "units' tuning "
        "still changes",
    )


def noise_is_needed(control: xr.Dataset) -> Claim:
    """The same rule without noise, which the study does not show."""
    fraction = control["fraction_active_units"]
    return require_each(
        BEYOND,
        "without noise units stay active (fraction of active units, end over start)",
        "not shown",
        (fraction.isel(step=-1) / fraction.isel(step=0)).values,
        above(0.9, " in every run"),
        figure="fig-three-phases",
    )
