"""Datasets of numbers as the bytes of netCDF-4 files, and back, by HDF5 in memory.

xarray and h5netcdf read and write these files too, in three times the time, which tells where runs
are short and many. HDF5 never has a file of the disk to write, whose failure it would not survive.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import h5py
    import xarray as xr

_PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}

_NOT_A_VARIABLE = "This is a netCDF dimension but not a netCDF variable."
"""How a scale of a dimension says that it holds no values (netCDF-4 on HDF5)."""

_OF_THE_FORMAT = {
    "CLASS", "DIMENSION_LIST", "NAME", "REFERENCE_LIST",
    "_NCProperties", "_Netcdf4Coordinates", "_Netcdf4Dimid", "_nc3_strict",
}  # fmt: skip


def to_bytes(dataset: xr.Dataset) -> io.BytesIO:
    """``dataset`` as a compressed netCDF file.

    Raises
    ------
    TypeError
        If a variable is not of numbers, or an attribute neither words nor numbers.
    """
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w", track_order=True) as file:
        _set_attributes(file.attrs, dataset.attrs)
        file.flush()  # so that they are near the beginning, also of a file that is cut off
        for name, values in dataset.variables.items():
            if values.dtype.kind not in "iuf":
                raise TypeError(f"{name} is of type {values.dtype}: only numbers can be stored.")
            packed = _PACKED if values.size and values.ndim else {}
            made = file.create_dataset(str(name), data=values.values, **packed)
            _set_attributes(made.attrs, values.attrs)
        for dimension, size in dataset.sizes.items():
            if dimension in dataset.variables:
                file[str(dimension)].make_scale(dimension)
            else:
                empty = file.create_dataset(str(dimension), (size,), ">f4")
                empty.make_scale(f"{_NOT_A_VARIABLE}{size:10}")
        for name, values in dataset.variables.items():
            for axis, dimension in enumerate(values.dims):
                if dimension != name:
                    file[str(name)].dims[axis].attach_scale(file[str(dimension)])
    return content


def from_bytes(content: bytes) -> xr.Dataset:
    """The dataset in a netCDF file of numbers, one group; some exception if it is not that."""
    import h5py
    import xarray as xr

    variables = {}
    with h5py.File(io.BytesIO(content), "r") as file:
        for name, made in file.items():
            is_scale = h5py.h5ds.is_scale(made.id)
            if is_scale and _NOT_A_VARIABLE.encode() in made.attrs["NAME"]:
                continue
            if "DIMENSION_LIST" in made.attrs:
                scales = [file[one[0]].name for one in made.attrs["DIMENSION_LIST"]]
                dimensions = [scale.removeprefix("/") for scale in scales]
            else:
                dimensions = [name] if is_scale else []
            variables[name] = (dimensions, made[()], _attributes(made.attrs))
        return xr.Dataset(variables, attrs=_attributes(file.attrs))


def _set_attributes(kept: h5py.AttributeManager, attributes: dict[Any, Any]) -> None:
    for name, value in attributes.items():
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "iufU":
            raise TypeError(f"the attribute {name}={value!r} is neither words nor numbers.")
        kept[str(name)] = value if numbers.dtype.kind == "U" else numbers


def _attributes(kept: h5py.AttributeManager) -> dict[str, Any]:
    return {name: _attribute(kept[name]) for name in kept if name not in _OF_THE_FORMAT}


def _attribute(value: Any) -> Any:
    """An attribute as xarray has it: a list of words, and what has one entry is that entry."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = value.tolist()
    return value[0] if isinstance(value, (list, np.ndarray)) and len(value) == 1 else value
