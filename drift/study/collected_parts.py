"""The runs of a study that were collected before, on another machine perhaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from drift.study.collection import DEFAULTED, words
from drift.study.settings import RECORDED


def collected_before(collected: xr.Dataset) -> dict[int, dict[str, Any]]:
    """Each run of a dataset of :func:`~drift.study.collection.collect`, by its number.

    Parameters
    ----------
    collected : xarray.Dataset
        With the coordinate ``run``; runs without a result are left out.

    Returns
    -------
    dict of int to dict
        To be given to :func:`~drift.study.collection.collect` as ``known``.
    """
    found = {}
    states, inits = words(collected["status"]), words(collected["init"])
    for row, number in enumerate(collected["run"].values.tolist()):
        if states[row] == "missing":
            continue
        run = collected.isel(run=row)
        records = int((run["step"].values >= 0).sum())
        spectra = {
            name: run[name].values[np.isfinite(run[name].values)]
            for name in ("largest_eigenvalue", "hessian_rank")
        }
        found[number] = (
            {name: run[name].values[:records] for name in ("step", *RECORDED)}
            | spectra
            | {name: run[name].item() for name in ("target_variance", *DEFAULTED)}
            | {
                "init": str(inits[row]),
                "status": str(states[row]),
                "code_version": collected.attrs["code_versions"],
            }
        )
    return found
