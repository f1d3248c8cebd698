"""What a network is trained on: inputs and the outputs wanted for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from drift.support.checks import about, check_number
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
    ValueError
        If a shape does not fit the others or a number is not finite.

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
        inputs = _real_array("inputs", self.inputs, dimensions=2)
        targets = _real_array("targets", self.targets, dimensions=2)
        if len(inputs) != len(targets):
            raise ValueError(
                f"inputs has {len(inputs)} samples and targets has {len(targets)}: give one row "
                "of targets for each row of inputs."
            )
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "constants", plain(self.constants))
        for name in ("position", "heading"):
            values = getattr(self, name)
            if values is None:
                continue
            values = _real_array(name, values, dimensions=1)
            if len(values) != len(inputs):
                raise ValueError(
                    f"{name} has {len(values)} entries for {len(inputs)} samples: give one each."
                )
            object.__setattr__(self, name, values)
        wanted = (targets.shape[1], inputs.shape[1])
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


def _real_array(name: str, values: ArrayLike, dimensions: int) -> np.ndarray:
    array = np.array(values, float)
    if array.ndim != dimensions or array.size == 0:
        wanted = "(samples, features)" if dimensions == 2 else "(samples,)"
        raise ValueError(f"{name} has shape {array.shape}: it must be {wanted}, not empty.")
    if not np.isfinite(array).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}[{first}] is {array[first]}: all numbers must be finite.")
    array.flags.writeable = False
    return array


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
    ValueError
        If a task made in another module has the name.
    """
    known = TASKS.get(make.__name__, make)
    if known.__module__ != make.__module__:
        raise ValueError(f"there is a task {make.__name__!r} already, in {known.__module__}.")
    TASKS[make.__name__] = make
    return make


def rescale(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``values`` mapped affinely so that their own minimum and maximum become low and high.

    Values that are all equal carry no scale and become ``low``.

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
        If ``low`` is not below ``high``, or either is not a finite number.
    """
    check_number("low", low, signed=True)
    check_number("high", high, signed=True)
    if not low < high:
        problem = f"low={low} and high={high}: the range must have low below high."
        raise about("low", ValueError(problem))
    span = np.ptp(values)
    if span == 0:
        return np.full_like(values, low, dtype=float)
    return low + (values - values.min()) * ((high - low) / span)
