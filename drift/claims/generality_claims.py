"""What the study says of its 1151 runs (Figs. 4A, S1; Table 2), judged.

``table`` has a row a run, as ``drift.study.collection.table_of_runs`` makes it, with ``group``;
curves are arrays (run, share of the run), in the same order. :mod:`drift.claims.noise_claims`
judges what is said of the size and the kind of the noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from drift.claims.judging import judged, require_each
from drift.claims.requirements import below, between
from drift.claims.robustness_claims import (
    at_share,
    converges_fast,
    keeps_low_loss,
    label_noise_keeps_units,
    other_activations,
    plateau_then_sudden_start,
    quick_collapse,
    rmsprop_sparsifies,
    sparsifies,
    still_without_noise,
)
from drift.claims.verdicts import (
    ARCHIVED,
    BEYOND,
    ILLUSTRATION,
    THIS_RUN,
    Claim,
    judged_on,
)

__all__ = ["COURSE", "FINAL_MEANS", "RULES", "judge"]

COURSE = {0: 1, 0.01: 0.83, 0.05: 0.66, 0.2: 0.46, 0.5: 0.32, 1: 0.235}
"""Mean of the 616 normalised curves of Fig. 4A at shares of the run."""

FINAL_MEANS = {"error descent": 0.72, "gradient descent": 0.19, "Adam": 0.28}
"""Where the mean curves of Fig. S1A end, by rule."""

RULES = {"gradient descent": "SGD", "Adam": "Adam", "error descent": "RLgrad"}
"""Learning rules by their names here, and as the study's table of runs has them."""

ADAM_EARLY = 0.74
"""Mean of Adam's normalised curves of Fig. S1A at 1 % of the run."""

MEASURES = {
    "active_units": "the final fraction of active units, relative to the first",
    "active": "the final active fraction, relative to the first",
    "raw_loss": "the logarithm of the final loss",
    "log_rate": "the logarithm of the rate of sparsification",
}
"""What is compared with the published table of runs."""


def judge(
    table: pd.DataFrame,
    curves: xr.Dataset,
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    tried: Mapping[str, xr.Dataset],
    rests_on: str = ARCHIVED,
) -> list[Claim]:
    """All claims about the runs of the study as a whole.

    Parameters
    ----------
    table : DataFrame
        A row a run, as ``drift.study.collection.table_of_runs`` makes it, with ``group``.
    curves : Dataset
        Of the same runs, as ``drift.study.group_comparison.courses`` makes it.
    comparison : DataFrame
        Ours and published by group; the shipped table ``generality-comparison``.
    published : DataFrame
        The shipped table ``published-shares``.
    tried : mapping of str to Dataset
        Runs along ``seed`` with ``fraction_active_units`` (seed, step): ``"RMSprop"`` and
        ``"no noise"``.
    rests_on : str
        :data:`~drift.claims.verdicts.ARCHIVED`, or for a study that was drawn now
        :data:`~drift.claims.verdicts.THIS_RUN`: then claims about
        the published distributions are left out.

    Returns
    -------
    list of Claim
    """
    shares = curves["share"].values
    units = curves["fraction_active_units"].values
    labels = table["label_noise"].to_numpy() > 0
    of_rule = {
        name: (table["learning_algo"] == rule).to_numpy() & ~labels for name, rule in RULES.items()
    }
    of_rule = {name: chosen for name, chosen in of_rule.items() if chosen.any()}
    fraction = curves["active_fraction"].values
    still_active = np.average(
        published["still_active"],
        weights=published["runs"] * ~published["group"].str.startswith("label"),
    )
    claims = [
        mean_course(shares, units[~labels]),
        *final_means({name: units[chosen] for name, chosen in of_rule.items()}),
        activity_falls({name: fraction[chosen] for name, chosen in of_rule.items()}),
        converges_fast(shares, curves["relative_loss"].values),
        keeps_low_loss(curves["relative_loss"].values, published),
        sparsifies(units[~labels], still_active),
        label_noise_keeps_units(units, labels),
        plateau_then_sudden_start(shares, units[~labels]),
        quick_collapse(table, shares, units),
    ]
    if rests_on == ARCHIVED:
        claims += [
            course_of_adam(shares, units[of_rule["Adam"]]),
            runs_by_rule(table),
            *(one_law(comparison, measure, name) for measure, name in MEASURES.items()),
        ]
    silenced = {
        name: runs["fraction_active_units"].isel(step=-1)
        / runs["fraction_active_units"].isel(step=0)
        for name, runs in tried.items()
    }
    later = tried["no noise"]["fraction_active_units"]
    tenth = later.sel(step=later["step"][-1] / 10, method="nearest")
    own = [
        rmsprop_sparsifies(silenced["RMSprop"].values),
        still_without_noise((later.isel(step=-1) - tenth).values),
        other_activations(),
    ]
    return [*judged_on(rests_on, claims, "generality"), *judged_on(THIS_RUN, own)]


def mean_course(shares: np.ndarray, units: np.ndarray) -> Claim:
    """The mean curve at five times, over the published one."""
    ours = np.interp(list(COURSE), shares, np.nanmean(units, axis=0))
    return require_each(
        "Fig. 4A",
        "mean fraction of active units at 1, 5, 20, 50, 100 % of the run, over the published mean",
        "1",
        (ours / np.array(list(COURSE.values())))[1:],
        between(0.8, 1.25),
        of="times",
        figure="fig-many",
        source="Fig. 4A: the red curve",
    )


def final_means(units_of_rule: Mapping[str, np.ndarray]) -> list[Claim]:
    """Where the mean curve of each rule ends."""
    return [final_mean(rule, curves) for rule, curves in units_of_rule.items()]


def final_mean(rule: str, units: np.ndarray) -> Claim:
    """Where the mean curve of one rule ends."""
    published = FINAL_MEANS[rule]
    return require_each(
        "Fig. S1A",
        f"final fraction of active units with {rule}, relative to the first",
        f"{published:.2f}",
        [np.nanmean(units[:, -1])],
        between(published - 0.1, published + 0.1, digits=2),
        figure="fig-rules",
        source="Fig. S1A: the red curves",
    )


def course_of_adam(shares: np.ndarray, units: np.ndarray) -> Claim:
    """One percent of the run, where Adam's published curves have fallen already."""
    return require_each(
        "Fig. S1A",
        "fraction of active units at 1 % of the run, Adam, mean over the first",
        f"{ADAM_EARLY:.2f}",
        [at_share(shares, units, 0.01).mean()],
        between(ADAM_EARLY - 0.1, ADAM_EARLY + 0.1, digits=2),
        figure="fig-rules",
        source="Fig. S1A, Adam: the red curve, early",
    )


def activity_falls(fraction_of_rule: Mapping[str, np.ndarray]) -> Claim:
    """The mean over runs of each rule, at the end over the first value."""
    return require_each(
        "Fig. S1B",
        "the active fraction falls too, by each rule (final mean over the first)",
        "falls",
        [np.nanmean(curves[:, -1]) for curves in fraction_of_rule.values()],
        below(1),
        of="rules",
        figure="fig-rules",
        source="Fig. S1B: activity over all units falls under each rule",
    )


def runs_by_rule(table: pd.DataFrame) -> Claim:
    """The design draws as many runs as the published table has: nothing that could fail."""
    names = {rule: name for name, rule in RULES.items()}
    counts = table["learning_algo"].value_counts()
    ours = ", ".join(f"{names.get(str(rule), rule)} {count}" for rule, count in counts.items())
    return Claim(
        "Table 2",
        "number of runs by rule, which the design of this book's study copies",
        "1151: gradient descent 1057, error descent 49, Adam 45",
        f"{len(table)}: {ours}",
        "-",
        ILLUSTRATION,
        source="Table 2, and the study's table of runs",
    )


def one_law(comparison: pd.DataFrame, measure: str, name: str) -> Claim:
    """Ours and published in groups by rule, noise and task; small groups by their means."""
    rows = comparison[comparison["measure"] == measure]
    if measure == "log_rate":  # of curves that hardly fall the study has no rate either
        rows = rows[~rows["group"].str.startswith("label noise")]
    p_values = rows["p_value"].fillna(rows["p_mean"])
    level = 0.05 / len(rows)
    differ = rows[p_values < level]
    of_all = int((rows["p_all"] < level).sum())
    caveat = ""
    if of_all != len(differ):
        caveat = (
            "without runs that fell silent or diverged, which the study's program leaves out of "
            f"its table; with them {of_all} of {len(rows)} groups differ"
        )
    which = "; ".join(
        f"{row.group}, {row.data_type}: {row.difference:+.2f} ({row.low:+.2f} to {row.high:+.2f})"
        for row in differ.itertuples()
    )
    return Claim(
        "Table 2",
        f"distribution of {name}, ours and published, in {len(rows)} groups of runs",
        "the same distribution",
        f"{len(differ)} of {len(rows)} groups differ"
        + (f" (means, ours minus theirs): {which}" if which else ""),
        f"every p above 0.05 / {len(rows)} (Kolmogorov-Smirnov test; Welch's test below 20 runs)",
        judged("Table 2", differ.empty, caveat),
        "fig-against",
        caveat,
        source="the study's table of runs, final values",
    )


def begun_again(differences: np.ndarray) -> Claim:
    """Runs of the archive begun again now, at every record."""
    return require_each(
        BEYOND,
        "runs restarted now: largest relative difference from the archive",
        "0",
        differences,
        below(0.001),
        digits=4,
    )


def inputs_from_zero(starts: pd.DataFrame, simulated: Mapping[str, Sequence[int]]) -> Claim:
    """Counted active units at the start, of published long runs on random mappings."""
    long = starts[(starts["group"] == "update noise") & (starts["data_type"] == "random")]
    mean = np.average(long["units"], weights=long["runs"])
    means = {name: float(np.mean(units)) for name, units in simulated.items()}
    nearer = min(means, key=lambda name: abs(means[name] - mean))
    drawn = ", ".join(f"{value:.1f} with inputs in {name}" for name, value in means.items())
    return Claim(
        BEYOND,
        "inputs of the published runs of ten million steps were scaled to [0, 1] (mean number of "
        "active units at their start, random mappings)",
        f"{mean:.1f} ({long['runs'].sum()} runs)",
        drawn,
        "nearer to that of [0, 1]",
        judged(BEYOND, nearer == "[0, 1]"),
        "fig-starts",
    )
