"""The state of a run on disk, from which another process goes on to the same bits."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

from drift.simulation.call import differences
from drift.support.checks import check_number
from drift.support.storage import (
    DamagedFileError,
    ForeignFileError,
    check_target,
    read_dataset,
    remove_dataset,
    write_dataset,
)

_STATE_OF = "state_of"


class Checkpoint:
    """A file that holds, at any time, the whole state of a run a little while ago, or is absent.

    Parameters
    ----------
    path : path
        Nothing but a state of this run is read or replaced there.
    seconds : float
        How often the state is worth writing.
    statement : str
        What the run is made from (:attr:`drift.simulation.call.Call.statement`).
    """

    def __init__(self, path: Path, seconds: float, statement: str) -> None:
        self.path = Path(path)
        self.seconds = check_number("checkpoint_seconds", seconds)
        self.statement = statement
        self.written = time.monotonic()
        self.is_there = False
        self.is_failing = False

    def is_due(self) -> bool:
        """Whether the last state was written long enough ago."""
        return time.monotonic() - self.written >= self.seconds

    def write(self, state: dict[str, np.ndarray]) -> None:
        """Keep ``state``, in place of what was there, at once.

        If the disk does not take it, the earlier state stays and a warning says why.
        """
        arrays = {
            name: xr.DataArray(value, dims=[f"{name}_{i}" for i in range(value.ndim)])
            for name, value in state.items()
        }
        try:
            write_dataset(xr.Dataset(arrays, attrs={_STATE_OF: self.statement}), self.path)
            self.is_there, self.is_failing = True, False
        except (OSError, ForeignFileError) as problem:
            if not self.is_failing:
                warnings.warn(
                    f"the state of the run cannot be written, and the run goes on: {problem}",
                    stacklevel=2,
                )
            self.is_failing = True
        self.written = time.monotonic()

    def read(self) -> dict[str, np.ndarray] | None:
        """The state that was kept, or None; a damaged file is reported and counts as absent.

        Raises
        ------
        ValueError
            If the file holds the state of a run with other arguments, or of other code, or was not
            written by drift (ForeignFileError).
        OSError
            If the file cannot be read, or its folder not written.
        """
        check_target(self.path)
        try:
            dataset = read_dataset(self.path)
        except FileNotFoundError:
            return None
        except ForeignFileError:
            raise
        except DamagedFileError as problem:
            warnings.warn(f"{problem} The run starts afresh.", stacklevel=3)
            self.is_there = True
            return None
        remedy = "remove it, or give another file for the checkpoint."
        if "done" not in dataset:
            raise ValueError(f"{self.path} holds no state of a run: {remedy}")
        if other := differences(dataset.attrs.get(_STATE_OF), self.statement):
            raise ValueError(f"{self.path} holds the state of another run ({other}): {remedy}")
        self.is_there = True
        return {str(name): values.values for name, values in dataset.data_vars.items()}

    def remove(self) -> None:
        """Forget the state: the run has ended, and its result is safe."""
        if self.is_there:
            remove_state(self.path)


def remove_state(path: Path) -> None:
    """Remove the state of a run whose result is safe, if it is there; a warning if it stays."""
    try:
        remove_dataset(path)
    except OSError as problem:
        warnings.warn(f"the state of a run that has ended stays: {problem}", stacklevel=3)
