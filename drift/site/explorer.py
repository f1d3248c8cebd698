"""What the page *A million steps under one slider* shows: data for its script, and a still.

Both are made of the shipped archives when the site is built, so that no number is kept twice.
"""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from drift.plots.style import STYLE
from drift.results.archives import PUBLISHED_RULE, load_archive
from drift.site.explorer_still import SMALLEST_EIGENVALUE, explorer_still
from drift.support.storage import write_text

PAGE = "explorer.md"


def stage_explorer(book: Path) -> None:
    """Write data and still of the explorer into the staged ``book``, if it has that page."""
    if not (book / PAGE).exists():
        return
    folder = book / "_static" / "explorer"
    folder.mkdir(parents=True, exist_ok=True)
    write_text(data_script(explorer_arrays()), folder / "data.js")
    # Without the version of matplotlib, the file is the same wherever it is drawn alike.
    still().savefig(folder / "still.png", dpi=STYLE["savefig.dpi"], metadata={"Software": None})


def explorer_arrays() -> dict[str, np.ndarray]:
    """All that the page draws, of the default corridor run with seed 0, by name.

    Along snapshots: ``snapshot`` (their steps), ``level``, ``peak`` and ``information`` (0 for a
    silent unit) as in the archive ``corridor-maps``, ``correlation`` (snapshot, snapshot),
    ``mean_information``, ``eigenvalues`` of the Hessian's Gauss-Newton part (0 where smaller than
    :data:`~drift.site.explorer_still.SMALLEST_EIGENVALUE` of the largest) and their ``rank``. Along
    recorded steps: ``step``, ``relative_loss`` (log10 of the loss over the targets' variance) and
    ``active_units``. Besides ``place``, ``place_bin``, ``stability``, the eigenvalue 2 / eta, and
    ``first_unit``, the unit that the page begins with.
    """
    maps, spectra = load_archive("corridor-maps"), load_archive("corridor-spectra")
    run = load_archive("corridor").sel(seed=0)
    relative_loss = np.log10(run["loss"].values / float(run["target_variance"]))
    information = maps["spatial_information"].values
    arrays = {
        "snapshot": maps["snapshot"].values,
        "place": maps["place"].values,
        "place_bin": maps["place_bin"].values,
        "level": maps["level"].values,
        "peak": maps["peak_rate"].values,
        "information": np.where(np.isfinite(information), information, 0),
        "correlation": run["rate_map_correlation"].values,
        "mean_information": run["mean_information"].values,
        "eigenvalues": _shown_eigenvalues(spectra),
        "rank": spectra["rank"].values.astype(int),
        "stability": np.array([2 / PUBLISHED_RULE.learning_rate]),
        "step": run["step"].values,
        "relative_loss": relative_loss,
        "active_units": run["fraction_active_units"].values,
        "first_unit": np.array([wanderer(maps)]),
    }
    return {name: _in_few_bytes(values) for name, values in arrays.items()}


def wanderer(maps: xr.Dataset) -> int:
    """The unit to begin with: of those always well tuned, the one whose map changes most.

    That is, of the units that always carry half a bit or more after the start, the one whose last
    map correlates least with that at the second snapshot, after learning.
    """
    tuned = np.flatnonzero((maps["spatial_information"].values[1:] > 0.5).all(axis=0))
    early, late = maps["level"].values[[1, -1]][:, tuned].astype(float)
    likeness = [np.corrcoef(*pair)[0, 1] for pair in zip(early, late, strict=True)]
    return int(tuned[np.argmin(likeness)])


def data_script(arrays: dict[str, np.ndarray]) -> str:
    """A script that sets ``driftExplorerData`` to the ``arrays``: where each is, and all bytes.

    ``arrays`` lists ``[name, type, shape]`` in the order of the bytes; ``bytes`` is the base64 of
    the zlib stream of the arrays one after another, little-endian, each filled up to a multiple of
    four bytes.
    """
    listed = [[name, values.dtype.name, values.shape] for name, values in arrays.items()]
    joined = b"".join(_padded(values.tobytes()) for values in arrays.values())
    content = {"arrays": listed, "bytes": base64.b64encode(zlib.compress(joined, 9)).decode()}
    return f"window.driftExplorerData = {json.dumps(content)};\n"


def still() -> Figure:
    """The picture that stands in for the explorer where no script runs."""
    with plt.rc_context(STYLE):
        return explorer_still(load_archive("corridor-maps"), load_archive("corridor-spectra"))


def _shown_eigenvalues(spectra: xr.Dataset) -> np.ndarray:
    values = spectra["eigenvalues"].values
    return np.where(values > SMALLEST_EIGENVALUE * values.max(axis=1, keepdims=True), values, 0)


def _in_few_bytes(values: np.ndarray) -> np.ndarray:
    """``values`` as little-endian uint8, int32 or float32."""
    if values.dtype == np.uint8:
        return values
    return values.astype("<i4" if np.issubdtype(values.dtype, np.integer) else "<f4")


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)
