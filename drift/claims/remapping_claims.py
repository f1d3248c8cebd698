"""Whether a flatter network remaps less, as the study's Discussion speculates.

What counts as held was written and committed before the archives were computed; rows that were
added after the first of them had been seen say so. A network is measured at several ages. *Along
training* is a rank correlation over the ages of one network, whose mean over seeds and interval are
Student's. *At the same age* is the partial rank correlation over seeds, with the number of active
units and the speed of ordinary drift held fixed, as a mean over ages, with an interval by
resampling seeds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from drift.analysis.partial_correlation import partial_rank_correlation
from drift.analysis.resampling import Interval, interval_over
from drift.analysis.trends import Trend, trend_of
from drift.analysis.vector_correlation import rank_correlation
from drift.claims.judging import judged
from drift.claims.row_tables import RowTable, verdict_table
from drift.claims.verdicts import BEYOND, Claim, judged_on
from drift.tasks.changed_corridor import CHANGES

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

ADDED = "added after the networks with update noise had been seen"

CONTROL = "familiar"
"""The same network for as many steps more in the corridor that it knows."""


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
        Its interval is cut off at -1 and 1.
    """
    pairs = zip(_table(flatness), _table(outcome), strict=True)
    found = trend_of([rank_correlation(_finite(one), _finite(other)) for one, other in pairs])
    return found._replace(low=max(found.low, -1.0), high=min(found.high, 1.0))


def at_the_same_age(archive: xr.Dataset, flatness: str, outcome: xr.DataArray) -> Interval:
    """Partial rank correlation of both over seeds, as a mean over ages.

    Parameters
    ----------
    archive : xarray.Dataset
    flatness : str
        A key of ``FLATNESS``.
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


def verdicts(
    archive: xr.Dataset,
    with_label_noise: xr.Dataset,
    same_age: Mapping[str, Interval],
    rests_on: str,
) -> RowTable:
    """The table at the end of the chapter.

    Parameters
    ----------
    archive : xarray.Dataset
        The archive *remapping*.
    with_label_noise : xarray.Dataset
        The archive *remapping-label-noise*, of seeds and ages that are in ``archive`` too.
    same_age : mapping of str to Interval
        Of each measure of flatness, what :func:`at_the_same_age` says of morphs at once.
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
                same_age[name],
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
    of_both = by_noise(archive, with_label_noise)
    return verdict_table(
        [
            *judged_on(rests_on, [*claims, *with_age(archive)], "remapping"),
            *judged_on(rests_on, of_both, "remapping and remapping-label-noise"),
        ]
    )


def with_age(archive: xr.Dataset) -> list[Claim]:
    """Whether networks with update noise become flatter, and remap less, as they grow older."""
    age = archive["snapshot"].astype(float).broadcast_like(archive["trace"])
    remap = outcomes(archive, "morph")["at_once"]
    return [
        _with_age(
            "with update noise, the trace falls as the network is trained on",
            along_training(age, archive["trace"]),
            ADDED,
        ),
        _with_age(
            "with update noise, the older a network is, the fewer of its place cells remap at "
            "once, when the texture is morphed",
            along_training(age, remap),
            ADDED,
        ),
    ]


def by_noise(archive: xr.Dataset, with_label_noise: xr.Dataset) -> list[Claim]:
    """Whether networks that label noise has made flat remap less.

    Parameters
    ----------
    archive, with_label_noise : xarray.Dataset
        As for :func:`verdicts`.

    Returns
    -------
    list of Claim
    """
    flat = with_label_noise
    sharp = archive.sel(seed=flat["seed"], snapshot=flat["snapshot"])
    age = flat["snapshot"].astype(float).broadcast_like(flat["trace"])
    there, others = outcomes(flat, "morph"), outcomes(sharp, "morph")
    claims = [
        _with_age(
            "with label noise, the trace falls as the network is trained on",
            along_training(age, flat["trace"]),
        ),
        _on_course(
            "with label noise, the flatter a network has become, the fewer of its place cells "
            "remap at once, when the texture is morphed",
            along_training(flat["trace"], there["at_once"]),
        ),
        _on_course(
            "with label noise, the flatter a network has become, the smaller is its loss at once "
            "in the morphed corridor",
            along_training(flat["trace"], there["loss"]),
        ),
    ]
    for name, what in (
        ("at_once", "fewer place cells remap at once"),
        ("later", "fewer place cells remap beyond ordinary drift, after training there"),
        ("loss", "the loss at once is smaller"),
    ):
        found = trend_of(_table(there[name] - others[name]).mean(axis=1))
        claims.append(
            _claim(
                "in networks with label noise, which are flatter than those with update noise of "
                f"the same age and start, {what}, when the texture is morphed",
                f"difference {found}" + (" of log loss" if name == "loss" else ""),
                "95 % interval below 0",
                found.high < 0,
                "fig-kinds-of-noise",
            )
        )
    return claims


def _on_course(statement: str, found: Trend) -> Claim:
    ours = f"rank correlation with the trace {found}, {found.animals} networks"
    return _claim(statement, ours, "95 % interval above 0", found.low > 0, "fig-remapping-course")


def _with_age(statement: str, found: Trend, caveat: str = "") -> Claim:
    ours = f"rank correlation with age {found}, {found.animals} networks"
    return _claim(statement, ours, "95 % interval below 0", found.high < 0, "fig-flatness", caveat)


def _at_same_age(statement: str, found: Interval) -> Claim:
    ours = f"partial rank correlation {found}"
    return _claim(statement, ours, "95 % interval above 0", found.low > 0, "fig-same-age")


def _claim(
    statement: str, ours: str, tolerance: str, held: bool, figure: str, caveat: str = ""
) -> Claim:
    verdict = judged(BEYOND, held)
    return Claim(BEYOND, statement, "speculated", ours, tolerance, verdict, figure, caveat, SOURCE)
