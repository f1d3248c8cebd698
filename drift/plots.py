"""Figures. One colour means one quantity throughout the book (Okabe and Ito's palette)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from drift.measures import relative_loss
from drift.phases import Phases
from drift.task import Task
from drift.tasks.corridor import Arena, arena_and_path, meet_wall
from drift.tuning import PLACE_CELL_INFORMATION, display_maps

COLOURS = {
    "loss": "#333333",
    "information": "#0072B2",
    "active_units": "#D55E00",
    "active_fraction": "#E69F00",
    "agent": "#009E73",
    "correlation": "#CC79A7",
}

PHASE_SHADES = {"learning": "#F3D9D2", "directed drift": "#FBF0C9", "null drift": "#DDEBDD"}

STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "legend.frameon": False,
    "image.cmap": "viridis",
}


def use_style() -> None:
    """Make the book's style the present one of matplotlib."""
    plt.rcParams.update(STYLE)


def _subplots(*arguments: Any, **settings: Any) -> tuple[Figure, Any]:
    """A figure that pyplot has already let go of, so that notebooks show it once: when returned."""
    figure, axes = plt.subplots(*arguments, **settings)
    plt.close(figure)
    return figure, axes


def corridor_scene(task: Task, step: int) -> Figure:
    """Fig. 2A: the corridor from above, its textured walls, the path, and one view of the agent."""
    arena, path = arena_and_path(task.constants)
    figure, (above, pixels) = _subplots(
        1, 2, figsize=(9, 2.4), gridspec_kw={"width_ratios": [6, 1]}
    )
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
    """The agent's position over time, and what it sees: the network's inputs."""
    if task.position is None:
        raise ValueError(f"the task {task.name!r} has no positions to draw.")
    figure, (position, views) = _subplots(
        2, 1, figsize=(8, 4.6), sharex=True, gridspec_kw={"height_ratios": [1, 2]}
    )
    position.plot(task.position, color=COLOURS["agent"])
    position.set(ylabel="distance from\nthe near wall")
    image = views.imshow(task.inputs[:, :-1].T, cmap="gray", aspect="auto", origin="lower")
    views.set(xlabel="time step", ylabel="pixel of the view")
    figure.colorbar(image, ax=views, label="brightness")
    return figure


def learning_curve(run: xr.Dataset, task: Task) -> Figure:
    """Fig. 2B: the loss, relative to always answering each output's mean, over log time."""
    figure, axes = _subplots(figsize=(7, 3))
    late = run.sel(step=run["step"] > 0)
    axes.plot(late["step"], relative_loss(late["loss"].values, task, True), color=COLOURS["loss"])
    axes.axhline(0, color="0.7", lw=1, ls="--")
    axes.annotate("always answer the mean", (0.98, 0), (0, 3), ha="right", color="0.4",
                  xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    axes.set(xscale="log", xlabel="training step", ylabel="$\\log_{10}$(loss / variance)")
    return figure


def information_and_activity(run: xr.Dataset, tuning: xr.Dataset) -> Figure:
    """Fig. 2C: mean spatial information of place cells and fraction of active units over time."""
    figure, information = _subplots(figsize=(7, 3.2))
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
    """Fig. 2D: rate maps at some steps (columns), each row in the order of one of them.

    A row shows the units that are place cells at the time it is sorted by, from the one that peaks
    first to the one that peaks last.
    """
    count = len(steps)
    figure, grid = _subplots(count, count, figsize=(8, 7), sharey="row", squeeze=False)
    occupancy = tuning["occupancy"].values
    rates = tuning["rate"].sel(snapshot=list(steps)).values
    maps = {step: display_maps(rate, occupancy) for step, rate in zip(steps, rates, strict=True)}
    for row, sorting in enumerate(steps):
        tuned = tuning["spatial_information"].sel(snapshot=sorting).values > PLACE_CELL_INFORMATION
        units = np.flatnonzero(tuned)
        order = units[np.argsort(maps[sorting][units].argmax(axis=1), kind="stable")]
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
    """Fig. 2E: correlation of rate maps between all pairs of times."""
    figure, axes = _subplots(figsize=(4.8, 4))
    steps = tuning["snapshot"].values
    image = axes.pcolormesh(
        steps, steps, tuning["rate_map_correlation"].values, vmin=0, vmax=1, shading="nearest"
    )
    axes.set(xlabel="training step", ylabel="training step", aspect="equal")
    axes.invert_yaxis()
    axes.ticklabel_format(style="sci", scilimits=(0, 0), axis="both")
    figure.colorbar(image, ax=axes, label="correlation of rate maps")
    return figure


def three_phases(runs: xr.Dataset, control: xr.Dataset, phases: Sequence[Phases]) -> Figure:
    """Fig. 4C: loss and fraction of active units of every run (thin) and the mean, phases shaded.

    ``runs`` and ``control`` have dimensions seed and step; borders are medians over the runs.
    """
    figure, (loss, active) = _subplots(2, 1, figsize=(7, 4.6), sharex=True)
    step = runs["step"].values
    shown = step > 0
    borders = [step[shown][0], *np.nanmedian(np.array(phases), axis=0), step[-1]]
    for axes, name, label in (
        (loss, "loss", "loss"),
        (active, "fraction_active_units", "fraction of\nactive units"),
    ):
        colour = COLOURS["loss" if name == "loss" else "active_units"]
        for begin, end, phase in zip(borders[:-1], borders[1:], PHASE_SHADES, strict=True):
            axes.axvspan(begin, end, color=PHASE_SHADES[phase], lw=0, zorder=0)
        curves = runs[name].transpose("step", "seed").values[shown]
        axes.plot(step[shown], curves, color=colour, lw=0.6, alpha=0.4)
        axes.plot(step[shown], curves.mean(axis=1), color=colour, lw=2, label="noise")
        still = control[name].mean("seed").values[shown]
        axes.plot(step[shown], still, color=colour, ls=":", lw=2, label="no noise")
        axes.set(xscale="log", ylabel=label, xlim=(borders[0], borders[-1]))
    active.set(xlabel="training step", ylim=(0, 1))
    active.legend(loc="lower left")
    for begin, end, phase in zip(borders[:-1], borders[1:], PHASE_SHADES, strict=True):
        loss.text(np.sqrt(begin * end), 1.02, phase, ha="center", va="bottom", fontsize=9,
                  transform=loss.get_xaxis_transform())  # fmt: skip
    return figure


def tuning_on_the_ring(run: xr.Dataset, steps: Sequence[int]) -> Figure:
    """Activity of all units over the ring at some steps, in the order of their peaks at the first.

    Units that are silent at the first of the steps are left out.
    """
    figure, panels = _subplots(1, len(steps), figsize=(8, 3), sharey=True)
    activity = run["activity"].sel(step=list(steps)).values
    first = activity[0]
    units = np.flatnonzero(first.max(axis=0) > 0)
    order = units[np.argsort(first[:, units].argmax(axis=0), kind="stable")]
    for axes, at, step in zip(panels, activity, steps, strict=True):
        image = axes.imshow(at[:, order].T, aspect="auto", interpolation="nearest", vmin=0,
                            vmax=float(activity.max()))  # fmt: skip
        axes.set(title=f"step {step:,}", xticks=[], xlabel="position on the ring")
    panels[0].set_ylabel("unit")
    figure.colorbar(image, ax=panels, label="activity")
    return figure


def correlation_against_lag(curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Correlation of the code with itself later: for each name, lags and values (seed, lag)."""
    figure, axes = _subplots(figsize=(6, 3))
    for (name, (lag, values)), style in zip(curves.items(), ("-", ":", "--"), strict=False):
        colour = COLOURS["correlation"]
        axes.plot(lag, values.mean(axis=0), color=colour, ls=style, lw=2, label=name)
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(lag, low, high, color=colour, alpha=0.2, lw=0)
    axes.set(xlabel="lag (training steps)", ylabel="correlation of\npopulation vectors",
             ylim=(0, 1.02))  # fmt: skip
    axes.legend()
    return figure
