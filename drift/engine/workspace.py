"""The memory that a kernel works in: a network's parameters in blocks of units, and its scratch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from drift.engine.features import Features
from drift.engine.simd import LANES
from drift.engine.tiles import TILE_BLOCKS
from drift.support import portable
from drift.tasks.base_task import Task


class Workspace(NamedTuple):
    """Flat, aligned arrays that a kernel works in; one float type throughout.

    ``blocks`` blocks of LANES units, ``rows`` = features + d_out rows of parameters a block.
    """

    inputs: np.ndarray  # (samples * features,), padded to whole vectors; with noise if it has some
    clean_inputs: np.ndarray  # like inputs, without noise
    targets: np.ndarray  # (samples * d_out,), padded to whole vectors
    weights: np.ndarray  # (blocks, rows, LANES)
    activity: np.ndarray  # (blocks, samples, LANES), hidden activity
    residual: np.ndarray  # like targets
    gradient: np.ndarray  # (TILE_BLOCKS, rows, LANES)
    memory: np.ndarray  # like weights, what the rule keeps of every parameter
    second_memory: np.ndarray  # like weights, the same again
    backward: np.ndarray  # (TILE_BLOCKS, samples, LANES), d loss / d pre-activation
    unit_mask: np.ndarray  # (blocks, LANES), 1 for a unit, 0 for a surplus lane
    random_state: np.ndarray  # (4 * LANES,), uint32
    noise_step: np.ndarray  # (samples,), s.d. of a pre-activation's change by one step's noise
    unit_of_column: np.ndarray  # (blocks * LANES,), which unit lies where; -1 for a surplus lane
    due: np.ndarray  # (blocks * LANES,), step until which a parked unit is safe
    changed: np.ndarray  # (blocks * LANES,), step up to which a unit has its noise
    clock: np.ndarray  # (1,), steps done
    unseen_variance: np.ndarray  # (1,), of the noise that the data cannot see and that is not drawn
    awake_blocks: np.ndarray  # (1,), blocks that a step works on, the first ones
    samples: int
    features: int
    d_out: int
    blocks: int
    rows: int
    triangular: bool  # whether feature i of sample t is zero for i > t
    leak: float  # slope of the activation function below zero
    skip_silent: bool  # whether gradient descent leaves silent units alone


@intrinsic
def addresses(typing_context, workspace):
    """``workspace`` with the address of each array in its place: what a kernel works with.

    To be used while the workspace is alive; see :func:`drift.engine.simd.address`.
    """
    is_array = [isinstance(kind, types.Array) for kind in workspace.types]
    kinds = [
        types.CPointer(kind.dtype) if array else kind
        for kind, array in zip(workspace.types, is_array, strict=True)
    ]
    result = types.NamedTuple(kinds, workspace.instance_class)

    def generate(context, builder, signature, arguments):
        values = []
        for i, kind in enumerate(workspace.types):
            value = builder.extract_value(arguments[0], i)
            if is_array[i]:
                value = context.make_array(kind)(context, builder, value).data
            values.append(value)
        return context.make_tuple(builder, result, values)

    return result(workspace), generate


STATE = (
    "weights",
    "memory",
    "second_memory",
    "random_state",
    "unit_mask",
    "unit_of_column",
    "due",
    "changed",
    "clock",
    "unseen_variance",
    "awake_blocks",
)
"""The arrays that a run goes on from; all others hold constants or scratch."""


def _aligned(size: int, dtype: np.dtype) -> np.ndarray:
    """Zeros starting at a cache line, so that no vector straddles two."""
    line = 64
    buffer = np.zeros(size * dtype.itemsize + line, np.uint8)
    start = -buffer.ctypes.data % line
    return buffer[start : start + size * dtype.itemsize].view(dtype)


def make_workspace(
    task: Task,
    features: Features,
    by_unit: np.ndarray,
    random_state: np.ndarray,
    dtype: np.dtype,
    *,
    noise_scale: float = 0.0,
    skip_silent: bool = True,
    leak: float = 0.0,
) -> Workspace:
    """Arrays for ``task`` and a network that starts at ``by_unit``, (hidden, features + d_out).

    ``noise_scale`` is the standard deviation of the noise on each parameter in one step.
    """
    inputs = features.inputs
    samples, width = inputs.shape
    d_out = task.targets.shape[1]
    hidden, rows = by_unit.shape
    blocks = -(-hidden // LANES)
    padded_inputs = -(-inputs.size // LANES) * LANES
    padded_targets = -(-samples * d_out // LANES) * LANES
    dtype = np.dtype(dtype)
    sizes = {
        "inputs": padded_inputs,
        "clean_inputs": padded_inputs,
        "targets": padded_targets,
        "weights": blocks * rows * LANES,
        "memory": blocks * rows * LANES,
        "second_memory": blocks * rows * LANES,
        "activity": blocks * samples * LANES,
        "residual": padded_targets,
        "gradient": TILE_BLOCKS * rows * LANES,
        "backward": TILE_BLOCKS * samples * LANES,
        "unit_mask": blocks * LANES,
        "noise_step": samples,
    }
    arrays = {name: _aligned(size, dtype) for name, size in sizes.items()}
    state = _aligned(random_state.size, np.dtype(np.uint32))
    state[:] = random_state
    for name in ("inputs", "clean_inputs"):
        arrays[name][: inputs.size] = inputs.ravel()
    arrays["targets"][: samples * d_out] = task.targets.ravel()
    arrays["unit_mask"][:hidden] = 1
    squares = portable.product(inputs**2, np.ones((width, 1)))[:, 0]
    arrays["noise_step"][:] = noise_scale * np.sqrt(squares)
    columns = np.arange(blocks * LANES)
    workspace = Workspace(
        **arrays,
        random_state=state,
        unit_of_column=np.where(columns < hidden, columns, -1),
        due=np.zeros(columns.size, np.int64),
        changed=np.zeros(columns.size, np.int64),
        clock=np.zeros(1, np.int64),
        unseen_variance=np.zeros(1),
        awake_blocks=np.full(1, blocks, np.int64),
        samples=samples,
        features=width,
        d_out=d_out,
        blocks=blocks,
        rows=rows,
        triangular=features.basis is not None,
        leak=dtype.type(leak),
        skip_silent=skip_silent,
    )
    padded = np.zeros((blocks * LANES, rows))
    padded[:hidden] = by_unit
    workspace.weights[:] = padded.reshape(blocks, LANES, rows).transpose(0, 2, 1).ravel()
    return workspace


def read_weights(workspace: Workspace, array: np.ndarray) -> np.ndarray:
    """A copy of ``array``, one like ``workspace.weights``, by unit: (hidden, features + d_out)."""
    blocks = array.reshape(workspace.blocks, workspace.rows, LANES)
    by_column = blocks.transpose(0, 2, 1).reshape(-1, workspace.rows)
    used = workspace.unit_of_column >= 0
    by_unit = np.empty((np.count_nonzero(used), workspace.rows), by_column.dtype)
    by_unit[workspace.unit_of_column[used]] = by_column[used]
    return by_unit
