"""The study's signature of directed drift, fewer active cells and more bits, over all animals.

What counts as held was fixed before the model of both slopes was fitted; numbers of the single data
sets were known by then, from the chapter *In the animal* and from their authors. Every statement is
this book's own. A mean over animals and its 95 % interval are Student's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from drift.analysis.joint_slopes import JointFit
from drift.analysis.trends import Trend, trend_of
from drift.claims.judging import judged, require_each
from drift.claims.requirements import above, below
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.verdicts import BEYOND, THIS_RUN, Claim, judged_on

__all__ = ["FIRST_LAPS", "MARGINS", "course_of_laps", "verdicts"]

MARGINS = {"active_cells": 0.006, "information": 0.016}
"""What counts as no trend per session, which is half of the slopes of the ten mice in new places
that the chapter *In the animal* shows, -1.2 % and +3.2 %."""

FIRST_LAPS = 4
"""A change within so many laps, and not after them, is taken for familiarisation (phase 1)."""

WANTED = {"active_cells": "falls", "information": "rises"}
"""The study's signature of directed drift."""

NAMES = {"active_cells": "the number of active cells", "information": "the information per cell"}


def in_direction(found: Trend, measure: str) -> bool:
    """Whether all of the interval lies on the side of zero that the signature wants."""
    return found.high < 0 if WANTED[measure] == "falls" else found.low > 0


def within(found: Trend, margin: float) -> bool:
    """Whether all of the interval lies within the margin on either side of zero."""
    return -margin < found.low and found.high < margin


def of_model(
    statement: str, fit: JointFit, place: str, tolerance: str, held: bool, caveat: str = ""
) -> Claim:
    """A claim about both means of a place, or their difference."""
    cells, bits = (fit.effect(place, measure) for measure in WANTED)
    return Claim(
        BEYOND,
        statement,
        "-",
        f"active cells {cells.in_percent()}, information {bits.in_percent()} per session",
        tolerance,
        judged(BEYOND, held),
        "fig-plane",
        caveat,
        rests_on="signature-slopes",
    )


def novel_places(fit: JointFit) -> list[Claim]:
    """Fewer cells, more information, and both, in places that were new."""
    found = {measure: in_direction(fit.effect("novel", measure), measure) for measure in WANTED}
    return [
        of_model("novel places: the number of active cells falls", fit, "novel",
                 "95 % interval of the model's mean of active cells below 0",
                 found["active_cells"]),
        of_model("novel places: the information per cell rises", fit, "novel",
                 "95 % interval of the model's mean of information above 0", found["information"]),
        of_model("novel places: the whole signature, fewer active cells and more information", fit,
                 "novel", "both of the two claims above", all(found.values())),
    ]  # fmt: skip


def familiar_places(fit: JointFit) -> Claim:
    """Neither of both, in places that were known."""
    inside = [within(fit.effect("familiar", measure), MARGINS[measure]) for measure in WANTED]
    return of_model(
        "familiar places: neither the number of active cells nor the information has a trend",
        fit,
        "familiar",
        "95 % intervals within "
        + " and ".join(f"± {100 * margin:.1f} %" for margin in MARGINS.values())
        + " per session",
        all(inside),
    )


def places_differ(fit: JointFit) -> Claim:
    """The contrast of novel and familiar places, in both measures."""
    signs = [in_direction(fit.effect("difference", measure), measure) for measure in WANTED]
    return of_model(
        "novel less familiar places: fewer active cells and more information",
        fit,
        "difference",
        "95 % intervals of the differences below 0 and above 0",
        all(signs),
    )


def course_of_laps(steps: pd.DataFrame) -> str:
    """Which phase the rats' laps are, by the rule that was fixed before.

    Parameters
    ----------
    steps : DataFrame
        One row a rat: ``first_active_cells`` and ``first_information``, the change from the first
        :data:`FIRST_LAPS` laps to as many after them, over the first; ``later_active_cells`` and
        ``later_information``, slopes over the laps after the first.

    Returns
    -------
    str
        "directed drift" if both measures go on in the signature's direction after the first laps,
        "familiarisation" if both change in it within the first laps and neither does later, and
        else "undecided": each by a 95 % interval over rats.
    """
    first, later = (
        [in_direction(trend_of(steps[f"{when}_{measure}"]), measure) for measure in WANTED]
        for when in ("first", "later")
    )
    if all(later):
        return "directed drift"
    return "familiarisation" if all(first) and not any(later) else "undecided"


def of_laps(steps: pd.DataFrame) -> list[Claim]:
    """What changes within the first laps, and what goes on changing after them."""
    made = []
    for measure, name in NAMES.items():
        for when, words, per in (
            ("first", f"from laps 1 to {FIRST_LAPS} to the next {FIRST_LAPS}", ""),
            ("later", f"after lap {FIRST_LAPS}", " per lap"),
        ):
            found = trend_of(steps[f"{when}_{measure}"])
            side = "below" if WANTED[measure] == "falls" else "above"
            made.append(
                Claim(
                    BEYOND,
                    f"rats on a track: {name} {WANTED[measure]} {words}",
                    "-",
                    f"{found.in_percent()}{per}, {found.animals} rats",
                    f"95 % interval over rats {side} 0",
                    judged(BEYOND, in_direction(found, measure)),
                    "fig-laps",
                    rests_on="rat-laps and rat-blocks",
                )
            )
    return made


def stationary(slopes: pd.DataFrame, measure: str, name: str) -> Claim:
    """That a measure of the mice that also spent time elsewhere has no trend over all sessions."""
    found, margin = trend_of(slopes[measure]), MARGINS[measure]
    return Claim(
        BEYOND,
        f"eight mice over sixteen sessions: {name} has no trend",
        "-",
        f"{found.in_percent()} per session, {found.animals} animals",
        f"95 % interval within ± {100 * margin:.1f} % per session",
        judged(BEYOND, within(found, margin)),
        "fig-elsewhere",
        rests_on="signature-slopes",
    )


def map_changes(correlations: pd.DataFrame) -> Claim:
    """Tuning correlation by lag, a line a phase, of those mice."""
    slopes = [
        np.polyfit(rows["days"], rows["tuning_curve"], 1)[0]
        for _, rows in correlations.groupby("phase")
    ]
    return require_each(
        BEYOND,
        "the same mice: their maps change (slope of the tuning correlation, per day)",
        "-",
        slopes,
        below(0, " in each"),
        digits=3,
        of="phases",
        figure="fig-elsewhere",
    )


def busy_cells_stay(measures: pd.DataFrame) -> Claim:
    """Rank correlation of a unit's stability with its activity, in each recording and the model."""
    return require_each(
        BEYOND,
        "units that respond more keep their maps better (rank correlation, registered mice and "
        "the model)",
        "-",
        measures["stability_with_activity"],
        above(0, " in each"),
        of="recordings and networks",
    )


def verdicts(
    fit: JointFit,
    steps: pd.DataFrame,
    slopes: Mapping[str, pd.DataFrame],
    correlations: pd.DataFrame,
    measures: pd.DataFrame,
    *,
    again: bool = False,
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    fit : JointFit
    steps : DataFrame
        As for :func:`course_of_laps`.
    slopes : mapping of str to DataFrame
        Two slopes an animal by data set, with that of Elyasaf et al. under "elyasaf-2024".
    correlations : DataFrame
        Means over those mice: ``phase``, ``days``, ``tuning_curve``.
    measures : DataFrame
        Measures of drift, a row a recording or network.
    again : bool
        Whether slopes and laps are by other choices than the chapter's own: what depends on them
        then rests on this run.

    Returns
    -------
    RowTable
    """
    elsewhere = slopes["elyasaf-2024"]
    by_choice = [
        *novel_places(fit),
        familiar_places(fit),
        places_differ(fit),
        *of_laps(steps),
    ]
    claims = [
        *(replace(claim, rests_on=THIS_RUN) if again else claim for claim in by_choice),
        stationary(elsewhere, "active_cells", "the number of place cells"),
        stationary(elsewhere, "information", "the information of place cells"),
        *judged_on("elsewhere-correlation", [map_changes(correlations)]),
        *judged_on("registered-drift and the archive corridor-maps", [busy_cells_stay(measures)]),
    ]
    return verdict_table(claims)
