"""What CONTRIBUTING says under "To add", done as it is written there."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import drift
from drift.rules.base_rule import RULES, LearningRule, rule
from drift.simulation.cache import cached_simulate
from drift.study.extensions import load_code
from drift.study.folder import StudyError
from drift.support.storage import read_dataset
from drift.tasks.base_task import TASKS, Task, task

TEXT = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text()
RULE, TASK, MEASURE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(STUDY,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
(COMMAND,) = re.findall(r"`(drift study run parity.*?)`", TEXT)


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the text has, and registries that are as before afterwards."""
    for name, content in (("my_rule.py", RULE), ("my_task.py", TASK), ("parity.yaml", STUDY)):
        (tmp_path / name).write_text(content)
    before = dict(RULES), dict(TASKS)
    yield tmp_path
    for registry, content in zip((RULES, TASKS), before, strict=True):
        registry.clear()
        registry.update(content)
    for name in [name for name in sys.modules if name.startswith("drift_extension_")]:
        del sys.modules[name]


def test_a_rule_is_ten_lines():
    body = RULE[RULE.index("@rule") :]
    assert len([line for line in body.splitlines() if line.strip()]) <= 10


def test_a_rule_a_task_and_a_measure_train_together(folder):
    load_code(folder / "my_rule.py")
    load_code(folder / "my_task.py")
    namespace = {}
    exec(MEASURE, namespace)
    made = TASKS["parity"](seed=1)
    assert made.inputs.shape == (8, 3)
    np.testing.assert_array_equal(made.targets[:, 0], made.inputs.sum(axis=1) % 2)
    run = drift.simulate(
        made, RULES["SignDescent"](0.01), engine="reference", hidden=20, steps=300, seed=1,
        measures=["loss", namespace["mean_activity"]], snapshots=[0, 1, 300],
    )  # fmt: skip
    assert run.loss.values[-1] < 0.3 * run.loss.values[0]
    moved = np.abs(run.input_weights[1] - run.input_weights[0]).values
    np.testing.assert_allclose(moved[moved > 0], 0.01, rtol=1e-9)
    end = drift.Parameters.of_snapshot(run, -1)
    activity = np.maximum(made.inputs @ end.input_weights.T + end.bias, 0)
    assert run.mean_activity.values[-1] == pytest.approx(activity.mean(), rel=1e-12)
    with pytest.raises(ValueError, match="SignDescent has no fast kernel"):
        drift.simulate(made, RULES["SignDescent"](0.01), steps=10)


def test_the_study_of_them_runs_by_the_command_in_the_text(folder):
    words = COMMAND.split()
    assert words[0] == "drift"
    program = [sys.executable, "-m", "drift"]
    done = subprocess.run([*program, *words[1:]], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    collect = ["study", "collect", "runs/parity", "--code", "my_rule.py", "--code", "my_task.py"]
    subprocess.run([*program, *collect], cwd=folder, check=True, capture_output=True)
    collected = read_dataset(folder / "runs" / "parity" / "parity.nc")
    assert collected.bits.values.tolist() == [2, 3]
    ends = collected.loss.values[np.arange(2), (collected.step.values >= 0).sum(axis=1) - 1]
    assert (ends < collected.loss.values[:, 0]).all()


def test_code_that_cannot_be_run_is_named(folder):
    (folder / "broken.py").write_text("raise RuntimeError('no')")
    with pytest.raises(StudyError, match=r"broken\.py cannot be run: RuntimeError: no"):
        load_code(folder / "broken.py")
    with pytest.raises(StudyError, match=r"notes\.txt is not a Python file"):
        load_code(folder / "notes.txt")


def test_two_of_one_name_are_refused(folder):
    class GradientDescent(LearningRule):
        def reference_step(self, state):
            pass

    with pytest.raises(ValueError, match=r"there is a rule 'GradientDescent' already, in drift\."):
        rule(GradientDescent)

    def corridor(seed=0):
        return Task([[0.0]], [[0.0]])

    with pytest.raises(ValueError, match=r"there is a task 'corridor' already, in drift\."):
        task(corridor)


def test_measures_that_cannot_be_recorded_are_refused(small_task):
    settings = {"steps": 10, "hidden": 5}
    rule = drift.GradientDescent()

    def loss(seen):
        return 0.0

    with pytest.raises(ValueError, match="measures has 'loss' twice"):
        drift.simulate(small_task, rule, measures=["loss", loss], **settings)
    with pytest.raises(ValueError, match="<lambda> is no name: define a function"):
        drift.simulate(small_task, rule, measures=[lambda seen: 0.0], **settings)
    with pytest.raises(ValueError, match="measures has a function, loss, and a file cannot say"):
        cached_simulate(small_task, rule, measures=[loss], **settings)
