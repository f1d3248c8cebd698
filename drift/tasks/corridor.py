"""The corridor: an agent walks up and down a textured arena and predicts its next view."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from drift.support import portable
from drift.support.checks import about, check_choice, check_integer, check_number
from drift.tasks.base_task import Task, rescale, task

__all__ = ["Arena", "Path", "arena_and_path", "corridor", "meet_wall", "view", "walk"]

TURNING_DISTANCE = 0.1
"""The agent turns this share of the arena's length away from its ends (L_buffer)."""


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


@task
def corridor(
    seed: int = 0,
    *,
    samples: int = 150,
    width: float = 1.0,
    length: float = 14.0,
    pixels: int = 17,
    field_of_view: float = np.pi / 8,
    smoothing: float = 0.09,
    speed: float = 0.2,
    speed_noise: float = 0.1,
    turn_noise: float = np.pi / 3600,
    addressing: Literal["closed", "program"] = "closed",
    low: float = 0.0,
    high: float = 1.0,
) -> Task:
    """Predict the next view from the present one: the study's predictive coding task (Fig. 2).

    Defaults are the published configuration (Ratzon et al. 2024, doi:10.7554/eLife.90069, Methods,
    *Predictive coding task*, and the study's program).

    Parameters
    ----------
    seed : int
        Seed of texture and path.
    samples : int
        Number of predictions n; the path has n steps and n + 1 places.
    width, length : float
        L_x and L_y, size of the arena; the agent walks along its length.
    pixels : int
        V, number of rays of a view: the network has V + 1 inputs and V outputs.
    field_of_view : float
        Half the angle of view in radians: rays spread over heading +- field_of_view.
    smoothing : float
        Width (standard deviation) of the Gaussian that smooths the texture, as a share of the
        texture's length. The study's text takes the square root: sigma^2 = smoothing * n_tiles.
    speed, speed_noise : float
        Mean and standard deviation of a step's length. (The text has a constant speed.)
    turn_noise : float
        The heading changes in each step by 2 pi * N(0, turn_noise^2) radians.
    addressing : {"closed", "program"}
        Where the texture of a wall starts. ``"closed"``: it runs once around the arena.
        ``"program"``: wall i of four starts at i/4 of it, as in the study's program, so that long
        walls share samples with their neighbours, and the last sample fills the end of wall 3.
    low, high : float
        Range to which views, turns and targets are scaled, each by its own minimum and maximum.

    Returns
    -------
    Task
        ``inputs`` (samples, pixels + 1): the view and the turn of the coming step; ``targets``
        (samples, pixels): the next view; ``position`` (from the near wall), ``heading`` (samples,).

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.

    Examples
    --------
    >>> from drift import corridor
    >>> task = corridor(seed=0, samples=20)
    >>> task.inputs.shape, task.targets.shape, task.position[:3].round(2).tolist()
    ((20, 18), (20, 17), [7.0, 7.27, 7.63])
    """
    check_integer("seed", seed)
    check_integer("samples", samples, minimum=2)
    check_integer("pixels", pixels, minimum=2)
    check_number("width", width, positive=True)
    check_number("length", length, positive=True)
    check_number("field_of_view", field_of_view, positive=True)
    check_number("smoothing", smoothing)
    check_number("speed", speed)
    check_number("speed_noise", speed_noise)
    check_number("turn_noise", turn_noise)
    check_choice("addressing", addressing, ("closed", "program"))
    if field_of_view > np.pi:
        problem = "is more than half a turn to each side: it must be at most pi."
        raise about("field_of_view", ValueError(f"field_of_view={field_of_view} {problem}"))

    constants = {
        "seed": seed,
        "samples": samples,
        "width": width,
        "length": length,
        "pixels": pixels,
        "field_of_view": field_of_view,
        "smoothing": smoothing,
        "speed": speed,
        "speed_noise": speed_noise,
        "turn_noise": turn_noise,
        "addressing": addressing,
        "low": low,
        "high": high,
    }
    arena, path = arena_and_path(constants)
    views = view(arena, path.position, path.heading, pixels, field_of_view)
    inputs = np.column_stack([rescale(views[:-1], low, high), rescale(path.turn[1:], low, high)])
    return Task(
        inputs=inputs,
        targets=rescale(views[1:], low, high),
        position=path.position[:-1] + length / 2,
        heading=path.heading[:-1],
        name="corridor",
        constants=constants,
    )


def arena_and_path(constants: dict[str, Any]) -> tuple[Arena, Path]:
    """The arena and the path behind a task of :func:`corridor`, from ``task.constants``.

    Parameters
    ----------
    constants : dict

    Returns
    -------
    arena : Arena
    path : Path
    """
    texture_sequence, path_sequence = np.random.SeedSequence(constants["seed"]).spawn(2)
    arena_names = ("width", "length", "pixels", "smoothing", "addressing")
    path_names = ("samples", "length", "speed", "speed_noise", "turn_noise")
    arena = make_arena(
        **{name: constants[name] for name in arena_names},
        random=np.random.default_rng(texture_sequence),
    )
    path = walk(
        **{name: constants[name] for name in path_names},
        random=np.random.default_rng(path_sequence),
    )
    return arena, path


def make_arena(
    width: float,
    length: float,
    pixels: int,
    smoothing: float,
    addressing: str,
    random: np.random.Generator,
) -> Arena:
    """An arena whose texture is white noise of 2 (width + length) * pixels samples, smoothed."""
    tiles = round(2 * (width + length) * pixels)
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
    """
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
    """
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
    """
    half_width, half_length = arena.width / 2, arena.length / 2
    along_x, along_y = portable.sin(angle), portable.cos(angle)
    with np.errstate(divide="ignore"):
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
