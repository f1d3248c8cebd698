"""The three phases of learning, directed drift and null drift, found by a criterion (Table 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.trends import mean_and_spread
from drift.analysis.tuning import population_vector_correlation

__all__ = [
    "Change",
    "Phases",
    "Similarity",
    "changes_of_runs",
    "find_phases",
    "in_phase",
    "map_similarity",
    "phase_changes",
    "phase_table",
    "population_similarity",
    "settling_step",
]

TOLERANCE = 0.1
"""A curve has settled when all but this share of its change lies behind it, as in the study's time
scale of sparsification."""


Similarity = Callable[[float, float], float]
"""How alike the codes of a run are at two training steps."""


class Phases(NamedTuple):
    """Ends of the first two phases; NaN for an end that is not within the run.

    Parameters
    ----------
    learned, settled : float
        Training steps at which learning ends and directed drift ends.
    """

    learned: float
    settled: float


def settling_step(step: np.ndarray, values: np.ndarray, tolerance: float = TOLERANCE) -> float:
    """When a noisy curve has come to rest.

    Its level of rest is the mean over the last quarter of the run; it has settled where the running
    median of five records first is within ``tolerance`` of the change from the first record to that
    level. If the means of the last two quarters still differ by more than that, and by more than
    twice the fluctuation around a line through both, the curve does not rest within the run.

    Parameters
    ----------
    step, values : (records,) array
        Training steps, ascending, and the curve.
    tolerance : float
        Share of the change.

    Returns
    -------
    float
        A training step; NaN if the curve does not settle.
    """
    step, values = np.asarray(step, float), np.asarray(values, float)
    half = step > 0.5 * step[-1]
    quarter = step > 0.75 * step[-1]
    last, before = values[quarter].mean(), values[half & ~quarter].mean()
    allowed = tolerance * abs(values[0] - last)
    trend = np.polynomial.Polynomial.fit(step[half], values[half], 1)
    fluctuation = np.std(values[half] - trend(step[half]))
    if not abs(before - last) <= max(allowed, 2 * fluctuation):
        return float("nan")
    padded = np.pad(values, 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    near = np.flatnonzero(np.abs(smooth - last) <= allowed)
    return float(step[near[0]]) if near.size else float("nan")


def find_phases(step: np.ndarray, loss: np.ndarray, active: np.ndarray) -> Phases:
    """Learning ends when the loss has settled, directed drift when the sparsity has.

    Parameters
    ----------
    step, loss, active : (records,) array
        Training steps, ascending, the loss, and the fraction of active units.

    Returns
    -------
    Phases
        The two ends, by :func:`settling_step`.
    """
    return Phases(settling_step(step, loss), settling_step(step, active))


PHASES = ("learning", "directed drift", "null drift")


class Change(NamedTuple):
    """What happens in one phase of one run (the columns of Table 1).

    Parameters
    ----------
    duration : float
        Training steps.
    performance : float
        Loss at its end over loss at its beginning.
    activity : float
        Fraction of active units at its end minus that at its beginning.
    representation : float
        Correlation of the code at its end with that at its beginning.
    """

    duration: float
    performance: float
    activity: float
    representation: float


def phase_changes(
    step: np.ndarray,
    loss: np.ndarray,
    active: np.ndarray,
    phases: Phases,
    correlation: Similarity,
) -> dict[str, Change]:
    """Table 1 with numbers, for one run.

    The level of a curve at an end of a phase is the median of the five records around it; at the
    end of the run that of the last five, at the beginning of the run the first record.

    Parameters
    ----------
    step, loss, active : (records,) array
        Training steps, ascending, the loss, and the fraction of active units.
    phases : Phases
        The ends of the phases.
    correlation : callable
        Similarity of the codes at two training steps.

    Returns
    -------
    dict of str to Change
        By the name of the phase, in their order; phases without a beginning or an end in the run
        are left out, and those of no length. Null drift begins when both curves have settled.
    """
    step, loss, active = (np.asarray(values, float) for values in (step, loss, active))
    both = float(np.maximum(phases.learned, phases.settled))  # NaN if either is
    ends = [float(step[0]), phases.learned, both, float(step[-1])]

    def level(values: np.ndarray, at: float) -> float:
        if at == step[0]:
            return float(values[0])
        around = int(np.searchsorted(step, at))
        first = min(max(around - 2, 0), len(step) - 5)
        return float(np.median(values[first : first + 5]))

    found = {}
    for name, begin, end in zip(PHASES, ends[:-1], ends[1:], strict=True):
        if not end > begin:
            continue
        found[name] = Change(
            end - begin,
            level(loss, end) / level(loss, begin),
            level(active, end) - level(active, begin),
            correlation(begin, end),
        )
    return found


def changes_of_runs(
    runs: xr.Dataset, phases: Sequence[Phases], similarities: Sequence[Similarity]
) -> list[dict[str, Change]]:
    """:func:`phase_changes` for each of several runs.

    Parameters
    ----------
    runs : xarray.Dataset
        ``loss`` and ``fraction_active_units`` (seed, step).
    phases, similarities : sequence of Phases, sequence of callable
        Of each run the ends of its phases, and the similarity of its codes at two training steps.

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        If ``phases`` or ``similarities`` are not as many as the runs.
    """
    names = ("loss", "fraction_active_units")
    loss, active = (runs[name].transpose("seed", "step").values for name in names)
    each = zip(loss, active, phases, similarities, strict=True)
    return [phase_changes(runs["step"].values, *of_a_run) for of_a_run in each]


def population_similarity(run: xr.Dataset) -> Similarity:
    """Correlation of the population vectors of a run at two steps, for :func:`phase_changes`.

    Parameters
    ----------
    run : xarray.Dataset
        ``activity`` (step, position, unit).

    Returns
    -------
    callable
        Of two training steps, by the records nearest to them.
    """

    def similarity(first: float, second: float) -> float:
        codes = [run["activity"].sel(step=at, method="nearest") for at in (first, second)]
        return population_vector_correlation(codes[0].values, codes[1].values)

    return similarity


def map_similarity(archived: xr.DataArray, early: xr.DataArray) -> Similarity:
    """Correlation of the rate maps of a run at two steps, for :func:`phase_changes`.

    Parameters
    ----------
    archived : xarray.DataArray
        ``rate_map_correlation`` (snapshot, other_snapshot) of the run.
    early : xarray.DataArray
        The same of a run that repeats the beginning with closer snapshots; used as far as it goes.

    Returns
    -------
    callable
        Of two training steps, by the snapshots nearest to them; NaN if that is one snapshot.
    """

    def similarity(first: float, second: float) -> float:
        known = early if second <= early["snapshot"].values[-1] else archived
        row = known.sel(snapshot=first, method="nearest")
        at = row.sel(other_snapshot=second, method="nearest")
        return float("nan") if at["snapshot"] == at["other_snapshot"] else at.item()

    return similarity


COLUMNS = {
    "duration": ("training steps", 0),
    "performance": ("loss, end over beginning", 2),
    "activity": ("change of the fraction of active units", 2),
    "representation": ("correlation, end with beginning", 2),
}
"""Of each field of :class:`Change` the words at the head of its column, and its decimals."""


def in_phase(changes: Sequence[dict[str, Change]], phase: str, what: str) -> list[float]:
    """One field of :class:`Change` in all runs that reach the end of ``phase``.

    Parameters
    ----------
    changes : sequence of dict
        Of each run what :func:`phase_changes` returns.
    phase : {"learning", "directed drift", "null drift"}
    what : {"duration", "performance", "activity", "representation"}
        The field.

    Returns
    -------
    list of float
        In the order of the runs.
    """
    return [getattr(change[phase], what) for change in changes if phase in change]


def phase_table(models: Mapping[str, Sequence[dict[str, Change]]]) -> pd.DataFrame:
    """Table 1 with numbers: mean and standard deviation over the runs of each model.

    Parameters
    ----------
    models : mapping of str to sequence of dict
        By the model's name, of each of its runs what :func:`phase_changes` returns.

    Returns
    -------
    pandas.DataFrame
        Text by model and phase; ``"-"`` where fewer than two runs reach the end of the phase.
    """
    rows = {}
    for model, changes in models.items():
        for phase in PHASES:
            reached = len(in_phase(changes, phase, "duration"))
            row = {"runs that reach its end": f"{reached} of {len(changes)}"}
            for name, (title, digits) in COLUMNS.items():
                values = in_phase(changes, phase, name)
                row[title] = mean_and_spread(values, digits) if reached > 1 else "-"
            rows[model, phase] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["model", "phase"])
