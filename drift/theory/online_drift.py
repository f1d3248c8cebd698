"""Drift by online descent: a linear network that must ignore some inputs turns its representation.

Gradient noise of single samples moves a network across its manifold of least loss at first order
only, and along it at second order: a fluctuation within the normal space, and diffusion in the
tangent space (Pashakhanloo & Koulakov 2023, arXiv:2302.02563). Inputs that the task ignores add to
both: drift grows with their variance and number (Pashakhanloo 2025, arXiv:2510.21588). What follows
was derived here, for the network and the loss of this package; neither article's equations were at
hand.

A linear network V U x answers with m of its inputs, as
:func:`~drift.tasks.selection.relevant_inputs` has it.
With e = 2 eta / m the step of a sample with residual r is -e r times the derivative of the outputs;
weights decay by g = gamma m / 2 in the same units. Labels have noise of variance s^2. All solutions
U = sqrt(1-g) Q R, V = U^T, with orthonormal columns Q and a rotation R of the m directions of the
representation, have the same loss. Close to one of them, with U = Q (I + A), V = (I + B) Q^T and
weights Q C from ignored inputs, a step changes the rotation by the antisymmetric part of

    -(e / 2) (B^T r x^T + A x r^T + C z r^T),

x the relevant and z the ignored inputs: noise, with r = -label noise, times fluctuations. These are
stationary: A + B has the variance e s^2 in each entry, and C, for an input of variance v,
e s^2 v / (2 (v + g (1 - v))). Each of the m (m - 1) / 2 angles then diffuses by the variance

    D = e^3 s^4 / 16  (m + sum over ignored inputs of v^2 / (v + g (1 - v)))

a step, where the bias counts as one ignored input of variance 1, and a minibatch of B samples
divides by B^2. The sum is the total variance of the inputs if weights decay slowly, g << v, and
grows with v^2 if fast. This is the leading order in e s^2 (m + sum) << g << s and e sum << 1: label
noise itself must be too weak to change the balance of U and V against the decay of weights.

What counts as success of :func:`scan_irrelevant_inputs` was written before it was run: against what
is predicted, the measured D / (e^3 s^4 / 16) of each series (variance, number) has a slope whose
95 % interval over runs contains 1, excludes 0 and is at most .3 wide. It was so: .98 (.85 to 1.12)
for the number, 1.11 (.98 to 1.24) for the variance. The rates themselves are 5 % above the leading
order in the mean (from 1 % below to 10 % above), with a standard error of about 5 % each.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from drift.analysis.trends import mean_trend
from drift.network import Parameters
from drift.rules.online_descent import OnlineGradientDescent
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.support.checks import check_integer, check_number
from drift.tasks.base_task import Task
from drift.tasks.selection import relevant_inputs

__all__ = [
    "EXPERIMENT",
    "balanced_solution",
    "rotation_angles",
    "rotation_rate",
    "rotation_unit",
    "scan_irrelevant_inputs",
    "simulate_rotation",
]

EXPERIMENT = OnlineGradientDescent(
    learning_rate=0.004,
    fresh_samples=True,
    label_noise=0.15,
    label_noise_distribution="gaussian",
    weight_decay=0.0075,
)
"""Weak enough noise for the leading order (four relevant inputs give e s^2 = 4.5e-5, g = .015)."""


def _relevant(task: Task) -> int:
    """Number of relevant inputs; refuses a task of which this theory says nothing."""
    stream = task.stream
    if stream is None or not np.array_equal(stream.teacher, np.eye(*stream.teacher.shape)):
        raise ValueError(
            f"the theory is of a task whose targets are its first inputs, and {task.name!r} is "
            "another: make it by relevant_inputs."
        )
    if not (stream.deviations[: task.d_out] == 1).all():
        raise ValueError("the theory is of relevant inputs of variance 1: use relevant_inputs.")
    return task.d_out


def rotation_unit(task: Task, rule: OnlineGradientDescent) -> float:
    """The variance e^3 s^4 / (16 B^2) that D counts in.

    Parameters
    ----------
    task, rule : Task, OnlineGradientDescent
        Of :func:`~drift.tasks.selection.relevant_inputs`, and how it is learned.

    Returns
    -------
    float
        In squared radians a step.
    """
    pace = 2 * rule.learning_rate / _relevant(task)
    width = rule.label_noise**2
    variance = width if rule.label_noise_distribution == "gaussian" else width / 12
    return pace**3 * variance**2 / (16 * rule.batch**2)


def rotation_rate(task: Task, rule: OnlineGradientDescent) -> float:
    """D: by how much the variance of each angle of the representation grows a step.

    Parameters
    ----------
    task, rule : Task, OnlineGradientDescent
        Of :func:`~drift.tasks.selection.relevant_inputs`, and how it is learned: with fresh
        samples, label noise and weight decay.

    Returns
    -------
    float
        In squared radians a step; nothing is fitted.

    Raises
    ------
    ValueError
        If the task is another one, or the rule has no weight decay or no fresh samples.
    """
    relevant = _relevant(task)
    check_number("weight_decay", rule.weight_decay, positive=True)
    if not rule.fresh_samples:
        raise ValueError("fresh_samples=False: the theory is of samples that never come again.")
    assert task.stream is not None
    ignored = np.append(task.stream.deviations[relevant:] ** 2, 1.0)
    decay = rule.weight_decay * relevant / 2
    shares = ignored**2 / (ignored + decay * (1 - ignored))
    return rotation_unit(task, rule) * (relevant + float(shares.sum()))


def balanced_solution(task: Task, rule: OnlineGradientDescent) -> Parameters:
    """The least loss with decaying weights, one hidden unit for each relevant input.

    Parameters
    ----------
    task, rule : Task, OnlineGradientDescent
        As for :func:`rotation_rate`.

    Returns
    -------
    drift.Parameters
        U = V^T, of size sqrt(1 - g) on the relevant inputs, zero on all others and for biases.
    """
    relevant = _relevant(task)
    size = np.sqrt(1 - rule.weight_decay * relevant / 2)
    return Parameters(
        size * np.eye(relevant, task.d_in), np.zeros(relevant), size * np.eye(relevant)
    )


def rotation_angles(run: xr.Dataset) -> np.ndarray:
    """The angles by which the representation turned between successive snapshots.

    Parameters
    ----------
    run : xarray.Dataset
        Of a linear network, from :func:`~drift.simulation.simulate.simulate`; turns must be small.

    Returns
    -------
    (snapshots - 1, m (m - 1) / 2) array
        In radians: one for each pair of directions in the frame of the earlier snapshot.
    """
    outputs = run["output_weights"].values.astype(float)  # (snapshot, output, unit)
    relevant = outputs.shape[1]
    inputs = run["input_weights"].values[:, :, :relevant].astype(float)
    left, _, right = np.linalg.svd((inputs + outputs.transpose(0, 2, 1)) / 2, full_matrices=False)
    frames = left @ right
    turns = frames[:-1].transpose(0, 2, 1) @ frames[1:]
    first, second = np.triu_indices(relevant, 1)
    return (turns[:, first, second] - turns[:, second, first]) / 2


def simulate_rotation(
    task: Task, rule: OnlineGradientDescent, *, steps: int, turns: int, seed: int = 0
) -> float:
    """The rate D of a run from :func:`balanced_solution`.

    Parameters
    ----------
    task, rule : Task, OnlineGradientDescent
        As for :func:`rotation_rate`.
    steps : int
        Number of steps between two looks at the representation; many times 1 / (e g).
    turns : int
        Number of such stretches, after one that lets fluctuations become stationary.
    seed : int
        Seed of the run.

    Returns
    -------
    float
        Mean square of the angles turned in a stretch, over its steps.
    """
    run = simulate(
        task, rule, init=balanced_solution(task, rule), activation="identity", dtype="float64",
        steps=steps * (turns + 1), seed=seed, measures=["loss"], record=[0],
        snapshots=LinearSpacing(turns + 2), progress=False,
    )  # fmt: skip
    return float((rotation_angles(run)[1:] ** 2).mean()) / steps


def scan_irrelevant_inputs(
    *,
    variances: Iterable[float] = (0.0, 0.25, 0.5, 1.0, 2.0),
    numbers: Iterable[int] = (0, 4, 8, 12, 16),
    relevant: int = 4,
    irrelevant: int = 8,
    rule: OnlineGradientDescent = EXPERIMENT,
    steps: int = 30_000,
    turns: int = 60,
    seeds: int = 6,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure how drift grows with the variance of ignored inputs and with their number.

    Parameters
    ----------
    variances : iterable of float
        Of ``irrelevant`` ignored inputs, one series of runs.
    numbers : iterable of int
        Of ignored inputs of variance 1, the other series.
    relevant, irrelevant : int
        Number of relevant inputs in all runs, and of ignored ones in the first series.
    rule : OnlineGradientDescent
        How the networks learn.
    steps, turns, seeds : int
        As in :func:`simulate_rotation`; ``seeds`` runs of each network.

    Returns
    -------
    runs : pandas.DataFrame
        A row a run: ``series``, ``value``, ``seed``, and the ``predicted`` and ``measured`` rate in
        units of :func:`rotation_unit`.
    slopes : pandas.DataFrame
        A row a series: mean over seeds of the slope of measured against predicted rates, with its
        95 % interval, ``slope``, ``low`` and ``high``.
    """
    check_integer("seeds", seeds, minimum=2)
    rows = []
    for series, value, number, variance in ignored_inputs(variances, numbers, irrelevant):
        task = relevant_inputs(
            relevant=relevant, irrelevant=number, irrelevant_variance=variance, samples=1
        )
        unit = rotation_unit(task, rule)
        for seed in range(seeds):
            measured = simulate_rotation(task, rule, steps=steps, turns=turns, seed=seed)
            row = {"series": series, "value": value, "seed": seed, "measured": measured / unit}
            rows.append(row | {"predicted": rotation_rate(task, rule) / unit})
    runs = pd.DataFrame(rows)
    return runs, slopes_of_series(runs, "predicted", "measured")


def ignored_inputs(
    variances: Iterable[float], numbers: Iterable[int], irrelevant: int
) -> list[tuple[str, float, int, float]]:
    """Networks in two series: the series, the value in it, number and variance of ignored inputs.

    In ``"variance"`` there are ``irrelevant`` ignored inputs, in ``"number"`` they have variance 1.
    """
    cases = [("variance", value, irrelevant, value) for value in variances]
    return cases + [("number", number, number, 1.0) for number in numbers]


def slopes_of_series(runs: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """By ``series``: mean over ``seed`` of the slope of ``y`` over ``x``, with its interval."""
    slopes = []
    for name, group in runs.groupby("series"):
        table = group.pivot(index="seed", columns=x, values=y)
        trend = mean_trend(table.columns.to_numpy(), table.to_numpy())
        slopes.append({"series": name, "slope": trend.slope, "low": trend.low, "high": trend.high})
    return pd.DataFrame(slopes)
