"""What the study says of the corridor network that is trained on (its Fig. 2), judged.

Every function takes runs along ``seed``: the archive of twenty, or a single run at other
parameters. Steps are stated as shares of the run, of a million steps at published parameters.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import xarray as xr

from drift.analysis.trends import mean_and_spread
from drift.claims.judging import compare_course, require_each
from drift.claims.requirements import above, below, between
from drift.claims.row_tables import RowTable, errata_table, verdict_table
from drift.claims.sections import SPARSIFICATION
from drift.claims.verdicts import ARCHIVED, BEYOND, THIS_RUN, Claim, Erratum, judged_on

__all__ = ["errata", "verdicts"]

PLACE_CELLS = {100_000: 199, 400_000: 221, 700_000: 170, 1_000_000: 157}
"""Place cells, of 500 units, at four steps of the published run (Fig. 2D)."""


def verdicts(runs: xr.Dataset, edge: xr.Dataset, rests_on: str = ARCHIVED) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    runs : Dataset
        As ``drift.results.corridor_runs.summary`` makes them, along ``seed``.
    edge : Dataset
        Of the chapter's own run, along ``snapshot``: ``curvature``, the largest times eta / 2;
        ``loss``; and ``loss_elsewhere``, without the directions whose curvature is at the edge.
    rests_on : str
        :data:`~drift.claims.verdicts.ARCHIVED`, or for other parameters
        :data:`~drift.claims.verdicts.THIS_RUN`: then claims about
        published numbers are left out.

    Returns
    -------
    RowTable
    """
    claims = [
        loss_drops(runs),
        loss_stays(runs),
        loss_at_its_end(runs),
        units_fall_silent(runs),
        activity_falls(runs),
        information_rises(runs),
        drift_slows_down(runs),
    ]
    if rests_on == ARCHIVED:
        claims.insert(6, place_cells(runs))
    of_this_run = judged_on(
        THIS_RUN, [curvature_is_at_the_edge(edge), rest_of_the_loss_stays(edge)]
    )
    return verdict_table(judged_on(rests_on, claims, "corridor") + of_this_run)


def median_loss(runs: xr.Dataset, begin: float, end: float) -> xr.DataArray:
    """Median of the loss between two shares of the run; bursts are brief and do not count."""
    last = runs["step"][-1].item()
    return runs["loss"].sel(step=slice(begin * last, end * last)).median("step")


def over_start(values: xr.DataArray, along: str) -> np.ndarray:
    """The last over the first of ``values`` along a dimension, a number a run."""
    return (values.isel({along: -1}) / values.isel({along: 0})).values


def loss_drops(runs: xr.Dataset) -> Claim:
    """Below a tenth of its start after one percent of the run."""
    return require_each(
        "Fig. 2B",
        "the loss drops rapidly (its start over its median around 1 % of the run)",
        "rapid drop",
        (runs["loss"].isel(step=0) / median_loss(runs, 0.005, 0.015)).values,
        above(10, " in every run"),
        digits=0,
        figure="fig-loss",
        source=SPARSIFICATION + ": the network soon reached a low loss",
    )


def loss_stays(runs: xr.Dataset) -> Claim:
    """The last tenth against 1 % of the run, before the loss rises: within a factor of two."""
    factors = (median_loss(runs, 0.9, 1) / median_loss(runs, 0.005, 0.015)).values
    return require_each(
        "Fig. 2B",
        "the loss stays where learning left it (median over the last tenth, relative to around 1 "
        "% of the run)",
        "roughly constant",
        factors,
        between(Fraction(1, 2), 2, " in every run"),
        figure="fig-loss",
        caveat=f"the median factor is {np.median(factors):.1f}",
        source=SPARSIFICATION + ": the network kept the low loss while training continued",
    )


def loss_at_its_end(runs: xr.Dataset) -> Claim:
    """The last tenth against the second tenth: the rise after learning is over by then."""
    return require_each(
        BEYOND,
        "after an early rise the loss stays constant (median over the last tenth, relative to "
        "the second)",
        "not in the study",
        (median_loss(runs, 0.9, 1) / median_loss(runs, 0.1, 0.2)).values,
        between(Fraction(2, 3), Fraction(3, 2), " in every run"),
        figure="fig-loss",
    )


def after_learning(edge: xr.Dataset) -> xr.Dataset:
    """Snapshots from 2 % of the run on."""
    return edge.sel(snapshot=edge["snapshot"] >= 0.02 * edge["snapshot"][-1])


def curvature_is_at_the_edge(edge: xr.Dataset) -> Claim:
    """Where gradient descent with the step size eta ceases to be stable: curvature 2 / eta."""
    return require_each(
        BEYOND,
        "the largest curvature stays at the edge of stability (times eta / 2, snapshots from 2 % "
        "of the run on)",
        "not in the study",
        after_learning(edge)["curvature"].values,
        between(0.95, 1.05, " at every snapshot (limit set after the result was seen)"),
        of="snapshots",
        figure="fig-edge",
    )


def rest_of_the_loss_stays(edge: xr.Dataset) -> Claim:
    """What is left of the loss without the directions at the edge, against 1 % of the run."""
    early = edge["loss_elsewhere"].sel(snapshot=0.01 * edge["snapshot"][-1], method="nearest")
    return require_each(
        BEYOND,
        "without the directions at the edge the loss stays constant (snapshots from 2 % of the "
        "run on, over 1 %)",
        "not in the study",
        (after_learning(edge)["loss_elsewhere"] / early).values,
        between(Fraction(2, 3), Fraction(3, 2), " at every snapshot, as for the whole loss"),
        of="snapshots",
        figure="fig-edge",
        caveat="one network, not twenty",
    )


def units_fall_silent(runs: xr.Dataset) -> Claim:
    """By the definition of the text; what the published curve shows is :func:`activity_falls`."""
    return require_each(
        "Fig. 2C",
        "the fraction of active units falls (end over start)",
        "falls by more than half",
        over_start(runs["fraction_active_units"], "step"),
        below(0.5, " in every run"),
        figure="fig-sparsification",
        source=SPARSIFICATION + ": the activity of the hidden layer slowly became sparse",
    )


def activity_falls(runs: xr.Dataset) -> Claim:
    """The measure that the published red curve shows under the other's label."""
    return require_each(
        "Fig. 2C",
        "the active fraction falls, which is what the red curve shows (end over start)",
        "falls by more than half",
        over_start(runs["active_fraction"], "step"),
        below(0.5, " in every run"),
        figure="fig-sparsification",
        source="Fig. 2, caption: red curve, described as the units with any activity",
    )


def information_rises(runs: xr.Dataset) -> Claim:
    """Mean over place cells of the spatial information in bits."""
    return require_each(
        "Fig. 2C",
        "the mean spatial information rises (end over start)",
        "rises by more than half",
        over_start(runs["mean_information"], "snapshot"),
        above(1.5, " in every run"),
        figure="fig-sparsification",
        source=SPARSIFICATION + ": single units became more informative",
    )


def place_cells(runs: xr.Dataset) -> Claim:
    """The four numbers together: each taken alone would let pass a course that none of ours has."""
    counts = runs["place_cells"].sel(snapshot=list(PLACE_CELLS)).values
    change = mean_and_spread(counts[:, 1] - counts[:, 0], 0)
    return compare_course(
        "Fig. 2D",
        "number of place cells at steps " + ", ".join(f"{step:,}" for step in PLACE_CELLS),
        list(PLACE_CELLS.values()),
        counts,
        figure="fig-maps",
        caveat=f"from the first to the second the published count rises by 22, ours: {change}",
        source="Fig. 2D: number of rows of the four maps that are sorted by themselves",
    )


def drift_slows_down(runs: xr.Dataset) -> Claim:
    """Correlation of rate maps over a tenth of the run, at its end and near its beginning."""
    steps = runs["snapshot"].values
    tenth = (np.array([0.1, 0.2, 0.9, 1]) * steps[-1]).round().astype(int)
    begin, after, near_end, end = (steps[np.abs(steps - at).argmin()] for at in tenth)
    correlation = runs["rate_map_correlation"]
    early = correlation.sel(snapshot=begin, other_snapshot=after)
    late = correlation.sel(snapshot=near_end, other_snapshot=end)
    return require_each(
        "Fig. 2E",
        "drift slows down (correlation over the last tenth of the run minus that over the second)",
        "slows down",
        (late - early).values,
        above(0, " in every run"),
        figure="fig-correlation",
        source=SPARSIFICATION + ": the correlation matrix shows a gradual change that slowed down",
    )


def in_words(variants: xr.Dataset, runs: xr.Dataset, variant: str) -> str:
    """What one variant of the corridor does to activity and information, beside the default."""
    default, changed = runs.sel(seed=variants["seed"]), variants.sel(variant=variant)
    units = [each["fraction_active_units"].isel(step=-1).values for each in (changed, default)]
    rise = [over_start(each["mean_information"], "snapshot") for each in (changed, default)]
    return (
        f"fraction of active units at the end: {mean_and_spread(units[0], 2)}, here "
        f"{mean_and_spread(units[1], 2)}; information, end over start: "
        f"{mean_and_spread(rise[0], 2)}, here {mean_and_spread(rise[1], 2)}"
    )


def errata(runs: xr.Dataset, variants: xr.Dataset, offset: float) -> RowTable:
    """Where text and program of the study differ about the corridor.

    Parameters
    ----------
    runs : Dataset
        The archived runs, along ``seed``.
    variants : Dataset
        Likewise for each of three variants of the corridor, by ``variant`` and ``seed``.
    offset : float
        Difference of the two zeros of the logarithm of the loss.

    Returns
    -------
    RowTable
    """
    units = mean_and_spread(over_start(runs["fraction_active_units"], "step"), 2)
    active = mean_and_spread(over_start(runs["active_fraction"], "step"), 2)
    return errata_table(
        [
            Erratum(
                "the red curve of Fig. 2C",
                "fraction of units with any activity",
                "the active fraction: share of pairs of a unit and a view with activity",
                "both are shown",
                f"end over start: fraction of active units {units}, active fraction {active}",
            ),
            Erratum(
                "which part of the texture a place on the wall shows",
                "one closed texture around the arena",
                "each wall starts at a quarter of the texture, so that long walls share samples "
                "with short ones",
                "the text's (`addressing`)",
                in_words(variants, runs, "program's texture addressing"),
            ),
            Erratum(
                "speed of the agent",
                "constant",
                "0.2 with a standard deviation of 0.1, drawn at each step",
                "the program's (`speed_noise`)",
                in_words(variants, runs, "text's constant speed"),
            ),
            Erratum(
                "width of the filter that smooths the texture",
                "its variance is 0.09 of the number of samples",
                "its standard deviation is 0.09 of the circumference",
                "the program's (`smoothing`)",
                in_words(variants, runs, "text's texture width"),
            ),
            Erratum(
                "what a logarithm of the loss of 0 means",
                "loss of a mean estimator (Fig. 2B)",
                "variance of all targets about one mean, in its tables of runs",
                "each as the study uses it there",
                f"curves are shifted by {offset:.3f}, here; shapes are the same",
            ),
        ]
    )
