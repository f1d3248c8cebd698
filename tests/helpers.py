"""What several test modules need and pytest need not know."""

import numpy as np

import drift


def random_task(samples, d_in, d_out, seed=0):
    random = np.random.default_rng(seed)
    return drift.Task(
        random.uniform(-1, 1, (samples, d_in)), random.uniform(-1, 1, (samples, d_out))
    )


parameters = drift.Parameters.of_snapshot
