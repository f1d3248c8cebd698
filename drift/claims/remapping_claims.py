"""Whether a flatter network remaps less, as the study's Discussion speculates.

What counts as held was written and committed before the archive was computed. A network is measured
at several ages. *Along training* is the rank correlation over the ages of one network, whose mean
over seeds and interval are Student's. *At the same age* is the partial rank correlation over seeds,
with the number of active units and the speed of ordinary drift held fixed, as a mean over ages,
with an interval by resampling seeds.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from drift.analysis.partial_correlation import partial_rank_correlation
from drift.analysis.resampling import Interval, interval_over
from drift.analysis.trends import Trend, trend_of
from drift.analysis.vector_correlation import rank_correlation
from drift.claims.judging import judged
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.verdicts import BEYOND, Claim, judged_on

__all__ = ["FLATNESS", "along_training", "at_the_same_age", "outcomes", "verdicts"]

SOURCE = (
    "Discussion: one can speculate that a network remaps less often, given the same change of the "
    "environment, as it moves to flatter areas of the loss"
)

FLATNESS = {
    "trace": "trace of the Hessian",
    "log_pseudo_determinant": "log-pseudo-determinant",
    "sharpness": "largest eigenvalue",
}
"""Measures of which smaller values are flatter."""

CHANGES = {
    "morph": "the walls' texture is morphed",
    "rotate": "the texture is moved along the walls",
    "stretch": "the corridor is stretched",
}

CONTROL = "familiar"


def outcomes(archive: xr.Dataset, change: str) -> xr.Dataset:
    """What a change of the environment does, as means over its doses.

    Parameters
    ----------
    archive : xarray.Dataset
        The archive *remapping*, or a part of it with its dimensions.
    change : {"morph", "rotate", "stretch"}

    Returns
    -------
    xarray.Dataset
        Along ``seed`` and ``snapshot``: ``at_once``, the share of place cells that remap;
        ``later``, the same after training in the changed environment, less what ordinary drift
        does in as many steps; ``loss``, the logarithm of the loss at once; ``recovery``, training
        steps until the loss has recovered, infinite where it has not.
    """
    is_changed = [str(name).startswith(change) for name in archive["environment"].values]
    there = archive.isel(environment=np.flatnonzero(is_changed))
    control = archive["remapped"].sel(environment=CONTROL, stage="later", drop=True)
    return xr.Dataset(
        {
            "at_once": there["remapped"].sel(stage="at once", drop=True),
            "later": there["remapped"].sel(stage="later", drop=True) - control,
            "loss": np.log(there["loss"].sel(stage="at once", drop=True)),
            "recovery": there["recovery"].fillna(np.inf),
        }
    ).mean("environment")


def along_training(flatness: xr.DataArray, outcome: xr.DataArray) -> Trend:
    """Rank correlation of both over the ages of a network, as a mean over seeds.

    Parameters
    ----------
    flatness, outcome : xarray.DataArray
        Along ``seed`` and ``snapshot``.

    Returns
    -------
    Trend
    """
    pairs = zip(_table(flatness), _table(outcome), strict=True)
    return trend_of([rank_correlation(_finite(one), _finite(other)) for one, other in pairs])


def at_the_same_age(archive: xr.Dataset, flatness: str, outcome: xr.DataArray) -> Interval:
    """Partial rank correlation of both over seeds, as a mean over ages.

    Parameters
    ----------
    archive : xarray.Dataset
    flatness : str
        A key of :data:`FLATNESS`.
    outcome : xarray.DataArray
        Along ``seed`` and ``snapshot``.

    Returns
    -------
    Interval
        The number of active units, and the share of place cells that remap without a change, are
        held fixed.
    """
    flat, shown = _table(archive[flatness]), _table(outcome)
    speed = archive["remapped"].sel(environment=CONTROL, stage="later")
    given = np.stack([_table(archive["active_units"]), _table(speed)])

    def mean_over_ages(drawn: np.ndarray) -> float:
        each = [
            partial_rank_correlation(flat[drawn, age], shown[drawn, age], given[:, drawn, age])
            for age in range(flat.shape[1])
        ]
        return float(np.nanmean(each))

    return interval_over(len(flat), mean_over_ages)


def _table(values: xr.DataArray) -> np.ndarray:
    return values.transpose("seed", "snapshot").values.astype(float)


def _finite(values: np.ndarray) -> np.ndarray:
    """Values in the same order, with one above all others for infinite ones."""
    return np.where(np.isfinite(values), values, 2 * np.abs(values[np.isfinite(values)]).max())


def verdicts(archive: xr.Dataset, rests_on: str) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    archive : xarray.Dataset
        The archive *remapping*.
    rests_on : str
        What was judged.

    Returns
    -------
    RowTable
    """
    found = {change: outcomes(archive, change) for change in CHANGES}
    trace = archive["trace"]
    claims = []
    for stage, words in (
        ("at_once", "at once"),
        ("later", "beyond ordinary drift, after training there"),
    ):
        for change, what in CHANGES.items():
            claims.append(
                _on_course(
                    f"the flatter a network has become, the fewer of its place cells remap "
                    f"{words}, when {what}",
                    along_training(trace, found[change][stage]),
                )
            )
    morph = found["morph"]
    for name, words in FLATNESS.items():
        claims.append(
            _at_same_age(
                "of networks of the same age, with as many active units and as fast a drift, the "
                f"flatter ones remap less at once, when the texture is morphed ({words})",
                at_the_same_age(archive, name, morph["at_once"]),
            )
        )
    claims += [
        _on_course(
            "the flatter a network has become, the smaller is its loss at once in the morphed "
            "corridor",
            along_training(trace, morph["loss"]),
        ),
        _on_course(
            "the flatter a network has become, the fewer steps it needs to recover in the morphed "
            "corridor",
            along_training(trace, morph["recovery"]),
        ),
    ]
    return verdict_table(judged_on(rests_on, claims))


def _on_course(statement: str, found: Trend) -> Claim:
    return Claim(
        BEYOND,
        statement,
        "speculated",
        f"rank correlation with the trace {found}, {found.animals} networks",
        "95 % interval above 0",
        judged(BEYOND, found.low > 0),
        "fig-course",
        source=SOURCE,
    )


def _at_same_age(statement: str, found: Interval) -> Claim:
    return Claim(
        BEYOND,
        statement,
        "speculated",
        f"partial rank correlation {found}",
        "95 % interval above 0",
        judged(BEYOND, found.low > 0),
        "fig-same-age",
        source=SOURCE,
    )
