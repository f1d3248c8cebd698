"""The results of a study that keeps recordings of its networks, in one dataset."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import xarray as xr

from drift.inference.drift_features import FEATURES
from drift.inference.recorded_networks import NUMBERS
from drift.study.folder import StudyFolder
from drift.study.index import read_results_of
from drift.study.settings import Sizes, task_sizes
from drift.support.flags import column

_PER_RUN = ("learned_at", "final_loss")


def collect_recordings(folder: StudyFolder, progress: bool = True) -> xr.Dataset:
    """Every recording of every network of a study in one dataset.

    Parameters
    ----------
    folder : StudyFolder
        Of a study that keeps recordings.
    progress : bool
        Show a progress bar.

    Returns
    -------
    xarray.Dataset
        Along ``recording``: ``network``, the number of the run; ``features`` (recording, feature);
        and :data:`~drift.inference.recorded_networks.NUMBERS`. Along ``run``: each setting, words
        as numbers with their meaning in ``flag_meanings``; ``status``; ``learned_at``. ``damaged``
        names what lies among the results and could not be used, and says why.
    """
    settings = folder.settings()
    results, left_out = read_results_of(folder.results, settings, _of_run, progress)
    networks = [
        number for number, found in enumerate(results) for _ in range(len(found.get("units", ())))
    ]
    data: dict[str, Any] = {"network": ("recording", np.array(networks, int))}
    table = [found["features"] for found in results if found]
    data["features"] = (
        ("recording", "feature"),
        np.concatenate([np.empty((0, len(FEATURES))), *table]).astype(np.float32),
    )
    for name in NUMBERS:
        parts = [found[name] for found in results if found]
        data[name] = ("recording", np.concatenate([np.empty(0), *parts]).astype(np.float32))
    for name in dict.fromkeys(
        (*itertools.chain.from_iterable(settings), *Sizes._fields, *_PER_RUN)
    ):
        data[name] = column(
            [run.get(name, found.get(name)) for run, found in zip(settings, results, strict=True)]
        )
    data["status"] = column([found.get("status", "missing") for found in results])
    attributes = {
        "study": folder.name,
        "code_versions": ", ".join(sorted({f["code_version"] for f in results if f})),
        "damaged": "; ".join(left_out),
    }
    return xr.Dataset(data, {"feature": list(FEATURES)}, attributes)


def _of_run(result: xr.Dataset, settings: dict[str, Any]) -> dict[str, Any]:
    """What is collected of one run."""
    return {name: result[name].values for name in ("features", *NUMBERS)} | {
        "status": result.attrs["status"],
        "code_version": result.attrs["code_version"],
        **{name: result[name].item() for name in _PER_RUN},
        **task_sizes(settings)._asdict(),
    }
