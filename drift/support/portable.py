"""The same bits on every machine: the one rule for all that enters training, and its tools.

A run of a million steps makes a difference in the last digit of an input visible. IEEE 754 fixes
the results of addition, subtraction, multiplication, division and the square root; it does not fix
the exponential, the sine or the logarithm of a library, nor the order in which a library adds.
Hence the rule: **whatever enters training is made by**

1. those five operations, element by element in NumPy or in kernels, and sums in the order of their
   terms (``product``);
2. the elementary functions of this module, rounded correctly by mpmath, which computes with
   integers, or, in kernels, polynomials of the five operations (``exponential``);
3. random bits, which are integers, and ``normal`` numbers rounded to a grid.

That holds for tasks, start parameters, the draws of studies, kernels and the reference engine. It
excludes ``np.exp``, ``np.sin`` (which have other code on processors with AVX-512), ``@``,
``np.linalg`` and ``np.sum`` (whose order depends on the BLAS and the width of vectors), SciPy's
filters and ``np.interp`` (compiled C, in which a compiler for 64-bit ARM fuses multiplication and
addition). What is *measured* of a network may use all of them. Numba does not fuse by itself.
Activation functions without a fast kernel (softplus, tanh) are the exception: their last digit is
that of NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from mpmath import libmp
from numpy.typing import ArrayLike

from drift.support.compiled import njit

__all__ = [
    "cos",
    "exp",
    "exponential",
    "log",
    "normal",
    "on_grid",
    "orthonormal_basis",
    "product",
    "read_ring",
    "sin",
    "smooth",
    "uniform",
    "whole_power",
]

GRID = 2.0**-24
"""Normal numbers are multiples of it."""


def _correctly_rounded(name: str, function: Callable) -> Callable[[ArrayLike], Any]:
    def rounded(x: float) -> float:
        return libmp.to_float(function(libmp.from_float(float(x)), 53, "n"))

    made = np.vectorize(rounded, otypes=[float])
    made.__doc__ = f"The {name} of each number, rounded correctly: the same on every machine."
    return made


exp = _correctly_rounded("exponential", libmp.mpf_exp)
log = _correctly_rounded("natural logarithm", libmp.mpf_log)
sin = _correctly_rounded("sine", libmp.mpf_sin)
cos = _correctly_rounded("cosine", libmp.mpf_cos)


def on_grid(values: np.ndarray) -> np.ndarray:
    """``values`` rounded to multiples of ``GRID``, beyond the last digits of any library."""
    return np.round(values / GRID) * GRID


def normal(random: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
    """Standard normal numbers on the grid of ``GRID``.

    NumPy's ziggurat multiplies integers by constants, but for one number in four thousand, beyond
    3.65, which takes a logarithm; the grid removes that one's last digit.
    """
    return on_grid(random.standard_normal(shape))


def uniform(
    random: np.random.Generator, low: float, high: float, shape: int | tuple[int, ...]
) -> np.ndarray:
    """Numbers uniform between ``low`` and ``high``."""
    return low + (high - low) * random.random(shape)


@njit(cache=True)
def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The matrix product (rows, inner) by (inner, columns), each sum in the order of its terms."""
    rows, inner = left.shape
    columns = right.shape[1]
    out = np.zeros((rows, columns), left.dtype)
    for i in range(rows):
        for k in range(inner):
            for j in range(columns):
                out[i, j] += left[i, k] * right[k, j]
    return out


@njit(cache=True)
def orthonormal_basis(rows: np.ndarray, tolerance: float = 1e-12) -> tuple[np.ndarray, np.ndarray]:
    """Gram and Schmidt's basis of the space of some vectors, row after row, each in two passes.

    A row that adds nothing beyond ``tolerance`` of its length to the rows before it gets no basis
    vector of its own.

    Parameters
    ----------
    rows : (n, width), float64

    Returns
    -------
    coordinates : (n, rank)
        Of the rows in the basis: zero beyond the t-th for row t.
    basis : (rank, width)
        Orthonormal rows, to rounding.
    """
    n, width = rows.shape
    basis = np.zeros((min(n, width), width))
    coordinates = np.zeros((n, min(n, width)))
    rank = 0
    for t in range(n):
        rest = rows[t].copy()
        for _ in range(2):
            for i in range(rank):
                along = 0.0
                for k in range(width):
                    along += basis[i, k] * rest[k]
                coordinates[t, i] += along
                for k in range(width):
                    rest[k] -= along * basis[i, k]
        whole, left = 0.0, 0.0
        for k in range(width):
            whole += rows[t, k] * rows[t, k]
            left += rest[k] * rest[k]
        if rank < width and left > tolerance * tolerance * whole:
            length = np.sqrt(left)
            coordinates[t, rank] = length
            for k in range(width):
                basis[rank, k] = rest[k] / length
            rank += 1
    return coordinates[:, :rank].copy(), basis[:rank].copy()


def smooth(
    values: np.ndarray, width: float, axis: int, mode: Literal["wrap", "symmetric"]
) -> np.ndarray:
    """Gaussian filter as SciPy's ``gaussian_filter1d`` has it, in a stated order of sums.

    Parameters
    ----------
    values : array
    width : float
        Standard deviation in samples; the kernel ends at four of them.
    axis : int
    mode : {"wrap", "symmetric"}
        What lies beyond the ends: the other end, or the mirror image (SciPy calls it "reflect").
    """
    reach = int(4 * width + 0.5)
    if width == 0 or reach == 0:
        return values.copy()
    weights = exp(-0.5 * (np.arange(reach + 1) / width) ** 2)
    weights = weights / math.fsum([*weights, *weights[1:]])
    lines = np.moveaxis(values, axis, -1)
    padded = np.pad(lines, [(0, 0)] * (values.ndim - 1) + [(reach, reach)], mode)
    length = values.shape[axis]
    total = weights[0] * lines
    for k in range(1, reach + 1):
        left = padded[..., reach - k : reach - k + length]
        right = padded[..., reach + k : reach + k + length]
        total = total + weights[k] * (left + right)
    return np.moveaxis(total, -1, axis)


def read_ring(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Values at real-numbered ``position`` between the samples of a ring, by linear interpolation.

    ``position`` counts samples; that of the last one is followed by that of the first.
    """
    before = np.floor(position)
    share = position - before
    index = before.astype(np.int64) % len(values)
    here, there = values[index], values[(index + 1) % len(values)]
    return here + share * (there - here)


_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10


@njit
def exponential(x: float) -> float:
    """exp(x) in kernels: a power of two times Taylor's polynomial; to a few units in the last."""
    twos = np.floor(x * 1.4426950408889634 + 0.5)
    rest = (x - twos * _LN2_HIGH) - twos * _LN2_LOW
    total = 1.0
    for k in range(14, 0, -1):
        total = 1.0 + total * rest / k
    return math.ldexp(total, int(twos))


@njit
def whole_power(base: float, exponent: int) -> float:
    """``base`` to a whole ``exponent`` of at least 0, by squaring."""
    total = 1.0
    while exponent > 0:
        if exponent % 2:
            total *= base
        base *= base
        exponent //= 2
    return total
