"""What the study says of the size and the kind of the noise (Figs. 4B, S2), judged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from drift.analysis.trends import PowerLaw
from drift.claims.judging import judged, require_each
from drift.claims.requirements import Requirement, above, below, between
from drift.claims.sections import GENERALITY
from drift.claims.verdicts import ARCHIVED, Claim, judged_on

__all__ = ["judge"]

S2 = "Fig. S2, caption: "


def judge(
    scans: Mapping[str, pd.DataFrame],
    laws: Mapping[str, PowerLaw],
    kinds: Mapping[str, xr.Dataset],
    eig_sum: np.ndarray,
    relations: pd.DataFrame,
    published: pd.DataFrame,
    rests_on: str = ARCHIVED,
) -> list[Claim]:
    """All claims about the scan of the update noise, and about update against label noise.

    Parameters
    ----------
    scans : mapping of str to DataFrame
        By task, ``"random mapping"`` among them: runs that differ in ``update_noise``.
    laws : mapping of str to PowerLaw
        By task: the rate of sparsification as a power of the noise.
    kinds : mapping of str to Dataset
        For ``"update noise"`` and ``"label noise"``: curves of their runs, as
        ``drift.study.group_comparison.courses`` makes them.
    eig_sum : (run,) array
        Of the runs with update noise: sum of eigenvalues at the end over that at the start.
    relations, published : DataFrame
        The shipped tables ``published-scan-relations`` and ``published-shares``.
    rests_on : str
        :data:`~drift.claims.verdicts.ARCHIVED`, or what else was judged.

    Returns
    -------
    list of Claim
    """
    known = relations.set_index("quantity")["value"]
    theirs = published.set_index("group").loc["update noise, 10^6 steps"].to_dict()
    of_scan = [
        same_final_sparsity(
            scans["random mapping"], known["rank correlation of update_noise and active"]
        ),
        slope_of_the_rate(laws, known["slope of log rate against log update noise"]),
        level_of_the_rate(laws, known["log10 of the rate at update noise 0.03, by that line"]),
    ]
    of_pairs = [
        activity_under_either_noise(
            {kind: curves["active_fraction"].values for kind, curves in kinds.items()}
        ),
        units_under_either_noise(
            {kind: curves["fraction_active_units"].values for kind, curves in kinds.items()}
        ),
        sum_under_label_noise(kinds["label noise"]["hessian_trace"].values),
        sum_under_update_noise(eig_sum, theirs["eig_sum"], theirs["sum_falls"]),
        rank_under_update_noise(kinds["update noise"]["hessian_rank"].values),
    ]
    return [
        *judged_on(rests_on, of_scan, "noise-scan"),
        *judged_on(rests_on, of_pairs, "update-vs-label"),
    ]


def same_final_sparsity(scan: pd.DataFrame, published: float) -> Claim:
    """One task; runs that had settled: half of their units silent by a quarter of the run."""
    settled = scan[scan["half_time"] < 0.25 * scan["sim_len"]]
    correlation = stats.spearmanr(settled["update_noise"], settled["active"])
    return Claim(
        "Fig. 4B",
        "the final sparsity is the same whatever the noise (rank correlation of the final active "
        "fraction with the update noise, random mapping, runs that had settled)",
        f"the same; in its table {published:.2f} over three tasks",
        f"{correlation.statistic:.2f} ({len(settled)} runs), p = {correlation.pvalue:.1g}",
        "no correlation: p above 0.05",
        judged("Fig. 4B", bool(correlation.pvalue > 0.05)),
        "fig-scan",
        source=GENERALITY
        + ": but for runs that were too slow, networks with the same parameters ended "
        "equally sparse",
    )


def slope_of_the_rate(laws: Mapping[str, PowerLaw], published: float) -> Claim:
    """The study's text has no number; its table of runs gives one."""
    return require_each(
        "Fig. 4B",
        "slope of the rate of sparsification against update noise, in logarithms",
        f"{published:.2f} (theory 2)",
        [law.slope for law in laws.values()],
        between(1.8, 2.2),
        of="tasks",
        figure="fig-scan",
        source=GENERALITY
        + ": time scales differ by orders of magnitude with the size of the noise",
    )


def level_of_the_rate(laws: Mapping[str, PowerLaw], published: float) -> Claim:
    """By the program's definition, at a noise in the middle of the scan."""
    return require_each(
        "Fig. 4B",
        "level of the rate: log10 at update noise 0.03, by the program's definition",
        f"{published:.2f}, three tasks",
        [law.at(0.03) for law in laws.values()],
        between(published - 0.2, published + 0.2, digits=2),
        of="tasks",
        figure="fig-scan",
        source="Fig. 4B, bottom; Methods, *Sparsification timescale*",
    )


ERRORS = 4
CLEARLY = f"below 1 by {ERRORS} standard errors"


def falls(values: np.ndarray) -> bool:
    """Whether the mean is below one by more than :data:`ERRORS` standard errors."""
    known = values[np.isfinite(values)]
    return bool(1 - known.mean() > ERRORS * known.std(ddof=1) / np.sqrt(known.size))


def activity_under_either_noise(fraction: Mapping[str, np.ndarray]) -> Claim:
    """Final active fraction over the first, of each network once with either noise."""
    by_mean = {np.nanmean(curves[:, -1]): curves[:, -1] for curves in fraction.values()}
    return require_each(
        "Fig. S2A",
        "the active fraction falls with either noise (mean, end over start)",
        "falls clearly",
        list(by_mean),
        Requirement(CLEARLY, lambda value: falls(by_mean[value])),
        of="kinds of noise",
        figure="fig-kinds",
        source=S2 + "the measure decreases under both kinds of noise",
    )


def units_under_either_noise(units: Mapping[str, np.ndarray]) -> Claim:
    """Label noise leaves more units active than update noise."""
    means = {kind: np.nanmean(curves[:, -1]) for kind, curves in units.items()}
    return require_each(
        "Fig. S2B",
        "fraction of active units, label noise minus update noise, end over start",
        "above 0",
        [means["label noise"] - means["update noise"]],
        above(0.1),
        figure="fig-kinds",
        source=S2 + "under label noise the change is much smaller",
    )


def sum_under_label_noise(trace: np.ndarray) -> Claim:
    """Median over runs at the end, over the first value."""
    return require_each(
        "Fig. S2C",
        "label noise lowers the sum of eigenvalues (median, end over start)",
        "below 1",
        [np.nanmedian(trace[:, -1])],
        below(0.5),
        figure="fig-kinds",
        source=S2 + "label noise regularises the sum slowly",
    )


def sum_under_update_noise(eig_sum: np.ndarray, published: float, falls_in: float) -> Claim:
    """By the definition of the study's own table, which contradicts its caption."""
    median, falling = np.nanmedian(eig_sum), np.mean(eig_sum < 1)
    return Claim(
        "Fig. S2C",
        "update noise does not lower the sum of eigenvalues (last tenth of the run over the first)",
        f"does not; in its table the median is {published:.2f}, and it falls in {falls_in:.0%}",
        f"median {median:.2f}; it falls in {falling:.0%} of {len(eig_sum)} runs",
        "median above 0.8",
        judged("Fig. S2C", bool(median > 0.8)),
        "fig-kinds",
        caveat=""
        if median > 0.8
        else "the sum rises first and falls later, also in the published runs",
        source=S2 + "update noise does not regularise the sum",
    )


def rank_under_update_noise(ratio: np.ndarray) -> Claim:
    """Share of eigenvalues above the tolerance at zero loss, end over start."""
    return require_each(
        "Fig. S2D",
        "the share of non-zero eigenvalues falls with update noise (mean, end over start)",
        "falls",
        [np.nanmean(ratio)],
        Requirement(CLEARLY, lambda _: falls(ratio)),
        figure="fig-kinds",
        caveat="counted with a tolerance at zero loss; the published counts are mostly round-off",
        source=S2 + "update noise brings eigenvalues to zero",
    )
