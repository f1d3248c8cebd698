"""Random mappings: inputs and targets without meaning, rough or smoothed, and autoencoders."""

from __future__ import annotations

from typing import Any

import numpy as np

from drift.support import portable
from drift.support.array_checks import check_amount
from drift.support.checks import check_integer, check_number
from drift.tasks.base_task import Task, rescale, task

__all__ = ["random_autoencoder", "random_mapping", "smoothed_autoencoder", "smoothed_mapping"]


@task
def random_mapping(
    seed: int = 0,
    *,
    samples: int = 5,
    d_in: int = 20,
    d_out: int = 5,
    low: float = -1.0,
    high: float = 1.0,
) -> Task:
    """Inputs (samples, d_in) and targets (samples, d_out), independent and uniform.

    The *random* task of Ratzon et al. 2024 (doi:10.7554/eLife.90069), Table 2; defaults are the
    sizes of its Fig. 4B.

    Parameters
    ----------
    seed : int
        Seed of inputs and targets.
    samples, d_in, d_out : int
        Numbers of samples, inputs and outputs; at least 1.
    low, high : float
        Range to which inputs and targets are scaled, each by its own minimum and maximum.

    Returns
    -------
    Task

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.

    Examples
    --------
    >>> from drift import random_mapping
    >>> task = random_mapping(seed=0, samples=3, d_in=2, d_out=1)
    >>> task.inputs.round(2)
    array([[ 0.38, -0.43],
           [-0.95, -1.  ],
           [ 0.78,  1.  ]])
    >>> task.targets.shape
    (3, 1)
    """
    return _mapping("random", False, seed, samples, d_in, d_out, low, high)


@task
def smoothed_mapping(
    seed: int = 0,
    *,
    samples: int = 5,
    d_in: int = 20,
    d_out: int = 5,
    low: float = -1.0,
    high: float = 1.0,
) -> Task:
    """:func:`random_mapping`, with both arrays smoothed before they are scaled.

    By Gaussians of standard deviation ``samples / 5`` over samples and ``d_out / 5`` over features,
    as in the study's program (edges reflected): similar inputs have similar targets.

    Parameters
    ----------
    seed, samples, d_in, d_out : int
    low, high : float
        As in :func:`random_mapping`.

    Returns
    -------
    Task

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.
    """
    return _mapping("smoothed", True, seed, samples, d_in, d_out, low, high)


@task
def random_autoencoder(
    seed: int = 0, *, samples: int = 5, d_in: int = 20, low: float = -1.0, high: float = 1.0
) -> Task:
    """The inputs of :func:`random_mapping` with themselves for targets.

    Parameters
    ----------
    seed, samples, d_in : int
    low, high : float
        As in :func:`random_mapping`.

    Returns
    -------
    Task
        ``targets`` equal ``inputs``, (samples, d_in).

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.
    """
    return _mapping("random autoencoder", False, seed, samples, d_in, None, low, high)


@task
def smoothed_autoencoder(
    seed: int = 0, *, samples: int = 5, d_in: int = 20, low: float = -1.0, high: float = 1.0
) -> Task:
    """The inputs of :func:`smoothed_mapping`, with d_out = d_in, and themselves for targets.

    Parameters
    ----------
    seed, samples, d_in : int
    low, high : float
        As in :func:`smoothed_mapping`.

    Returns
    -------
    Task
        ``targets`` equal ``inputs``, (samples, d_in).

    Raises
    ------
    TypeError, ValueError
        If a constant is of the wrong type or outside its range.
    """
    return _mapping("smoothed autoencoder", True, seed, samples, d_in, None, low, high)


def _mapping(
    name: str,
    smooth: bool,
    seed: int,
    samples: int,
    d_in: int,
    d_out: int | None,
    low: float,
    high: float,
) -> Task:
    """Any of the four; an autoencoder if ``d_out`` is None."""
    seed = check_integer("seed", seed)
    samples = check_integer("samples", samples, minimum=1)
    d_in = check_integer("d_in", d_in, minimum=1)
    low, high = check_number("low", low, signed=True), check_number("high", high, signed=True)
    constants: dict[str, Any] = {"seed": seed, "samples": samples, "d_in": d_in}
    if d_out is not None:
        constants["d_out"] = d_out = check_integer("d_out", d_out, minimum=1)
    check_amount("samples, d_in and d_out", samples * (d_in + (d_out or 0)))
    random = np.random.default_rng(seed)
    arrays = [random.random((samples, d_in))]
    if d_out is not None:
        arrays.append(random.random((samples, d_out)))
    if smooth:
        width = arrays[-1].shape[1] / 5
        arrays = [
            portable.smooth(
                portable.smooth(array, samples / 5, axis=0, mode="symmetric"),
                width, axis=1, mode="symmetric",
            )
            for array in arrays
        ]  # fmt: skip
    scaled = [rescale(array, low, high) for array in arrays]
    return Task(
        inputs=scaled[0],
        targets=scaled[-1],
        name=name,
        constants=constants | {"low": low, "high": high},
    )
