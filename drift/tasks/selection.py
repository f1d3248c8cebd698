"""Inputs of which some matter: the network has to answer with those and to ignore the others."""

from __future__ import annotations

import numpy as np

from drift.support import portable
from drift.support.checks import check_integer, check_number
from drift.tasks.base_task import Task, task
from drift.tasks.streams import GaussianStream

__all__ = ["relevant_inputs"]


@task
def relevant_inputs(
    seed: int = 0,
    *,
    relevant: int = 4,
    irrelevant: int = 8,
    irrelevant_variance: float = 1.0,
    samples: int = 200,
) -> Task:
    """Normal inputs; the targets are the first few of them, of variance 1.

    The setting of Pashakhanloo & Koulakov 2023 (arXiv:2302.02563) and Pashakhanloo 2025
    (arXiv:2510.21588): what has to be ignored makes representations drift under online descent
    (:mod:`drift.theory.online_drift`). ``OnlineGradientDescent(fresh_samples=True)`` draws its
    samples from the task's ``stream``; the samples of the task itself are what losses are
    measured on, and what other rules train on.

    Parameters
    ----------
    seed : int
        Seed of the samples.
    relevant : int
        Number of inputs to answer with: number of outputs, at least 1.
    irrelevant : int
        Number of inputs to ignore.
    irrelevant_variance : float
        Variance of each of those, at least 0.
    samples : int
        Number of samples that the loss is measured on, at least 1.

    Returns
    -------
    Task
        ``inputs`` (samples, relevant + irrelevant), ``targets`` (samples, relevant), ``stream``.

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.

    Examples
    --------
    >>> from drift import relevant_inputs
    >>> task = relevant_inputs(relevant=2, irrelevant=3, irrelevant_variance=4.0)
    >>> task.inputs.shape, task.stream.deviations.tolist()
    ((200, 5), [1.0, 1.0, 2.0, 2.0, 2.0])
    """
    check_integer("seed", seed)
    check_integer("relevant", relevant, minimum=1)
    check_integer("irrelevant", irrelevant)
    check_number("irrelevant_variance", irrelevant_variance)
    check_integer("samples", samples, minimum=1)
    deviations = np.ones(relevant + irrelevant)
    deviations[relevant:] = np.sqrt(irrelevant_variance)
    random = np.random.default_rng(seed)
    inputs = deviations * portable.normal(random, (samples, relevant + irrelevant))
    return Task(
        inputs=inputs,
        targets=inputs[:, :relevant],
        name="relevant inputs",
        constants={
            "seed": seed,
            "relevant": relevant,
            "irrelevant": irrelevant,
            "irrelevant_variance": irrelevant_variance,
            "samples": samples,
        },
        stream=GaussianStream(deviations, np.eye(relevant, relevant + irrelevant)),
    )
