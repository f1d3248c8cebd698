"""What a public function may be given in place of what it asks for."""

import dataclasses
import datetime

import numpy as np
import pandas as pd
import scipy.sparse
import xarray as xr

import drift

NOTHING = [None, "text", b"text", object(), [], {}, 1j, True, np.datetime64("2026-11-30"),
           datetime.date(2026, 11, 30), float("nan"), float("inf"), -1, [["a"], [1, 2]],
           np.ma.masked_array([1.0, 2.0], [True, False]), iter(())]  # fmt: skip
"""Wrong for almost every argument."""


def faults_of(value):
    """Pairs of a label and something that takes the place of ``value``."""
    for junk in NOTHING:
        yield f"{type(junk).__name__} {junk!r:.20}", junk
    for kind, makers in FAULTS.items():
        if isinstance(value, kind) and not isinstance(value, bool):
            yield from makers(value)
            return


def of_array(values):
    yield "transposed", values.T
    yield "in one row", values.ravel()
    yield "with an axis more", values[None]
    yield "one less", values[:-1]
    yield "one more", np.concatenate([values, values[-1:]])
    yield "twenty more", np.concatenate([values, np.repeat(values[-1:], 20, axis=0)])
    yield "none", values[:0]
    yield "no columns", values[..., :0]
    yield "one entry", values.ravel()[0]
    yield "object", values.astype(object)
    yield "words", values.astype(str)
    yield "complex", values.astype(complex)
    yield "bool", values.astype(bool)
    yield "masked", np.ma.masked_array(values, values == values.ravel()[0])
    yield "labelled", xr.DataArray(values)
    if values.ndim == 2:
        yield "table", pd.DataFrame(values)
        yield "sparse", scipy.sparse.csc_matrix(values.astype(float))
    yield "ragged", [*values.tolist(), [1.0, [2.0]]]
    yield "every other", np.repeat(values, 2, axis=0)[::2]
    yield "cannot be written to", np.broadcast_to(values.ravel()[0], values.shape)
    if values.dtype.kind == "b":
        return
    for label, other in (("zero", 0.0), ("constant", 0.1), ("minus one", -1.0), ("huge", 1e308),
                         ("large", 1e60), ("tiny", 1e-320)):  # fmt: skip
        yield label, np.full(values.shape, other)
    yield "negative", -values - 1.0
    yield "broken", values + 0.5
    yield "all wide apart", values * 1e90
    yield "integers beyond float64", np.full(values.shape, 2**63, np.uint64)
    yield (
        "integers beyond each other",
        np.linspace(-(2.0**62), 2.0**62, values.size).astype(np.int64).reshape(values.shape),
    )
    with np.errstate(all="ignore"):
        yield "bytes", values.astype(np.int8)
        yield "half", values.astype(np.float16)
    yield "long", values.astype(np.longdouble)
    for label, other in (("NaN", np.nan), ("infinite", np.inf), ("minus infinite", -np.inf),
                         ("one huge", 1e308), ("one negative", -3.0)):  # fmt: skip
        spoilt = values.astype(float)
        spoilt.flat[0] = other
        yield label, spoilt
    yield "all NaN", np.full(values.shape, np.nan)


def of_integer(value):
    for other in (0, 1, -7, 2.5, float(value), str(value), [value], np.array(value), 10**30,
                  np.uint8(value % 100), np.int64(value), np.float64(value), 10**400):  # fmt: skip
        yield f"{type(other).__name__} {other!r:.20}", other


def of_number(value):
    for other in (0.0, -1.0, 1e308, -1e308, 1e-320, 1e-30, 1e30, 10**400, str(value), [value],
                  np.array(value), np.float32(value), np.float16(value)):  # fmt: skip
        yield f"{type(other).__name__} {other!r:.20}", other


def of_word(value):
    for other in ("", "nonsense", "../../etc", "\0", value.upper(), [value], value * 300):
        yield repr(other)[:20], other


def of_task(task):
    yield "no task", {"inputs": task.inputs, "targets": task.targets}
    yield "of other inputs", drift.Task(np.ones((task.samples, task.d_in + 1)), task.targets)
    yield "of other targets", drift.Task(task.inputs, np.ones((task.samples, task.d_out + 1)))
    yield "of huge numbers", drift.Task(1e99 * task.inputs, task.targets)
    yield "without places", dataclasses.replace(task, position=None)


def of_parameters(parameters):
    yield "a tuple", tuple(parameters)
    yield "lists", type(parameters)(*(array.tolist() for array in parameters))
    for name, array in parameters._asdict().items():
        for label, other in of_array(array):
            yield f"{name} {label}", parameters._replace(**{name: other})


def of_dataset(data):
    yield "empty", xr.Dataset()
    for name in data.data_vars:
        yield f"without {name}", data.drop_vars(name)
        yield f"{name} as words", data.assign({name: data[name].astype(str)})
        yield f"{name} missing", data.assign({name: data[name].astype(float) * np.nan})
        yield f"{name} infinite", data.assign({name: data[name].astype(float) + np.inf})
        yield f"{name} as object", data.assign({name: data[name].astype(object)})
    for axis in data.dims:
        yield f"without {axis}", data.isel({axis: 0})
        yield f"no {axis}", data.isel({axis: slice(0)})
        yield f"other {axis}", data.rename_dims({axis: "elsewhere"})
        yield f"turned {axis}", data.transpose(*list(data.dims)[::-1])


def of_labelled(values):
    yield from ((label, found["it"]) for label, found in of_dataset(values.to_dataset(name="it"))
                if "it" in found)  # fmt: skip


def of_table(table):
    yield "empty", table.iloc[:0]
    for name in table:
        yield f"without {name}", table.drop(columns=name)
        yield f"{name} as object", table.astype({name: object})
        yield f"{name} missing", table.assign(**{name: np.nan})


def of_dict(values):
    for key in values:
        yield f"without {key}", {other: values[other] for other in values if other != key}
        for junk in (None, "text", float("nan"), -1, 10**30):
            yield f"{key} {junk!r}", values | {key: junk}


def of_sequence(values):
    yield "one less", values[:-1]
    yield "one more", [*values, *values[-1:]]
    yield "of nothing", [None] * len(values)
    yield "of words", ["a"] * len(values)
    yield "of NaN", [float("nan")] * len(values)
    yield "nested", [values]


FAULTS = {
    drift.Task: of_task,
    drift.Parameters: of_parameters,
    np.ndarray: of_array,
    xr.Dataset: of_dataset,
    xr.DataArray: of_labelled,
    pd.DataFrame: of_table,
    dict: of_dict,
    int: of_integer,
    float: of_number,
    str: of_word,
    tuple: of_sequence,
    list: of_sequence,
}
"""By the kind of a value that is right, what makes wrong ones of it; the first that fits."""
