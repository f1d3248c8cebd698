"""The network: one hidden layer, y = f(x m^T + b) n^T, where f is mostly the rectifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit

from drift.support import portable
from drift.support.array_checks import (
    as_array,
    check_amount,
    check_variables,
    refuse_where,
)
from drift.support.checks import check_choice, check_integer, check_kind
from drift.tasks.base_task import Task

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Parameters",
    "find_activation",
    "forward",
    "hidden_activity",
    "initial_parameters",
]

INITIALISATIONS = ("lazy", "rich")


@dataclass(frozen=True)
class Activation:
    """An activation function and its slope, of the pre-activation.

    Parameters
    ----------
    function, slope : callable
        From an array of pre-activations to an array of that shape.
    leak : float or None
        Slope below zero of a function that is the identity above; None for any other function,
        which has no fast kernel.
    """

    function: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    leak: float | None

    @property
    def can_be_silent(self) -> bool:
        """Whether a unit can be off exactly, without a threshold."""
        return self.leak == 0


LEAK = 0.01
"""Slope of the leaky rectifier below zero, torch's default."""

ACTIVATIONS = {
    "relu": Activation(lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0), 0.0),
    "leaky relu": Activation(
        lambda z: np.where(z > 0, z, LEAK * z), lambda z: np.where(z > 0, 1.0, LEAK), LEAK
    ),
    "softplus": Activation(lambda z: np.logaddexp(z, 0), expit, None),
    "identity": Activation(lambda z: z * 1.0, np.ones_like, 1.0),
    "tanh": Activation(np.tanh, lambda z: 1 - np.tanh(z) ** 2, None),
}
"""The study uses ReLU; its text says that others were tried, not which. With the identity the
network is linear, as most theory has it."""


def find_activation(name: str) -> Activation:
    """The activation function called ``name``.

    Parameters
    ----------
    name : str
        A key of :data:`ACTIVATIONS`.

    Returns
    -------
    Activation

    Raises
    ------
    ValueError
        If there is no activation function of this name.
    """
    return ACTIVATIONS[check_choice("activation", name, ACTIVATIONS)]


class Parameters(NamedTuple):
    """All that the network learns: m, b and n in the study's symbols. Outputs have no bias.

    Parameters
    ----------
    input_weights : (hidden, d_in) array
        Weights m from the inputs to the hidden units.
    bias : (hidden,) array
        Biases b of the hidden units.
    output_weights : (d_out, hidden) array
        Weights n from the hidden units to the outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from drift import Parameters
    >>> parameters = Parameters(np.eye(2), np.array([0.5, -0.5]), np.ones((1, 2)))
    >>> parameters.output_weights.shape, parameters.are_finite()
    ((1, 2), True)
    """

    input_weights: np.ndarray
    bias: np.ndarray
    output_weights: np.ndarray

    @classmethod
    def of_snapshot(cls, run: xr.Dataset, index: int) -> Parameters:
        """The parameters at the ``index``-th snapshot of a run.

        Parameters
        ----------
        run : xarray.Dataset
            Has ``input_weights``, ``bias`` and ``output_weights`` along ``snapshot``.
        index : int
            From 0; negative numbers count from the end.

        Returns
        -------
        drift.Parameters

        Raises
        ------
        TypeError, ValueError
            If the run has no parameters, or no such snapshot.
        """
        found = check_variables("run", run, PARAMETER_AXES)
        count = found.sizes["snapshot"]
        check_integer("index", index, -count, count - 1)
        arrays = (found[name].transpose(*axes) for name, axes in PARAMETER_AXES.items())
        return cls(*(array.isel(snapshot=index).values for array in arrays))

    def are_finite(self) -> bool:
        """Whether every parameter is a finite number.

        Returns
        -------
        bool
        """
        return all(bool(np.isfinite(array).all()) for array in self)


PARAMETER_AXES = {
    "input_weights": ("snapshot", "unit", "input"),
    "bias": ("snapshot", "unit"),
    "output_weights": ("snapshot", "output", "unit"),
}
"""Dimensions of the parameters in a run."""


def initial_parameters(
    task: Task, hidden: int, init: str, random: np.random.Generator
) -> Parameters:
    """Random parameters to start from.

    m and b have variance 2/d_in. The output weights n have variance 2/hidden in the ``"rich"``
    regime and (2/hidden)^2 in the ``"lazy"`` regime (the study's names).

    Parameters
    ----------
    task : Task
        Decides the numbers of inputs and outputs.
    hidden : int
        Number of hidden units, at least 1.
    init : {"lazy", "rich"}
    random : numpy.random.Generator

    Returns
    -------
    drift.Parameters

    Raises
    ------
    TypeError, ValueError
        If ``hidden`` is not an integer of at least 1, ``init`` is unknown, or an argument is of
        another type.
    """
    check_kind("task", task, Task)
    check_kind("random", random, np.random.Generator)
    hidden = check_integer("hidden", hidden, minimum=1)
    check_choice("init", init, INITIALISATIONS)
    check_amount("hidden and the task's inputs and outputs", hidden * (task.d_in + task.d_out))
    input_scale = np.sqrt(2 / task.d_in)
    output_scale = np.sqrt(2 / hidden) if init == "rich" else 2 / hidden
    return Parameters(
        input_weights=input_scale * portable.normal(random, (hidden, task.d_in)),
        bias=input_scale * portable.normal(random, hidden),
        output_weights=output_scale * portable.normal(random, (task.d_out, hidden)),
    )


def hidden_activity(
    parameters: Parameters, inputs: np.ndarray, activation: str = "relu"
) -> np.ndarray:
    """Activity h = f(x m^T + b) of the hidden units.

    Parameters
    ----------
    parameters : Parameters
    inputs : (samples, d_in) array
    activation : str
        A key of :data:`ACTIVATIONS`.

    Returns
    -------
    (samples, hidden) array, float64
        Infinite or NaN only where a sum is too large for float64.

    Raises
    ------
    TypeError, ValueError
        If the activation function is unknown, arrays do not fit each other, or a number is not
        finite.

    Examples
    --------
    >>> import numpy as np
    >>> from drift.network import Parameters, hidden_activity
    >>> parameters = Parameters(np.eye(2), np.array([0.5, -0.5]), np.ones((1, 2)))
    >>> hidden_activity(parameters, np.array([[1.0, 0.0], [-1.0, 1.0]]))
    array([[1.5, 0. ],
           [0. , 0.5]])
    """
    units = find_activation(activation)
    given = fitting(parameters)
    inputs = as_array("inputs", inputs, ("samples", given.input_weights.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        pre_activation = inputs @ given.input_weights.T + given.bias
        activity = units.function(pre_activation)
    if not np.isfinite(pre_activation).all():  # one look at the result, none at each array
        _refuse_unless_finite(given, inputs)
    return activity


def forward(
    parameters: Parameters, inputs: np.ndarray, activation: str = "relu"
) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activity h and outputs y = h n^T.

    Parameters
    ----------
    parameters : Parameters
    inputs : (samples, d_in) array
    activation : str
        A key of :data:`ACTIVATIONS`.

    Returns
    -------
    activity : (samples, hidden) array, float64
    outputs : (samples, d_out) array, float64

    Raises
    ------
    TypeError, ValueError
        As for :func:`hidden_activity`.
    """
    activity = hidden_activity(parameters, inputs, activation)
    given = fitting(parameters)
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = activity @ given.output_weights.T
    if not np.isfinite(outputs).all():
        _refuse_unless_finite(given, activity[:0])
    return activity, outputs


def fitting(parameters: Parameters, name: str = "parameters") -> Parameters:
    """The parameters as float64 arrays whose shapes fit each other, whatever their numbers are."""
    given = check_kind(name, parameters, Parameters)
    bias = as_array(f"{name}.bias", given.bias, ("hidden",))
    input_weights = as_array(f"{name}.input_weights", given.input_weights, (bias.size, "d_in"))
    outputs = as_array(f"{name}.output_weights", given.output_weights, ("d_out", bias.size))
    return Parameters(input_weights, bias, outputs)


def _refuse_unless_finite(parameters: Parameters, inputs: np.ndarray) -> None:
    refuse_where("inputs", inputs, ~np.isfinite(inputs), "all numbers must be finite.")
    for name, array in parameters._asdict().items():
        name = f"parameters.{name}"
        refuse_where(name, array, ~np.isfinite(array), "all numbers must be finite.")
