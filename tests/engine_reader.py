"""The compiled engine of the live network, run in Python by wasmtime, and its random numbers."""

from functools import cache

import numpy as np
import wasmtime

import drift
from drift.site.live import HIDDEN, live_task
from drift.site.live_engine import read_engine

RULES = ("update-noise", "label-noise", "adam", "error-descent")
LANES = 4


@cache
def compiled(folder, variant):
    """Store of compiled code, and module, of one variant."""
    machine = wasmtime.Engine()
    return machine, wasmtime.Module(machine, read_engine(folder)[variant])


class CompiledNetwork:
    """What the page's `makeCompiledNetwork` is, in Python; `rows` has a row a unit."""

    def __init__(self, folder, variant, task, rows, words, skip_silent=True):
        machine, module = compiled(folder, variant)
        self.store = wasmtime.Store(machine)
        exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        self.call = lambda name, *arguments: exports[name](self.store, *arguments)
        self.memory = exports["memory"]
        self.write("input_numbers", task.inputs.astype(np.float32))
        self.write("target_numbers", task.targets.astype(np.float32))
        self.write("row_numbers", rows.astype(np.float32))
        self.write("random_numbers", np.asarray(words, np.uint32))
        self.shape = rows.shape
        self.samples = task.samples
        self.call("begin", int(skip_silent))

    def write(self, name, numbers):
        """Put numbers to the place that the engine's function `name` returns."""
        self.memory.write(self.store, numbers.tobytes(), self.call(name))

    def read(self, name, count, *arguments):
        """A copy of the numbers, in single precision, at the place that `name` returns."""
        place = self.call(name, *arguments)
        return np.frombuffer(self.memory.read(self.store, place, place + 4 * count), np.float32)

    def choose(self, rule, rate, noise):
        self.call("choose", RULES.index(rule), rate, noise)

    def advance(self, steps):
        self.call("advance", steps)

    def observe(self):
        """Loss, share of active units, active fraction; then rows, and activity, by unit."""
        loss = self.call("observe")
        units = self.call("count_active_units") / self.shape[0]
        pairs = self.call("count_active_pairs") / (self.shape[0] * self.samples)
        rows = self.read("row_numbers", self.shape[0] * self.shape[1]).reshape(self.shape)
        activity = self.read("activity_numbers", self.shape[0] * self.samples)
        activity = activity.reshape(-1, self.samples)
        return (loss, units, pairs), rows.astype(float), activity.astype(float)


class Noise:
    """The engine's random numbers by their definition, in double precision: four streams."""

    def __init__(self, words):
        self.state = np.array(words, np.uint32).reshape(4, LANES)

    def bits(self):
        """Output of xoshiro128+ in each lane."""
        a, b, c, d = self.state
        drawn = a + d
        c, d = c ^ a, d ^ b
        b, a = b ^ c, a ^ d
        c ^= self.state[1] << np.uint32(9)
        self.state = np.array([a, b, c, (d << np.uint32(11)) | (d >> np.uint32(21))])
        return drawn

    def normal(self, count):
        """`count` vectors of standard normal numbers, (count, LANES)."""
        found = []
        while len(found) < count:
            uniform = ((self.bits() >> np.uint32(8)) + 1.0) * 2.0**-24
            angle = self.bits()
            inside = ((angle << np.uint32(2)) >> np.uint32(8)) * 2.0**-24 - (0.5 - 2.0**-25)
            # The angle within the quadrant is pi/2 (inside + 1/2).
            turned = np.pi / 2 * (inside + 0.5)
            radius = np.sqrt(-2 * np.log(uniform))
            signs = [1 - 2.0 * ((angle >> np.uint32(at)) & np.uint32(1)) for at in (31, 30)]
            found += [signs[0] * radius * np.cos(turned), signs[1] * radius * np.sin(turned)]
        return np.array(found[:count])

    def uniform(self, count):
        """`count` vectors of numbers in (0, 1)."""
        return np.array([((self.bits() >> np.uint32(8)) + 0.5) * 2.0**-24 for _ in range(count)])


def by_unit(vectors):
    """Vectors of the engine's groups, (groups * rows, LANES), as rows of units."""
    rows = len(vectors) * LANES // HIDDEN
    return vectors.reshape(-1, rows, LANES).transpose(0, 2, 1).reshape(HIDDEN, rows)


def task_like_the_page(seed):
    """Random numbers in the shape that the engine is compiled for."""
    random, shape = np.random.default_rng(seed), live_task()
    return drift.Task(
        random.uniform(-1, 1, shape.inputs.shape), random.uniform(-1, 1, shape.targets.shape)
    )
