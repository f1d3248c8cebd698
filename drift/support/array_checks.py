"""Checks of arrays and datasets at public doors: shape, kind of numbers, range; the same words.

They are the program's own because libraries check half of it: beartype and jaxtyping know types
and shapes, pandera tables, none of them what a frame, an occupancy or a masked value means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from drift.support.checks import (
    LARGEST,
    about,
    check_as_many,
    check_integer,
    check_kind,
    check_several,
    shortened,
)

ROUNDING = 1e-9
"""Relative. Numbers that differ by less are taken for equal: they may be the same sum, taken in
another order."""

EXACT = 2**53
"""Integers beyond it are not all numbers of float64."""

MOST_BINS = 100_000
"""No track has more bins of place."""

MOST_NUMBERS = 10**8
"""Arrays of more numbers (0.8 GB) are not begun."""

Axes = tuple[str | int, ...]


def as_array(
    name: str, values: object, axes: Axes | None, *, empty: bool = False, kinds: str = "fiub"
) -> np.ndarray:
    """``values`` as a float64 array, whatever its numbers are.

    ``axes`` has for each dimension what it counts, or its length; None stands for any shape.
    ``empty`` allows no numbers; ``kinds`` are NumPy's letters for the types that are allowed.
    """
    given = _given(name, values, axes, kinds)
    if given.dtype.kind in "iu" and given.size and (given.max() > EXACT or given.min() < -EXACT):
        problem = f"{name} has integers beyond 2^53, which are not exact: pass smaller ones."
        raise about(name, ValueError(problem))
    if given.size == 0 and not empty:
        raise about(name, ValueError(f"{name} is empty: it has the shape {given.shape}."))
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes infinite
        return given.astype(float, copy=False)


def check_array(
    name: str,
    values: object,
    axes: Axes | None,
    *,
    minimum: float = -LARGEST,
    maximum: float = LARGEST,
    missing: bool = False,
    empty: bool = False,
    kinds: str = "fiub",
) -> np.ndarray:
    """``values`` as :func:`as_array` has them, finite and from ``minimum`` to ``maximum``.

    ``missing`` allows NaN.
    """
    array = as_array(name, values, axes, empty=empty, kinds=kinds)
    # Least and largest are NaN where a number is: two looks at the array, and no copy.
    if array.size == 0 or (array.min() >= minimum and array.max() <= maximum):
        return array
    if missing:
        refuse_where(name, array, np.isinf(array), "it must be finite, or NaN if it is missing.")
    else:
        refuse_where(name, array, ~np.isfinite(array), "all numbers must be finite.")
    refuse_where(name, array, array < minimum, f"it must be at least {minimum:g}.")
    refuse_where(name, array, array > maximum, f"it must be at most {maximum:g}.")
    return array


def refuse_where(name: str, array: np.ndarray, wrong: np.ndarray, problem: str) -> None:
    """Refuse ``array`` if any entry is ``wrong``, naming the first of them."""
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f"{name}[{', '.join(map(str, first))}]" if first else name
        raise about(name, ValueError(f"{where} is {array[first]}: {problem}"))


def check_whole_numbers(
    name: str,
    values: object,
    axes: Axes,
    *,
    minimum: int = -EXACT,
    maximum: int = EXACT,
    empty: bool = False,
) -> np.ndarray:
    """``values`` as an int64 array; whole numbers of any type, from ``minimum`` to ``maximum``."""
    array = check_array(name, values, axes, empty=empty, kinds="fiu")
    refuse_where(name, array, array % 1 != 0, "it must be a whole number.")
    refuse_where(name, array, array < minimum, f"it must be at least {minimum}.")
    refuse_where(name, array, array > maximum, f"it must be at most {maximum}.")
    return array.astype(np.int64)


def check_flags(name: str, values: object, axes: Axes) -> np.ndarray:
    """``values`` as an array of bool, which they must be."""
    return _given(name, values, axes, "b")


def _given(name: str, values: object, axes: Axes | None, kinds: str) -> np.ndarray:
    """``values`` as an array of one of some kinds of numbers, and of a shape."""
    wanted = "bool" if kinds == "b" else "numbers"
    parts = values if isinstance(values, (list, tuple)) else [values]
    if any(np.ma.isMaskedArray(part) for part in parts):
        problem = f"{name} is a masked array, and masks are not looked at: leave out what is masked"
        raise about(name, TypeError(f"{problem}, or fill it."))
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as problem:
        text = f"{name} cannot be made an array of {wanted}: {problem}"
        raise about(name, TypeError(text)) from problem
    if array.dtype.kind not in kinds:
        given = (
            f"an array of {array.dtype}" if array.ndim else f"of the type {type(values).__name__}"
        )
        raise about(name, TypeError(f"{name} is {given}: it must be an array of {wanted}."))
    if axes is not None:
        fits = array.ndim == len(axes) and all(
            isinstance(axis, str) or axis == length
            for axis, length in zip(axes, array.shape, strict=True)
        )
        if not fits:
            shape = f"({', '.join(map(str, axes))}{',' if len(axes) == 1 else ''})"
            problem = f"{name} has the shape {array.shape}: it must be {shape}."
            raise about(name, ValueError(problem))
    return array


def check_steps(name: str, values: object) -> np.ndarray:
    """Training steps as a float64 array (records,): finite, at least 0, ascending."""
    step = check_array(name, values, ("records",), minimum=0)
    falls = np.append(False, np.diff(step) <= 0)
    refuse_where(name, step, falls, "each must be above the one before.")
    return step


def check_curve(name: str, values: object, step: np.ndarray, **allowed: Any) -> np.ndarray:
    """A value for each of some steps, as float64; ``allowed`` as for :func:`check_array`."""
    curve = check_array(name, values, ("records",), **allowed)
    check_as_many(name, len(curve), "step", len(step))
    return curve


def check_occupancy(name: str, values: object, bins: int) -> np.ndarray:
    """Shares of time in each of some bins, as float64: at least 0, summing to one, to 1e-6."""
    shares = check_array(name, values, ("bins",), minimum=0)
    check_as_many(name, len(shares), "a rate map", bins)
    if abs(shares.sum() - 1) > 1e-6:
        problem = f"{name} sums to {shares.sum():.9g}: shares of the time must sum to one"
        raise about(name, ValueError(f"{problem} (divide by the sum)."))
    return shares


def check_frames(
    activity: object, name: str, place: object, *, whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Activity (time, cell) and place (time,) without dropped frames, as float64 (and int64).

    A frame is dropped that has NaN for its place, or for all cells.
    """
    found = check_array("activity", activity, ("time", "cell"), missing=True, empty=True)
    kinds = "fiu" if whole else "fiub"
    where = check_array(name, place, ("time",), missing=True, empty=True, kinds=kinds)
    if len(found) != len(where):
        problem = f"activity has {len(found)} rows and {name} {len(where)} entries: both must have "
        raise about("activity", ValueError(f"{problem}one for each time bin (is it transposed?)."))
    lost = np.isnan(found)
    dropped = np.isnan(where) | (lost.all(axis=1) if found.shape[1] else False)
    if lost.any() or dropped.any():
        part = lost & ~dropped[:, None]
        refuse_where(
            "activity", found, part, "a frame must have numbers for all cells or for none."
        )
        found, where = found[~dropped], where[~dropped]
    if where.size < 2:
        problem = f"{name} has {where.size} time bins with data: give at least two."
        raise about(name, ValueError(problem))
    if not whole:
        return found, where
    bins = check_whole_numbers(name, where, ("time",))
    if np.ptp(bins) >= MOST_BINS:
        problem = f"{name} spans {np.ptp(bins) + 1} bins: at most {MOST_BINS} are possible."
        raise about(name, ValueError(problem))
    check_amount(f"{name} and the cells of activity", (int(np.ptp(bins)) + 1) * found.shape[1])
    return found, bins


def check_amount(what: str, count: int) -> None:
    """Refuse arrays of more than ``MOST_NUMBERS`` numbers; ``what`` says what decides it."""
    if count > MOST_NUMBERS:
        problem = f"{what} ask for an array of {shortened(count)} numbers: at most {MOST_NUMBERS}."
        raise ValueError(problem)


def check_indices(name: str, values: object, count: int) -> list[int]:
    """Indices of ``count`` things as a list of int: at least one, negative ones from the end."""
    indices = [
        check_integer(name, value, -count, count - 1)
        for value in check_several(name, values, "indices")
    ]
    if not indices:
        raise about(name, ValueError(f"{name} is empty: give at least one index."))
    return indices


def check_columns(name: str, table: object, columns: Iterable[str]) -> pd.DataFrame:
    """``table`` if it is a DataFrame with these columns."""
    found = check_kind(name, table, pd.DataFrame)
    missing = [column for column in columns if column not in found]
    if missing:
        raise about(name, ValueError(f"{name} lacks the columns {', '.join(missing)}."))
    return found


def check_variables(name: str, data: object, wanted: Mapping[str, tuple[str, ...]]) -> xr.Dataset:
    """``data`` if it is a Dataset with these variables of numbers along these dimensions."""
    found = check_kind(name, data, xr.Dataset)
    for variable, axes in wanted.items():
        if variable not in found:
            raise about(name, ValueError(f"{name} lacks {variable!r}, along {', '.join(axes)}."))
        check_axes(f"{name}[{variable!r}]", found[variable], axes)
    return found


def check_axes(name: str, values: object, axes: tuple[str, ...]) -> xr.DataArray:
    """``values`` if it is a DataArray of numbers along these dimensions, in any order."""
    found = check_kind(name, values, xr.DataArray)
    if set(found.dims) != set(axes) or 0 in found.shape:
        problem = f"{name} is along {found.dims}, of the shape {found.shape}: it must be along "
        raise about(name, ValueError(f"{problem}({', '.join(axes)}), and not empty."))
    if found.dtype.kind not in "fiub":
        raise about(name, TypeError(f"{name} is an array of {found.dtype}: it must hold numbers."))
    return found
