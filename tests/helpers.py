"""What several test modules need and pytest need not know."""

import numpy as np

import drift

NEEDED_DATA = ("ratzon-2024", "sheintuch-2022", "rechavi-2022", "sheintuch-2020")
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
