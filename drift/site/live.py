"""What the page *A network to play with* needs of drift: task, starts, a still picture."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr

from drift.rules.gradient_descent import GradientDescent
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate, split_seed
from drift.site.live_still import still_picture
from drift.support import portable
from drift.support.storage import write_text
from drift.tasks.base_task import Task
from drift.tasks.ring import abstract_predictive

CONSTANTS = {"seed": 3, "samples": 20, "d_in": 6, "speed": 2}
"""Of the task: one lap round the ring in twenty views of six points."""

HIDDEN = 60
SEEDS = 8
"""The reader can choose seeds below this one."""

FILES = ("task.js", "still.svg")


def live_task() -> Task:
    """The task of the page."""
    return abstract_predictive(**CONSTANTS)


def live_data() -> dict[str, Any]:
    """What the page's program computes with.

    ``task`` holds inputs and targets, sample by sample; ``position`` the places on the ring of
    length ``length``; ``starts`` the standard normal numbers that :func:`drift.simulate` makes its
    random start from, for each seed: m, b and n one after the other, float64 in base64.
    """
    task = live_task()
    return {
        "constants": CONSTANTS,
        "hidden": HIDDEN,
        "task": {
            "samples": task.samples,
            "inputs": task.d_in,
            "outputs": task.d_out,
            "x": task.inputs.ravel().tolist(),
            "y": task.targets.ravel().tolist(),
        },
        "variance": float(task.targets.var()),
        "position": [] if task.position is None else task.position.tolist(),
        "length": task.constants["length"],
        "starts": [_standard_start(task, seed) for seed in range(SEEDS)],
    }


def _standard_start(task: Task, seed: int) -> str:
    """Normal numbers that :func:`~drift.network.initial_parameters` scales, for ``seed``."""
    drawn = np.random.default_rng(split_seed(seed)[0])
    count = HIDDEN * (task.d_in + 1 + task.d_out)
    return base64.b64encode(portable.normal(drawn, count).astype("<f8").tobytes()).decode()


def live_run(steps: int = 300_000) -> xr.Dataset:
    """The run of the page's still picture: the page's usual settings."""
    rule = GradientDescent(learning_rate=0.2, update_noise=0.03)
    return simulate(
        live_task(), rule, hidden=HIDDEN, init="rich", steps=steps, seed=0,
        record=LinearSpacing(401), snapshots=[steps // 50, steps], progress=False,
    )  # fmt: skip


def write_live(folder: Path) -> list[Path]:
    """Write :data:`FILES` into ``folder``; returns their paths."""
    entries = (f'  "{name}": {json.dumps(value)}' for name, value in live_data().items())
    data = "{\n" + ",\n".join(entries) + "\n}"
    comment = "// Written by `drift book live` from drift/book/live.py: do not edit."
    script, picture = (folder / name for name in FILES)
    write_text(f'{comment}\n"use strict";\n\nconst liveData = {data};\n', script)
    figure = still_picture(live_run(), live_task())
    unfinished = picture.with_name(f".{picture.name}")
    with mpl.rc_context({"svg.hashsalt": "drift", "svg.fonttype": "path"}):
        figure.savefig(unfinished, format="svg", metadata={"Date": None, "Creator": None})
    os.replace(unfinished, picture)
    return [script, picture]
