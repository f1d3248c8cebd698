"""Noisy descent in two valleys with closed laws: why noise prefers the flat side (Fig. 5A).

With update noise on L = x^2 y^2 the motion across the valley y = 0 has variance
eta sigma^2 / (4 x^2), and its mean pull on x just makes x^2 a martingale: a squared Bessel process
of dimension 0 in the time t = eta^2 sigma^2 step. From x_0^2 it has mean x_0^2 for ever and has
reached 0, where the flat side is, with probability exp(-x_0^2 / (2 t)).

With label noise on f = x y, that is, L = (x y - sigma xi)^2 / 2, nothing shakes x on the valley but
the motion across it, of variance eta sigma^2 / 2, and x decays as exp(-eta^2 sigma^2 step / 2).
Both laws hold where eta x^2 is small and x is large beside y.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from drift.engine.noise import random_state
from drift.simulation.recorder import Schedule, scheduled_steps
from drift.support.array_checks import check_amount, check_array, check_variables
from drift.support.checks import check_choice, check_integer, check_number
from drift.support.compiled import njit
from drift.theory.squared_bessel import flat_side_reached, position_quantile, squared_position_cdf
from drift.theory.walkers import STRETCH, index_in_stretch, positions_at

__all__ = [
    "NOISES",
    "been_at_flat_side",
    "flat_side_reached",
    "label_noise_decay",
    "position_quantile",
    "squared_position_cdf",
    "update_noise_law",
    "walk_in_valley",
]

NOISES = ("update noise", "label noise")


@njit(cache=True)
def _descend(
    x: np.ndarray,
    y: np.ndarray,
    corner: np.ndarray,
    done: int,
    steps: int,
    eta: float,
    sigma: float,
    on_labels: bool,
    state: np.ndarray,
) -> None:
    """``steps`` steps of all walks, in place; in ``corner`` the first at which |x| <= |y|.

    On (x y - noise)^2 / 2 with noise ``on_labels``, else on x^2 y^2 with noise on both gradients.
    """
    noise = np.empty(2 * STRETCH)
    for i in range(x.size):
        a, b = x[i], y[i]
        for step in range(steps):
            here = index_in_stretch(step, noise, state)
            if on_labels:
                error = a * b - sigma * noise[here]
                pull_a, pull_b = error * b, error * a
            else:
                pull_a = 2 * a * b * b + sigma * noise[2 * here]
                pull_b = 2 * a * a * b + sigma * noise[2 * here + 1]
            a -= eta * pull_a
            b -= eta * pull_b
            if corner[i] < 0 and abs(a) <= abs(b):
                corner[i] = done + step + 1
        x[i], y[i] = a, b


def walk_in_valley(
    noise: str,
    *,
    walks: int,
    steps: int,
    record: Schedule,
    start: float,
    learning_rate: float,
    width: float,
    seed: int = 0,
) -> xr.Dataset:
    """Noisy gradient descent of many walkers from (``start``, 0).

    Parameters
    ----------
    noise : {"update noise", "label noise"}
        Update noise on x^2 y^2, or label noise on f = x y.
    walks, steps : int
        Number of walkers, and of steps of each.
    record : LinearSpacing, LogSpacing or iterable of int
        Steps at which positions are recorded, as in ``drift.simulate``.
    start : float
        x_0, above 0.
    learning_rate, width : float
        eta, and the standard deviation sigma of the noise, both above 0.
    seed : int
        Seed of the noise.

    Returns
    -------
    xarray.Dataset
        ``x`` and ``y`` (step, walk); ``corner`` (walk), the first step at which a walk was no
        further out in x than in y, -1 for one that never was: it has been where both valleys meet.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, descent across the valley would be unstable at the start
        (twice eta x_0^2, or eta x_0^2 with label noise, must be below 1), or the noise throws walks
        off all bounds.
    """
    on_labels = check_choice("noise", noise, NOISES) == "label noise"
    walks, steps = check_integer("walks", walks, minimum=1), check_integer("steps", steps)
    start = check_number("start", start, positive=True)
    learning_rate = check_number("learning_rate", learning_rate, positive=True)
    width = check_number("width", width, positive=True)
    curvature = start**2 * (1 if on_labels else 2)
    if learning_rate * curvature >= 1:
        raise ValueError(
            f"learning_rate={learning_rate} is too large for start={start}: times the curvature "
            f"there it is {learning_rate * curvature:.3g} and must be below 1."
        )
    state = random_state(np.random.SeedSequence(check_integer("seed", seed)))
    x, y = np.full(walks, float(start)), np.zeros(walks)
    corner = np.full(walks, -1)
    stops = scheduled_steps(record, steps, "record")
    check_amount("walks and record", walks * len(stops))
    across, along = positions_at(
        stops, x, y,
        lambda done, steps: _descend(
            x, y, corner, done, steps, learning_rate, width, on_labels, state
        ),
        f"width={width} of the noise",
    )  # fmt: skip
    return xr.Dataset(
        {
            "x": (("step", "walk"), across),
            "y": (("step", "walk"), along),
            "corner": ("walk", corner),
        },
        {"step": stops},
    )


def been_at_flat_side(walks: xr.Dataset) -> np.ndarray:
    """Whether each walk has been at the flat side, by each of the recorded steps.

    Parameters
    ----------
    walks : xarray.Dataset
        Of :func:`walk_in_valley`.

    Returns
    -------
    (step, walk) array of bool

    Raises
    ------
    TypeError, ValueError
        If ``walks`` has no corners and steps.
    """
    check_variables("walks", walks, {"corner": ("walk",), "step": ("step",)})
    corner = walks["corner"].values
    return (corner >= 0) & (corner <= walks["step"].values[:, None])


def update_noise_law(
    start: float, time: np.ndarray, levels: Sequence[float] = (0.25, 0.5, 0.75, 0.9)
) -> xr.Dataset:
    """Where walks with update noise are at each ``time``, by theory.

    Parameters
    ----------
    start : float
        x_0.
    time : (times,) array
        eta^2 sigma^2 times the number of steps, at least 0.
    levels : sequence of float
        Shares of the walks, between 0 and 1.

    Returns
    -------
    xarray.Dataset
        ``distance`` (level, time), the quantiles of abs(x) of :func:`position_quantile`, and
        ``reached`` (time), the probability of :func:`flat_side_reached`; 0 at the start.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or a time as for :func:`squared_position_cdf`.
    """
    time = check_array("time", time, ("times",), minimum=0)
    levels = check_array("levels", levels, ("levels",), minimum=0, maximum=1).tolist()
    start = check_number("start", start, signed=True)
    distance = [
        [position_quantile(level, start, at) if at > 0 else start for at in time]
        for level in levels
    ]
    reached = [float(flat_side_reached(start, at)) if at > 0 else 0.0 for at in time]
    return xr.Dataset(
        {"distance": (("level", "time"), distance), "reached": ("time", reached)},
        {"level": levels, "time": time},
    )


def label_noise_decay(start: float, time: np.ndarray) -> np.ndarray:
    """x_0 exp(-t / 2): the course of x with label noise, in the time eta^2 sigma^2 step.

    Parameters
    ----------
    start : float
        x_0.
    time : float or array
        eta^2 sigma^2 times the number of steps, at least 0.

    Returns
    -------
    array
        x at each time.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite, or a time is negative.
    """
    start = check_number("start", start, signed=True)
    return start * np.exp(-check_array("time", time, None, minimum=0) / 2)
