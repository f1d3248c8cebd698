"""What the study says of why networks become sparse (its Fig. 5), judged.

Every function takes the runs or the table that it judges, as the chapter makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.trends import PowerLaw
from drift.claims.archived_mechanism_claims import corridor_claims, scan_claims
from drift.claims.judging import require_each
from drift.claims.requirements import above, below, between, within_errors
from drift.claims.row_tables import RowTable, errata_table, verdict_table
from drift.claims.sections import MECHANISM
from drift.claims.verdicts import (
    ARCHIVED,
    BEYOND,
    ILLUSTRATION,
    THIS_RUN,
    Claim,
    Erratum,
    judged_on,
)
from drift.theory.valleys import been_at_flat_side

__all__ = ["errata", "verdicts"]

METHODS = "Methods, *Hessian and sparseness*: "


def verdicts(
    *,
    walks: xr.Dataset,
    law: xr.Dataset,
    course: xr.Dataset,
    parameters_of_a_unit: int,
    flows: Mapping[str, xr.Dataset],
    fresh: PowerLaw,
    counts: pd.DataFrame,
    corridor: xr.Dataset,
    speeds: Mapping[tuple[str, str], PowerLaw],
    published: Mapping[str, float],
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    walks, law : Dataset
        Walks with update noise in the valley, of :func:`~drift.theory.valleys.walk_in_valley`, and
        :func:`~drift.theory.valleys.update_noise_law` at their steps.
    course : Dataset
        Spectra of one run with update noise, of :func:`~drift.analysis.spectra.spectra`.
    parameters_of_a_unit : int
        Number of weights and biases of each hidden unit of that run.
    flows : mapping of str to Dataset
        Runs with label noise by setting, of :func:`~drift.theory.flow.simulate_beside_flow`.
    fresh : PowerLaw
        Speed against learning rate in runs with seeds of their own.
    counts : DataFrame
        Of the archived scan, by :func:`~drift.analysis.spectra.eigenvalue_counts`.
    corridor : Dataset
        The archived spectra of the corridor network.
    speeds : mapping of (str, str) to PowerLaw
        Of the archived scan, by what varies (``"noise"`` or ``"learning rate"``) and task: speed
        of sparsification against it.
    published : mapping of str to float
        By name, what the study's table of the scan gives.

    Returns
    -------
    RowTable
    """
    own = [
        walks_reach_the_flat_side(walks, law),
        walks_follow_their_law(walks, law),
        mean_square_stays(walks),
        silent_units_add_zeros(parameters_of_a_unit),
        label_noise_reduces_the_sum(flows),
        label_noise_follows_the_flow(flows),
        update_noise_reduces_logarithms(course),
        fresh_seeds_have_the_third_power(fresh),
    ]
    rows = [
        *judged_on(THIS_RUN, own),
        *judged_on(ARCHIVED, scan_claims(counts, speeds, published), "noise-scan"),
        *judged_on(ARCHIVED, corridor_claims(corridor), "corridor-spectra"),
    ]
    return verdict_table(sorted(rows, key=lambda claim: (claim.item == BEYOND, claim.item)))


def kolmogorov(walks: xr.Dataset) -> float:
    """What the share among so many walks may be off a law, at a level of 5 %."""
    return 1.36 / sqrt(walks.sizes["walk"])


def walks_reach_the_flat_side(walks: xr.Dataset, law: xr.Dataset) -> Claim:
    """Against a walk of as large steps without a direction, which comes to x = 0 by chance too."""
    undirected = erfc(walks["x"].values[0].mean() / sqrt(2 * law["time"].values[-1]))
    limit = undirected + kolmogorov(walks)
    return require_each(
        "Fig. 5A",
        "walks in the valley are biased to its flat side (share that has reached it at the end)",
        "biased to the flat side",
        [been_at_flat_side(walks)[-1].mean()],
        above(limit, f": {undirected:.2f} without a bias, plus Kolmogorov's limit", digits=2),
        figure="fig-valley",
        source=MECHANISM + ": the noisy walk on the valley's floor spreads to the flatter side",
    )


def walks_follow_their_law(walks: xr.Dataset, law: xr.Dataset) -> Claim:
    """Largest deviation of the share that has reached the flat side."""
    limit = kolmogorov(walks)
    return require_each(
        BEYOND,
        "walks in the valley reach the flat side at the times that the exact law predicts "
        "(largest deviation)",
        "not in the study",
        [np.abs(been_at_flat_side(walks).mean(axis=1) - law["reached"].values).max()],
        below(limit, f" (Kolmogorov, {walks.sizes['walk']} walks)", digits=2),
        figure="fig-valley",
    )


def mean_square_stays(walks: xr.Dataset) -> Claim:
    """Half way, with walks that have reached the flat side counted as being there."""
    half = walks.sizes["step"] // 2
    x = walks["x"].values
    square = np.where(been_at_flat_side(walks)[half], 0, x[half] ** 2) / x[0].mean() ** 2
    error = square.std() / sqrt(square.size)
    return require_each(
        BEYOND,
        "walks in the valley: the mean of x squared, over its first value, half way",
        "not in the study (theory: 1)",
        [square.mean()],
        within_errors(1, error, 4),
        figure="fig-valley",
    )


def silent_units_add_zeros(parameters_of_a_unit: int) -> Claim:
    """True by construction: the outputs do not depend on the parameters of a silent unit."""
    return Claim(
        "Results",
        "a silent unit adds zero eigenvalues to the Hessian",
        "several per unit",
        f"{parameters_of_a_unit} per unit",
        "true by construction",
        ILLUSTRATION,
        "fig-course",
        source=METHODS + "all derivatives by the weights and bias of a silent unit are zero",
    )


def label_noise_reduces_the_sum(flows: Mapping[str, xr.Dataset]) -> Claim:
    """End over start of the mean of the runs, at each setting."""
    traces = [found["trace"].mean("seed") for found in flows.values()]
    return require_each(
        "Fig. 5D",
        "label noise reduces the sum of eigenvalues (end over start)",
        "below 1",
        [(trace[-1] / trace[0]).item() for trace in traces],
        below(0.5),
        of="settings",
        figure="fig-flow",
        source=MECHANISM + ": with label noise the sum of the eigenvalues decreases gradually",
    )


def label_noise_follows_the_flow(flows: Mapping[str, xr.Dataset]) -> Claim:
    """Largest deviation of the mean of the runs from the flow, at each setting."""
    ratios = [found["trace"].mean("seed") / found["flow"] for found in flows.values()]
    return require_each(
        BEYOND,
        "label noise follows the flow (largest deviation of the mean sum of eigenvalues)",
        "not in the study",
        [np.abs(ratio - 1).max().item() for ratio in ratios],
        below(0.1),
        digits=3,
        of="settings",
        figure="fig-flow",
    )


def update_noise_reduces_logarithms(course: xr.Dataset) -> Claim:
    """From the second snapshot, after learning, to the last."""
    logarithms = course["log_pseudo_determinant"].values
    return require_each(
        "Results",
        "update noise reduces the sum of the logarithms of the eigenvalues (change over a run)",
        "below 0",
        [logarithms[-1] - logarithms[1]],
        below(0),
        digits=0,
        figure="fig-course",
        source=MECHANISM + ": by theory, update noise regularises the sum of the logarithms",
    )


def fresh_seeds_have_the_third_power(fresh: PowerLaw) -> Claim:
    """Runs that the limits were not made from."""
    return require_each(
        BEYOND,
        f"slope of log speed against log learning rate in {fresh.points} runs with other seeds",
        "3 (this book)",
        [fresh.slope],
        between(2.8, 3.2, ", set before these runs"),
        figure="fig-one-time",
    )


def errata(counts: pd.DataFrame) -> RowTable:
    """Where text and program of the study differ about the Hessian.

    Parameters
    ----------
    counts : DataFrame
        As for :func:`verdicts`.

    Returns
    -------
    RowTable
    """
    program, size = counts["program"], counts["parameters"].max()
    return errata_table(
        [
            Erratum(
                "non-zero eigenvalues of the Hessian (Figs. 5B, S2D)",
                "eigenvalues that are not zero",
                "those above 0 from a solver for matrices without symmetry, without a tolerance",
                "above a millionth of the largest, from a symmetric solver; the program's count "
                "beside it",
                f"{program.min():.0f} to {program.max():.0f} of {size} in the {len(counts)} runs, "
                f"where at most {counts['zero_loss'].max():.0f} are not zero at zero loss",
            ),
        ]
    )
