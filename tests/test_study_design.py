"""What a study's file says, and what is drawn from it."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from drift.study.folder import StudyError
from drift.study.reading import find_design, list_designs, read_study

HEAD = "study: small\nseed: 7\nparts:\n"


def study(part, cases=""):
    """A study of one part with these settings, in YAML's flow style."""
    return read_study(
        "small.yaml",
        f"{HEAD}  - part: only\n    runs: 1000\n    settings: {{task: random_mapping, "
        f"rule: GradientDescent, steps: 10, {part}}}\n{cases}",
    )


def drawn(part, name):
    return np.array([run[name] for run in study(part).runs()])


def test_numbers_follow_their_laws():
    """1000 draws each; false alarms 1e-4 a test."""
    uniform = drawn("update_noise: {uniform: [0.2, 0.5]}", "update_noise")
    assert stats.kstest(uniform, "uniform", args=(0.2, 0.3)).pvalue > 1e-4
    spread = drawn("update_noise: {log_uniform: [0.01, 0.1]}", "update_noise")
    assert stats.kstest(np.log10(spread), "uniform", args=(-2, 1)).pvalue > 1e-4
    whole = Counter(drawn("samples: {integer: [3, 6]}", "samples").tolist())
    assert sorted(whole) == [3, 4, 5, 6]
    assert stats.chisquare(list(whole.values())).pvalue > 1e-4
    chosen = Counter(drawn("init: {choose: [lazy, rich]}", "init").tolist())
    assert stats.binomtest(chosen["lazy"], 1000).pvalue > 1e-4


def test_counts_are_exact_and_shuffled():
    kinds = drawn("init: {counts: {lazy: 300, rich: 700}}", "init")
    assert Counter(kinds.tolist()) == {"lazy": 300, "rich": 700}
    assert 0 < np.count_nonzero(kinds[:300] == "rich") < 300


def test_several_values_are_crossed():
    text = HEAD + (
        "  - part: a\n    runs: 2\n    settings: {task: random_mapping, rule: Adam, steps: 1,"
        " samples: {each: [2, 5]}, learning_rate: {log_spaced: [0.001, 0.1, 3]}}\n"
    )
    runs = read_study("s", text).runs()
    pairs = Counter((run["samples"], round(run["learning_rate"], 9)) for run in runs)
    assert pairs == {(n, rate): 2 for n in (2, 5) for rate in (0.001, 0.01, 0.1)}
    assert len({run["seed"] for run in runs}) == 12


def test_cases_share_everything_but_what_they_say():
    pairs = study(
        "d_in: {integer: [2, 30]}",
        "    cases:\n      - update_noise: 0.03\n      - label_noise: 1.0\n",
    ).runs()
    assert len(pairs) == 2000
    for update, label in zip(pairs[::2], pairs[1::2], strict=True):
        assert update.pop("update_noise") == 0.03
        assert label.pop("label_noise") == 1.0
        assert update.pop("number") + 1 == label.pop("number")
        assert update == label


def test_changing_one_setting_leaves_the_others():
    first = study("d_in: {integer: [2, 30]}, update_noise: {uniform: [0, 1]}")
    second = first.with_settings({"update_noise": {"log_uniform": [0.01, 0.1]}, "steps": 5})
    for before, after in zip(first.runs(), second.runs(), strict=True):
        assert before["d_in"] == after["d_in"]
        assert before["seed"] == after["seed"]
        assert after["steps"] == 5
        assert after["update_noise"] <= 0.1


def test_a_few_runs_are_some_of_all():
    whole = study("d_in: {integer: [2, 30]}")
    everything = whole.runs()
    few = whole.runs(20)
    assert len({run["number"] for run in few}) == 20
    assert all(run == everything[run["number"]] for run in few)


def test_the_generality_study_has_the_published_mix():
    """Numbers of runs by task, rule, noise and length, as in the study's table of runs."""
    runs = read_study(list_designs()["generality"]).runs()
    assert len(runs) == 1151
    assert Counter(run["task"] for run in runs) == {
        "smoothed_mapping": 386, "random_mapping": 364, "abstract_predictive": 254,
        "random_autoencoder": 92, "smoothed_autoencoder": 55,
    }  # fmt: skip
    rules = Counter(run["rule"] for run in runs)
    assert rules == {"GradientDescent": 1057, "StochasticErrorDescent": 49, "Adam": 45}
    assert sum("update_noise" in run for run in runs) == 522 + 1
    assert sum("label_noise" in run for run in runs) == 535 - 1
    assert Counter(run["steps"] for run in runs) == {10_000_000: 789, 1_000_000: 362}


@pytest.mark.parametrize("name", list(list_designs()))
def test_shipped_studies_are_sound(name):
    read_study(list_designs()[name]).check()


BAD = {
    "part: a\n    settings: {tusk: 1}": "line 5: the setting 'tusk' is unknown",
    "part: a\n    settings:\n      task: random_mapping\n      rule: Adam\n      steps: 9\n"
    "      learning_rate: {uniform: [2, 1]}": r"line 9 \(part 'a', learning_rate\).*\[2, 1\]",
    "part: a\n    settings:\n      task: random_mapping\n      rule: Adam\n      steps: 9\n"
    "      learning_rate: -1": r"line 9 \(part 'a', learning_rate\): learning_rate=-1 is not",
    "part: a\n    settings: {task: maze, rule: Adam, steps: 9}": "task='maze' is unknown",
    "part: a\n    settings: {task: corridor, rule: Adam}": "the setting 'steps' is missing",
    "part: a\n    settings: {task: random_mapping, rule: Adam, steps: 9, perturbation: 1}":
        "no task and no rule of this part has such a setting",
    "part: a\n    runs: 3\n    settings: {task: random_mapping, rule: Adam, steps: 9,"
    " init: {counts: {lazy: 1, rich: 1}}}": "counts add up to 2, but there are 3 runs",
    "part: a\n    settings: {steps: {somehow: [1]}}": "does not say how the setting varies",
    "part: a\n    run: 3": "the field 'run' is unknown: choose from part, runs, settings, cases",
    "runs: 3": "the field 'part' is missing",
    "part: a\n    runs: none": "line 5: runs='none' is not an integer",
    "part: a\n  - part: a": "two parts are called 'a'",
    "part: [": "expected the node content",
}  # fmt: skip


@pytest.mark.parametrize("text", list(BAD))
def test_malformed_files_are_refused_by_line_and_field(text):
    with pytest.raises(StudyError, match=f"(?s)small.yaml.*{BAD[text]}"):
        read_study("small.yaml", f"{HEAD}  - {text}\n").check()


def test_other_impossible_wishes_are_refused(tmp_path):
    with pytest.raises(StudyError, match="study 'typo' is unknown: choose one of generality"):
        find_design("typo")
    whole = study("d_in: 3")
    with pytest.raises(StudyError, match="runs=2000: the study 'small' has 1000 runs"):
        whole.runs(2000)
    with pytest.raises(StudyError, match=r"nobody.steps: there is no part 'nobody'"):
        whole.with_settings({"nobody.steps": 3})
    with pytest.raises(StudyError, match="setting='size' is unknown"):
        whole.with_settings({"size": 3})
    with pytest.raises(StudyError, match="cannot be read"):
        read_study(tmp_path / "absent.yaml")
