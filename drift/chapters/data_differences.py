"""By how much the numbers of two files of data differ, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr


def differences(first: Path, second: Path) -> str:
    """What differs between two files of numbers drawn (CSV or netCDF).

    Of each column or variable how many of its numbers differ, and by how much at most: the absolute
    difference, and that relative to the larger of the two numbers. Empty if they hold the same.

    Raises
    ------
    ValueError, OSError
        If a file cannot be read as what its name says.
    """
    before, after = _columns(first), _columns(second)
    found = [f"{name} is gone" for name in before if name not in after]
    found += [f"{name} is new" for name in after if name not in before]
    for name in before:
        if name in after and (words := _difference(before[name], after[name])):
            found.append(f"{name}: {words}")
    return "; ".join(found)


def _columns(path: Path) -> dict[str, np.ndarray]:
    if path.suffix == ".csv":
        table = pd.read_csv(path)
        return {str(name): table[name].to_numpy() for name in table.columns}
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        return {str(name): values.to_numpy() for name, values in opened.variables.items()}


def _difference(before: np.ndarray, after: np.ndarray) -> str:
    if before.shape != after.shape:
        return f"{_size(before)} then and {_size(after)} now"
    if before.dtype.kind not in "iufb" or after.dtype.kind not in "iufb":
        other = int(np.sum(before.astype(str) != after.astype(str)))
        return f"{other} of {before.size} words differ" if other else ""
    then, now = before.astype(float), after.astype(float)
    differs = ~((then == now) | (np.isnan(then) & np.isnan(now)))
    if not differs.any():
        return ""
    then, now = then[differs], now[differs]
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.maximum(np.abs(then), np.abs(now))
        absolute = np.abs(now - then)
        relative = np.abs(now / size - then / size)
    if not (np.isfinite(then) & np.isfinite(now)).all():
        return f"{then.size} of {before.size} numbers differ, some of which are not finite"
    return (
        f"{then.size} of {before.size} numbers differ, by at most {absolute.max():.3g}, "
        f"relatively {relative.max():.3g}"
    )


def _size(values: np.ndarray) -> str:
    return " x ".join(map(str, values.shape)) + " values"
