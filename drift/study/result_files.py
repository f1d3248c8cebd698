"""Files of results: what they are called, whose they say they are, many short runs in one.

``00042.nc`` holds the result of run 42 as ``drift.simulate`` returned it. Runs that take less time
than a file does are written together: ``00100-00149.nc`` holds those of runs 100 to 149. Either way
a result says in its attributes which run's it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drift.support.storage import DamagedFileError, read_dataset, write_dataset

if TYPE_CHECKING:
    import xarray as xr

_NAME = re.compile(r"(\d{5,})(?:-(\d{5,}))?\.nc")
_NUMBER, _SETTINGS = "study_run", "study_settings"
_ATTRIBUTES, _VARIABLES = "attributes", "variables"


class OtherSettingsError(ValueError):
    """A file holds a result, but not that of the run that its name says."""


def result_name(numbers: Sequence[int]) -> str:
    """The name of the file with the results of the runs ``numbers``, which follow each other."""
    first, last = numbers[0], numbers[-1]
    return f"{first:05}.nc" if first == last else f"{first:05}-{last:05}.nc"


def numbers_in(name: str) -> range | None:
    """The runs whose results a file of this name holds; None if it is no name of such a file."""
    matched = _NAME.fullmatch(name)
    if matched is None:
        return None
    first = int(matched[1])
    numbers = range(first, int(matched[2] or first) + 1)
    return numbers if numbers and result_name(numbers) == name else None


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits of a SHA-256 of a run's settings."""
    return hashlib.sha256(_written(settings).encode()).hexdigest()[:16]


def _written(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)


def signed(run: xr.Dataset, settings: Mapping[str, Any]) -> xr.Dataset:
    """``run`` with what says which run of the study it is: its number there and its settings."""
    return run.assign_attrs({_NUMBER: settings["number"], _SETTINGS: _written(settings)})


def check_signature(run: xr.Dataset, settings: Mapping[str, Any]) -> None:
    """Refuse a result of other settings than these.

    Results of earlier code, which are not signed, are compared by what ``drift.simulate`` writes.

    Raises
    ------
    OtherSettingsError
        Saying what differs.
    """
    if _SETTINGS in run.attrs:
        said = json.loads(run.attrs[_SETTINGS])
        names = said.keys() | settings.keys()
    else:
        said = run.attrs | json.loads(run.attrs.get("task_constants", "{}"))
        names = said.keys() & {name for name, value in settings.items() if value is not None}
        names -= {"task"}  # a task's own name need not be that of the function
    differing = [
        f"{name}={said.get(name)!r} instead of {settings.get(name)!r}"
        for name in sorted(names)
        if said.get(name) != settings.get(name)
    ]
    if differing:
        raise OtherSettingsError(f"it is the result of other settings: {', '.join(differing)}")


def write_results(folder: Path, runs: Mapping[int, xr.Dataset]) -> Path:
    """Write the results of runs whose numbers follow each other into one file of ``folder``.

    Raises
    ------
    FileExistsError
        If there is something of that name, which is left as it is.
    OSError
        If the file cannot be written.
    """
    numbers = sorted(runs)
    path = folder / result_name(numbers)
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} is there already: move it away.")
    write_dataset(runs[numbers[0]] if len(numbers) == 1 else pack([runs[n] for n in numbers]), path)
    return path


def read_results(path: Path) -> dict[int, xr.Dataset]:
    """The results in a file, by number.

    Raises
    ------
    OSError
        If the file cannot be read.
    DamagedFileError
        If it is not as :func:`write_results` left it.
    """
    numbers = numbers_in(path.name)
    if numbers is None:
        raise DamagedFileError(f"{path} has not the name of a file of results.")
    dataset = read_dataset(path)
    if len(numbers) == 1:
        return {numbers[0]: dataset}
    runs = unpack(dataset, path)
    if len(runs) != len(numbers):
        raise DamagedFileError(f"{path} has {len(runs)} results, and by its name {len(numbers)}.")
    return dict(zip(numbers, runs, strict=True))


def pack(runs: Sequence[xr.Dataset]) -> xr.Dataset:
    """Runs of any sizes in one dataset.

    Each variable is there by its name and type, with the values of all runs one after the other;
    ``attributes`` and ``variables`` (JSON in UTF-8) have each run's attributes, and its variables'
    dimensions and shapes; as bytes, since netCDF-4 compresses these and not its strings.
    """
    import xarray as xr

    pieces: dict[str, list[np.ndarray]] = {}
    described = []
    for run in runs:
        own = {}
        for name, variable in run.variables.items():
            stored = f"{name}_{variable.dtype.name}"
            pieces.setdefault(stored, []).append(variable.values.ravel())
            own[str(name)] = [stored, list(variable.dims), list(variable.shape)]
        described.append(own)
    columns = {name: np.concatenate(arrays) for name, arrays in pieces.items()}
    columns[_ATTRIBUTES] = _encoded([_plain_attributes(run) for run in runs])
    columns[_VARIABLES] = _encoded(described)
    return xr.Dataset({name: (f"{name}_value", column) for name, column in columns.items()})


def unpack(packed: xr.Dataset, source: Path) -> list[xr.Dataset]:
    """The runs that :func:`pack` put into one dataset, read from ``source``.

    Raises
    ------
    DamagedFileError
        If it is no such dataset.
    """
    import xarray as xr

    try:
        columns = {str(name): values.values for name, values in packed.variables.items()}
        attributes, described = _decoded(columns[_ATTRIBUTES]), _decoded(columns[_VARIABLES])
        begins = dict.fromkeys(columns, 0)
        runs = []
        for own, attrs in zip(described, attributes, strict=True):
            variables = {}
            for name, (stored, dims, shape) in own.items():
                ends = begins[stored] + int(np.prod(shape))
                values = columns[stored][begins[stored] : ends].reshape(shape)
                variables[name] = xr.Variable(dims, values)
                begins[stored] = ends
            runs.append(xr.Dataset(variables, attrs=attrs))
    except (LookupError, TypeError, ValueError) as problem:
        raise DamagedFileError(f"{source} does not hold several runs: {problem!r}") from problem
    return runs


def _plain_attributes(run: xr.Dataset) -> dict[str, Any]:
    return {
        str(name): value.item() if isinstance(value, np.generic) else value
        for name, value in run.attrs.items()
    }


def _encoded(content: Any) -> np.ndarray:
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def _decoded(column: np.ndarray) -> Any:
    return json.loads(column.tobytes())
