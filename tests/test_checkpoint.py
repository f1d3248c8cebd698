"""Runs that are killed go on from their checkpoint to the same bits."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

import drift
from drift.simulation.cache import cache_path, cached_simulate
from drift.simulation.checkpoint import Checkpoint
from drift.support.storage import read_dataset

RULES = {
    "gradient descent": drift.GradientDescent(update_noise=0.05, label_noise=0.3),
    "Adam": drift.Adam(),
    "error descent": drift.StochasticErrorDescent(learning_rate=0.2),
}
STEPS = {"gradient descent": 1_000_000, "Adam": 600_000, "error descent": 200_000}
"""Some seconds each, so that none gets through before it is killed."""

PROGRAM = """
import sys, drift
from pathlib import Path
from drift.support.storage import write_dataset
rule = eval(sys.argv[1], {name: getattr(drift, name) for name in drift.__all__})
run = drift.simulate(
    drift.random_mapping(seed=1), rule, steps=int(sys.argv[2]), seed=2,
    checkpoint=Path("state"), checkpoint_seconds=0.05,
)
write_dataset(run, Path("result.nc"))
"""


@pytest.mark.parametrize("name", RULES)
def test_a_killed_run_goes_on_to_the_same_bits(name, tmp_path):
    """SIGKILL at random moments, again and again until the run gets through."""
    rule, steps, moments = RULES[name], STEPS[name], random.Random(5)
    command = [sys.executable, "-c", PROGRAM, repr(rule), str(steps)]
    kills = 0
    for attempt in range(40):
        process = subprocess.Popen(command, cwd=tmp_path)
        # The first kills come while the state is being written for the first times.
        deadline = time.monotonic() + 20
        while attempt < 4 and not (tmp_path / "state").exists() and time.monotonic() < deadline:
            if process.poll() is not None:
                break
            time.sleep(0.005)
        if attempt < 4:
            time.sleep(moments.uniform(0, 0.4))
            process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        kills += 1
    assert kills >= 2
    assert not (tmp_path / "state").exists()
    whole = drift.simulate(drift.random_mapping(seed=1), rule, steps=steps, seed=2)
    assert read_dataset(tmp_path / "result.nc").identical(whole)


def test_the_reference_engine_goes_on_too(tmp_path, small_task):
    rule = drift.Adam()
    settings = {"steps": 120, "hidden": 5, "engine": "reference", "seed": 3}
    whole = drift.simulate(small_task, rule, **settings)
    with interrupted(writes=3):
        drift.simulate(
            small_task, rule, **settings, checkpoint=tmp_path / "state", checkpoint_seconds=0,
            record=[0, 60, 120], snapshots=[0, 60, 120],
        )  # fmt: skip
    assert (tmp_path / "state").exists()
    on = drift.simulate(
        small_task, rule, **settings, checkpoint=tmp_path / "state",
        record=[0, 60, 120], snapshots=[0, 60, 120],
    )  # fmt: skip
    assert on.loss.sel(step=120).item() == whole.loss.sel(step=120).item()
    assert on.sizes["step"] == 3


OTHER_RULES = {
    "online descent": drift.OnlineGradientDescent(batch=2, label_noise=0.3),
    "dropout": drift.Dropout(dropout=0.3),
    "pre-activation noise": drift.PreactivationNoise(),
}


@pytest.mark.parametrize("name", OTHER_RULES)
def test_an_interrupted_run_goes_on_to_the_same_bits(name, tmp_path):
    """In pieces of other lengths than at once, with silent units parked at their times."""
    task, rule = drift.random_mapping(seed=1), OTHER_RULES[name]
    settings = {"steps": 20_000, "seed": 2, "hidden": 30, "record": [0, 7, 9_000, 20_000]}
    settings |= {"snapshots": [20_000]}
    saved = settings | {"checkpoint": tmp_path / "state"}
    for _ in range(2):
        with interrupted(writes=8):
            drift.simulate(task, rule, **saved, checkpoint_seconds=0)
    assert 0 < int(read_dataset(tmp_path / "state")["done"]) < 20_000
    on = drift.simulate(task, rule, **saved)
    assert on.identical(drift.simulate(task, rule, **settings))


@contextmanager
def interrupted(writes):
    """A run within is interrupted, as by Ctrl-C, once it has written its state so many times."""
    original, count = Checkpoint.write, []

    def write(self, state):
        original(self, state)
        count.append(1)
        if len(count) == writes:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint, "write", write)
        with pytest.warns(UserWarning, match="interrupted"):
            yield


def test_a_run_that_records_often_keeps_its_state_too(tmp_path, small_task):
    """Every step is recorded, so that no slice of work ends between two records."""
    settings = {"steps": 300, "record": range(301), "snapshots": [0, 300], "seed": 2}
    saved = settings | {"checkpoint": tmp_path / "state"}
    with interrupted(writes=50):
        drift.simulate(small_task, RULES["Adam"], **saved, checkpoint_seconds=0)
    done = int(read_dataset(tmp_path / "state")["done"])
    assert done == 49
    on = drift.simulate(small_task, RULES["Adam"], **saved)
    assert on.identical(drift.simulate(small_task, RULES["Adam"], **settings))


def test_the_state_of_another_run_is_refused(tmp_path, small_task):
    settings = {"steps": 5000, "record": [0, 5000], "checkpoint": tmp_path / "state"}
    with interrupted(writes=1):
        drift.simulate(small_task, RULES["Adam"], **settings, checkpoint_seconds=0)
    with pytest.raises(ValueError, match="holds the state of another run: remove it"):
        drift.simulate(small_task, RULES["Adam"], **(settings | {"steps": 5001, "record": [0]}))


def test_a_damaged_state_is_reported_and_the_run_starts_afresh(tmp_path, small_task):
    (tmp_path / "state").write_bytes(os.urandom(1000))
    settings = {"steps": 500, "seed": 1}
    with pytest.warns(UserWarning, match="cannot be read.*starts afresh"):
        run = drift.simulate(small_task, RULES["Adam"], checkpoint=tmp_path / "state", **settings)
    assert run.identical(drift.simulate(small_task, RULES["Adam"], **settings))


def test_an_interrupted_cached_run_goes_on(own_cache, small_task):
    settings = {"steps": 50_000, "record": [0, 50_000], "checkpoint_seconds": 0}
    with interrupted(writes=3):
        cached_simulate(small_task, RULES["Adam"], **settings)
    path = cache_path(small_task, RULES["Adam"], **settings)
    assert path.with_suffix(".checkpoint").exists()
    assert not path.exists()
    run = cached_simulate(small_task, RULES["Adam"], **settings)
    assert path.exists()
    assert not path.with_suffix(".checkpoint").exists()
    assert run.identical(
        drift.simulate(small_task, RULES["Adam"], steps=50_000, record=[0, 50_000])
    )
