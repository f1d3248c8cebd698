"""Checks of arguments: an error names the value, what is allowed and how to go on.

Each error carries the name of the argument as its attribute ``setting``, so that the line of a
study's file that holds it can be named.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Collection, Iterable
from numbers import Integral, Real
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=Exception)

LARGEST = 1e100
"""Numbers beyond it, or above 0 and below its inverse, are no measurements: squares of them would
leave the range of float64."""


def about(name: str, error: Kind) -> Kind:
    """``error`` as one about the argument called ``name``."""
    error.setting = name  # type: ignore[attr-defined]
    return error


def check_integer(name: str, value: object, minimum: int = 0, maximum: int | None = None) -> int:
    """``value`` as an int; TypeError or ValueError unless from ``minimum`` to ``maximum``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        problem = f"{name}={value!r} is not an integer: pass a whole number of at least {minimum}."
        raise about(name, TypeError(problem))
    value = int(value)
    if value < minimum:
        problem = f"{name}={shortened(value)} is too small: it must be at least {minimum}."
        raise about(name, ValueError(problem))
    if maximum is not None and value > maximum:
        problem = f"{name}={shortened(value)} is too large: it must be at most {maximum}."
        raise about(name, ValueError(problem))
    return value


def check_number(
    name: str,
    value: object,
    *,
    positive: bool = False,
    signed: bool = False,
    maximum: float = LARGEST,
) -> float:
    """``value`` as a float; finite and at least 0 (above 0 if ``positive``, any if ``signed``)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise about(name, TypeError(f"{name}={value!r} is not a number: pass a float."))
    try:
        number = float(value)
    except OverflowError:  # an integer or a fraction of hundreds of digits
        problem = f"{name}={shortened(value)} is too large: it must be at most {maximum:g} in size."
        raise about(name, ValueError(problem)) from None
    if not math.isfinite(number):
        problem = f"{name}={value} is not finite: pass a finite number."
    elif positive and number <= 0:
        problem = f"{name}={value} is not positive: it must be above 0."
    elif positive and number < 1 / LARGEST:
        problem = f"{name}={value} is too small: it must be at least {1 / LARGEST:g}."
    elif not signed and number < 0:
        problem = f"{name}={value} is negative: it must be at least 0."
    elif number > maximum:
        problem = f"{name}={shortened(value)} is too large: it must be at most {maximum:g}."
    elif number < -LARGEST:
        problem = f"{name}={shortened(value)} is too large: its size must be at most {LARGEST:g}."
    else:
        return number
    raise about(name, ValueError(problem))


def shortened(value: object) -> str:
    """``value`` as text; of a very long number its beginning."""
    text = "an integer of thousands of digits" if _is_endless(value) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _is_endless(value: object) -> bool:
    return isinstance(value, int) and value.bit_length() > 10_000


def check_share(name: str, value: object) -> float:
    """``value`` as a float, at least 0 and below 1."""
    number = check_number(name, value)
    if number >= 1:
        problem = f"{name}={value} is too large: it must be at least 0 and below 1."
        raise about(name, ValueError(problem))
    return number


def check_choice(name: str, value: object, allowed: Collection[str]) -> str:
    """``value`` if it is one of the ``allowed`` words."""
    if isinstance(value, str):
        for word in allowed:
            if value == word:
                return word
    words = ", ".join(repr(word) for word in allowed)
    raise about(name, ValueError(f"{name}={value!r} is unknown: choose one of {words}."))


def check_as_many(what: str, count: int, other: str, number: int, of: str = "values") -> None:
    """Refuse two things that do not have as many values."""
    if count != number:
        raise ValueError(f"{what} has {count} {of} and {other} {number}: as many are needed.")


def check_kind(name: str, value: Any, kind: Any) -> Any:
    """``value`` if it is a ``kind``, a class or an abstract one, else TypeError."""
    if not isinstance(value, kind):
        given = type(value).__name__
        problem = f"{name} is of the type {given}: pass a {kind.__name__}."
        raise about(name, TypeError(problem))
    return value


def check_several(name: str, values: Any, of: str) -> Iterable[Any]:
    """``values`` if they can be gone through and are no text, else TypeError."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise about(name, TypeError(f"{name}={reprlib.repr(values)} must be a list of {of}."))
    return values


def check_bool(name: str, value: object) -> bool:
    """``value`` as a bool; TypeError unless True or False, or NumPy's."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise about(name, TypeError(f"{name}={value!r} must be True or False."))
    return bool(value)
