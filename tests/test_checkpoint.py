"""Runs that are killed go on from their checkpoint to the same bits."""

import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from disks import full_disk

import drift
from drift.rules.base_rule import LearningRule
from drift.simulation.cache import cache_path, cached_simulate
from drift.simulation.call import differences
from drift.simulation.checkpoint import Checkpoint
from drift.simulation.reference_engine import ReferenceEngine
from drift.support.storage import read_dataset, write_dataset

RULES = {
    "gradient descent": drift.GradientDescent(update_noise=0.05, label_noise=0.3),
    "Adam": drift.Adam(),
    "error descent": drift.StochasticErrorDescent(learning_rate=0.2),
}
STEPS = {"gradient descent": 2_000_000, "Adam": 1_000_000, "error descent": 600_000}
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


def mean_activity(seen):
    return float(seen.activity.mean())


def of_other_code():
    def mean_activity(seen):
        return float(seen.activity.mean()) + 1

    mean_activity.__qualname__ = "mean_activity"
    return mean_activity


class OwnRule(LearningRule):
    """A rule of this file, which remembers under any word."""

    def __init__(self, rate=0.1):
        self.rate = rate

    def settings(self):
        return {"rate": self.rate, "flag": True, "nothing": None, "table": [[1, 2], [3]]}

    def reference_step(self, state):
        for value, kept in zip(state.values, state.remember("a/b %.\0é"), strict=True):
            kept += state.normal(value.shape)
            value -= self.rate * kept


class OtherCode(OwnRule):
    """The same by its name, with another step."""

    def reference_step(self, state):
        pass


OtherCode.__qualname__ = "OwnRule"

WHOLE = {
    "steps": 60, "hidden": 5, "seed": 3, "engine": "reference", "record": [0, 60],
    "snapshots": [0, 60], "measures": ["loss", mean_activity],
}  # fmt: skip

CHANGES = {
    "steps": {"steps": 61},
    "seed": {"seed": 4},
    "hidden": {"hidden": 6},
    "init": {"init": "lazy"},
    "start": {"init": drift.Parameters(np.ones((5, 20)), np.ones(5), np.ones((5, 5)))},
    "record": {"record": [0, 59, 60]},
    "snapshots": {"snapshots": iter([60])},
    "measures": {"measures": ["loss", of_other_code()]},
    "activation": {"activation": "tanh", "active_threshold": 0.0},
    "active_threshold": {"active_threshold": 0.1},
    "engine": {"engine": "fast"},
    "skip_silent": {"skip_silent": False},
    "stop_when_silent": {"stop_when_silent": False},
}


def state_of(task, rule, path, **settings):
    """A run that was interrupted and has left its state in ``path``; the file's bytes."""
    with interrupted(writes=2):
        drift.simulate(task, rule, **settings, checkpoint=path, checkpoint_seconds=0)
    return path.read_bytes()


@pytest.fixture
def untrained(monkeypatch):
    """Fails where training begins."""

    def advance(self, steps):
        pytest.fail("training began")

    monkeypatch.setattr(ReferenceEngine, "advance", advance)
    monkeypatch.setattr("drift.simulation.fast_engine.FastEngine.advance", advance)


@pytest.fixture
def whole_state(tmp_path, small_task):
    path = tmp_path / "state"
    return path, state_of(small_task, drift.GradientDescent(update_noise=0.05), path, **WHOLE)


@pytest.mark.parametrize("name", CHANGES)
def test_the_state_of_another_run_is_refused_by_what_differs(
    whole_state, small_task, untrained, name
):
    path, before = whole_state
    rule = drift.GradientDescent(update_noise=0.05)
    with pytest.raises(
        ValueError, match=rf"another run \(.*{name} is .* there and .* here.*remove"
    ):
        drift.simulate(small_task, rule, **(WHOLE | CHANGES[name]), checkpoint=path)
    assert path.read_bytes() == before


def test_the_state_of_another_rule_task_or_code_is_refused(
    whole_state, small_task, untrained, monkeypatch
):
    path, before = whole_state
    rule = drift.GradientDescent(update_noise=0.05)
    arrays = {"inputs": small_task.inputs, "targets": small_task.targets}
    others = [
        (drift.Task(**arrays | {"inputs": -small_task.inputs}), rule, "arrays of the task is "),
        (drift.Task(**arrays, constants={"b": 1}), rule, "task.b is not stated there and 1 here"),
        (drift.Task(**arrays, name="x"), rule, 'task is "task" there and "x" here'),
        (
            small_task, drift.GradientDescent(update_noise=0.06),
            r"\(rule.update_noise is 0.05 there and 0.06 here\)",
        ),
        (
            small_task, drift.Adam(),
            r"\(rule is .*GradientDescent. there .*rule.update_noise is 0.05 there and not stated",
        ),
    ]  # fmt: skip
    for task, other, words in others:
        with pytest.raises(ValueError, match=words):
            drift.simulate(task, other, **WHOLE, checkpoint=path)
    monkeypatch.setattr("drift.simulation.call.code_version", lambda: "later")
    with pytest.raises(ValueError, match=r'\(code_version is .* there and "later" here\)'):
        drift.simulate(small_task, rule, **WHOLE, checkpoint=path)
    assert path.read_bytes() == before


def test_a_rule_of_ones_own_goes_on_and_is_known_by_its_code(tmp_path, small_task):
    settings = WHOLE | {"stop_when_silent": False}
    whole = drift.simulate(small_task, OwnRule(), **settings)
    path = tmp_path / "state"
    state_of(small_task, OwnRule(), path, **settings)
    with pytest.raises(ValueError, match=r"\(rule is .*OwnRule, code .* there and .*OwnRule, code"):
        drift.simulate(small_task, OtherCode(), **settings, checkpoint=path)
    on = drift.simulate(small_task, OwnRule(), **settings, checkpoint=path)
    assert on.identical(whole) and not path.exists()
    write_dataset(whole, path)
    assert read_dataset(path).identical(whole)
    kept = {name: whole.attrs[name] for name in ("flag", "nothing", "table")}
    assert kept == {"flag": "true", "nothing": "null", "table": "[[1, 2], [3]]"}


def test_what_holds_no_state_is_refused(tmp_path, small_task, untrained):
    rule = drift.GradientDescent()
    result = drift.simulate(small_task, rule, hidden=5, steps=0, record=[0], snapshots=[0])
    of_earlier_code = result[["loss"]].assign(done=3).assign_attrs(origin="{}")
    for content, words in (
        (result, "holds no state of a run: remove it, or give another file"),
        (of_earlier_code, "does not state what it was made from, so that it is of other code"),
    ):
        path = tmp_path / "state"
        write_dataset(content, path)
        before = path.read_bytes()
        with pytest.raises(ValueError, match=words):
            drift.simulate(small_task, rule, hidden=5, steps=100, checkpoint=path)
        assert path.read_bytes() == before


def test_files_and_folders_of_others_are_refused(tmp_path, small_task, untrained):
    notes, folder = tmp_path / "notes.txt", tmp_path / "folder"
    notes.write_text("mine")
    folder.mkdir()
    places = {
        notes: (ValueError, "not written by drift"),
        folder: (IsADirectoryError, "Is a directory"),
        notes / "state": (NotADirectoryError, "Not a directory"),
    }
    for path, (kind, words) in places.items():
        for given in (path, str(path)):
            with pytest.raises(kind, match=words):
                drift.simulate(small_task, RULES["Adam"], steps=100, checkpoint=given)
    assert notes.read_text() == "mine"
    assert set(tmp_path.iterdir()) == {notes, folder} and not any(folder.iterdir())


def test_a_run_leaves_the_file_that_appeared_in_its_place(tmp_path, small_task, monkeypatch):
    path = tmp_path / "state"

    def notes(seen):
        path.write_text("mine")
        return 0.0

    settings = {"steps": 20, "hidden": 5, "measures": [notes], "checkpoint": path}
    drift.simulate(small_task, RULES["Adam"], **settings)
    assert path.read_text() == "mine"
    path.unlink()
    with pytest.warns(
        UserWarning, match="cannot be written, and the run goes on: .*not written by drift"
    ):
        drift.simulate(small_task, RULES["Adam"], **settings, checkpoint_seconds=0)
    assert path.read_text() == "mine"


def test_a_damaged_state_is_reported_and_the_run_starts_afresh(whole_state, small_task):
    path, before = whole_state
    path.write_bytes(before[:-100])
    rule = drift.GradientDescent(update_noise=0.05)
    with pytest.warns(UserWarning, match="cannot be read.*starts afresh"):
        run = drift.simulate(small_task, rule, **WHOLE, checkpoint=path)
    assert run.identical(drift.simulate(small_task, rule, **WHOLE))
    assert not path.exists()


def test_a_disk_that_fills_does_not_end_the_run(tmp_path, small_task):
    path, rule = tmp_path / "state", RULES["Adam"]
    before = state_of(small_task, rule, path, **WHOLE)
    with (
        full_disk(room=5000),  # enough for what is tried before training
        pytest.warns(UserWarning, match="cannot be written, and the run goes on") as caught,
    ):
        run = drift.simulate(small_task, rule, **WHOLE, checkpoint=path, checkpoint_seconds=0,
                             keep_checkpoint=True)  # fmt: skip
    assert ["No space left on device" in str(one.message) for one in caught] == [True]
    assert path.read_bytes() == before
    assert run.identical(drift.simulate(small_task, rule, **WHOLE))
    with full_disk(room=100), pytest.raises(OSError, match="No space left on device"):
        drift.simulate(small_task, rule, **WHOLE, checkpoint=path)


def test_the_state_at_step_0_is_gone_on_from_too(tmp_path, small_task):
    path = tmp_path / "state"
    with interrupted(writes=1):
        drift.simulate(small_task, RULES["Adam"], **WHOLE, checkpoint=path, checkpoint_seconds=0)
    assert int(read_dataset(path)["done"]) == 0
    on = drift.simulate(small_task, RULES["Adam"], **WHOLE, checkpoint=path)
    assert on.identical(drift.simulate(small_task, RULES["Adam"], **WHOLE))


def test_the_state_is_kept_for_who_asks(tmp_path, small_task):
    path = tmp_path / "state"
    settings = WHOLE | {"checkpoint": path, "checkpoint_seconds": 0}
    first = drift.simulate(small_task, RULES["Adam"], **settings, keep_checkpoint=True)
    assert int(read_dataset(path)["done"]) == 60
    assert drift.simulate(small_task, RULES["Adam"], **settings).identical(first)
    assert not path.exists()


@pytest.mark.parametrize("seconds", [-1, float("nan"), "often"])
def test_impossible_pauses_are_refused(tmp_path, small_task, seconds):
    with pytest.raises((TypeError, ValueError), match="checkpoint_seconds="):
        drift.simulate(
            small_task, RULES["Adam"], steps=10, checkpoint=tmp_path / "x",
            checkpoint_seconds=seconds,
        )  # fmt: skip


def test_statements_that_cannot_be_understood_differ():
    for stated in (None, "", "no JSON", "3", "[]"):
        assert "of other code" in differences(stated, '{"steps": 3}')
    assert differences('{"steps": 3}', '{"steps": 3}') == ""
    assert differences('{"steps": 3, "a": 1}', '{"steps": NaN}') == (
        "steps is 3 there and NaN here; a is 1 there and not stated here"
    )


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
