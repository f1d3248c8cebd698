"""Words in datasets of numbers: as flags, or as attributes if they are along a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_SEPARATOR = "|"
"""Between the words of a setting; within a word it is written %7C, as in addresses of the Web."""


def column(values: list[Any]) -> tuple:
    """A setting along ``run``: numbers (NaN where absent), words as flags of CF conventions."""
    known = sorted({value for value in values if isinstance(value, str)})
    if not known:
        return "run", np.array([np.nan if value is None else value for value in values])
    codes = [known.index(value) if isinstance(value, str) else -1 for value in values]
    kind = np.int16 if len(known) < 2**15 else np.int32
    meanings = _SEPARATOR.join(_quoted(word) for word in known)
    meaning = {"flag_values": np.arange(len(known)), "flag_meanings": meanings}
    return "run", np.array(codes, kind), meaning


def _quoted(word: str) -> str:
    return word.replace("%", "%25").replace(_SEPARATOR, "%7C")


def _unquoted(word: str) -> str:
    return word.replace("%7C", _SEPARATOR).replace("%25", "%")


def words(flags: xr.DataArray) -> np.ndarray:
    """The words of a setting that :func:`column` made; empty where a run has none."""
    if "flag_meanings" not in flags.attrs:  # no run has one
        return np.full(flags.shape, "")
    quoted = flags.attrs["flag_meanings"].split(_SEPARATOR)
    meanings = np.array([*map(_unquoted, quoted), ""])
    return meanings[flags.values]


_WORDS_ALONG = "words along "


def words_to_attributes(dataset: xr.Dataset) -> xr.Dataset:
    """``dataset`` with coordinates of words as attributes, since files hold numbers only."""
    attributes = {
        f"{_WORDS_ALONG}{name}": _SEPARATOR.join(_quoted(str(word)) for word in values.values)
        for name, values in dataset.coords.items()
        if values.dtype.kind in "UO" and values.dims == (name,)
    }
    names = [name.removeprefix(_WORDS_ALONG) for name in attributes]
    return dataset.drop_vars(names).assign_attrs(attributes)


def words_from_attributes(dataset: xr.Dataset) -> xr.Dataset:
    """What :func:`words_to_attributes` was given."""
    coordinates, kept = {}, {}
    for key, value in dataset.attrs.items():
        name = str(key)
        if name.startswith(_WORDS_ALONG):
            found = [_unquoted(word) for word in str(value).split(_SEPARATOR)]
            coordinates[name.removeprefix(_WORDS_ALONG)] = found
        else:
            kept[name] = value
    return dataset.assign_coords(coordinates).drop_attrs(deep=False).assign_attrs(kept)
