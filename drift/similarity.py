"""Hebbian and anti-Hebbian similarity matching on a ring (Fig. 4C).

Qin, Farashahi, Lipshutz, Sengupta, Chklovskii, Pehlevan 2023 (doi:10.1038/s41593-022-01225-z) let a
network of non-negative units learn to be as similar to each other as their inputs are. The study
takes their program; its configuration is not public, the ring of their paper fits best.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr

from drift.engine.noise import fill_normal, random_state
from drift.engine.pivoting import resting_activity
from drift.engine.simd import LANES
from drift.simulation.recorder import Schedule, scheduled_steps
from drift.support import portable
from drift.support.array_checks import check_amount, check_array, check_flags
from drift.support.checks import check_integer, check_kind, check_number
from drift.support.compiled import njit
from drift.support.progress import progress_bar

__all__ = ["SimilarityMatching", "response", "ring", "simulate_matching", "simulate_matching_seeds"]

TEST_INPUTS = 250
ACTIVITY_THRESHOLD = 0.05
ACTIVE_POSITIONS = 3


@dataclass(frozen=True)
class SimilarityMatching:
    """The network's constants.

    Parameters
    ----------
    units, inputs : int
        Numbers of units N and of inputs x = (cos, sin), which lie evenly on the ring.
    learning_rate : float
        eta of feedforward weights W and lateral weights M; above 0 and at most 1.
    noise : float
        Standard deviation sigma of the noise on W and M; a step adds sqrt(eta) sigma.
    ridge : float
        lambda_2, which keeps a single unit's response finite; above 0.

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.
    """

    units: int = 100
    inputs: int = 1000
    learning_rate: float = 0.02
    noise: float = 0.001
    ridge: float = 0.01

    def __post_init__(self) -> None:
        numbers: dict[str, Any] = {
            "units": check_integer("units", self.units, minimum=2),
            "inputs": check_integer("inputs", self.inputs, minimum=3),
            "learning_rate": check_number("learning_rate", self.learning_rate, positive=True),
            "noise": check_number("noise", self.noise),
            "ridge": check_number("ridge", self.ridge, positive=True),
        }
        if self.learning_rate > 1:
            raise ValueError(
                f"learning_rate={self.learning_rate} is too large: the weights are moving means, "
                "so that it must be at most 1."
            )
        units, inputs = numbers["units"], numbers["inputs"]
        check_amount("units and inputs", units * max(inputs, units))
        for name, number in numbers.items():
            object.__setattr__(self, name, number)


def ring(count: int) -> np.ndarray:
    """``count`` points (cos, sin) evenly on the unit circle.

    Parameters
    ----------
    count : int
        At least 1.

    Returns
    -------
    (count, 2) array

    Raises
    ------
    TypeError, ValueError
        If ``count`` is not as above.
    """
    check_amount("count", check_integer("count", count, minimum=1))
    count = int(count)
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([portable.cos(angle), portable.sin(angle)], axis=1)


def response(lateral: np.ndarray, drive: np.ndarray, guess: np.ndarray) -> tuple[np.ndarray, int]:
    """The activity at which the network comes to rest: y >= 0, A y >= q, and y (A y - q) = 0.

    A linear complementarity problem, solved exactly by block principal pivoting (Portugal, Judice,
    Vicente 1994, doi:10.1090/S0025-5718-1994-1250776-4): guess which units are active, solve for
    them, exchange all that contradict the guess; one at a time where that does not help.

    Parameters
    ----------
    lateral : (N, N) array
        A = M + lambda_2, with lambda_2 on the diagonal.
    drive : (N,) array
        q = W x.
    guess : (N,) bool array
        Which units to begin with as active; where the answer is close, few exchanges are left.

    Returns
    -------
    activity : (N,) array
    exchanges : int
        How often it was solved; -1 if no resting state was found.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other or hold other numbers than these, or no equations for
        the units that are tried have one solution.
    """
    drive = check_array("drive", drive, ("units",))
    lateral = check_array("lateral", lateral, (drive.size, drive.size))
    guess = check_flags("guess", guess, drive.shape)
    try:
        activity, exchanges = resting_activity(lateral, drive, guess)
    except ZeroDivisionError:
        raise ValueError("lateral has rows that depend on each other: it has no inverse.") from None
    if not np.isfinite(activity).all():
        raise ValueError("lateral and drive are too far apart in size: the activity is not finite.")
    return activity, exchanges


@njit(cache=True)
def _responses(
    feedforward: np.ndarray,
    lateral: np.ndarray,
    ridge: float,
    inputs: np.ndarray,
    guesses: np.ndarray,
) -> np.ndarray:
    """Resting activity for each of the inputs: (inputs, units); NaN where there is none."""
    drive = portable.product(inputs, feedforward.T)
    whole = lateral + ridge * np.eye(len(lateral))
    out = np.empty_like(drive)
    for i in range(len(drive)):
        out[i], found = resting_activity(whole, drive[i], guesses[i])
        if found < 0:
            out[i] = np.nan
        guesses[i] = out[i] > 0
    return out


@njit(cache=True)
def _learn(
    feedforward: np.ndarray,
    lateral: np.ndarray,
    inputs: np.ndarray,
    guesses: np.ndarray,
    shown: np.ndarray,
    eta: float,
    noise: float,
    ridge: float,
    state: np.ndarray,
) -> bool:
    """A step in place for each input ``shown``; False if a resting state was not found."""
    units = len(lateral)
    scale = np.sqrt(eta) * noise
    normal = np.empty(-(-units * (units + 2) // LANES) * LANES)
    for k in shown:
        x = inputs[k]
        fill_normal(state, normal)
        whole = lateral + ridge * np.eye(units)
        drive = feedforward[:, 0] * x[0] + feedforward[:, 1] * x[1]
        y, found = resting_activity(whole, drive, guesses[k])
        if found < 0:
            return False
        guesses[k] = y > 0
        feedforward[:] = (1 - eta) * feedforward + eta * np.outer(y, x)
        feedforward += scale * normal[: 2 * units].reshape(units, 2)
        lateral[:] = (1 - eta) * lateral + eta * np.outer(y, y)
        lateral += scale * normal[2 * units : units * (units + 2)].reshape(units, units)
        lateral[:] = np.maximum(lateral, 0)
    return True


def simulate_matching(
    network: SimilarityMatching, *, steps: int, seed: int = 0, record: Schedule
) -> xr.Dataset:
    """Train a similarity-matching network for ``steps`` steps.

    Starts from W ~ 0.1 N(0, 1), M the identity. The same arguments give the same result.

    Parameters
    ----------
    network : SimilarityMatching
    steps, seed : int
    record : schedule of measurements, as in ``drift.simulate``

    Returns
    -------
    xarray.Dataset
        Along ``step``: ``loss``, the mean square of X^T X - Y^T Y over pairs of 250 test inputs;
        ``fraction_active_units``, the share of units with activity above 0.05 at more than 3 of
        the inputs; ``activity`` (step, position, unit).

    Raises
    ------
    ArithmeticError
        If the units come to rest nowhere: the lateral weights are no longer positive enough.
    TypeError, ValueError
        If ``steps``, ``seed`` or ``record`` is of the wrong type or outside its range.
    """
    check_kind("network", network, SimilarityMatching)
    steps, seed = check_integer("steps", steps), check_integer("seed", seed)
    stops = scheduled_steps(record, steps, "record")
    sequence = np.random.SeedSequence(seed)
    random, state = np.random.default_rng(sequence), random_state(sequence.spawn(1)[0])
    inputs, positions = ring(network.inputs), ring(TEST_INPUTS)
    feedforward = 0.1 * portable.normal(random, (network.units, 2))
    lateral = np.eye(network.units)
    guesses = portable.product(inputs, feedforward.T) > 0
    test_guesses = portable.product(positions, feedforward.T) > 0
    similarity = positions @ positions.T
    losses, active, activities, done = [], [], [], 0
    for stop in stops.tolist():
        shown = random.integers(0, network.inputs, stop - done)
        rested = _learn(
            feedforward, lateral, inputs, guesses, shown, network.learning_rate,
            network.noise, network.ridge, state,
        )  # fmt: skip
        activity = None
        if rested:  # without it, each of the other inputs would be tried to the end
            activity = _responses(feedforward, lateral, network.ridge, positions, test_guesses)
        if activity is None or np.isnan(activity).any():
            raise ArithmeticError(
                f"the units come to rest nowhere between steps {done} and {stop}: with "
                f"ridge={network.ridge} the noise of {network.noise} is too much."
            )
        done = stop
        losses.append(np.mean((similarity - activity @ activity.T) ** 2))
        often = (activity > ACTIVITY_THRESHOLD).sum(axis=0)
        active.append(np.mean(often > ACTIVE_POSITIONS))
        activities.append(activity.astype(np.float32))
    return xr.Dataset(
        {
            "loss": ("step", np.array(losses)),
            "fraction_active_units": ("step", np.array(active)),
            "activity": (("step", "position", "unit"), np.array(activities)),
        },
        {"step": stops},
        {**asdict(network), "steps": steps, "seed": seed},
    )


def simulate_matching_seeds(
    network: SimilarityMatching,
    *,
    steps: int,
    seeds: int,
    record: Schedule,
    progress: bool | None = None,
) -> xr.Dataset:
    """:func:`simulate_matching` for seeds 0 to ``seeds`` - 1, along ``seed``, with a bar.

    Parameters
    ----------
    network : SimilarityMatching
    steps, seeds : int
    record : schedule
        As in :func:`simulate_matching`, whose errors it raises too.
    progress : bool, optional (by default where there is a terminal)

    Returns
    -------
    xarray.Dataset
    """
    seeds = check_integer("seeds", seeds, minimum=1)
    steps = check_integer("steps", steps)
    runs = []
    with progress_bar(seeds * steps, progress) as advance_bar:
        for seed in range(seeds):
            runs.append(simulate_matching(network, steps=steps, seed=seed, record=record))
            advance_bar(steps)
    return xr.concat(runs, xr.DataArray(np.arange(seeds), dims="seed", name="seed"))
