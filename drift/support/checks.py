"""Checks of arguments: an error names the value, what is allowed and how to go on.

Each error carries the name of the argument as its attribute ``setting``, so that the line of a
study's file that holds it can be named.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import TypeVar

Kind = TypeVar("Kind", bound=Exception)


def about(name: str, error: Kind) -> Kind:
    """``error`` as one about the argument called ``name``."""
    error.setting = name  # type: ignore[attr-defined]
    return error


def check_integer(name: str, value: object, minimum: int = 0) -> int:
    """``value`` as an int; TypeError or ValueError unless an integer of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        problem = f"{name}={value!r} is not an integer: pass a whole number of at least {minimum}."
        raise about(name, TypeError(problem))
    if value < minimum:
        problem = f"{name}={value} is too small: it must be at least {minimum}."
        raise about(name, ValueError(problem))
    return int(value)


def check_number(
    name: str, value: object, *, positive: bool = False, signed: bool = False
) -> float:
    """``value`` as a float; finite and at least 0 (above 0 if ``positive``, any if ``signed``)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise about(name, TypeError(f"{name}={value!r} is not a number: pass a float."))
    if not math.isfinite(value):
        problem = f"{name}={value} is not finite: pass a finite number."
    elif positive and value <= 0:
        problem = f"{name}={value} is not positive: it must be above 0."
    elif not signed and value < 0:
        problem = f"{name}={value} is negative: it must be at least 0."
    else:
        return float(value)
    raise about(name, ValueError(problem))


def check_share(name: str, value: object) -> float:
    """``value`` as a float, at least 0 and below 1."""
    number = check_number(name, value)
    if number >= 1:
        problem = f"{name}={value} is too large: it must be at least 0 and below 1."
        raise about(name, ValueError(problem))
    return number


def check_choice(name: str, value: object, allowed: Collection[str]) -> str:
    """``value`` if it is one of the ``allowed`` words."""
    for word in allowed:
        if value == word:
            return word
    words = ", ".join(repr(word) for word in allowed)
    raise about(name, ValueError(f"{name}={value!r} is unknown: choose one of {words}."))


def check_as_many(what: str, count: int, other: str, number: int) -> None:
    """Refuse two things that do not have as many values."""
    if count != number:
        raise ValueError(f"{what} has {count} values and {other} {number}: as many are needed.")
