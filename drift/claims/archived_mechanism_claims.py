"""What the study says of the Hessian and of time scales, judged by archived runs.

The claims of :mod:`drift.claims.mechanism_claims` that rest on the noise scan (``counts``,
``speeds``) and on the spectra of the corridor network.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.spectra import ratios_to
from drift.analysis.trends import PowerLaw
from drift.claims.judging import not_testable, require_each
from drift.claims.requirements import above, below, between
from drift.claims.sections import GENERALITY, MECHANISM
from drift.claims.verdicts import BEYOND, Claim

__all__ = ["corridor_claims", "scan_claims"]

CAPTION = "Fig. 5, caption: "

LEARNED, FIRST, SECOND, LAST = 40_000, 400_000, 600_000, 1_000_000
"""Steps of the corridor run: after learning; the two that Fig. 5C compares; the end."""

HINDSIGHT = " (limit set after the result was seen)"


def scan_claims(
    counts: pd.DataFrame,
    speeds: Mapping[tuple[str, str], PowerLaw],
    published: Mapping[str, float],
) -> list[Claim]:
    """Claims about the scan of the update noise.

    Parameters
    ----------
    counts : DataFrame
        By :func:`~drift.analysis.spectra.eigenvalue_counts`.
    speeds : mapping of (str, str) to PowerLaw
        By what varies (``"noise"`` or ``"learning rate"``) and task: speed of sparsification.
    published : mapping of str to float
        By name, what the study's table of the scan gives.

    Returns
    -------
    list of Claim
    """
    return [
        program_counts_active_units(counts, published),
        whole_hessian_counts_active_units(counts, published),
        fewer_eigenvalues_at_zero_loss(counts),
        speed_goes_with_noise(speeds, published),
        speed_goes_with_rate_squared(speeds),
        speed_goes_with_rate_cubed(speeds),
    ]


def corridor_claims(corridor: xr.Dataset) -> list[Claim]:
    """Claims about the corridor network.

    Parameters
    ----------
    corridor : Dataset
        Spectra of a run of a million steps, by :func:`~drift.analysis.spectra.spectra`.

    Returns
    -------
    list of Claim
    """
    return [
        fewer_eigenvalues_in_the_corridor(corridor),
        large_eigenvalues_stay(corridor),
        small_eigenvalues_fall(corridor),
        large_eigenvalues_stayed_before(corridor),
        sum_rises_in_the_corridor(corridor),
    ]


def program_counts_active_units(counts: pd.DataFrame, published: Mapping[str, float]) -> Claim:
    """The study's own count against active units, both as its table has them."""
    slope = slope_per_unit(counts, "program")
    return require_each(
        "Fig. 5B",
        "correlation of active units with eigenvalues as the study's program counted them",
        f"{published['correlation of active_units and eig_nonzero']:.2f}",
        [np.corrcoef(counts["over_first"], counts["program"])[0, 1]],
        above(0.9),
        figure="fig-counts",
        caveat=f"{slope:.1f} eigenvalues per unit; most of them are zeros to which round-off "
        "gave a sign",
        source=CAPTION + "active units and non-zero eigenvalues are highly correlated",
    )


def whole_hessian_counts_active_units(
    counts: pd.DataFrame, published: Mapping[str, float]
) -> Claim:
    """Without the round-off; what is left beside the part at zero loss comes from residuals."""
    slope, program = slope_per_unit(counts, "whole"), slope_per_unit(counts, "program")
    return require_each(
        "Fig. 5B",
        "correlation of active units with eigenvalues of the whole Hessian above a millionth of "
        "the largest",
        f"{published['correlation of active_units and eig_nonzero']:.2f}",
        [np.corrcoef(counts["active_units"], counts["whole"])[0, 1]],
        above(0.8, HINDSIGHT),
        figure="fig-counts",
        caveat=f"{slope:.1f} eigenvalues per unit, and {program:.1f} by the program's count",
        source=CAPTION + "active units and non-zero eigenvalues are highly correlated",
    )


def slope_per_unit(counts: pd.DataFrame, name: str) -> float:
    """Eigenvalues that are counted more for each active unit more, by least squares."""
    known = counts[name].notna()
    return float(np.polyfit(counts["active_units"][known], counts[name][known], 1)[0])


def fewer_eigenvalues_at_zero_loss(counts: pd.DataFrame) -> Claim:
    """Among networks with at least as many active units as samples, which can solve the task."""
    samples, conditions = (int(counts[name].max()) for name in ("samples", "conditions"))
    statement = (
        f"runs with fewer active units ({samples} or more, as many as samples) have fewer "
        "non-zero eigenvalues at zero loss"
    )
    source = MECHANISM + ": each unit that falls silent makes eigenvalues zero"
    ranks = counts["zero_loss"][counts["active_units"] >= samples].dropna()
    if ranks.empty:
        why = "no run ends with so many active units"
        return not_testable("Fig. 5B", statement, "fewer", why, "fig-counts", source)
    return require_each(
        "Fig. 5B",
        statement,
        "fewer",
        ranks,
        below(conditions, ", the number of samples times outputs"),
        digits=0,
        figure="fig-counts",
        source=source,
    )


def fewer_eigenvalues_in_the_corridor(corridor: xr.Dataset) -> Claim:
    """After learning; before, their number rises."""
    ranks = corridor["rank"]
    top = int(corridor["snapshot"].values[np.argmax(ranks.values)])
    return require_each(
        "Fig. 5B",
        f"non-zero eigenvalues of the corridor network become fewer (step {LAST:,} over "
        f"{LEARNED:,})",
        "fewer",
        [(ranks.sel(snapshot=LAST) / ranks.sel(snapshot=LEARNED)).item()],
        below(1),
        figure="fig-small",
        caveat=f"above a millionth of the largest; {ranks[0].item():.0f} at the start, at most "
        f"{ranks.max().item():.0f} at step {top:,}, {ranks[-1].item():.0f} at the end",
        source=MECHANISM + ": update noise raises the number of zero eigenvalues in this network",
    )


def large_eigenvalues_stay(corridor: xr.Dataset) -> Claim:
    """At the two times that the study's figure compares."""
    return require_each(
        "Fig. 5C",
        f"large eigenvalues hardly change (median ratio of the 100 largest, {SECOND:,} over "
        f"{FIRST:,} steps)",
        "about 1",
        [ratios_to(corridor, FIRST)["largest"].sel(snapshot=SECOND).item()],
        between(Fraction(2, 3), Fraction(3, 2)),
        figure="fig-small",
        source=CAPTION + "the distribution of the larger eigenvalues hardly changes",
    )


def small_eigenvalues_fall(corridor: xr.Dataset) -> Claim:
    """All of two hundred, at the two times that the study's figure compares."""
    values = corridor["eigenvalues"].astype(float).isel(order=slice(899, 1100))
    return require_each(
        "Fig. 5C",
        f"small eigenvalues become smaller (ratios of ranks 900 to 1100, {SECOND:,} over "
        f"{FIRST:,} steps)",
        "below 1",
        (values.sel(snapshot=SECOND) / values.sel(snapshot=FIRST)).values,
        below(1, " each" + HINDSIGHT),
        of="eigenvalues",
        figure="fig-small",
        source=CAPTION + "the smaller eigenvalues are pushed to smaller values",
    )


def large_eigenvalues_stayed_before(corridor: xr.Dataset) -> Claim:
    """Between the end of learning and the first of the study's two times."""
    return require_each(
        BEYOND,
        f"large eigenvalues hardly change earlier either (median ratio of the 100 largest, "
        f"{FIRST:,} over {LEARNED:,} steps)",
        "not in the study",
        [ratios_to(corridor, LEARNED)["largest"].sel(snapshot=FIRST).item()],
        between(Fraction(2, 3), Fraction(3, 2)),
        figure="fig-small",
    )


def sum_rises_in_the_corridor(corridor: xr.Dataset) -> Claim:
    """After learning, which lowers it first."""
    trace = corridor["trace"]
    course = (f"{trace.sel(snapshot=at).item():.0f}" for at in (LEARNED, FIRST, LAST))
    steps = f"steps {LEARNED:,}, {FIRST:,} and {LAST:,}"
    return require_each(
        BEYOND,
        f"under update noise the sum of eigenvalues of the corridor network rises after learning "
        f"(step {FIRST:,} over {LEARNED:,})",
        "not in the study",
        [(trace.sel(snapshot=FIRST) / trace.sel(snapshot=LEARNED)).item()],
        above(1, HINDSIGHT),
        figure="fig-small",
        caveat=f"{trace[0].item():.0f} at the start, {', '.join(course)} at {steps}; many small "
        "networks are in another chapter (Fig. S2C)",
    )


def speed_goes_with_noise(
    speeds: Mapping[tuple[str, str], PowerLaw], published: Mapping[str, float]
) -> Claim:
    """One over half-time, as a power of the update noise; the published is the study's own rate."""
    return require_each(
        "Results",
        "the time scale depends on the noise (slope of log speed against log update noise)",
        f"{published['slope of log rate against log update noise']:.2f} in its table",
        slopes(speeds, "noise"),
        between(1.9, 2.1, " (theory: 2)"),
        of="tasks",
        figure="fig-one-time",
        source=GENERALITY + ": with the size of the noise, time scales "
        "differ by orders of magnitude",
    )


def speed_goes_with_rate_squared(speeds: Mapping[tuple[str, str], PowerLaw]) -> Claim:
    """What the time ``eta^2 sigma^2`` of small noise near the manifold implies."""
    return require_each(
        BEYOND,
        "theory of small noise: slope of log speed against log learning rate",
        "2 (theory)",
        slopes(speeds, "learning rate"),
        between(1.9, 2.1),
        of="tasks",
        figure="fig-one-time",
    )


def speed_goes_with_rate_cubed(speeds: Mapping[tuple[str, str], PowerLaw]) -> Claim:
    """With curvature at the edge of stability."""
    return require_each(
        BEYOND,
        "curvature near the edge of stability: slope of log speed against log learning rate",
        "3 (this book)",
        slopes(speeds, "learning rate"),
        between(2.8, 3.2, HINDSIGHT),
        of="tasks",
        figure="fig-one-time",
    )


def slopes(speeds: Mapping[tuple[str, str], PowerLaw], varied: str) -> list[float]:
    """Slopes of the laws in which ``varied`` is varied."""
    return [law.slope for (what, _), law in speeds.items() if what == varied]
