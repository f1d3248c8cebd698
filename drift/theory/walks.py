"""Random walks on a circle of equally good solutions: the two kinds of drift of Fig. 1.

The loss (k(phi) / 2) (r - 1)^2 is zero on the unit circle and nowhere else. Its curvature across
it, k(phi) = k_0 exp(a cos phi), is the same everywhere for modulation a = 0 and otherwise
smallest at phi = pi. Gradient descent with update noise walks along the circle. Averaged over the
fast motion across it, whose variance is eta sigma^2 / (2 k), a step changes the angle by

    (eta sigma)^2 (a / 4) sin phi  +  eta sigma N(0, 1),

drift down the slope of log k plus diffusion, both in the one time (eta sigma)^2 times the number of
steps. What the walk comes to is the density proportional to k^(-1/2): that of von Mises around pi
with concentration a / 2. Each point of it has zero loss.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr
from scipy import stats

from drift.engine.noise import fill_normal, random_state
from drift.simulation.recorder import Schedule, scheduled_steps
from drift.support import portable
from drift.support.array_checks import check_amount, check_array
from drift.support.checks import check_integer, check_kind, check_number
from drift.support.compiled import njit
from drift.theory.walkers import STRETCH, positions_at

__all__ = ["RingOfMinima", "expected_log_curvature", "simulate_walks"]

BESIDE = 8
"""Walks that go side by side."""


@dataclass(frozen=True)
class RingOfMinima:
    """The landscape, and the noisy descent on it.

    Parameters
    ----------
    curvature : float
        k_0, above 0.
    modulation : float
        a: log k varies by 2 a around the circle; at least 0.
    learning_rate : float
        eta, above 0; eta times the largest curvature must be below 1.
    update_noise : float
        sigma, above 0.

    Raises
    ------
    TypeError, ValueError
        If a constant is not as above.
    """

    curvature: float = 1.0
    modulation: float = 0.0
    learning_rate: float = 0.01
    update_noise: float = 0.5

    def __post_init__(self) -> None:
        for name in ("curvature", "modulation", "learning_rate", "update_noise"):
            number = check_number(name, getattr(self, name), positive=name != "modulation")
            object.__setattr__(self, name, number)
        with np.errstate(over="ignore"):
            sharpest = self.learning_rate * self.curvature * np.exp(self.modulation)
        if sharpest >= 1:
            raise ValueError(
                f"learning_rate={self.learning_rate} is too large: times the largest curvature it "
                f"is {sharpest:.3g}, and descent is stable and smooth only below 1. Choose less of "
                "learning_rate, curvature or modulation."
            )

    @property
    def time_per_step(self) -> float:
        """The variance that one step adds to the angle, (eta sigma)^2."""
        return (self.learning_rate * self.update_noise) ** 2

    def curvature_at(self, angle: np.ndarray) -> np.ndarray:
        """Curvature k(phi) across the circle.

        Parameters
        ----------
        angle : array
            phi in radians.

        Returns
        -------
        array
            k(phi) at each angle.

        Raises
        ------
        TypeError, ValueError
            If an angle is not a finite number.
        """
        angle = check_array("angle", angle, None, empty=True)
        return self.curvature * np.exp(self.modulation * np.cos(angle))

    def stationary_density(self, angle: np.ndarray) -> np.ndarray:
        """Density of the angle after a long time: von Mises around pi, concentration a / 2.

        Parameters
        ----------
        angle : array
            phi in radians.

        Returns
        -------
        array
            Per radian.

        Raises
        ------
        TypeError, ValueError
            If an angle is not a finite number.
        """
        angle = check_array("angle", angle, None, empty=True)
        return stats.vonmises(self.modulation / 2, loc=np.pi).pdf(angle)

    def loss(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss at points of the plane.

        Parameters
        ----------
        x, y : array
            Coordinates of the points.

        Returns
        -------
        array
            The loss at each point.

        Raises
        ------
        TypeError, ValueError
            If there are not as many x as y, or one is not a finite number.
        """
        x = check_array("x", x, None, empty=True)
        y = check_array("y", y, x.shape, empty=True)
        return self.curvature_at(np.arctan2(y, x)) / 2 * (np.hypot(x, y) - 1) ** 2


@njit(cache=True)
def _walk(
    x: np.ndarray,
    y: np.ndarray,
    steps: int,
    curvature: float,
    modulation: float,
    eta: float,
    sigma: float,
    state: np.ndarray,
) -> None:
    """``steps`` steps of all walks, in place; ``state`` is that of the random numbers.

    Some walks go side by side, since none has to wait for the others. The noise is that of one walk
    after the other.
    """
    noise = np.empty((BESIDE, -(-steps // STRETCH) * 2 * STRETCH))
    for first in range(0, x.size, BESIDE):
        count = min(BESIDE, x.size - first)
        for walk in range(count):
            fill_normal(state, noise[walk])
        for step in range(steps):
            for walk in range(count):
                a, b = x[first + walk], y[first + walk]
                r = np.sqrt(a * a + b * b)
                cosine, sine = a / r, b / r
                k = curvature
                if modulation > 0:
                    k *= portable.exponential(modulation * cosine)
                across = k * (r - 1)
                along = -k * modulation * sine / 2 * (r - 1) ** 2 / r
                kick_x, kick_y = sigma * noise[walk, 2 * step], sigma * noise[walk, 2 * step + 1]
                x[first + walk] = a - eta * (across * cosine - along * sine + kick_x)
                y[first + walk] = b - eta * (across * sine + along * cosine + kick_y)


def simulate_walks(
    ring: RingOfMinima,
    *,
    walks: int,
    steps: int,
    record: Schedule,
    start: float | None = None,
    seed: int = 0,
) -> xr.Dataset:
    """Noisy gradient descent of many walkers.

    Parameters
    ----------
    ring : RingOfMinima
        The landscape, the learning rate and the noise.
    walks, steps : int
        Number of walkers, and of steps of each.
    record : LinearSpacing, LogSpacing or iterable of int
        Steps at which positions are recorded, as in ``drift.simulate``.
    start : float, optional
        Angle at which all begin; by default they begin distributed as they will be in the end.
    seed : int
        Seed of the start and of the noise.

    Returns
    -------
    xarray.Dataset
        ``x`` and ``y`` (step, walk), and ``log_curvature``, log k at their angle.

    Raises
    ------
    TypeError, ValueError
        If a number is not of its type or finite, ``walks`` is below 1, ``steps`` or ``seed`` is
        negative, ``record`` has steps outside the run, or the noise throws walks off all bounds.
    """
    check_kind("ring", ring, RingOfMinima)
    walks, steps = check_integer("walks", walks, minimum=1), check_integer("steps", steps)
    sequence = np.random.SeedSequence(check_integer("seed", seed))
    if start is None:
        random = np.random.default_rng(sequence)
        angle = portable.on_grid(np.pi + random.vonmises(0, ring.modulation / 2, walks))
    else:
        angle = np.full(walks, check_number("start", start, signed=True))
    x, y = portable.cos(angle), portable.sin(angle)
    state = random_state(sequence.spawn(1)[0])
    stops = scheduled_steps(record, steps, "record")
    check_amount("walks and record", walks * len(stops))
    constants = ring.curvature, ring.modulation, ring.learning_rate, ring.update_noise
    across, along = positions_at(
        stops, x, y, lambda _, steps: _walk(x, y, steps, *constants, state),
        f"update_noise={ring.update_noise}",
    )  # fmt: skip
    log_curvature = np.log(ring.curvature_at(np.arctan2(along, across)))
    return xr.Dataset(
        {
            "x": (("step", "walk"), across),
            "y": (("step", "walk"), along),
            "log_curvature": (("step", "walk"), log_curvature),
        },
        {"step": stops},
        {**asdict(ring), "steps": steps, "seed": seed},
    )


def expected_log_curvature(
    ring: RingOfMinima, steps: np.ndarray, start: float, bins: int = 400
) -> np.ndarray:
    """Mean of log k over all walks from ``start``, by this module's drift and diffusion.

    Its Fokker-Planck equation, on ``bins`` angles with rates that keep the stationary density
    exactly; no parameter is fitted.

    Parameters
    ----------
    ring : RingOfMinima
        The landscape, the learning rate and the noise.
    steps : (times,) array
        Training steps, at least 0.
    start : float
        Angle of all walks at step 0, in radians.
    bins : int
        Number of angles, 3 to 4000; all walks start at the one nearest to ``start``.

    Returns
    -------
    (times,) array
        Mean of log k at each step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    check_kind("ring", ring, RingOfMinima)
    steps = check_array("steps", steps, ("times",), minimum=0)
    start = check_number("start", start, signed=True)
    bins = check_integer("bins", bins, minimum=3, maximum=4000)
    angle = 2 * np.pi * np.arange(bins) / bins
    width = 2 * np.pi / bins
    log_density = -0.5 * np.log(ring.curvature_at(angle))
    # Hopping rates to either side: diffusion 1/2 per unit of time, weighted by the density's root.
    up = np.exp((np.roll(log_density, -1) - log_density) / 2) / (2 * width**2)
    down = np.exp((np.roll(log_density, 1) - log_density) / 2) / (2 * width**2)
    here = np.arange(bins)
    rates = np.diag(-up - down)
    rates[(here + 1) % bins, here] += up
    rates[(here - 1) % bins, here] += down
    # Detailed balance makes them symmetric, and their exponential cheap, in the density's root.
    root = np.exp(log_density / 2)
    speeds, modes = np.linalg.eigh(rates * root / root[:, None])
    speeds[-1] = 0.0  # that of the stationary density, but for rounding
    first = np.zeros(bins)
    first[round(start / width) % bins] = 1.0
    amplitudes = modes.T @ (first / root)
    seen = (np.log(ring.curvature_at(angle)) * root) @ modes
    time = steps * ring.time_per_step
    return np.exp(np.outer(time, np.minimum(speeds, 0))) @ (seen * amplitudes)
