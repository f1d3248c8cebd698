"""Reading MATLAB files of a documented layout; what is not so is named by file and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from drift.support.array_checks import EXACT

__all__ = ["LayoutError", "MatlabFile"]

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class LayoutError(ValueError):
    """A recording's file is not laid out as documented."""


class MatlabFile:
    """The variables of one MATLAB file of version 5 to 7.

    Parameters
    ----------
    path : Path or str

    Raises
    ------
    LayoutError
        If it is a file of MATLAB 7.3, or no MATLAB file at all. Methods that return a variable or
        a part of it raise the same error where that is missing or not as documented.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        with self.path.open("rb") as file:
            start = file.read(1024)
        if HDF5_SIGNATURE in (start[:8], start[512:520]):
            raise LayoutError(
                f"{path} is a MATLAB 7.3 file (HDF5); files of version 5 to 7 are expected. In "
                "MATLAB, load it and save it again with the option '-v7'."
            )
        try:
            self._content: dict[str, Any] = scipy.io.loadmat(path)
        except Exception as problem:  # scipy raises many kinds on damaged files
            raise LayoutError(f"{path} cannot be read as a MATLAB file: {problem}") from problem

    def refuse(self, field: str, problem: str) -> LayoutError:
        """The error that ``field`` of this file is not as documented.

        Parameters
        ----------
        field, problem : str
            Name of the field, and a predicate that completes the sentence: "is missing".

        Returns
        -------
        LayoutError
            To be raised by the caller.
        """
        return LayoutError(f"{self.path}: the field {field!r} {problem}")

    def variable(self, name: str) -> Any:
        """The variable called ``name``, as scipy read it.

        Parameters
        ----------
        name : str

        Returns
        -------
        array
        """
        if name not in self._content:
            there = ", ".join(key for key in self._content if not key.startswith("__"))
            raise self.refuse(name, f"is missing; the file has {there or 'nothing'}.")
        return self._content[name]

    def cells(self, name: str, shape: tuple[int | None, ...] | None = None) -> np.ndarray:
        """The variable called ``name``, which must be a cell array.

        Parameters
        ----------
        name : str
        shape : tuple of int or None, optional
            Lengths of the dimensions, with None where any length will do.

        Returns
        -------
        object array
        """
        return self.check_cells(self.variable(name), name, shape)

    def check_cells(
        self, value: Any, name: str, shape: tuple[int | None, ...] | None = None
    ) -> np.ndarray:
        """``value`` if it is a cell array of this shape.

        Parameters
        ----------
        value : object
        name : str
            What an error calls it.
        shape : tuple of int or None, optional
            Lengths of the dimensions, with None where any length will do.

        Returns
        -------
        object array
        """
        if not isinstance(value, np.ndarray) or value.dtype != object:
            raise self.refuse(name, f"is not a cell array but {_describe(value)}.")
        self._check_shape(value, name, shape)
        return value

    def numbers(self, name: str, shape: tuple[int | None, ...] | None = None) -> np.ndarray:
        """The variable called ``name``, which must be a matrix of finite numbers.

        Parameters
        ----------
        name : str
        shape : tuple of int or None, optional
            Lengths of the dimensions, with None where any length will do.

        Returns
        -------
        float64 array
        """
        return self.check_numbers(self.variable(name), name, shape)

    def check_numbers(
        self,
        value: Any,
        name: str,
        shape: tuple[int | None, ...] | None = None,
        allow_missing: bool = False,
    ) -> np.ndarray:
        """``value`` as float64 if it is a matrix of finite numbers of this shape.

        Parameters
        ----------
        value : object
            Sparse matrices are made dense.
        name : str
            What an error calls it.
        shape : tuple of int or None, optional
            Lengths of the dimensions, with None where any length will do.
        allow_missing : bool
            Whether NaN and infinite numbers are allowed.

        Returns
        -------
        float64 array
            Integers are exact; those beyond 2^53 are refused.
        """
        if hasattr(value, "toarray"):  # sparse
            value = value.toarray()
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
            raise self.refuse(name, f"is not a matrix of numbers but {_describe(value)}.")
        self._check_shape(value, name, shape)
        if (
            value.dtype.kind in "iu"
            and value.size
            and not -EXACT <= value.min() <= value.max() <= EXACT
        ):
            raise self.refuse(name, "has integers beyond 2^53, which float64 cannot hold exactly.")
        numbers = value.astype(float)
        if not allow_missing and not np.isfinite(numbers).all():
            count = int((~np.isfinite(numbers)).sum())
            raise self.refuse(name, f"has {count} values that are not finite numbers.")
        return numbers

    def whole_numbers(
        self, value: Any, name: str, shape: tuple[int | None, ...] | None = None, minimum: int = 0
    ) -> np.ndarray:
        """``value`` as int64 if it is a matrix of whole numbers of at least ``minimum``.

        Parameters
        ----------
        value : object
        name : str
            What an error calls it.
        shape : tuple of int or None, optional
            Lengths of the dimensions, with None where any length will do.
        minimum : int
            The smallest number that is allowed.

        Returns
        -------
        int64 array
        """
        numbers = self.check_numbers(value, name, shape)
        wrong = (numbers % 1 != 0) | (numbers < minimum) | (numbers > EXACT)
        if wrong.any():
            raise self.refuse(
                name,
                f"has {numbers[wrong][0]:g}: whole numbers of at least {minimum} are expected.",
            )
        return numbers.astype(np.int64)

    def member(self, value: Any, name: str, parent: str) -> Any:
        """The field ``name`` of a struct, of the first entry where it is an array of structs.

        Parameters
        ----------
        value : structured array
        name : str
        parent : str
            What an error calls the struct.

        Returns
        -------
        object
        """
        names = getattr(getattr(value, "dtype", None), "names", None)
        if names is None:
            raise self.refuse(parent, f"is not a struct but {_describe(value)}.")
        if name not in names:
            raise self.refuse(f"{parent}.{name}", f"is missing; there are {', '.join(names)}.")
        return value[name].flat[0]

    def _check_shape(
        self, value: np.ndarray, name: str, shape: tuple[int | None, ...] | None
    ) -> None:
        if shape is None:
            return
        fits = value.ndim == len(shape) and all(
            wanted in (None, length) for wanted, length in zip(shape, value.shape, strict=True)
        )
        if not fits:
            wanted = " x ".join("any" if length is None else str(length) for length in shape)
            found = " x ".join(map(str, value.shape))
            raise self.refuse(name, f"has the shape {found}, expected {wanted}.")


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.dtype.names:
            return f"a struct with {', '.join(value.dtype.names)}"
        if value.dtype == object:
            return "a cell array"
        return f"an array of {value.dtype} of the shape {' x '.join(map(str, value.shape))}"
    return f"a {type(value).__name__}"
