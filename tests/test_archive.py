"""The shipped archive against runs made now, and the chapters against a changed world."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import drift
from drift import archive

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("variant", list(archive.CORRIDOR_VARIANTS))
def test_the_archive_begins_as_a_run_made_now(variant):
    """The first 3000 of a million steps, seed 0: equal to what rounding of float64 sums leaves."""
    shipped = archive.load_archive("corridor").sel(variant=variant, seed=0)
    steps = shipped.step.values[:4]
    assert steps.tolist() == [0, 1000, 2000, 3000]
    task = drift.corridor(seed=0, **archive.CORRIDOR_VARIANTS[variant])
    network = archive.PUBLISHED_NETWORK | {"steps": 3000, "seed": 0}
    run = drift.simulate(task, archive.PUBLISHED_RULE, record=steps, snapshots=[0], **network)
    for name in ("loss", "active_fraction", "fraction_active_units"):
        np.testing.assert_allclose(run[name], shipped[name][:4], rtol=1e-9, err_msg=name)


def test_the_archive_is_whole_and_says_where_it_is_from():
    shipped = archive.load_archive("corridor")
    assert shipped.sizes["seed"] == 5
    assert shipped.sizes["variant"] == len(archive.CORRIDOR_VARIANTS)
    assert shipped.step.values[-1] == 1_000_000
    assert np.isfinite(shipped.loss).all()
    assert shipped.attrs["command"] == "drift archive corridor"
    assert {"code_version", "machine", "hours"} <= set(shipped.attrs)
    # Seeds make different runs.
    final = shipped.loss.isel(step=-1).values
    assert len(np.unique(final)) == final.size


def test_unknown_archives_are_refused():
    with pytest.raises(ValueError, match="archive='lost' is unknown: choose one of 'corridor'"):
        archive.load_archive("lost")


def nbval(notebook, folder, environment):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q",
         "-c", os.devnull, "--rootdir", str(folder), str(notebook)],
        cwd=folder, env=dict(os.environ) | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_nbval_notices_a_changed_constant_of_nature(tmp_path):
    """The corridor chapter passes as it is and fails where the agent walks a little faster."""
    notebook = tmp_path / "corridor.ipynb"
    shutil.copy(ROOT / "book" / "corridor.ipynb", notebook)
    changed = tmp_path / "changed"
    shutil.copytree(ROOT / "drift", changed / "drift")
    corridor = changed / "drift" / "tasks" / "corridor.py"
    original = corridor.read_text()
    corridor.write_text(original.replace("speed: float = 0.2,", "speed: float = 0.21,"))
    assert corridor.read_text() != original

    plain = nbval(notebook, tmp_path, {})
    assert plain.returncode == 0, plain.stdout
    faster = nbval(notebook, tmp_path, {"PYTHONPATH": str(changed)})
    assert faster.returncode == 1
    assert "Cell outputs differ" in faster.stdout
