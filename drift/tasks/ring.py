"""The abstract predictive task: a view moves along a ring and the next view is predicted."""

from __future__ import annotations

import numpy as np

from drift.support import portable
from drift.support.array_checks import check_amount
from drift.support.checks import check_integer, check_number
from drift.tasks.base_task import Task, rescale, task

__all__ = ["abstract_predictive"]

LONGEST = 100_000
"""Of a ring, a field of view and a speed: places on the ring stay exact to six digits."""


@task
def abstract_predictive(
    seed: int = 0,
    *,
    samples: int = 10,
    d_in: int = 20,
    length: int = 120,
    scene_width: float = 4.0,
    field_of_view: float = 30.0,
    speed: float = 20.0,
    low: float = -1.0,
    high: float = 1.0,
) -> Task:
    """Predict the next view of a random scene on a ring (*simplified predictive coding*).

    Ratzon et al. 2024 (doi:10.7554/eLife.90069), *Generality of the phenomenon*; constants of the
    study's program. Whatever it was told, that program gave this task as many outputs as inputs.

    Parameters
    ----------
    seed : int
        Seed of the scene and of the movement.
    samples : int
        Number of predictions n.
    d_in : int
        Points of a view: number of inputs and of outputs.
    length : int
        Length of the ring, and number of samples of its scene.
    scene_width : float
        Standard deviation of the Gaussian that smooths the scene, in samples of the scene.
    field_of_view : float
        Length of ring that a view spans, evenly sampled from the position on.
    speed : float
        Each step advances by a length uniform between 0 and ``length * speed / samples``.
    low, high : float
        Range to which inputs and targets are scaled, each by its own minimum and maximum.

    Returns
    -------
    Task
        ``inputs`` and ``targets`` (samples, d_in); ``position`` on the ring and ``heading``, which
        is 0, (samples,).

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.
    """
    seed = check_integer("seed", seed)
    samples = check_integer("samples", samples, minimum=1)
    d_in = check_integer("d_in", d_in, minimum=1)
    length = check_integer("length", length, minimum=2, maximum=LONGEST)
    scene_width = check_number("scene_width", scene_width, maximum=length)
    field_of_view = check_number("field_of_view", field_of_view, positive=True, maximum=LONGEST)
    speed = check_number("speed", speed, maximum=LONGEST)
    low, high = check_number("low", low, signed=True), check_number("high", high, signed=True)
    check_amount("samples and d_in", samples * d_in)
    random = np.random.default_rng(seed)
    scene = portable.smooth(portable.normal(random, length), scene_width, axis=0, mode="wrap")
    advance = portable.uniform(random, 0, length * speed / samples, samples)
    position = np.concatenate([[0.0], np.cumsum(advance)])
    offsets = np.linspace(0, field_of_view, d_in)
    views = portable.read_ring(scene, position[:, None] + offsets)
    return Task(
        inputs=rescale(views[:-1], low, high),
        targets=rescale(views[1:], low, high),
        position=position[:-1] % length,
        heading=np.zeros(samples),
        name="abstract predictive",
        constants={
            "seed": seed,
            "samples": samples,
            "d_in": d_in,
            "length": length,
            "scene_width": scene_width,
            "field_of_view": field_of_view,
            "speed": speed,
            "low": low,
            "high": high,
        },
    )
