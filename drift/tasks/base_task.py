"""What a network is trained on: inputs and the outputs wanted for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from drift.support.array_checks import ROUNDING, check_array
from drift.support.checks import LARGEST, about, check_as_many, check_kind, check_number
from drift.support.provenance import plain
from drift.tasks.streams import GaussianStream

__all__ = ["TASKS", "Task", "rescale", "task"]


@dataclass(frozen=True, eq=False)
class Task:
    """Inputs, targets and, where the samples are places on a path, where each was taken.

    The arrays are copied, as float64, and cannot be written to.

    Parameters
    ----------
    inputs : (samples, d_in) array
        Inputs of the network, a row for each sample.
    targets : (samples, d_out) array
        Outputs wanted for them.
    position : (samples,) array, optional
        Distance along the track, in the task's own unit of length.
    heading : (samples,) array, optional
        Direction of movement in radians; within pi/2 of 0 is the direction of rising position.
    name : str
        What kind of task it is.
    constants : dict
        What the task was made from, for the record.
    stream : GaussianStream, optional
        How inputs and targets are distributed, for rules that draw fresh samples.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit the others, a number is not finite or beyond 1e100, or an argument
        is of another type.

    Examples
    --------
    >>> import numpy as np
    >>> from drift import Task
    >>> task = Task(inputs=np.eye(3), targets=np.array([[0.0], [0.5], [1.0]]))
    >>> task.samples, task.d_in, task.d_out
    (3, 3, 1)
    """

    inputs: np.ndarray
    targets: np.ndarray
    position: np.ndarray | None = None
    heading: np.ndarray | None = None
    name: str = "task"
    constants: dict[str, Any] = field(default_factory=dict)
    stream: GaussianStream | None = None

    def __post_init__(self) -> None:
        check_kind("name", self.name, str)
        object.__setattr__(self, "constants", plain(check_kind("constants", self.constants, dict)))
        axes = {"inputs": ("samples", "features"), "targets": ("samples", "features")}
        for name in ("inputs", "targets", "position", "heading"):
            values = getattr(self, name)
            if values is None and name not in axes:
                continue
            array = check_array(name, values, axes.get(name, ("samples",))).copy()
            check_as_many(name, len(array), "inputs", len(self.inputs), "samples")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        wanted = (self.targets.shape[1], self.inputs.shape[1])
        if self.stream is not None and self.stream.teacher.shape != wanted:
            raise ValueError(
                f"the teacher of stream has shape {self.stream.teacher.shape}: this task's must be "
                f"(d_out, d_in) = {wanted}."
            )

    @property
    def samples(self) -> int:
        """Number of samples n."""
        return self.inputs.shape[0]

    @property
    def d_in(self) -> int:
        """Number of inputs of the network."""
        return self.inputs.shape[1]

    @property
    def d_out(self) -> int:
        """Number of outputs of the network."""
        return self.targets.shape[1]

    def digest(self) -> str:
        """SHA-256 of the arrays: equal for two tasks exactly if they train and map alike.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        total = hashlib.sha256()
        for name in ("inputs", "targets", "position", "heading"):
            values = getattr(self, name)
            total.update(f"{name}:{None if values is None else values.shape}".encode())
            if values is not None:
                total.update(np.ascontiguousarray(values, "<f8").tobytes())
        if self.stream is not None:
            total.update(b"stream")
            for values in (self.stream.deviations, self.stream.teacher):
                total.update(np.ascontiguousarray(values, "<f8").tobytes())
        return total.hexdigest()


TASKS: dict[str, Callable[..., Task]] = {}
"""Every function that makes a task from a seed and constants, by its name, as studies name it."""

Maker = TypeVar("Maker", bound=Callable[..., Task])


def task(make: Maker) -> Maker:
    """Register a task (decorator of the function that makes it), so that studies can use it.

    Parameters
    ----------
    make : callable
        Takes ``seed`` first and the task's constants as keywords, and returns a :class:`Task`.

    Returns
    -------
    callable
        ``make`` itself.

    Raises
    ------
    TypeError, ValueError
        If ``make`` is no function with a name, or a task made in another module has the name.
    """
    if not callable(make) or not hasattr(make, "__name__"):
        raise TypeError(f"make={make!r} is no function with a name: define one to decorate.")
    known = TASKS.get(make.__name__, make)
    if known.__module__ != make.__module__:
        raise ValueError(f"there is a task {make.__name__!r} already, in {known.__module__}.")
    TASKS[make.__name__] = make
    return make


def rescale(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``values`` mapped affinely so that their own minimum and maximum become low and high.

    Values that are all equal, to 1e-9 of their size or to 1e-100, carry no scale and become
    ``low``.

    Parameters
    ----------
    values : array
        Finite numbers, in an array of any shape.
    low, high : float
        Ends of the new range.

    Returns
    -------
    array
        Of the shape of ``values``, float64.

    Raises
    ------
    TypeError, ValueError
        If ``low`` is not below ``high``, or a number is not finite.
    """
    low = check_number("low", low, signed=True)
    high = check_number("high", high, signed=True)
    values = check_array("values", values, None)
    if not low < high:
        problem = f"low={low} and high={high}: the range must have low below high."
        raise about("low", ValueError(problem))
    span = np.ptp(values)
    if span <= max(ROUNDING * np.abs(values).max(), 1 / LARGEST):
        return np.full_like(values, low, dtype=float)
    return low + (values - values.min()) * ((high - low) / span)
