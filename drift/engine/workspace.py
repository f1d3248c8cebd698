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

    ``blocks`` blocks of LANES units, ``rows`` = features + d_out rows of parameters a block. A step
    works on ``samples`` samples: all ``pool`` samples of the task, or some drawn for the step.
    """

    inputs: np.ndarray  # (samples * features,), padded to whole vectors; with noise if it has some
    clean_inputs: np.ndarray  # (pool * features,), padded; those of the task, without noise
    targets: np.ndarray  # (samples * d_out,), padded to whole vectors
    clean_targets: np.ndarray  # (pool * d_out,), padded; those of the task
    chosen: np.ndarray  # (samples,), padded, uint32; random bits that decide which are drawn
    deviation: np.ndarray  # like inputs, s.d. of fresh inputs; 0 for what the bias is the weight of
    teacher: np.ndarray  # (d_out, features), of fresh samples
    weights: np.ndarray  # (blocks, rows, LANES)
    activity: np.ndarray  # (blocks, samples, LANES), hidden activity
    factor: np.ndarray  # like activity, what dropout multiplies it by
    residual: np.ndarray  # like targets
    gradient: np.ndarray  # (TILE_BLOCKS, rows, LANES)
    memory: np.ndarray  # like weights, what the rule keeps of every parameter
    second_memory: np.ndarray  # like weights, the same again
    backward: np.ndarray  # (TILE_BLOCKS, samples, LANES), d loss / d pre-activation; room for pool
    unit_mask: np.ndarray  # (blocks, LANES), 1 for a unit, 0 for a surplus lane
    random_state: np.ndarray  # (4 * LANES,), uint32
    noise_step: np.ndarray  # (pool,), s.d. of a pre-activation's change by one step's noise
    unit_of_column: np.ndarray  # (blocks * LANES,), which unit lies where; -1 for a surplus lane
    due: np.ndarray  # (blocks * LANES,), step until which a parked unit is safe
    changed: np.ndarray  # (blocks * LANES,), step up to which a unit has its noise
    clock: np.ndarray  # (1,), steps done
    unseen_variance: np.ndarray  # (1,), of the noise that the data cannot see and that is not drawn
    awake_blocks: np.ndarray  # (1,), blocks that a step works on, the first ones
    samples: int
    pool: int
    features: int
    d_out: int
    blocks: int
    rows: int
    triangular: bool  # whether feature i of sample t is zero for i > t; not if samples are drawn
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


def _padded(size: int) -> int:
    """Numbers in as many whole vectors as ``size`` numbers need."""
    return -(-size // LANES) * LANES


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
    batch: int | None = None,
) -> Workspace:
    """Arrays for ``task`` and a network that starts at ``by_unit``, (hidden, features + d_out).

    ``noise_scale`` is the standard deviation of the noise on each parameter in one step. With a
    ``batch`` each step draws so many samples; otherwise it works on all of the task's.
    """
    inputs = features.inputs
    pool, width = inputs.shape
    samples = pool if batch is None else batch
    d_out = task.targets.shape[1]
    hidden, rows = by_unit.shape
    blocks = -(-hidden // LANES)
    dtype = np.dtype(dtype)
    sizes = {
        "inputs": _padded(samples * width),
        "clean_inputs": _padded(pool * width),
        "targets": _padded(samples * d_out),
        "clean_targets": _padded(pool * d_out),
        "deviation": _padded(samples * width),
        "teacher": d_out * width,
        "weights": blocks * rows * LANES,
        "memory": blocks * rows * LANES,
        "second_memory": blocks * rows * LANES,
        "activity": blocks * samples * LANES,
        "factor": blocks * samples * LANES,
        "residual": _padded(samples * d_out),
        "gradient": TILE_BLOCKS * rows * LANES,
        "backward": TILE_BLOCKS * max(samples, pool) * LANES,
        "unit_mask": blocks * LANES,
        "noise_step": pool,
    }
    arrays = {name: _aligned(size, dtype) for name, size in sizes.items()}
    state = _aligned(random_state.size, np.dtype(np.uint32))
    state[:] = random_state
    arrays["clean_inputs"][: inputs.size] = inputs.ravel()
    arrays["clean_targets"][: pool * d_out] = task.targets.ravel()
    if batch is None:
        arrays["inputs"][:] = arrays["clean_inputs"]
        arrays["targets"][:] = arrays["clean_targets"]
    elif task.stream is not None:
        deviation = np.append(task.stream.deviations, 0.0)
        arrays["deviation"][: samples * width] = np.tile(deviation, samples)
        teacher = np.pad(task.stream.teacher, [(0, 0), (0, 1)])
        arrays["teacher"][:] = teacher.ravel()
    arrays["unit_mask"][:hidden] = 1
    squares = portable.product(inputs**2, np.ones((width, 1)))[:, 0]
    arrays["noise_step"][:] = noise_scale * np.sqrt(squares)
    columns = np.arange(blocks * LANES)
    workspace = Workspace(
        **arrays,
        chosen=_aligned(_padded(samples), np.dtype(np.uint32)),
        random_state=state,
        unit_of_column=np.where(columns < hidden, columns, -1),
        due=np.zeros(columns.size, np.int64),
        changed=np.zeros(columns.size, np.int64),
        clock=np.zeros(1, np.int64),
        unseen_variance=np.zeros(1),
        awake_blocks=np.full(1, blocks, np.int64),
        samples=samples,
        pool=pool,
        features=width,
        d_out=d_out,
        blocks=blocks,
        rows=rows,
        triangular=features.basis is not None and batch is None,
        leak=dtype.type(leak),
        skip_silent=skip_silent,
    )
    padded = np.zeros((blocks * LANES, rows))
    padded[:hidden] = by_unit
    workspace.weights[:] = padded.reshape(blocks, LANES, rows).transpose(0, 2, 1).ravel()
    return workspace


def of_whole_task(workspace: Workspace) -> Workspace:
    """The same network and memory, but its samples are all of the task's, without noise."""
    return workspace._replace(
        inputs=workspace.clean_inputs, targets=workspace.clean_targets, samples=workspace.pool
    )


def read_weights(workspace: Workspace, array: np.ndarray) -> np.ndarray:
    """A copy of ``array``, one like ``workspace.weights``, by unit: (hidden, features + d_out)."""
    blocks = array.reshape(workspace.blocks, workspace.rows, LANES)
    by_column = blocks.transpose(0, 2, 1).reshape(-1, workspace.rows)
    used = workspace.unit_of_column >= 0
    by_unit = np.empty((np.count_nonzero(used), workspace.rows), by_column.dtype)
    by_unit[workspace.unit_of_column[used]] = by_column[used]
    return by_unit
