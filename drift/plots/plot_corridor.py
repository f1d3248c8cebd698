"""Figures of the corridor and of what units code for in it (Fig. 2A, D, E)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from drift.analysis.tuning import PLACE_CELL_INFORMATION, display_maps, peak_order
from drift.plots.style import COLOURS, Panels, panel, panels, step_axis, unit_maps
from drift.plots.tick_numbers import short_number
from drift.tasks.base_task import Task
from drift.tasks.corridor import Arena, arena_and_path, meet_wall

__all__ = [
    "correlation_matrix",
    "corridor_scene",
    "path_and_views",
    "sorted_rate_maps",
]

LENGTHS = "widths"
"""The unit of lengths: the width of the study's corridor, which is 1 wide and 14 long."""


def corridor_scene(task: Task, step: int, *, axes: Any = None) -> Panels:
    """Fig. 2A: the corridor from above, its textured walls, the path, and one view of the agent.

    Parameters
    ----------
    task : Task
        Made by :func:`~drift.tasks.corridor.corridor`.
    step : int
        Time step (sample of the task) at which the agent and its view are shown.
    axes : array of matplotlib.axes.Axes, optional
        For the arena and for the view; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,): the arena from above, the view.

    Raises
    ------
    ValueError
        If the task is not of a corridor or has no sample ``step``, or ``axes`` are not two.
    """
    if task.name != "corridor":
        raise ValueError(f"the task {task.name!r} has no walls to draw: make it by drift.corridor.")
    if not 0 <= step < task.samples:
        raise ValueError(f"step={step} is none of the {task.samples} samples: count them from 0.")
    arena, path = arena_and_path(task.constants)
    widths = {"width_ratios": [6, 1]}
    drawn = panels(axes, 1, 2, figsize=(8.5, 2.4), gridspec_kw=widths)
    above, pixels = drawn
    _draw_walls(above, arena)
    above.plot(path.position, np.zeros_like(path.position), color="0.75", lw=1, zorder=1)
    agent = path.position[step]
    rays = path.heading[step] + np.linspace(-1, 1, 9) * task.constants["field_of_view"]
    _, _, reach = meet_wall(arena, agent, rays)
    tips = np.column_stack([agent + reach * np.cos(rays), reach * np.sin(rays)])
    for along, across in tips:
        above.plot([agent, along], [0, across], color=COLOURS["agent"], lw=0.8)
    above.plot(agent, 0, "o", color=COLOURS["agent"], ms=8)
    above.set(
        xlabel=f"$y$, along the corridor ({LENGTHS})",
        ylabel=f"$x$, across it\n({LENGTHS})",
        ylim=np.array([-0.75, 0.75]) * arena.width,
        title=f"the arena from above; the agent at step {step}",
    )
    view = task.inputs[step, :-1]
    pixels.imshow(view[:, None], cmap="gray", aspect="auto", vmin=0, vmax=1)
    pixels.set(title="its view", xticks=[], ylabel="pixel of the view")
    pixels.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return drawn


def _draw_walls(axes: Axes, arena: Arena) -> None:
    """The four walls as strips of the texture's grey levels, +x drawn upwards."""
    tiles = len(arena.texture)
    distance = (np.arange(tiles + 1) / tiles) * arena.circumference
    half_width, half_length = arena.width / 2, arena.length / 2
    corners = np.cumsum([0, arena.width, arena.length, arena.width, arena.length])
    along = np.interp(
        distance, corners, [half_length, half_length, -half_length, -half_length, half_length]
    )
    across = np.interp(
        distance, corners, [-half_width, half_width, half_width, -half_width, -half_width]
    )
    points = np.column_stack([along, across])
    segments = np.stack([points[:-1], points[1:]], axis=1)
    walls = LineCollection(list(segments), array=arena.texture, cmap="gray", linewidths=7)
    axes.add_collection(walls)
    axes.set_xlim(-half_length * 1.03, half_length * 1.03)


def path_and_views(task: Task, *, axes: Any = None) -> Panels:
    """The agent's position over time, and what it sees: the network's inputs but for the last.

    Parameters
    ----------
    task : Task
        With positions, in the order of time; its last input is not part of the view.
    axes : array of matplotlib.axes.Axes, optional
        For the position and for the views; by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (2,): position, views.

    Raises
    ------
    ValueError
        If the task has no positions or no view, or ``axes`` are not two.
    """
    if task.position is None:
        raise ValueError(f"the task {task.name!r} has no positions to draw.")
    if task.d_in < 2:
        raise ValueError(f"the task {task.name!r} has one input and so no view besides it.")
    heights = {"height_ratios": [1, 2]}
    drawn = panels(axes, 2, 1, figsize=(8, 4.6), sharex=True, gridspec_kw=heights)
    position, views = drawn
    position.plot(task.position, color=COLOURS["agent"])
    position.set(ylabel=f"distance from the\nnear wall ({LENGTHS})")
    image = views.imshow(task.inputs[:, :-1].T, cmap="gray", aspect="auto", origin="lower")
    views.set(xlabel="time (steps of the agent)", ylabel="pixel of the view")
    views.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    views.figure.colorbar(image, ax=views, label="brightness")
    return drawn


def sorted_rate_maps(tuning: xr.Dataset, steps: Sequence[int], *, axes: Any = None) -> Panels:
    """Fig. 2D: rate maps at some steps (columns), each row sorted at a different step.

    A row shows the units that are place cells at the time it is sorted by, in the order of their
    peaks at that time.

    Parameters
    ----------
    tuning : xarray.Dataset
        Of :func:`drift.analysis.tuning.tuning_over_time`.
    steps : sequence of int
        Training steps of snapshots, at least one.
    axes : array of matplotlib.axes.Axes, optional
        (steps, steps); by default those of a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes
        (steps, steps): sorted at (row), shown at (column).

    Raises
    ------
    ValueError
        If a step is not that of a snapshot, or ``axes`` are not as many.
    """
    count = len(steps)
    unknown = sorted(set(steps) - set(tuning["snapshot"].values.tolist()))
    if count == 0 or unknown:
        raise ValueError(f"steps must be of snapshots, at least one: there is none at {unknown}.")
    new = {"figsize": (8, 7), "sharey": "row", "layout": "constrained"}
    grid = panels(axes, count, count, squeeze=False, **new)
    occupancy = tuning["occupancy"].values
    rates = tuning["rate"].sel(snapshot=list(steps)).values
    maps = {step: display_maps(rate, occupancy) for step, rate in zip(steps, rates, strict=True)}
    for row, sorting in enumerate(steps):
        tuned = tuning["spatial_information"].sel(snapshot=sorting).values > PLACE_CELL_INFORMATION
        units = np.flatnonzero(tuned)
        order = units[peak_order(maps[sorting][units])]
        for column, step in enumerate(steps):
            ax = grid[row, column]
            unit_maps(ax, maps[step][order], vmax=1)
            ax.set(xticks=[])
            if row == 0:
                ax.set_title(f"step {short_number(step)}")
        label = f"place cells,\nsorted at\nstep {short_number(sorting)}"
        grid[row, 0].set_ylabel(label, fontsize=9)
    for ax in grid[-1]:
        ax.set_xlabel("way back | way out")
    return grid


def correlation_matrix(tuning: xr.Dataset, *, ax: Axes | None = None, **labels: Any) -> Axes:
    """Fig. 2E: correlation of rate maps between all pairs of times.

    Parameters
    ----------
    tuning : xarray.Dataset
        ``rate_map_correlation`` (snapshot, other_snapshot), by
        :func:`drift.analysis.tuning.tuning_over_time`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    **labels
        For ``ax.set``, over those of this book.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is only one snapshot.
    """
    steps = tuning["snapshot"].values
    if steps.size < 2:
        raise ValueError(f"there is no pair of times among snapshots at {steps}.")
    ax = panel(ax, figsize=(4.8, 4))
    image = ax.pcolormesh(
        steps, steps, tuning["rate_map_correlation"].values, vmin=0, vmax=1, shading="nearest"
    )
    for axis in (ax.xaxis, ax.yaxis):
        step_axis(axis)
    ax.invert_yaxis()
    ax.set(**{"aspect": "equal", **labels})
    ax.figure.colorbar(image, ax=ax, label="correlation of rate maps")
    return ax
