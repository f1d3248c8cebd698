"""The state of a run on disk, from which another process goes on to the same bits."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from drift.support.storage import DamagedFileError, read_dataset, write_dataset


class Checkpoint:
    """A file that holds, at any time, the whole state of a run a little while ago, or is absent.

    Parameters
    ----------
    path : Path
    seconds : float
        How often the state is worth writing.
    origin : dict
        What the run was called with; a state of another run is refused.
    """

    def __init__(self, path: Path, seconds: float, origin: dict[str, Any]) -> None:
        self.path = path
        self.seconds = seconds
        self.origin = json.dumps(origin, sort_keys=True, default=str)
        self.written = time.monotonic()

    def is_due(self) -> bool:
        """Whether the last state was written long enough ago."""
        return time.monotonic() - self.written >= self.seconds

    def write(self, state: dict[str, np.ndarray]) -> None:
        """Keep ``state``, in place of what was there, at once."""
        arrays = {
            name: xr.DataArray(value, dims=[f"{name}_{i}" for i in range(value.ndim)])
            for name, value in state.items()
        }
        write_dataset(xr.Dataset(arrays, attrs={"origin": self.origin}), self.path)
        self.written = time.monotonic()

    def read(self) -> dict[str, np.ndarray] | None:
        """The state that was kept, or None; a damaged file is reported and counts as absent.

        Raises
        ------
        ValueError
            If the file holds the state of a run with other arguments, or of other code.
        """
        try:
            dataset = read_dataset(self.path)
        except FileNotFoundError:
            return None
        except DamagedFileError as problem:
            warnings.warn(f"{problem} The run starts afresh.", stacklevel=2)
            return None
        if dataset.attrs["origin"] != self.origin:
            raise ValueError(
                f"{self.path} holds the state of another run: remove it, or give another file for "
                "the checkpoint."
            )
        return {str(name): values.values for name, values in dataset.data_vars.items()}

    def remove(self) -> None:
        """Forget the state: the run has ended."""
        self.path.unlink(missing_ok=True)
