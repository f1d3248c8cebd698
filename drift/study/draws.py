"""How a setting varies over the runs of a study.

In a study's file a setting is a plain value, the same in all runs, or a mapping with one word that
says how it varies:

=====================================  ==========================================================
``{uniform: [low, high]}``             evenly distributed numbers
``{log_uniform: [low, high]}``         numbers whose logarithms are evenly distributed
``{integer: [low, high]}``             whole numbers, both ends included
``{choose: [a, b, ...]}``              one of the values, each as likely
``{counts: {a: 3, b: 2}}``             each value exactly that often, in random order
``{each: [a, b, ...]}``                all values, crossed with every other setting that has several
``{spaced: [low, high, count]}``       the same with ``count`` evenly spaced numbers
``{log_spaced: [low, high, count]}``   the same, evenly spaced in the logarithm
=====================================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from drift.support import portable
from drift.support.checks import check_integer, check_number

MOST_RUNS = 100_000
"""Runs that a study may have."""


def _range(how: str, given: Any, *, positive: bool = False) -> tuple[float, float]:
    if not isinstance(given, list) or len(given) != 2:
        raise ValueError(f"{how} needs its two ends, as in [0.01, 0.1]; got {given!r}.")
    low, high = (check_number(f"an end of {how}", end, signed=True) for end in given)
    if low > high:
        raise ValueError(f"{how}: {given} makes no sense: the first end is above the second.")
    if positive and low <= 0:
        raise ValueError(f"{how}: {given} makes no sense: a logarithm needs ends above 0.")
    return low, high


def _uniform(given: Any, count: int, random: np.random.Generator) -> list:
    low, high = _range("uniform", given)
    return portable.uniform(random, low, high, count).tolist()


def _log_uniform(given: Any, count: int, random: np.random.Generator) -> list:
    low, high = _range("log_uniform", given, positive=True)
    low, high = portable.log([low, high])
    return portable.exp(portable.uniform(random, low, high, count)).tolist()


def _integer(given: Any, count: int, random: np.random.Generator) -> list:
    _range("integer", given)
    low, high = (check_integer("an end of integer", end) for end in given)
    return random.integers(low, high, count, endpoint=True).tolist()


def _values(how: str, given: Any) -> list:
    if not isinstance(given, list) or not given:
        raise ValueError(f"{how} needs a list of values, as in [1, 2, 5]; got {given!r}.")
    return list(given)


def _choose(given: Any, count: int, random: np.random.Generator) -> list:
    values = _values("choose", given)
    return [values[i] for i in random.integers(len(values), size=count)]


def _counts(given: Any, count: int, random: np.random.Generator) -> list:
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"counts needs values with numbers, as in {{a: 3, b: 2}}; got {given!r}.")
    numbers = [check_integer(f"the count of {value}", n) for value, n in given.items()]
    if sum(numbers) != count:
        raise ValueError(f"counts add up to {sum(numbers)}, but there are {count} runs.")
    values = [value for value, n in zip(given, numbers, strict=True) for _ in range(n)]
    return [values[i] for i in random.permutation(count)]


def _spacing(how: str, given: Any, positive: bool) -> tuple[float, float, int]:
    if not isinstance(given, list) or len(given) != 3:
        raise ValueError(f"{how} needs two ends and a count, as in [0.01, 0.1, 20]; got {given!r}.")
    low, high = _range(how, given[:2], positive=positive)
    count = check_integer(f"the count of {how}", given[2], minimum=1)
    if count > MOST_RUNS:
        raise ValueError(f"{how}: {count} values are too many: at most {MOST_RUNS} are allowed.")
    return low, high, count


def _spaced(given: Any) -> list:
    return np.linspace(*_spacing("spaced", given, False)).tolist()


def _log_spaced(given: Any) -> list:
    low, high, count = _spacing("log_spaced", given, True)
    low, high = portable.log([low, high])
    values = portable.exp(np.linspace(low, high, count))
    # Twelve digits: 0.1 stays 0.1.
    return [float(f"{value:.12g}") for value in values]


DRAWN: dict[str, Callable[[Any, int, np.random.Generator], list]] = {
    "uniform": _uniform,
    "log_uniform": _log_uniform,
    "integer": _integer,
    "choose": _choose,
    "counts": _counts,
}
"""Ways to draw a setting for a number of runs."""

CROSSED: dict[str, Callable[[Any], list]] = {
    "each": lambda given: _values("each", given),
    "spaced": _spaced,
    "log_spaced": _log_spaced,
}
"""Ways to give a setting several values, all of which are crossed."""


def how_it_varies(setting: Any) -> str | None:
    """The word that says how ``setting`` varies; None for a plain value.

    Raises
    ------
    ValueError
        If it is a mapping, but not with one known word.
    """
    if not isinstance(setting, Mapping):
        return None
    words = list(setting)
    known = [*DRAWN, *CROSSED]
    if len(words) != 1 or words[0] not in known:
        raise ValueError(
            f"{dict(setting)!r} does not say how the setting varies: give one of "
            f"{', '.join(known)}."
        )
    return words[0]
