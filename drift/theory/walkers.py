"""What all walks in the plane share: their random numbers, and the steps at which they are seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drift.engine.noise import fill_normal
from drift.support.compiled import njit

STRETCH = 256
"""Steps of a walk for which normal numbers are made at once, two for each step."""

LONGEST = 32 * STRETCH
"""Steps that each walk goes before the next one does."""


@njit
def index_in_stretch(step: int, noise: np.ndarray, state: np.ndarray) -> int:
    """Of ``step`` in its stretch; at the beginning of each the ``noise`` is drawn anew."""
    index = step % STRETCH
    if index == 0:
        fill_normal(state, noise)
    return index


def positions_at(
    stops: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    walk: Callable[[int, int], None],
    noise: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (step, walk) at each of the ``stops``; ValueError if one left all bounds.

    ``walk(done, steps)`` moves ``x`` and ``y``, in place, by so many steps, at most LONGEST.
    ``noise`` names its strength, for the error.
    """
    seen, done = [], 0
    for stop in stops.tolist():
        while done < stop:
            steps = min(stop - done, LONGEST)
            walk(done, steps)
            done += steps
        seen.append([x.copy(), y.copy()])
    across, along = np.array(seen).transpose(1, 0, 2)
    if not np.isfinite(across + along).all():
        raise ValueError(f"{noise} is too large: walks left all bounds.")
    return across, along
