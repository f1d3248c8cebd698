"""The place-cell test against plain numpy: ``python benchmarks/tuning.py``.

On one recorded session. The plain version shifts the activity, makes tuning curves and computes
information, shuffle by shuffle; it does a few, and its time is scaled. Both are timed in turn,
several times. Needs the data set sheintuch-2022.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from drift.analysis.information import place_cells
from drift.datasets import familiar_tracks

SHUFFLES = 1000
PLAIN_SHUFFLES = 20
REPEATS = 3


def plain(activity: np.ndarray, place: np.ndarray, shuffles: int) -> np.ndarray:
    """Information of each cell after each of ``shuffles`` shifts, (shuffles, cells)."""
    random = np.random.default_rng(0)
    bins = np.unique(place)
    share = np.array([(place == one).mean() for one in bins])
    found = []
    for shift in random.integers(1, len(place), shuffles):
        moved = np.roll(activity, shift, axis=0)
        rate = np.array([moved[place == one].mean(axis=0) for one in bins])
        relative = rate / (share @ rate)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(relative > 0, relative * np.log2(relative), 0)
        found.append(share @ terms)
    return np.array(found)


def main() -> None:
    """Print the times and their ratio."""
    session = next(familiar_tracks.load("C5M1"))
    activity = session["activity"].values.astype(float)
    activity = activity[:, activity.any(axis=0)]
    place = session["place_bin"].values
    place_cells(activity, place, shuffles=1)
    ratios, times = [], []
    for _ in range(REPEATS):
        began = time.perf_counter()
        plain(activity, place, PLAIN_SHUFFLES)
        slow = (time.perf_counter() - began) * SHUFFLES / PLAIN_SHUFFLES
        began = time.perf_counter()
        place_cells(activity, place, shuffles=SHUFFLES)
        times.append(time.perf_counter() - began)
        ratios.append(slow / times[-1])
    cells, frames = activity.shape[1], activity.shape[0]
    print(f"{cells} cells, {frames} frames, {SHUFFLES} shuffles: {median(times):.2f} s, "
          f"{median(ratios):.0f} times faster than plain numpy "
          f"({min(ratios):.0f} to {max(ratios):.0f})")  # fmt: skip


if __name__ == "__main__":
    main()
