"""drift: representational drift as implicit regularization, simulated fast and measured.

The package behind the book. A task and a learning rule go into :func:`simulate`, which returns an
:class:`xarray.Dataset`::

    import drift
    task = drift.corridor(seed=0)
    rule = drift.GradientDescent(learning_rate=0.1, update_noise=0.0139)
    run = drift.simulate(task, rule, hidden=500, init="lazy", steps=1_000_000)
"""

import os as _os

import numba as _numba

from drift.provenance import cache_directory as _cache_directory
from drift.provenance import code_version as _code_version

# Numba looks only at a kernel's own file to see whether its compiled form is stale, not at the
# files of the functions it calls: every version of the kernels gets a folder of its own.
if not _os.environ.get("NUMBA_CACHE_DIR"):
    _numba.config.CACHE_DIR = str(_cache_directory() / f"kernels-{_code_version()}")

from drift._version import __version__
from drift.network import Parameters
from drift.recording import LinearSpacing, LogSpacing
from drift.rules.adaptive import Adam, RMSprop
from drift.rules.base import LearningRule
from drift.rules.error_descent import StochasticErrorDescent
from drift.rules.gradient_descent import GradientDescent
from drift.simulation import check_simulation, simulate
from drift.task import Task
from drift.tasks.corridor import corridor
from drift.tasks.mappings import (
    random_autoencoder,
    random_mapping,
    smoothed_autoencoder,
    smoothed_mapping,
)
from drift.tasks.ring import abstract_predictive

__all__ = [
    "Adam",
    "GradientDescent",
    "LearningRule",
    "LinearSpacing",
    "LogSpacing",
    "Parameters",
    "RMSprop",
    "StochasticErrorDescent",
    "Task",
    "__version__",
    "abstract_predictive",
    "check_simulation",
    "corridor",
    "random_autoencoder",
    "random_mapping",
    "simulate",
    "smoothed_autoencoder",
    "smoothed_mapping",
]
