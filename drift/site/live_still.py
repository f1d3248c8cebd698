"""The still picture in place of the live network, where a page runs no program."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drift.analysis.tuning import peak_order
from drift.network import Parameters, hidden_activity
from drift.plots.style import COLOURS, subplots, use_style
from drift.simulation.measures import relative_loss
from drift.tasks.base_task import Task

SILENT = "#d5d9de"


def still_picture(run: xr.Dataset, task: Task) -> Figure:
    """Loss and active units of a run; tuning at its first and last snapshot, silent units grey.

    The maps have a row a unit, divided by its largest value, and a column a sample in the order of
    its place; the rows of the first two are in the order of places at the first snapshot.
    """
    use_style()
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
