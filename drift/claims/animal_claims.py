"""What the study says of recordings (its Fig. 3 and Table 3), judged by public data.

Every function takes slopes as of ``drift.results.animal_tables.slopes_by_animal``: one row a
measure and animal, change per session over the first session's value. A slope over animals and its
95 % interval are Student's, a difference of two groups is Welch's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from drift.analysis.trends import Trend, difference_of_trends, trend_of
from drift.claims.figure_3_sets import SETS, WHY_NOT
from drift.claims.judging import judged, not_testable, require_each
from drift.claims.requirements import below
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.sections import SPARSIFICATION
from drift.claims.verdicts import BEYOND, THIS_RUN, Claim, judged_on

__all__ = ["verdicts"]

MEASURES = {
    "active_cells": "the number of active cells",
    "place_cell_fraction": "the share of place cells among active cells",
    "place_cells_of_all": "the share of place cells among all cells",
    "information": "the information of place cells",
    "information_ssr": "the information of place cells, bias removed,",
}
OF_NEW_PLACES = {"information_ssr": "information"}
"""Measures whose margin is that of another: new places have no estimate of the same kind."""

METHODS = "Methods, *Experimental data*: "
ALL_SETS = (
    SPARSIFICATION
    + ": in all four data sets fewer cells were active and each carried more information about "
    "place"
)
OTHERS = "ten mice that the study did not use"


def verdicts(
    novel: pd.DataFrame,
    familiar: pd.DataFrame,
    likeness: pd.DataFrame,
    *,
    again: bool = False,
    own: Mapping[str, pd.DataFrame] | None = None,
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    novel, familiar : DataFrame
        Slopes in new and in familiar places; ``familiar`` with a column ``area``.
    likeness : DataFrame
        As ``drift.results.animal_tables.correlation_by_lag`` makes it.
    again : bool
        Whether some of ``familiar`` was computed anew: then only what depends on it is judged,
        and ``own``.
    own : mapping of str to DataFrame, optional
        Slopes in the study's own data sets that are at hand, by name.

    Returns
    -------
    RowTable
    """
    own = own or {}
    of_familiar = [
        *(stationary(measure, novel, familiar) for measure in MEASURES),
        *(differs(measure, novel, familiar) for measure in ("active_cells", "information")),
    ]
    of_own = [claim for name in SETS if name in own for claim in panel(name, own[name])]
    if "geva-2023" in own:
        of_own += stationary_own(novel, own["geva-2023"])
    if again:
        return verdict_table(judged_on(THIS_RUN, [*of_own, *of_familiar]))
    not_there = [claim for name in SETS if name not in own for claim in panel(name, None)]
    of_novel = [
        active_cells_fall(novel),
        information_rises(novel),
        reduced_information_rises(novel),
        place_cells_fall(novel),
    ]
    return verdict_table(
        [
            *judged_on(THIS_RUN, of_own),
            *not_there,
            data_sets(),
            *judged_on("novel-slopes", of_novel),
            *judged_on("familiar-sessions, margins of novel-slopes", of_familiar[:-2]),
            *judged_on("registered-correlation", [map_moves(likeness)]),
            *judged_on("novel-slopes and familiar-sessions", of_familiar[-2:]),
        ]
    )


def slopes_of(slopes: pd.DataFrame, measure: str, area: str | None = None) -> pd.Series:
    """Slopes of one ``measure`` in all animals, or in those recorded in one ``area``."""
    chosen = slopes["measure"] == measure
    if area is not None:
        chosen &= slopes["area"] == area
    return slopes.loc[chosen, "slope"]


def trend(slopes: pd.DataFrame, measure: str, area: str | None = None) -> Trend:
    """Mean slope of a ``measure`` over all animals, or those recorded in one ``area``."""
    return trend_of(slopes_of(slopes, measure, area))


def panel(name: str, slopes: pd.DataFrame | None) -> list[Claim]:
    """A panel of Fig. 3: judged by its own data if there are ``slopes``, else not testable."""
    item, whose, cells = SETS[name]
    source = f"Fig. 3, caption ({item[-1]}): {cells} and information over sessions; " + ALL_SETS
    if slopes is None:
        statement, published = f"{whose}: {cells} and information", f"fewer {cells}, more bits"
        return [not_testable(item, statement, published, WHY_NOT[name], "fig-sessions", source)]
    counted = {"place cells": "place_cell_fraction", "active cells": "active_cells"}[cells]
    fewer, more = trend(slopes, counted), trend(slopes, "information")
    share = {
        "place cells": "the share of place cells",
        "active cells": "the number of active cells",
    }
    about = {"item": item, "source": source, "rests_on": THIS_RUN}
    return [
        judge(f"{whose}: {share[cells]} falls", "falls", fewer, "falls", **about),
        judge(f"{whose}: information rises", "rises", more, "rises", **about),
    ]


def judge(
    statement: str, published: str, found: Trend, requirement: str, caveat: str = "", **about: str
) -> Claim:
    """Whether a trend ``falls`` or ``rises``: all of its interval on that side of zero."""
    held = found.high < 0 if requirement == "falls" else found.low > 0
    side = "below" if requirement == "falls" else "above"
    about = {"item": "Fig. 3", "figure": "fig-sessions", "source": ALL_SETS} | about
    return Claim(
        statement=statement,
        published=published,
        ours=f"{found.in_percent()} per session, {found.animals} animals",
        tolerance=f"95 % interval {side} 0",
        verdict=judged(about["item"], bool(held), caveat),
        caveat=caveat,
        **about,
    )


def data_sets() -> Claim:
    """Table 3 is a list; what is known here of the files is said beside it."""
    return not_testable(
        "Table 3",
        "five data sets: their animals, days and arenas",
        "a list",
        "the list above repeats it, and adds three sets; the public files of the fourth are of "
        "nine mice, where the table has eight",
        source=METHODS + "Table 3 lists animals, days, methods and arenas",
    )


def active_cells_fall(novel: pd.DataFrame) -> Claim:
    """Number of active cells in new places."""
    found = trend(novel, "active_cells")
    return judge("new places: active cells become fewer", "fall (Fig. 3B)", found, "falls", OTHERS)


def information_rises(novel: pd.DataFrame) -> Claim:
    """Bits per spike, as recorded."""
    found = trend(novel, "information")
    return judge("new places: information rises", "rises (all panels)", found, "rises", OTHERS)


def reduced_information_rises(novel: pd.DataFrame) -> Claim:
    """Bits per second, less those of shuffled activity."""
    return judge(
        "new places: information rises when that of shuffles is subtracted",
        "rises, bias corrected",
        trend(novel, "information_reduced"),
        "rises",
        f"{OTHERS}; bits per second, as their authors published them",
        source=METHODS + "the rise stayed when the bias was corrected (two of the data sets)",
    )


def place_cells_fall(novel: pd.DataFrame) -> Claim:
    """Of the active cells; of all cells it does the same, which is said beside it."""
    of_all = trend(novel, "place_cells_of_all")
    return judge(
        "new places: the share of place cells falls",
        "falls (Fig. 3A, C, D)",
        trend(novel, "place_cell_fraction"),
        "falls",
        f"{OTHERS}; share of active cells; of all cells: {of_all.in_percent()}",
    )


def outcome(found: Trend, margin: float) -> str:
    """Stationary if all of the interval is within the margin; else a trend, or undecided."""
    if -margin < found.low and found.high < margin:
        return "stationary"
    return "undecided" if found.low <= 0 <= found.high else "has a trend"


def margin_of(measure: str, novel: pd.DataFrame) -> float:
    """Half of the size of the slope in new places."""
    return abs(trend(novel, OF_NEW_PLACES.get(measure, measure)).slope) / 2


def stationary(measure: str, novel: pd.DataFrame, familiar: pd.DataFrame) -> Claim:
    """Mice recorded in CA1 are judged, for the study is about CA1; all are told beside it."""
    margin = margin_of(measure, novel)
    found, of_all = trend(familiar, measure, "CA1"), trend(familiar, measure)
    caveat = (
        "not the mice that the study names (Geva et al.); all "
        f"{of_all.animals} mice, including CA3: {of_all.in_percent()}, {outcome(of_all, margin)}"
    )
    return of_margin(MEASURES[measure], found, margin, caveat)


def of_margin(measure: str, found: Trend, margin: float, caveat: str = "") -> Claim:
    """The claim that a trend is within a margin, with what it is if it is not."""
    which = outcome(found, margin)
    held = which == "stationary"
    return Claim(
        "Results",
        f"familiar places, CA1: {measure} is stationary",
        "stationary",
        f"{found.in_percent()} per session, {found.animals} animals",
        f"95 % interval within ± {100 * margin:.1f} %, half of the slope in new places; margin set "
        "after the data were seen",
        judged("Results", held, caveat),
        "fig-slopes",
        caveat if held else "; ".join(part for part in (which, caveat) if part),
        METHODS + "one more publication on CA1 reported activity statistics without a trend",
    )


def stationary_own(novel: pd.DataFrame, familiar: pd.DataFrame) -> list[Claim]:
    """The study's own comparison, Geva et al. 2023, where its files are at hand."""
    measures = ("place_cell_fraction", "information")
    return [
        of_margin(
            f"{MEASURES[measure]} (Geva et al. 2023)",
            trend(familiar, measure),
            margin_of(measure, novel),
        )
        for measure in measures
    ]


def differs(measure: str, novel: pd.DataFrame, familiar: pd.DataFrame) -> Claim:
    """Slopes in new places against those in familiar ones, by Welch's interval."""
    new = slopes_of(novel, measure)
    found = difference_of_trends(new, slopes_of(familiar, measure))
    ca1 = difference_of_trends(new, slopes_of(familiar, measure, "CA1"))
    return Claim(
        BEYOND,
        f"{MEASURES[measure]}: its slopes in new and in familiar places differ",
        "not in the study",
        f"{found.in_percent()} per session, p = {found.p_value:.2g}, {found.animals} animals",
        "95 % interval of the difference without 0 (Welch)",
        judged(BEYOND, bool(found.low > 0 or found.high < 0)),
        "fig-slopes",
        f"against CA1 alone: {ca1.in_percent()}; the two sets also differ in spacing and "
        "number of sessions, and in who counted the cells",
    )


def map_moves(likeness: pd.DataFrame) -> Claim:
    """Correlation of population vectors against days, a line a mouse and environment."""
    slopes = [
        np.polyfit(rows["days"], rows["population_vector"], 1)[0]
        for _, rows in likeness.groupby(["animal", "environment"])
    ]
    return require_each(
        "Results",
        "familiar places: the map still changes (slope of population-vector correlation, per day)",
        "falls",
        slopes,
        below(0, " in each"),
        digits=3,
        of="mice and places",
        figure="fig-likeness",
        caveat="two other mice, which the study did not use",
        source=SPARSIFICATION
        + ": in most reports of drift the map changes while its statistics stay",
    )
