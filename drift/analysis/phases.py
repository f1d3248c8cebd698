"""The three phases of learning, directed drift and null drift, found by a criterion (Table 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.likeness import Similarity, map_similarity, population_similarity
from drift.analysis.settling import settling_step
from drift.analysis.trends import mean_and_spread
from drift.support.array_checks import check_array, check_curve, check_steps, check_variables
from drift.support.checks import check_as_many, check_choice, check_kind, check_number

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


class Phases(NamedTuple):
    """Ends of the first two phases; NaN for an end that is not within the run.

    Parameters
    ----------
    learned, settled : float
        Training steps at which learning ends and directed drift ends.
    """

    learned: float
    settled: float


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

    Raises
    ------
    TypeError, ValueError
        As :func:`settling_step` does.
    """
    step = check_steps("step", step)
    loss, active = check_curve("loss", loss, step), check_curve("active", active, step)
    return Phases(settling_step(step, loss), settling_step(step, active))


PHASES = ("learning", "directed drift", "null drift")


class Change(NamedTuple):
    """What happens in one phase of one run (the columns of Table 1).

    Parameters
    ----------
    duration : float
        Training steps.
    performance : float
        Loss at its end over loss at its beginning; NaN if that is 0.
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
        Training steps, ascending, the loss, and the fraction of active units; at least five.
    phases : Phases
        The ends of the phases, within the run or NaN.
    correlation : callable
        Similarity of the codes at two training steps.

    Returns
    -------
    dict of str to Change
        By the name of the phase, in their order; phases without a beginning or an end in the run
        are left out, and those of no length. Null drift begins when both curves have settled.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    step = check_steps("step", step)
    loss, active = check_curve("loss", loss, step), check_curve("active", active, step)
    check_kind("phases", phases, Phases)
    check_kind("correlation", correlation, Callable)
    if step.size < 5:
        raise ValueError(f"step has {step.size} records: a level is the median of five.")
    for end in phases:
        if end == end and not step[0] <= check_number("phases", end) <= step[-1]:
            raise ValueError(f"phases={phases} must end within the run, {step[0]} to {step[-1]}.")
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
        before = level(loss, begin)
        found[name] = Change(
            end - begin,
            level(loss, end) / before if before else float("nan"),
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
    TypeError, ValueError
        If ``phases`` or ``similarities`` are not as many as the runs, or as for
        :func:`phase_changes`.
    """
    names = ("loss", "fraction_active_units")
    check_variables("runs", runs, {name: ("seed", "step") for name in names})
    for variable in names:
        check_array(f"runs[{variable!r}]", runs[variable].values, None)
    parts = (("phases", phases, Phases), ("similarities", similarities, Callable))
    for name, given, kind in parts:
        check_as_many(name, len(check_kind(name, given, Sequence)), "runs", runs.sizes["seed"])
        for one in given:
            check_kind(f"{name}: one of them", one, kind)
    loss, active = (runs[name].transpose("seed", "step").values for name in names)
    each = zip(loss, active, phases, similarities, strict=True)
    return [phase_changes(runs["step"].values, *of_a_run) for of_a_run in each]


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

    Raises
    ------
    TypeError, ValueError
        If there is no such phase or field, or ``changes`` is no sequence of dicts.
    """
    check_choice("phase", phase, PHASES)
    check_choice("what", what, COLUMNS)
    _check_changes("changes", changes)
    return [getattr(change[phase], what) for change in changes if phase in change]


def _check_changes(name: str, changes: object) -> None:
    """Refuse what is no sequence of what :func:`phase_changes` returns."""
    for of_run in check_kind(name, changes, Sequence):
        for change in check_kind(f"{name}: an entry", of_run, dict).values():
            check_kind(f"{name}: a value", change, Change)


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

    Raises
    ------
    TypeError, ValueError
        If ``models`` is not as above, or empty.
    """
    if not check_kind("models", models, Mapping):
        raise ValueError("models is empty: give at least one.")
    rows = {}
    for model, changes in models.items():
        _check_changes(f"models[{model!r}]", changes)
        for phase in PHASES:
            reached = len(in_phase(changes, phase, "duration"))
            row = {"runs that reach its end": f"{reached} of {len(changes)}"}
            for name, (title, digits) in COLUMNS.items():
                values = in_phase(changes, phase, name)
                row[title] = mean_and_spread(values, digits) if reached > 1 else "-"
            rows[model, phase] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["model", "phase"])
