"""What the page *A network to play with* needs of drift: task, starts, a still picture."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drift.analysis.tuning import peak_order
from drift.network import Parameters, hidden_activity
from drift.plots.style import COLOURS, book_style, subplots
from drift.results.archives import load_archive
from drift.results.hidden_rules import (
    CONSTANTS,
    CORRELATION,
    FIRST,
    HIDDEN,
    MEASURES,
    RULES,
    SESSIONS,
    SNAPSHOTS,
    STEPS,
    classifier_of,
    live_task,
    numbers_of,
)
from drift.rules.gradient_descent import GradientDescent
from drift.simulation.call import split_seed
from drift.simulation.measures import relative_loss
from drift.simulation.recorder import LinearSpacing
from drift.simulation.simulate import simulate
from drift.support import portable
from drift.support.storage import write_text
from drift.tasks.base_task import Task

SEEDS = 8
"""The reader can choose seeds below this one."""

FILES = ("task.js", "still.svg")

SILENT = "#d5d9de"


def live_data() -> dict[str, Any]:
    """What the page's program computes with.

    ``task`` holds inputs and targets, sample by sample; ``position`` the places on the ring of
    length ``length``, and ``view`` how far a view reaches; ``starts`` the standard normal numbers
    that ``drift.simulate`` makes its random start from, for each seed: m, b and n one after the
    other, float64 in base64; ``noise`` the first state of the generators of each seed's noise.
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
        "view": task.constants["field_of_view"],
        "starts": [_standard_start(task, seed) for seed in range(SEEDS)],
        "noise": [_noise_state(seed) for seed in range(SEEDS)],
        "guess": _guess(),
    }


def _guess() -> dict[str, Any]:
    """How networks with a hidden rule are trained and observed, and the numbers of the classifier.

    ``rules`` has the name of the drawn setting of each rule and its bounds.
    """
    return {
        "steps": STEPS,
        "snapshots": SNAPSHOTS,
        "first": FIRST,
        "sessions": SESSIONS,
        "correlation": CORRELATION,
        "measures": list(MEASURES),
        "rules": {name: [rule.setting, rule.low, rule.high] for name, rule in RULES.items()},
    } | numbers_of(classifier_of(load_archive("hidden-rules")))


def _standard_start(task: Task, seed: int) -> str:
    """Normal numbers that :func:`~drift.network.initial_parameters` scales, for ``seed``."""
    drawn = np.random.default_rng(split_seed(seed)[0])
    count = HIDDEN * (task.d_in + 1 + task.d_out)
    return base64.b64encode(portable.normal(drawn, count).astype("<f8").tobytes()).decode()


def _noise_state(seed: int) -> list[int]:
    """State of the page's four generators: the first words of that of ``drift.simulate``."""
    return split_seed(seed)[1].generate_state(16, np.uint32).tolist()


def example_curves(run: xr.Dataset, task: Task) -> dict[str, list[float]]:
    """Curves that the page shows before its first run: log10 of loss / variance, active shares."""
    return {
        "steps": run["step"].values.tolist(),
        "loss": relative_loss(run["loss"].values, task).round(3).tolist(),
        "units": run["fraction_active_units"].values.round(4).tolist(),
        "pairs": run["active_fraction"].values.round(4).tolist(),
    }


def live_run(steps: int = 300_000) -> xr.Dataset:
    """The run of the page's still picture: the page's usual settings."""
    rule = GradientDescent(learning_rate=0.2, update_noise=0.03)
    return simulate(
        live_task(), rule, hidden=HIDDEN, init="rich", steps=steps, seed=0,
        record=LinearSpacing(401), snapshots=[steps // 50, steps], progress=False,
    )  # fmt: skip


def write_live(folder: Path) -> list[Path]:
    """Write :data:`FILES` into ``folder``; returns their paths."""
    run = live_run()
    values = live_data() | {"example": example_curves(run, live_task())}
    entries = (f'  "{name}": {json.dumps(value)}' for name, value in values.items())
    data = "{\n" + ",\n".join(entries) + "\n}"
    comment = "// Written by `drift book live` from drift/site/live.py: do not edit."
    script, picture = (folder / name for name in FILES)
    write_text(f'{comment}\n"use strict";\n\nconst liveData = {data};\n', script)
    unfinished = picture.with_name(f".{picture.name}")
    with book_style(svg_hashsalt="drift", svg_fonttype="path"):
        figure = still_picture(run, live_task())
        figure.savefig(unfinished, format="svg", metadata={"Date": None, "Creator": None})
    os.replace(unfinished, picture)
    return [script, picture]


def still_picture(run: xr.Dataset, task: Task) -> Figure:
    """Loss and active units of a run; tuning at its first and last snapshot, silent units grey.

    The maps have a row a unit, divided by its largest value, and a column a sample in the order of
    its place; the rows of the first two are in the order of places at the first snapshot.
    """
    figure, grid = subplots(2, 6, figsize=(8, 5.6))
    for axes in grid.ravel():
        axes.remove()
    curves = grid[0, 0].get_gridspec()
    loss = figure.add_subplot(curves[0, :3])
    active = figure.add_subplot(curves[0, 3:])
    step = run["step"].values
    loss.plot(step, relative_loss(run["loss"].values, task), color=COLOURS["loss"], lw=1)
    loss.set(ylabel="log10 of loss / variance", title="loss")
    units = run["fraction_active_units"]
    active.plot(step, units, color=COLOURS["active_units"], lw=2, label="active units")
    pairs = run["active_fraction"]
    active.plot(step, pairs, color=COLOURS["active_fraction"], lw=1.5, label="active fraction")
    active.set(ylim=(0, 1.05), title="share that is active")
    active.legend(loc="upper right")
    for axes in (loss, active):
        axes.set(xlabel="training step", xlim=(0, step[-1]))
        axes.ticklabel_format(style="sci", scilimits=(0, 0), axis="x")

    place = np.argsort(np.arange(task.samples) if task.position is None else task.position)
    first, last = (
        hidden_activity(Parameters.of_snapshot(run, at), task.inputs)[place].T for at in (0, -1)
    )
    panels = [
        (first, first, f"at step {int(run['snapshot'][0]):,}"),
        (last, first, f"at step {int(run['snapshot'][-1]):,},\nin the same order"),
        (last, last, f"at step {int(run['snapshot'][-1]):,},\nsorted anew"),
    ]
    for i, (maps, sorting, title) in enumerate(panels):
        _tuning(figure.add_subplot(curves[1, 2 * i : 2 * i + 2]), maps[peak_order(sorting)], title)
    return figure


def _tuning(axes: Axes, maps: np.ndarray, title: str) -> None:
    size = maps.max(axis=1, keepdims=True)
    shown = np.where(size > 0, maps / np.where(size > 0, size, 1), np.nan)
    axes.set_facecolor(SILENT)
    axes.imshow(shown, aspect="auto", interpolation="nearest", vmin=0, vmax=1)
    axes.set(title=title, xticks=[], yticks=[], xlabel="place on the ring", ylabel="unit")
