"""The same walk in a corridor that was changed: other walls, turned walls, or another length."""

from __future__ import annotations

import math

import numpy as np

from drift.support import portable
from drift.support.checks import about, check_choice, check_integer, check_kind, check_number
from drift.tasks.arena import Arena, Path, view
from drift.tasks.base_task import Task
from drift.tasks.corridor import arena_and_path

__all__ = ["CHANGES", "changed_corridor"]

CHANGES = {
    "morph": "the walls' texture is morphed",
    "rotate": "the texture is moved along the walls",
    "stretch": "the corridor is stretched",
}
"""What can be changed of a corridor."""

MOST = {"morph": 1.0, "rotate": 0.5, "stretch": 1.0}
"""The largest dose of each change."""


def changed_corridor(task: Task, change: str, dose: float, other_seed: int = 1000) -> Task:
    """The task of a corridor whose walls or whose length were changed, on the same path.

    Views are scaled as in the familiar corridor, so that a network sees a wall of the same
    brightness with the same input, whatever else there is.

    Parameters
    ----------
    task : Task
        Of :func:`~drift.tasks.corridor.corridor`, the familiar one.
    change : {"morph", "rotate", "stretch"}
        ``"morph"``: a mix of the texture with what is uncorrelated to it of another one. Mean,
        variance and smoothness stay; the correlation with the familiar texture is the cosine of
        ``dose`` times a right angle.
        ``"rotate"``: the texture is moved around the walls. ``"stretch"``: the corridor, its
        texture and the steps of the path are longer.
    dose : float
        How much is changed, at least 0, which is the familiar corridor. Morph: at most 1, a texture
        that is uncorrelated to the familiar one. Rotate: share of the circumference, at most a
        half. Stretch: by how much the length grows, at most 1.
    other_seed : int
        Seed of the corridor that has the other texture; without effect on other changes.

    Returns
    -------
    Task
        ``inputs``, ``targets``, ``position`` and ``heading`` as of the familiar corridor, sample by
        sample at the same places of the path.

    Raises
    ------
    TypeError, ValueError
        If the task is none of the corridor, or another argument is not as above.

    Examples
    --------
    >>> from drift import corridor
    >>> from drift.tasks.changed_corridor import changed_corridor
    >>> familiar = corridor(seed=0, samples=20)
    >>> morphed = changed_corridor(familiar, "morph", 0.5)
    >>> morphed.inputs.shape, bool((morphed.inputs == familiar.inputs).all())
    ((20, 18), False)
    """
    if check_kind("task", task, Task).name != "corridor":
        raise ValueError(f"the task is {task.name!r}: only a corridor's walls can be changed.")
    check_choice("change", change, CHANGES)
    dose = check_number("dose", dose)
    if dose > MOST[change]:
        raise about("dose", ValueError(f"dose={dose}: of {change!r} it is at most {MOST[change]}."))
    check_integer("other_seed", other_seed)
    familiar, path = arena_and_path(task.constants)
    arena, walked = familiar, path
    if change == "morph":
        other, _ = arena_and_path(task.constants | {"seed": other_seed})
        arena = familiar._replace(texture=_mix(familiar.texture, other.texture, dose))
    elif change == "rotate":
        places = np.arange(len(familiar.texture))
        moved = (places - dose * len(places)) % len(places)
        arena = familiar._replace(texture=portable.read_ring(familiar.texture, moved))
    else:
        arena = familiar._replace(length=familiar.length * (1 + dose))
        walked = path._replace(position=path.position * (1 + dose))
    seen, before = _views(arena, walked, task), _views(familiar, path, task)
    return Task(
        inputs=np.column_stack([_as_scaled(seen[:-1], before[:-1], task), task.inputs[:, -1]]),
        targets=_as_scaled(seen[1:], before[1:], task),
        position=walked.position[:-1] + arena.length / 2,
        heading=task.heading,
        name="changed corridor",
        constants=task.constants | {"change": change, "dose": dose, "other_seed": other_seed},
    )


def _views(arena: Arena, path: Path, task: Task) -> np.ndarray:
    pixels, field_of_view = task.constants["pixels"], task.constants["field_of_view"]
    return view(arena, path.position, path.heading, pixels, field_of_view)


def _as_scaled(seen: np.ndarray, before: np.ndarray, task: Task) -> np.ndarray:
    """What is ``seen``, scaled as :func:`~drift.tasks.base_task.rescale` scales ``before``."""
    low, high = task.constants["low"], task.constants["high"]
    share = (seen - before.min()) / (before.max() - before.min())
    return low + (high - low) * share


def _mix(texture: np.ndarray, other: np.ndarray, dose: float) -> np.ndarray:
    """A texture with mean and variance of the first, and a correlation with it of cos(angle)."""
    mean, spread = _moments(texture)
    one, two = _standard(texture), _standard(other)
    two = _standard(two - one * (math.fsum(one * two) / len(one)))
    angle = dose * np.pi / 2
    return mean + spread * (portable.cos(angle) * one + portable.sin(angle) * two)


def _standard(values: np.ndarray) -> np.ndarray:
    mean, spread = _moments(values)
    return (values - mean) / spread


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, the same on every machine."""
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((values - mean) ** 2) / len(values))
