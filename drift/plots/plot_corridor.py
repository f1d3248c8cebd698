"""Figures of the corridor and of a run in it (Fig. 2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from drift.analysis.tuning import PLACE_CELL_INFORMATION, display_maps, peak_order
from drift.plots.style import COLOURS, subplots
from drift.simulation.measures import relative_loss
from drift.tasks.base_task import Task
from drift.tasks.corridor import Arena, arena_and_path, meet_wall

__all__ = [
    "correlation_matrix",
    "corridor_scene",
    "information_and_activity",
    "learning_curve",
    "path_and_views",
    "sorted_rate_maps",
]


def corridor_scene(task: Task, step: int) -> Figure:
    """Fig. 2A: the corridor from above, its textured walls, the path, and one view of the agent.

    Parameters
    ----------
    task : Task
        Made by :func:`~drift.tasks.corridor.corridor`.
    step : int
        Time step (sample of the task) at which the agent and its view are shown.

    Returns
    -------
    matplotlib.figure.Figure
    """
    arena, path = arena_and_path(task.constants)
    figure, (above, pixels) = subplots(1, 2, figsize=(9, 2.4), gridspec_kw={"width_ratios": [6, 1]})
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
        xlabel="position along the corridor $y$",
        ylabel="$x$",
        ylim=np.array([-0.75, 0.75]) * arena.width,
        title=f"the arena from above; the agent at step {step}",
    )
    view = task.inputs[step, :-1]
    pixels.imshow(view[:, None], cmap="gray", aspect="auto", vmin=0, vmax=1)
    pixels.set(title="its view", xticks=[], ylabel="pixel")
    return figure


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


def path_and_views(task: Task) -> Figure:
    """The agent's position over time, and what it sees: the network's inputs but for the last.

    Parameters
    ----------
    task : Task
        With positions, in the order of time; its last input is not part of the view.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the task has no positions.
    """
    if task.position is None:
        raise ValueError(f"the task {task.name!r} has no positions to draw.")
    figure, (position, views) = subplots(
        2, 1, figsize=(8, 4.6), sharex=True, gridspec_kw={"height_ratios": [1, 2]}
    )
    position.plot(task.position, color=COLOURS["agent"])
    position.set(ylabel="distance from\nthe near wall")
    image = views.imshow(task.inputs[:, :-1].T, cmap="gray", aspect="auto", origin="lower")
    views.set(xlabel="time step", ylabel="pixel of the view")
    figure.colorbar(image, ax=views, label="brightness")
    return figure


def learning_curve(run: xr.Dataset, task: Task) -> Figure:
    """Fig. 2B: the loss, relative to always answering each output's mean, over log time.

    Parameters
    ----------
    run : xarray.Dataset
        ``loss`` (step) of a run by ``drift.simulate``.
    task : Task
        What the run was on.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(7, 3))
    late = run.sel(step=run["step"] > 0)
    axes.plot(late["step"], relative_loss(late["loss"].values, task, True), color=COLOURS["loss"])
    axes.axhline(0, color="0.7", lw=1, ls="--")
    axes.annotate("always answer the mean", (0.98, 0), (0, 3), ha="right", color="0.4",
                  xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    axes.set(xscale="log", xlabel="training step", ylabel="$\\log_{10}$(loss / variance)")
    return figure


def information_and_activity(run: xr.Dataset, tuning: xr.Dataset) -> Figure:
    """Fig. 2C: mean spatial information of place cells and fraction of active units over time.

    Parameters
    ----------
    run : xarray.Dataset
        ``fraction_active_units`` (step).
    tuning : xarray.Dataset
        ``mean_information`` (snapshot) in bits, by :func:`drift.analysis.tuning.tuning_over_time`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, information = subplots(figsize=(7, 3.2))
    information.plot(
        tuning["snapshot"], tuning["mean_information"], "o-", ms=3, color=COLOURS["information"]
    )
    information.set(xlabel="training step", ylim=(0, None))
    information.set_ylabel("mean spatial information (bits)", color=COLOURS["information"])
    active = information.twinx()
    active.plot(run["step"], run["fraction_active_units"], color=COLOURS["active_units"])
    active.set(ylim=(0, 1))
    active.set_ylabel("fraction of active units", color=COLOURS["active_units"])
    active.spines["right"].set_visible(True)
    return figure


def sorted_rate_maps(tuning: xr.Dataset, steps: Sequence[int]) -> Figure:
    """Fig. 2D: rate maps at some steps (columns), each row sorted at a different step.

    A row shows the units that are place cells at the time it is sorted by, in the order of their
    peaks at that time.

    Parameters
    ----------
    tuning : xarray.Dataset
        Of :func:`drift.analysis.tuning.tuning_over_time`.
    steps : sequence of int
        Training steps of snapshots.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(steps)
    figure, grid = subplots(count, count, figsize=(8, 7), sharey="row", squeeze=False)
    occupancy = tuning["occupancy"].values
    rates = tuning["rate"].sel(snapshot=list(steps)).values
    maps = {step: display_maps(rate, occupancy) for step, rate in zip(steps, rates, strict=True)}
    for row, sorting in enumerate(steps):
        tuned = tuning["spatial_information"].sel(snapshot=sorting).values > PLACE_CELL_INFORMATION
        units = np.flatnonzero(tuned)
        order = units[peak_order(maps[sorting][units])]
        for column, step in enumerate(steps):
            axes = grid[row, column]
            axes.imshow(maps[step][order], aspect="auto", interpolation="nearest", vmin=0, vmax=1)
            axes.set(xticks=[])
            if row == 0:
                axes.set_title(f"step {step:,}")
        grid[row, 0].set_ylabel(f"place cells,\nsorted at\n{sorting:,}", fontsize=9)
    figure.supxlabel("place (way back, then way out)")
    return figure


def correlation_matrix(tuning: xr.Dataset) -> Figure:
    """Fig. 2E: correlation of rate maps between all pairs of times.

    Parameters
    ----------
    tuning : xarray.Dataset
        ``rate_map_correlation`` (snapshot, other_snapshot), by
        :func:`drift.analysis.tuning.tuning_over_time`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = subplots(figsize=(4.8, 4))
    steps = tuning["snapshot"].values
    image = axes.pcolormesh(
        steps, steps, tuning["rate_map_correlation"].values, vmin=0, vmax=1, shading="nearest"
    )
    axes.set(xlabel="training step", ylabel="training step", aspect="equal")
    axes.invert_yaxis()
    axes.ticklabel_format(style="sci", scilimits=(0, 0), axis="both")
    figure.colorbar(image, ax=axes, label="correlation of rate maps")
    return figure
