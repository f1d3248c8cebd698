"""Rate maps and trajectories of CA1 in new boxes (Jercog, Abbott and Kandel 2019, crcns hc-22).

How the files are laid out is not documented publicly. A reader who has them says which field holds
what, by a :class:`FieldMap`; what is loaded this way is marked unverified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from drift.checks import check_number
from drift.datasets.matlab import MatlabFile

BOX_CENTIMETRES = 50.0
BIN_CENTIMETRES = 5.0
LOWEST_MEAN_RATE = 0.1
"""Hz; the study counts cells above it."""


@dataclass(frozen=True)
class FieldMap:
    """Which variables of a session's file hold what.

    Parameters
    ----------
    rate_maps : str
        Matrix of rates in Hz, x bins by y bins by cells.
    trajectory : str
        Matrix of places in cm, a row a frame, x and y first.
    """

    rate_maps: str
    trajectory: str


def load(paths: Sequence[Path], fields: FieldMap, animal: str) -> list[xr.Dataset]:
    """One animal's sessions, in the order of ``paths``.

    Returns
    -------
    list of xarray.Dataset
        ``rate`` (cell, x, y) in Hz, ``occupancy`` (x, y), the share of time in each bin, and
        ``mean_rate`` (cell), the occupancy-weighted rate; attributes ``animal``, ``session`` and
        ``verified`` (0).

    Raises
    ------
    LayoutError
        If a named field is missing or does not hold what the map says.
    """
    return [
        _session(MatlabFile(path), fields, animal, number) for number, path in enumerate(paths, 1)
    ]


def _session(file: MatlabFile, fields: FieldMap, animal: str, session: int) -> xr.Dataset:
    bins = round(BOX_CENTIMETRES / BIN_CENTIMETRES)
    maps = file.check_numbers(
        file.variable(fields.rate_maps), fields.rate_maps, (bins, bins, None), allow_missing=True
    )
    if np.nanmin(maps) < 0:
        raise file.refuse(fields.rate_maps, "has negative rates.")
    place = file.numbers(fields.trajectory, (None, None))[:, :2]
    extent = np.ptp(place, axis=0).max()
    if not 0.5 * BOX_CENTIMETRES <= extent <= 1.5 * BOX_CENTIMETRES:
        raise file.refuse(
            fields.trajectory,
            f"spans {extent:.4g}; in a box of {BOX_CENTIMETRES:.0f} cm it should span about that.",
        )
    low = place.min(axis=0)
    edges = [np.linspace(corner, corner + max(extent, BOX_CENTIMETRES), bins + 1) for corner in low]
    occupancy, _ = np.histogramdd(place, bins=edges)
    occupancy /= occupancy.sum()
    rate = np.moveaxis(np.nan_to_num(maps), 2, 0)
    mean = (rate * occupancy).sum(axis=(1, 2))
    return xr.Dataset(
        {
            "rate": (("cell", "x", "y"), rate),
            "occupancy": (("x", "y"), occupancy),
            "mean_rate": ("cell", mean),
        },
        attrs={"animal": animal, "session": session, "verified": 0},
    )


def active_cells(session: xr.Dataset, lowest: float = LOWEST_MEAN_RATE) -> int:
    """Number of cells with a mean rate above ``lowest`` Hz."""
    check_number("lowest", lowest)
    return int((session["mean_rate"] > lowest).sum())
