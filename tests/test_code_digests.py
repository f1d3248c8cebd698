"""What a function computes is known by its code, in every process the same."""

import os
import subprocess
import sys

import numpy as np
import pytest

from drift.support.code_digests import code_digest

BASE = """
import numpy as np
FACTOR = 2.0
TABLE = {"a": [1, 2], "b": np.arange(3)}
class Scale:
    by = 3
    def __init__(self, size):
        self.size = size
    def apply(self, x):
        return x * self.by * self.size
SCALE = Scale(1)
def inner(x):
    return x in {"a", "b", "c"}
def enclosing(power):
    def computed(seen, offset=1, *, sign=-1):
        # a comment
        return [inner(x) + FACTOR * SCALE.apply(x**power) for x in seen] + [TABLE, offset, sign]
    return computed
measure = enclosing(2)
"""

CHANGES = {
    "global": ("FACTOR = 2.0", "FACTOR = 2.5"),
    "array in a table": ("np.arange(3)", "np.arange(4)"),
    "class attribute": ("by = 3", "by = 4"),
    "method": ("x * self.by", "x + self.by"),
    "state of an object": ("Scale(1)", "Scale(2)"),
    "function called": ('"c"}', '"d"}'),
    "enclosed": ("enclosing(2)", "enclosing(3)"),
    "default": ("offset=1", "offset=2"),
    "default of a keyword": ("sign=-1", "sign=1"),
    "constant": ("for x in seen] +", "for x in seen] * 2 +"),
    "attribute": ("SCALE.apply(", "SCALE.by + ("),
    "type of a number": ("FACTOR = 2.0", "FACTOR = 2"),
}

ALIKE = {
    "comment": ("# a comment", "# another"),
    "lines": ("def inner", "\n\n\ndef inner"),
    "what is not used": ("FACTOR = 2.0", "FACTOR = 2.0; OTHER = 1"),
}


def measure_of(source, name="mine"):
    namespace = {"__name__": name}
    exec(source, namespace)
    return namespace["measure"]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changes_the_result_changes_the_digest(change):
    assert change[0] in BASE
    other = measure_of(BASE.replace(*change))
    assert code_digest(other) != code_digest(measure_of(BASE))


@pytest.mark.parametrize("change", ALIKE.values(), ids=ALIKE.keys())
def test_what_changes_nothing_does_not(change):
    assert change[0] in BASE
    other = measure_of(BASE.replace(*change))
    assert code_digest(other) == code_digest(measure_of(BASE))


def test_two_processes_agree():
    program = "import sys; exec(sys.argv[1]); print(code_digest(measure), code_digest(Scale))"
    source = f"from drift.support.code_digests import code_digest\n{BASE}"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, source], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(digests) == 1


def test_all_kinds_of_what_computes_have_one():
    scale = type(measure_of(BASE).__globals__["SCALE"])
    things = [np.mean, len, scale, scale(1), scale(2), scale(1).apply, scale(2).apply]
    assert len({code_digest(thing) for thing in things}) == len(things)
