"""Recordings of CA1 and CA3 in rats that learn W tracks (Karlsson, Carr and Frank, crcns hc-6).

doi:10.6080/K0NK3BZJ. One folder per animal, one file per kind and day: spikes, positions, tasks;
besides, what is known of each cell and tetrode. MATLAB's nested cells hold data only at the day of
the file, and have gaps everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from drift.datasets import DataMissingError, folder_of
from drift.datasets.catalogue import find_dataset
from drift.datasets.matlab import LayoutError, MatlabFile
from drift.support.checks import check_choice, check_kind

__all__ = ["load"]

AREAS = ("CA1", "CA3")

RUNNING_SPEED = 3.0
"""cm/s; slower frames are left out."""
HIGHEST_MEAN_RATE = 7.0
"""Hz; faster cells are taken for interneurons and left out."""
PLAUSIBLE_EXTENT = (40.0, 300.0)
"""cm; a track outside it means that positions are not in centimetres."""


def load(prefix: str, folder: Path | None = None, area: str = "CA1") -> Iterator[xr.Dataset]:
    """Run epochs of one animal, in order.

    The folder is looked at at once; each epoch is read when it comes.

    Parameters
    ----------
    prefix : str
        The animal's short name, with which its files begin, such as "bon": letters and digits.
    folder : Path, optional
        The animal's folder; by default the folder of that name in the data folder.
    area : {"CA1", "CA3"}
        Where the cells were recorded.

    Returns
    -------
    iterator of xarray.Dataset
        ``spikes`` (frame, cell): counts in each frame of the camera; ``x``, ``y`` in cm and
        ``speed`` in cm/s (frame); ``running`` (frame) by ``RUNNING_SPEED``; ``tetrode`` and
        ``number`` of each cell; ``frame``: times in s. Attributes: ``animal``, ``area``, ``day``,
        ``epoch``, ``environment``, ``exposure`` (number of the day in that environment, from 1;
        counted if the file does not say), ``dt`` in s.

    Raises
    ------
    DataMissingError
        If the folder or a file in it is not at hand.
    TypeError, ValueError
        If ``prefix`` is not as above (a path could lead out of the folder), or there is no such
        area.
    LayoutError
        If a field is missing or not as documented, an epoch has no cell of the area, or the animal
        never runs in it.
    """
    if not re.fullmatch("[A-Za-z0-9]+", check_kind("prefix", prefix, str)):
        raise ValueError(f"prefix={prefix!r} must be letters and digits, such as 'bon'.")
    check_choice("area", area, AREAS)
    own_folder = Path(folder) if folder is not None else folder_of("karlsson-hc6") / prefix
    if not own_folder.is_dir():
        raise DataMissingError(
            f"{own_folder} is not at hand. {find_dataset('karlsson-hc6').how_to_get}"
        )
    info = MatlabFile(_file(own_folder, f"{prefix}cellinfo.mat")).cells("cellinfo")
    return _epochs(prefix, own_folder, area, info)


def _epochs(prefix: str, own_folder: Path, area: str, info: np.ndarray) -> Iterator[xr.Dataset]:
    days_in: dict[str, set[int]] = {}
    for path in sorted(own_folder.glob(f"{prefix}task[0-9][0-9].mat")):
        day = int(path.stem[-2:])
        tasks = _at(MatlabFile(path).cells("task"), day)
        spikes_file = MatlabFile(_file(own_folder, f"{prefix}spikes{day:02}.mat"))
        position_file = MatlabFile(_file(own_folder, f"{prefix}pos{day:02}.mat"))
        spikes = _at(spikes_file.cells("spikes"), day)
        positions = _at(position_file.cells("pos"), day)
        for epoch in range(1, _length(tasks) + 1):
            task = _at(tasks, epoch)
            if _text(task, "type") != "run":
                continue
            environment = _text(task, "environment") or "unknown"
            days_in.setdefault(environment, set()).add(day)
            where = f"{{{day}}}{{{epoch}}}"
            frames = _frames(position_file, _at(positions, epoch), f"pos{where}")
            if not (frames[:, 4] >= RUNNING_SPEED).any():
                never = f"has no frame in which the animal runs, at {RUNNING_SPEED:g} cm/s."
                raise position_file.refuse(f"pos{where}.data", never)
            cells = list(
                _cells(spikes_file, _at(spikes, epoch), _at(_at(info, day), epoch), area, where)
            )
            exposure = _number(task, "exposure")
            yield _epoch(
                frames,
                cells,
                {
                    "animal": prefix,
                    "area": area,
                    "day": day,
                    "epoch": epoch,
                    "environment": environment,
                    "exposure": len(days_in[environment]) if exposure is None else int(exposure),
                },
            )


def _file(own_folder: Path, name: str) -> Path:
    path = own_folder / name
    if not path.exists():
        raise DataMissingError(f"{path} is missing from the recordings of {own_folder.name}.")
    return path


def _length(cells: Any) -> int:
    return cells.size if isinstance(cells, np.ndarray) and cells.dtype == object else 0


def _at(cells: Any, number: int) -> Any:
    """The entry ``number``, from 1, of a cell array; None where there is none."""
    if _length(cells) < number:
        return None
    entry = cells.ravel()[number - 1]
    return None if isinstance(entry, np.ndarray) and entry.size == 0 else entry


def _entries(group: Any) -> list[Any]:
    """The cells of a tetrode; of a single cell there may be the struct in place of an array."""
    return list(group.ravel()) if _length(group) else [group]


def _member(struct: Any, name: str) -> Any:
    names = getattr(getattr(struct, "dtype", None), "names", None) or ()
    return struct[name].flat[0] if name in names else None


def _text(struct: Any, name: str) -> str:
    value = np.ravel(_member(struct, name))
    return str(value[0]) if value.size and value.dtype.kind == "U" else ""


def _number(struct: Any, name: str) -> float | None:
    value = _member(struct, name)
    known = isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.size == 1
    return float(value.flat[0]) if known else None


def _frames(file: MatlabFile, struct: Any, name: str) -> np.ndarray:
    """Columns time (s), x, y (cm), direction and speed (cm/s) of the frames of an epoch."""
    if struct is None:
        raise file.refuse(name, "is missing, though the task has a run there.")
    data = file.check_numbers(file.member(struct, "data", name), f"{name}.data", (None, None))
    if data.shape[1] < 5 or len(data) < 2:
        raise file.refuse(
            f"{name}.data", f"has the shape {data.shape}, expected frames x at least 5 columns."
        )
    if (np.diff(data[:, 0]) <= 0).any():
        raise file.refuse(f"{name}.data", "has times that do not rise.")
    extent = float(np.ptp(data[:, 1:3], axis=0).max())
    low, high = PLAUSIBLE_EXTENT
    if not low <= extent <= high:
        raise file.refuse(
            f"{name}.data",
            f"spans {extent:.4g} in x or y; a track in cm spans {low:.0f} to {high:.0f}.",
        )
    return data


def _cells(
    file: MatlabFile, spikes: Any, info: Any, area: str, where: str
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Tetrode, number and spike times (s) of the cells of an area, but fast ones."""
    for tetrode in range(1, _length(spikes) + 1):
        described = _entries(_at(info, tetrode))
        for number, cell in enumerate(_entries(_at(spikes, tetrode)), 1):
            known = described[number - 1] if number <= len(described) else None
            rate = _number(known, "meanrate")
            if _text(known, "area") != area or rate is None or rate >= HIGHEST_MEAN_RATE:
                continue
            data = _member(cell, "data")
            if data is None or np.size(data) == 0:
                yield tetrode, number, np.empty(0)
                continue
            name = f"spikes{where}{{{tetrode}}}{{{number}}}.data"
            yield tetrode, number, file.check_numbers(data, name, (None, None))[:, 0]


def _epoch(
    frames: np.ndarray, cells: list[tuple[int, int, np.ndarray]], labels: dict[str, Any]
) -> xr.Dataset:
    time, x, y, _, speed = frames[:, :5].T
    dt = float(np.median(np.diff(time)))
    edges = np.append(time, time[-1] + dt)
    counts = np.zeros((len(time), len(cells)), np.int32)
    for column, (_, _, times) in enumerate(cells):
        counts[:, column] = np.histogram(times, edges)[0]
    if not cells:
        raise LayoutError(
            f"{labels['animal']}, day {labels['day']}, epoch {labels['epoch']}: no cell of "
            f"{labels['area']} is known there."
        )
    return xr.Dataset(
        {
            "spikes": (("frame", "cell"), counts),
            "x": ("frame", x),
            "y": ("frame", y),
            "speed": ("frame", speed),
            "running": ("frame", speed >= RUNNING_SPEED),
            "tetrode": ("cell", [tetrode for tetrode, _, _ in cells]),
            "number": ("cell", [number for _, number, _ in cells]),
        },
        {"frame": time},
        labels | {"dt": dt},
    )
