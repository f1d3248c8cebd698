"""The recordings of known networks that ship with the package, as tables."""

from __future__ import annotations

from functools import cache

import pandas as pd
import xarray as xr

from drift.inference.matching import matched_amounts
from drift.inference.recorded_networks import NUMBERS
from drift.support.flags import words
from drift.support.locations import SHIPPED
from drift.support.storage import read_dataset

__all__ = ["OTHERS", "known_and_others", "known_recordings", "table_of_recordings"]

OTHERS = ("update and label noise", "noisy units", "unstable gain", "similarity matching")
"""Kinds of network that are none of the rules to be told apart."""


def table_of_recordings(archive: xr.Dataset) -> pd.DataFrame:
    """One row a recording, as :mod:`drift.inference.classifier` wants it.

    Parameters
    ----------
    archive : xarray.Dataset
        Of ``drift.study.collected_recordings.collect_recordings``; along ``other_recording``,
        if it is there, recordings of similarity matching.

    Returns
    -------
    pandas.DataFrame
        The features; ``rule``, the name of the part of the study up to a comma; ``network``; how
        each was recorded; and of the network ``task`` and the settings that are numbers.
    """
    names = archive["feature"].values
    network = archive["network"].values
    table = pd.DataFrame(archive["features"].values.astype(float), columns=names)
    table["rule"] = [part.split(",")[0] for part in words(archive["part"])[network]]
    table["task"] = words(archive["task"])[network]
    table["network"] = network
    for name in NUMBERS:
        table[name] = archive[name].values
    of_networks = archive.drop_dims("recording").data_vars.items()
    for name, values in of_networks:
        if values.dims == ("run",) and "flag_meanings" not in values.attrs:
            table[str(name)] = values.values[network]
    if "other_recording" not in archive.dims:
        return table
    others = pd.DataFrame(archive["other_features"].values.astype(float), columns=names)
    others["rule"] = others["task"] = OTHERS[-1]
    for name in ("network", *NUMBERS):
        others[name] = archive[f"other_{name}"].values
    others["network"] += archive.sizes["run"]
    return pd.concat([table, others], ignore_index=True)


def known_and_others(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Recordings of networks by the rules, over the same amounts of drift, and all others.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`table_of_recordings`.

    Returns
    -------
    known, others : pandas.DataFrame
        Rows of ``table``.

    Raises
    ------
    ValueError
        As :func:`~drift.inference.matching.matched_amounts`.
    """
    is_other = table["rule"].isin(OTHERS)
    return matched_amounts(table[~is_other]), table[is_other]


@cache
def known_recordings() -> pd.DataFrame:
    """The shipped recordings of networks by nine rules, over the same amounts of drift.

    Returns
    -------
    pandas.DataFrame
        As :func:`table_of_recordings`.
    """
    return known_and_others(table_of_recordings(read_dataset(SHIPPED / "which-rule.nc")))[0]
