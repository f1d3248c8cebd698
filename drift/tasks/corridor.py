"""The corridor: an agent walks up and down a textured arena and predicts its next view."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from drift.support.array_checks import check_amount
from drift.tasks.arena import (
    CHECKS,
    PATH_CONSTANTS,
    Arena,
    Path,
    checked,
    make_arena,
    meet_wall,
    view,
    walk,
)
from drift.tasks.base_task import Task, rescale, task

__all__ = ["Arena", "Path", "arena_and_path", "corridor", "meet_wall", "view", "walk"]


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
    constants = checked(CHECKS, locals())
    samples, pixels, low, high = (constants[key] for key in ("samples", "pixels", "low", "high"))
    check_amount("samples and pixels", samples * pixels)
    arena, path = arena_and_path(constants)
    views = view(arena, path.position, path.heading, pixels, constants["field_of_view"])
    inputs = np.column_stack([rescale(views[:-1], low, high), rescale(path.turn[1:], low, high)])
    return Task(
        inputs=inputs,
        targets=rescale(views[1:], low, high),
        position=path.position[:-1] + constants["length"] / 2,
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

    Raises
    ------
    TypeError, ValueError
        If a constant is missing, of the wrong type or outside its range.
    """
    seed = checked(("seed",), constants)["seed"]
    texture_sequence, path_sequence = np.random.SeedSequence(seed).spawn(2)
    arena = make_arena(
        **checked(("width", "length", "pixels", "smoothing", "addressing"), constants),
        random=np.random.default_rng(texture_sequence),
    )
    path = walk(**checked(PATH_CONSTANTS, constants), random=np.random.default_rng(path_sequence))
    return arena, path
