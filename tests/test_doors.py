"""No public function believes what it is given: the right answer, or an error with a name."""

import dataclasses
import functools
import os
import re
import warnings

import numpy as np
import pytest
from doors import DOORS, NOT_TRIED, public_names
from faults import faults_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, scalar_dtypes

EXAMPLES = int(os.environ.get("DRIFT_DOORS", "3"))
"""Pairs of wrong arguments tried at each door; thousands find more."""

LARGEST_TRIED = 10_000
"""Costly arguments above it are not tried: what they ask for is clear, and takes its time."""


def names_of(given):
    """By what an error may name an argument: its name, its kind, a key or a field of it."""
    for name, value in given.items():
        yield from (name, type(value).__name__.lower())
        if isinstance(value, dict):
            yield from value
        if dataclasses.is_dataclass(value):
            yield from (field.name for field in dataclasses.fields(value))


def enter(door, changes):
    """What is wrong with how a door takes ``changes`` of its right arguments; "" if nothing."""
    given = door.arguments | changes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = door.function(**given)
        except (TypeError, ValueError) as refusal:
            said = str(refusal)
            named = [name for name in names_of(given) if re.search(rf"\b{name}\b", said)]
            shown = [value for value in changes.values() if repr(value)[:15] in said]
            return "" if named or shown else f"{type(refusal).__name__} without a name: {said}"
        except Warning as warning:
            return f"warns: {warning}"
        except Exception as problem:
            return f"{type(problem).__name__}: {problem}"
        if door.documented is not None and not door.documented(found):
            return f"returns {found!r:.200}"
    return ""


@functools.cache
def wrong_ways(name):
    """Every fault of every argument alone: the argument, a label and the value."""
    door = DOORS[name]
    return [
        (argument, label, fault)
        for argument, value in door.arguments.items()
        for label, fault in faults_of(value)
        if not (argument in door.costly and isinstance(fault, int) and fault > LARGEST_TRIED)
    ]


def test_every_public_function_and_class_is_tried_or_has_a_reason():
    everything = set(public_names())
    assert len(everything) > 200
    reasons = {
        start: {name for name in everything if name.startswith(start)} for start in NOT_TRIED
    }
    assert [start for start, names in reasons.items() if not names] == []
    excused = set.union(*reasons.values())
    assert sorted(everything - excused - set(DOORS)) == []
    assert sorted(excused & set(DOORS)) == []


@pytest.mark.parametrize("name", DOORS)
def test_a_door_lets_in_what_is_right_and_refuses_each_wrong_argument(name):
    door = DOORS[name]
    assert enter(door, {}) == ""
    found = [f"{argument} {label}: {problem}" for argument, label, fault in wrong_ways(name)
             if (problem := enter(door, {argument: fault}))]  # fmt: skip
    assert found == []


ANY_ARRAY = arrays(scalar_dtypes(), array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6))


@pytest.mark.parametrize("name", sorted(DOORS))
@settings(
    derandomize=True, deadline=None, max_examples=EXAMPLES, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(data=st.data())
def test_several_wrong_arguments_are_refused_too(name, data):
    door = DOORS[name]
    ways = [(argument, fault) for argument, _, fault in wrong_ways(name)]
    changes = dict(data.draw(st.lists(st.sampled_from(ways), min_size=2, max_size=3)))
    for argument, value in door.arguments.items():
        if isinstance(value, np.ndarray) and data.draw(st.booleans()):
            changes[argument] = data.draw(ANY_ARRAY)
    assert enter(door, changes) == "", changes
