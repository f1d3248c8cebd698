"""The corridor's geometry: an arena with textured walls, a walk in it, and what is seen there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from drift.support import portable
from drift.support.array_checks import check_amount, check_array, refuse_where
from drift.support.checks import about, check_choice, check_integer, check_kind, check_number

__all__ = ["Arena", "Path", "meet_wall", "view", "walk"]

TURNING_DISTANCE = 0.1
"""The agent turns this share of the arena's length away from its ends (L_buffer)."""

MOST_TILES = 100_000
"""Samples of a texture that is smoothed within seconds."""


class Arena(NamedTuple):
    """A rectangle around the origin, its length along y, with a texture all around its walls.

    Parameters
    ----------
    width, length : float
        L_x, along x, and L_y, along y.
    texture : (n_tiles,) array
        Brightness of the walls, at samples evenly spaced around the circumference.
    addressing : {"closed", "program"}, see :func:`corridor`
    """

    width: float
    length: float
    texture: np.ndarray
    addressing: str

    @property
    def circumference(self) -> float:
        """Length of all four walls."""
        return 2 * (self.width + self.length)


class Path(NamedTuple):
    """Where the agent was, at the start and after each time step.

    Parameters
    ----------
    position : (samples + 1,) array
        Place along the corridor, from -length/2 to length/2.
    heading : (samples + 1,) array
        Radians; 0 looks along +y, positive angles turn towards +x.
    turn : (samples + 1,) array
        Change of heading in radians at the beginning of the step that led here; the first is idle.
    """

    position: np.ndarray
    heading: np.ndarray
    turn: np.ndarray


def _half_angle(name: str, value: object) -> float:
    angle = check_number(name, value, positive=True)
    if angle > np.pi:
        problem = "is more than half a turn to each side: it must be at most pi."
        raise about(name, ValueError(f"{name}={value} {problem}"))
    return angle


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "seed": check_integer,
    "samples": partial(check_integer, minimum=2),
    "width": partial(check_number, positive=True),
    "length": partial(check_number, positive=True),
    "pixels": partial(check_integer, minimum=2),
    "field_of_view": _half_angle,
    "smoothing": partial(check_number, maximum=1),
    "speed": check_number,
    "speed_noise": check_number,
    "turn_noise": check_number,
    "addressing": partial(check_choice, allowed=("closed", "program")),
    "low": partial(check_number, signed=True),
    "high": partial(check_number, signed=True),
}
"""Of each constant of :func:`corridor`, in their order, what makes it a number of Python's."""

PATH_CONSTANTS = ("samples", "length", "speed", "speed_noise", "turn_noise")


def checked(names: Iterable[str], constants: dict[str, Any]) -> dict[str, Any]:
    """The constants of some names, by :data:`CHECKS`."""
    missing = [name for name in names if name not in check_kind("constants", constants, dict)]
    if missing:
        raise ValueError(f"constants lacks {', '.join(missing)}: take those of a corridor's task.")
    return {name: CHECKS[name](name, constants[name]) for name in names}


def make_arena(
    width: float,
    length: float,
    pixels: int,
    smoothing: float,
    addressing: str,
    random: np.random.Generator,
) -> Arena:
    """An arena whose texture is white noise of 2 (width + length) * pixels samples, smoothed."""
    tiles = round(min(2 * (width + length) * pixels, 2.0 * MOST_TILES))
    if not 2 <= tiles <= MOST_TILES:
        raise ValueError(
            f"width={width:g}, length={length:g} and pixels={pixels} make a texture of "
            f"2 (width + length) pixels samples: it must have 2 to {MOST_TILES}."
        )
    noise = portable.normal(random, tiles)
    texture = portable.smooth(noise, smoothing * tiles, axis=0, mode="wrap")
    return Arena(width, length, texture, addressing)


def walk(
    samples: int,
    length: float,
    speed: float,
    speed_noise: float,
    turn_noise: float,
    random: np.random.Generator,
) -> Path:
    """A walk of ``samples`` steps up and down the middle of a corridor, from its centre.

    Parameters
    ----------
    samples : int
    length, speed, speed_noise, turn_noise : float
        As in :func:`corridor`.
    random : numpy.random.Generator

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
        As for :func:`corridor`.
    """
    samples, length, speed, speed_noise, turn_noise = checked(PATH_CONSTANTS, locals()).values()
    check_kind("random", random, np.random.Generator)
    check_amount("samples", samples)
    end = length / 2 - TURNING_DISTANCE * length
    position = np.zeros(samples + 1)
    heading = np.zeros(samples + 1)
    turn = 2 * np.pi * turn_noise * portable.normal(random, samples + 1)
    distance = speed + speed_noise * portable.normal(random, samples + 1)
    for t in range(1, samples + 1):
        heading[t] = heading[t - 1] + turn[t]
        position[t] = position[t - 1] + distance[t] * portable.cos(heading[t])
        if abs(position[t]) >= end:
            heading[t] = np.pi if position[t] > 0 else 0.0
            position[t] = np.clip(position[t], -end, end)
    return Path(position, heading, turn)


def check_arena(arena: Arena) -> None:
    """Refuse what is no arena with a texture."""
    check_kind("arena", arena, Arena)
    checked(("width", "length", "addressing"), arena._asdict())
    check_array("texture", arena.texture, ("n_tiles",))


def _refuse_outside(name: str, place: np.ndarray, arena: Arena) -> None:
    end = arena.length / 2
    refuse_where(name, place, np.abs(place) > end, f"the arena ends at +-{end:g}.")


def view(
    arena: Arena,
    position: np.ndarray,
    heading: np.ndarray,
    pixels: int,
    field_of_view: float,
) -> np.ndarray:
    """What an agent on the corridor's axis sees: brightness of the walls.

    Parameters
    ----------
    arena : Arena
    position, heading : (places,) array
        As in :class:`Path`.
    pixels : int
    field_of_view : float, as in :func:`corridor`

    Returns
    -------
    (places, pixels) array

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or a place outside the arena.
    """
    check_arena(arena)
    pixels, field_of_view = checked(("pixels", "field_of_view"), locals()).values()
    position = check_array("position", position, ("places",))
    heading = check_array("heading", heading, position.shape)
    check_amount("pixels and the places", pixels * position.size)
    _refuse_outside("position", position, arena)
    angle = heading[:, None] + np.linspace(-field_of_view, field_of_view, pixels)
    wall, along, _ = meet_wall(arena, position[:, None], angle)
    tiles = len(arena.texture)
    if arena.addressing == "closed":
        width, length = arena.width, arena.length
        starts = np.array([0, width, width + length, 2 * width + length])
        share = (starts[wall] + along) / arena.circumference
    else:
        share = np.minimum(wall / 4 + along / arena.circumference, (tiles - 1) / tiles)
    return portable.read_ring(arena.texture, share * tiles)


def meet_wall(
    arena: Arena, y: np.ndarray | float, angle: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which wall a ray from (0, y) meets, how far along the wall, and how far from (0, y).

    Walls are numbered and measured going round: 0 far end, 1 the side at +x from far to near,
    2 near end, 3 the side at -x from near to far.

    Parameters
    ----------
    arena : Arena
    y, angle : float or array
        Place on the axis and direction of the ray, as in :class:`Path`; broadcast to one shape.

    Returns
    -------
    wall, along, reach : array

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or a place outside the arena.
    """
    check_arena(arena)
    y, angle = check_array("y", y, None), check_array("angle", angle, None)
    half_width, half_length = arena.width / 2, arena.length / 2
    _refuse_outside("y", y, arena)
    try:
        np.broadcast_shapes(y.shape, angle.shape)
    except ValueError:
        raise ValueError(f"y has the shape {y.shape} and angle {angle.shape}.") from None
    along_x, along_y = portable.sin(angle), portable.cos(angle)
    with np.errstate(divide="ignore", over="ignore"):
        to_side = half_width / np.abs(along_x)
        to_end = (half_length - np.sign(along_y) * y) / np.abs(along_y)
    meets_side = to_side < to_end
    reach = np.where(meets_side, to_side, to_end)
    hit_x, hit_y = along_x * reach, y + along_y * reach
    wall = np.where(meets_side, np.where(along_x > 0, 1, 3), np.where(along_y > 0, 0, 2))
    along = np.choose(
        wall,
        [hit_x + half_width, half_length - hit_y, half_width - hit_x, hit_y + half_length],
    )
    return wall, along, reach
