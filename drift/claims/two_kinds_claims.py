"""What the study says of undirected and directed drift (its Fig. 1), judged on many walks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from drift.claims.judging import judged, require_each
from drift.claims.requirements import below, between
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.verdicts import BEYOND, ILLUSTRATION, THIS_RUN, Claim, judged_on
from drift.theory.walks import RingOfMinima

__all__ = ["verdicts"]

SECTION = "*Introduction*, Fig. 1: "

BEYOND_CHANCE = "below -4 standard errors (limit set after the result was seen)"


def verdicts(
    rings: Mapping[str, RingOfMinima], paths: Mapping[str, xr.Dataset], theory: np.ndarray
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    rings : mapping of str to RingOfMinima
        The two losses, ``"undirected"`` (the same curvature everywhere) and ``"directed"``.
    paths : mapping of str to Dataset
        Walks of :func:`~drift.theory.walks.simulate_walks` on both, from angle 0.
    theory : (step,) array
        Expected mean of the log curvature of the directed walks, at their recorded steps.

    Returns
    -------
    RowTable
    """
    claims = [
        property_is_constant(paths["undirected"]),
        property_has_a_trend(paths["directed"]),
        trend_is_more_than_diffusion(rings["directed"], paths["directed"]),
        loss_stays(rings, paths),
        mean_follows_theory(paths["directed"], theory),
    ]
    return verdict_table(judged_on(THIS_RUN, claims))


def in_standard_errors(difference: float, values: np.ndarray) -> float:
    """A difference of the mean of ``values``, over the standard error of that; 0 if it is 0."""
    error = values.std(ddof=1) / np.sqrt(values.size)
    if difference == 0:
        return 0.0
    return float(difference / error) if error > 0 else float(np.copysign(np.inf, difference))


def property_is_constant(undirected: xr.Dataset) -> Claim:
    """An illustration: no run of it can come out otherwise."""
    mean = undirected["log_curvature"].mean("walk").values
    return Claim(
        "Fig. 1B",
        "undirected walk: a property of the solution is constant (range of its mean)",
        "constant",
        f"{np.ptp(mean):.3f}",
        "-",
        ILLUSTRATION,
        "fig-property",
        "true by construction: the curvature is the same at every angle of this circle",
        SECTION + "without a direction, the properties of a solution stay about the same",
    )


def property_has_a_trend(directed: xr.Dataset) -> Claim:
    """Change of the mean over walks; the walks begin where it is largest."""
    log_curvature = directed["log_curvature"].transpose("step", "walk").values
    change = log_curvature[-1] - log_curvature[0]
    away = in_standard_errors(change.mean(), change)
    caveat = (
        "all walks begin where the property is largest, so any walk along this circle lowers it "
        "(see the next row)"
    )
    return Claim(
        "Fig. 1B",
        "directed walk: a property has a trend (change of its mean)",
        "trend",
        f"{change.mean():.2f} ({away:.0f} standard errors)",
        BEYOND_CHANCE,
        judged("Fig. 1B", away < -4, caveat),
        "fig-property",
        caveat,
        SECTION + "with a direction, some property gradually rises or falls",
    )


def trend_is_more_than_diffusion(ring: RingOfMinima, directed: xr.Dataset) -> Claim:
    """Against a walk without direction on the same circle, whose mean is known in closed form."""
    log_curvature = directed["log_curvature"].isel(step=-1).values
    time = directed["step"].values[-1] * ring.time_per_step
    undirected = np.log(ring.curvature) + ring.modulation * np.exp(-time / 2)
    below = log_curvature.mean() - undirected
    away = in_standard_errors(below, log_curvature)
    return Claim(
        BEYOND,
        "directed walk: the mean falls further than diffusion alone would take it (at the end)",
        "not in the study",
        f"{log_curvature.mean():.2f}, diffusion: {undirected:.2f} ({away:.0f} standard errors)",
        BEYOND_CHANCE,
        judged(BEYOND, away < -4),
        "fig-property",
    )


def loss_stays(rings: Mapping[str, RingOfMinima], paths: Mapping[str, xr.Dataset]) -> Claim:
    """Mean loss over walks and the records after the first: second half over first half."""
    ratios = []
    for name, path in paths.items():
        at = path.transpose("step", "walk")
        loss = rings[name].loss(at["x"].values, at["y"].values).mean(axis=1)[1:]
        half = len(loss) // 2
        ratios.append(loss[half:].mean() / loss[:half].mean())
    return require_each(
        "Fig. 1A",
        "performance is stationary in both (loss in the second half over the first)",
        "stationary",
        ratios,
        between(0.9, 1.1, " on both circles"),
        of="circles",
        figure="fig-landscapes",
        source=SECTION + "both walks stay among solutions that are equally good",
    )


def mean_follows_theory(directed: xr.Dataset, theory: np.ndarray) -> Claim:
    """Largest deviation at any recorded step, in the largest standard error."""
    log_curvature = directed["log_curvature"].transpose("step", "walk").values
    deviation = np.abs(log_curvature.mean(axis=1) - theory).max()
    error = log_curvature.std(axis=1, ddof=1).max() / np.sqrt(log_curvature.shape[1])
    return require_each(
        BEYOND,
        "the mean follows the equation above (largest deviation, in standard errors)",
        "not in the study",
        [deviation / error if error > 0 else 0.0],
        below(4),
        digits=1,
        figure="fig-property",
    )
