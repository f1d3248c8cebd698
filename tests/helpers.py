"""What several test modules need and pytest need not know."""

import numpy as np
import scipy.io
from click.testing import CliRunner

import drift
from drift.cli import cli
from drift.plots.export import drawn_points

NEEDED_DATA = (
    "ratzon-2024",
    "sheintuch-2022",
    "rechavi-2022",
    "sheintuch-2020",
    "bendor-rats",
    "elyasaf-2024",
)
"""The data sets that tests compute with."""


def random_task(samples, d_in, d_out, seed=0):
    random = np.random.default_rng(seed)
    return drift.Task(
        random.uniform(-1, 1, (samples, d_in)), random.uniform(-1, 1, (samples, d_out))
    )


def random_network(task, hidden, seed=0):
    random = np.random.default_rng(seed)
    return drift.Parameters(
        random.normal(size=(hidden, task.d_in)),
        random.normal(size=hidden),
        random.normal(size=(task.d_out, hidden)),
    )


parameters = drift.Parameters.of_snapshot


def matlab_cell(shape):
    """A cell array; entries that are not set are empty, as in MATLAB."""
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        made[index] = np.zeros((0, 0))
    return made


def save_matlab(path, **content):
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(path, content, long_field_names=True)
    return path


def command(*words):
    """What the command ``drift`` does with these words, in this process; its errors are raised."""
    return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)


def drawn_as(ax, series, kind="line"):
    """X and y (points, 2) of what was drawn under a name in one panel."""
    table = drawn_points(ax.figure)
    panel = ax.figure.axes.index(ax) + 1
    rows = table[(table.panel == panel) & (table.series == series) & (table.kind == kind)]
    return rows[["x", "y"]].to_numpy()
