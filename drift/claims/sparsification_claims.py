"""What the study says of the corridor network that is trained on (its Fig. 2), judged.

Every function takes runs along ``seed``: the archive of twenty, or a single run at other
parameters. Steps are stated as shares of the run, of a million steps at published parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from drift.analysis.trends import mean_and_spread
from drift.claims.judging import compare_course, require_each
from drift.claims.row_tables import RowTable, errata_table, verdict_table
from drift.claims.verdicts import ARCHIVED, BEYOND, Claim, Erratum, judged_on

__all__ = ["errata", "verdicts"]

PLACE_CELLS = {100_000: 199, 400_000: 221, 700_000: 170, 1_000_000: 157}
"""Place cells, of 500 units, at four steps of the published run (Fig. 2D)."""

SECTION = "Results, *Spontaneous sparsification*: "


def verdicts(runs: xr.Dataset, rests_on: str = ARCHIVED) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    runs : Dataset
        As :func:`~drift.results.corridor_runs.corridor_run` makes them, along ``seed``.
    rests_on : str
        :data:`ARCHIVED`, or :data:`THIS_RUN` for other parameters: then claims about
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
    return verdict_table(judged_on(rests_on, claims))


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
        "rapid drop of the loss (start over the median around 1 % of the run)",
        "rapid drop",
        (runs["loss"].isel(step=0) / median_loss(runs, 0.005, 0.015)).values,
        "above 10 in every run",
        lambda value: value > 10,
        digits=0,
        figure="fig-loss",
        source=SECTION + "the network soon reached a low loss",
    )


def loss_stays(runs: xr.Dataset) -> Claim:
    """The last tenth against 1 % of the run, where the loss is least: within a factor of two."""
    return require_each(
        "Fig. 2B",
        "the loss stays where learning left it (median, last tenth over around 1 % of the run)",
        "roughly constant",
        (median_loss(runs, 0.9, 1) / median_loss(runs, 0.005, 0.015)).values,
        "between 1/2 and 2 in every run",
        lambda value: 0.5 < value < 2,
        figure="fig-loss",
        source=SECTION + "and kept it while training went on",
    )


def loss_at_its_end(runs: xr.Dataset) -> Claim:
    """The last tenth against the second tenth: the rise after learning is over by then."""
    return require_each(
        BEYOND,
        "after an early rise the loss stays (median, last tenth over the second)",
        "not in the study",
        (median_loss(runs, 0.9, 1) / median_loss(runs, 0.1, 0.2)).values,
        "between 2/3 and 3/2 in every run",
        lambda value: 2 / 3 < value < 3 / 2,
        figure="fig-loss",
    )


def units_fall_silent(runs: xr.Dataset) -> Claim:
    """By the definition of the text; what the published curve shows is :func:`activity_falls`."""
    return require_each(
        "Fig. 2C",
        "the fraction of active units falls (end over start)",
        "falls by more than half",
        over_start(runs["fraction_active_units"], "step"),
        "below 0.5 in every run",
        lambda value: value < 0.5,
        figure="fig-sparsification",
        source=SECTION + "the activity of the hidden layer slowly became sparse",
    )


def activity_falls(runs: xr.Dataset) -> Claim:
    """The measure that the published red curve shows under the other's label."""
    return require_each(
        "Fig. 2C",
        "the active fraction falls, which is what the red curve shows (end over start)",
        "falls by more than half",
        over_start(runs["active_fraction"], "step"),
        "below 0.5 in every run",
        lambda value: value < 0.5,
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
        "above 1.5 in every run",
        lambda value: value > 1.5,
        figure="fig-sparsification",
        source=SECTION + "single units became more informative",
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
        "drift slows down (correlation over a tenth of the run, its last less its second)",
        "slows down",
        (late - early).values,
        "above 0 in every run",
        lambda value: value > 0,
        figure="fig-correlation",
        source=SECTION + "the correlation matrix shows a gradual change that slowed down",
    )


def errata(effects: Mapping[str, str], offset: float, ends: xr.Dataset) -> RowTable:
    """Where text and program of the study differ about the corridor.

    Parameters
    ----------
    effects : mapping
        What each of the three variants of the corridor does, in words, by its name.
    offset : float
        Difference of the two zeros of the logarithm of the loss.
    ends : Dataset
        The archived runs, for what both measures of activity do.

    Returns
    -------
    RowTable
    """
    units = mean_and_spread(over_start(ends["fraction_active_units"], "step"), 2)
    active = mean_and_spread(over_start(ends["active_fraction"], "step"), 2)
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
                "where a place on the wall is in its texture",
                "one closed texture around the arena",
                "each wall starts at a quarter of the texture, so that long walls share samples "
                "with short ones",
                "the text's (`addressing`)",
                effects["program's texture addressing"],
            ),
            Erratum(
                "speed of the agent",
                "constant",
                "0.2 with a standard deviation of 0.1, drawn at each step",
                "the program's (`speed_noise`)",
                effects["text's constant speed"],
            ),
            Erratum(
                "width of the filter that smooths the texture",
                "its variance is 0.09 of the number of samples",
                "its standard deviation is 0.09 of the circumference",
                "the program's (`smoothing`)",
                effects["text's texture width"],
            ),
            Erratum(
                "zero of the loss's logarithm",
                "loss of a mean estimator (Fig. 2B)",
                "variance of all targets about one mean, in its tables of runs",
                "each where the study has it",
                f"curves are shifted by {offset:.3f}, here; shapes are the same",
            ),
        ]
    )
