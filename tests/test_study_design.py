"""What a study's file says, and what is drawn from it."""

import itertools
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from drift.study.folder import StudyError
from drift.study.reading import find_design, list_designs, read_study, read_value

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
    assert whole.runs(len(everything)) == everything


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


PART = """study: small
parts:
  - part: a
    settings:
      task: random_mapping
      rule: GradientDescent
      steps: 9
"""

ANCHORS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in itertools.pairwise("abcdefghij")
)

LYING = {
    "merged mapping": (PART + "      <<: {hidden: 3}\n", r"line 8 \(<<\): merge keys"),
    "merged anchor": ("base: &b {hidden: 3}\n" + PART, r"line 1 \(base\): anchors"),
    "alias bomb": (ANCHORS + PART, r"line 1 \(a\): anchors"),
    "alias of itself": (PART + "      hidden: &h [*h]\n", r"line 8 \(hidden\): anchors"),
    "tag": (PART + "      hidden: !!python/object:os.system ls\n", r"line 8 \(hidden\): the tag"),
    "date": (PART + "      hidden: 2024-13-45\n", r"line 8 \(hidden\): 2024-13-45 is a date"),
    "depth": (PART + f"      hidden: {'[' * 50_000}", r"line 8 \(hidden\): .* 12 deep"),
    "UTF-16": (PART.encode("utf-16"), "line 1: this is not UTF-8"),
    "UTF-16 without mark": (PART.encode("utf-16-le"), r"line 1: the character '\\x00'"),
    "latin-1": (PART.encode() + "about: Größe".encode("latin-1"), "line 8: this is not UTF-8"),
    "no text": (bytes(range(256)) * 10, "line 2: this is not UTF-8"),
    "control character": (PART + "      hidden: \x07", r"line 8: the character '\\x07'"),
    "escaped": (PART + '      init: "ri\\x07ch"', r"line 8: init: 'ri\\x07ch' has characters"),
    "part escaped": (PART.replace("part: a", 'part: "a\\e[1m"'), "line 3: part: 'a.*be printed"),
    "runs 1e9": (PART + "    runs: 1e9", "line 8: runs=1000000000.0 is not an integer"),
    "a billion runs": (PART + "    runs: 1_000_000_000", "line 8: runs=1000000000 is too large"),
    "4000 digits": (PART + f"    runs: {'9' * 4000}", "line 8: runs: 9{30} is beyond 64 bits"),
    "5000 digits": (
        PART + f"    runs: {'9' * 5000}",
        r"line 8 \(runs\): a text of 5000 characters",
    ),
    "seed": (f"seed: {2**63}\n{PART}", "line 1: seed: 9223372036854775808 is beyond 64 bits"),
    "integer": (PART + f"      samples: {{integer: [1, {2**64}]}}", "line 8: samples: .* 64 bits"),
    "steps": (
        PART.replace("steps: 9", f"steps: {2**63 - 1}"),
        r"line 7 \(part 'a', steps\): steps=",
    ),
    "records": (PART + "      records: 1_000_000_000", r"line 8 \(part 'a', records\): records="),
    "hidden": (PART + "      hidden: 1_000_000_000_000", r"line 8 \(part 'a', hidden\): hidden="),
    "parameters": (PART + "      hidden: 90_000_000", r"line 8 \(part 'a', hidden\): hidden \*"),
    "samples": (PART + "      samples: 90_000_000", r"line 8 \(part 'a', samples\): samples \*"),
    "wide": (
        PART + "      learning_rate: {uniform: [-1e308, 1e308]}",
        r"line 8 \(part 'a', learning_rate\): an end of uniform=.* is too large",
    ),
    "wide and spaced": (
        PART + "      learning_rate: {spaced: [-1e308, 1e308, 3]}",
        r"line 8 \(part 'a', learning_rate\): an end of spaced=.* is too large",
    ),
    "infinite": (
        PART + "      learning_rate: {uniform: [0, 1e309]}",
        "line 8: learning_rate: inf is not finite",
    ),
    "a billion values": (
        PART + "      learning_rate: {spaced: [1, 2, 1_000_000_000]}",
        r"line 8 \(part 'a', learning_rate\): spaced: 1000000000 values",
    ),
    "crossed": (
        PART
        + "".join(f"      {name}: {{each: {[1] * 99}}}\n" for name in ("samples", "d_in", "d_out")),
        r"line 3 \(part 'a'\): has 970299 runs",
    ),
    "ends exchanged": (
        PART + "      samples: {integer: [5, 2]}",
        r"line 8 \(part 'a', samples\): integer: \[5, 2\] makes no sense",
    ),
    "no cases": (PART + "    cases: []", "line 8: cases must be a list of at least one case"),
    "cases null": (PART + "    cases:", "line 8: cases must be a list of at least one case"),
    "case of a number": (PART + "    cases:\n      - {}\n      - 3", "line 10: cases: each is a"),
    "drawn case": (
        PART + "    cases:\n      - label_noise: {uniform: [0, 1]}",
        "line 9: label_noise: in a case nothing is drawn",
    ),
    "bad case": (
        PART + "    cases:\n      - label_noise: 1.0\n        label_noise_distribution: normal",
        r"line 10 \(part 'a', label_noise_distribution\): label_noise_distribution='normal'",
    ),
    "distribution": (
        PART + "      label_noise: 1.0\n      label_noise_distribution: normal",
        r"line 9 \(part 'a', label_noise_distribution\): label_noise_distribution='normal'",
    ),
    "long name": (PART.replace("part: a", f"part: {'a' * 300}"), "line 3: part has 300 characters"),
    "list for a name": (PART.replace("part: a", "part: [a]"), r"line 3: part=.* is no name"),
    "long file": (PART + f"# {'x' * 500_000}", "is too large for a study's file"),
}


@pytest.mark.parametrize("kind", list(LYING))
def test_files_that_lie_are_refused_by_line_and_field(kind, tmp_path):
    text, why = LYING[kind]
    path = tmp_path / "study.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StudyError, match=f"study.yaml.*{why}"):
        read_study(path).check()


def test_the_file_that_the_others_spoil_is_sound(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(PART, encoding="utf-8-sig")
    read_study(path).check()
    many = PART + "    runs: 60_000\n"
    twice = many + many[many.index("  - part") :].replace("part: a", "part: b")
    with pytest.raises(StudyError, match="have 120000 runs together, more than 100000"):
        read_study("s.yaml", twice).runs()


def test_values_on_the_command_line_are_read_as_in_a_file():
    assert read_value("update_noise", "{log_uniform: [1.0e-2, 0.1]}") == {
        "log_uniform": [0.01, 0.1]
    }
    assert type(read_value("steps", "100_000")) is int
    for text, why in (("[1", "line 1"), ("&a [*a]", "anchors"), ("1e400", "not finite")):
        with pytest.raises(StudyError, match=f"update_noise.*{why}"):
            read_value("update_noise", text)
    with pytest.raises(StudyError, match=r"update_noise: inf is not finite"):
        read_study("s.yaml", PART).with_settings({"update_noise": float("inf")})


def test_no_path_is_a_study():
    for name in ("x" * 5000, "a\0b", "/dev/zero", "."):
        with pytest.raises(StudyError, match="is unknown: choose one of"):
            find_design(name)


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
