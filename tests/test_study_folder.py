"""A study's folder: whose a result says it is, what lies beside results, the index, short runs."""

import json
import os
import shutil
from collections import Counter

import numpy as np
import pytest
import xarray as xr
from helpers import command

import drift
from drift.study import index, result_files, short_runs, work
from drift.study.collection import collect, words
from drift.study.design import Part, Study
from drift.study.folder import StudyError, StudyFolder
from drift.study.reading import read_study
from drift.study.settings import make_rule, make_task, simulation_arguments
from drift.study.work import execute, run_study
from drift.support.storage import read_dataset, write_dataset

DESIGN = """
study: small
seed: 1
settings: {steps: 60, hidden: 20, records: 3, rule: GradientDescent}
parts:
  - part: descent
    runs: 3
    settings: {task: random_mapping, samples: {counts: {2: 1, 3: 1, 5: 1}}}
  - part: Adam
    settings: {task: smoothed_mapping, rule: Adam, init: lazy}
"""


def make_folder(path, text=DESIGN):
    design = read_study("small.yaml", text)
    folder = StudyFolder(path)
    folder.create(design.name, design.about, design.runs())
    return folder


def compute(folder, numbers=None):
    """Compute runs here, one by one, and note them as ``run_study`` does."""
    settings = folder.settings()
    for number in range(len(settings)) if numbers is None else numbers:
        outcome = execute(folder.path, {number: settings[number]}, 60)
        assert not outcome.failed
        folder.note(outcome.lines)


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    folder = make_folder(tmp_path_factory.mktemp("computed") / "study")
    compute(folder)
    return folder


@pytest.fixture
def folder(computed, tmp_path):
    """The folder of a study of four runs that are done; a copy, of the same times."""
    return StudyFolder(shutil.copytree(computed.path, tmp_path / "study"))


@pytest.fixture
def nothing_is_read(monkeypatch):
    def refuse(path):
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(index, "read_results", refuse)


def statuses(folder):
    return words(collect(folder, progress=False).status).tolist()


def unsigned(path):
    """As earlier code wrote it."""
    run = read_dataset(path)
    own = {k: v for k, v in run.attrs.items() if not k.startswith("study_")}
    write_dataset(run.drop_attrs().assign_attrs(own), path)


def test_a_result_says_which_run_it_is(folder):
    for number, settings in enumerate(folder.settings()):
        attributes = folder.result(number).attrs
        assert attributes["study_run"] == number
        assert json.loads(attributes["study_settings"]) == settings
        assert len(attributes["code_version"]) == 16


@pytest.mark.parametrize("signed", [True, False])
def test_results_under_each_others_names_are_named_and_not_counted(folder, signed):
    """Also those of earlier code, which say less of themselves."""
    if not signed:
        for number in range(4):
            unsigned(folder.result_path(number))
        assert set(folder.survey().endings) == {0, 1, 2, 3}
    first, second = folder.result_path(0), folder.result_path(1)
    between = first.with_suffix(".between")
    for source, target in ((first, between), (second, first), (between, second)):
        source.rename(target)
    before = {path: path.read_bytes() for path in (first, second)}
    seeds = [settings["seed"] for settings in folder.settings()]
    told = command("study", "status", folder.path).output
    assert "2 of 4 runs are done" in told
    assert "00000.nc is not run 0: it is the result of other settings" in told
    assert f"seed={seeds[0]} instead of {seeds[1]}" in told
    collected = collect(folder, progress=False)
    assert words(collected.status).tolist() == ["missing", "missing", "finished", "finished"]
    assert f"seed={seeds[1]} instead of {seeds[0]}" in collected.attrs["damaged"]
    failed = run_study(folder, progress=False)
    assert set(failed) == {0, 1}
    assert "move it away" in failed[1]
    assert {path: path.read_bytes() for path in before} == before


def make_pipe(path):
    path.unlink()
    os.mkfifo(path)


def make_folder_there(path):
    path.unlink()
    path.mkdir()


def make_dangling(path):
    path.unlink()
    path.symlink_to("nowhere")


STRAYS = {
    "foo.nc": "is not one of the study's files",
    "._00001.nc": "is not one of the study's files",
    "1.nc": "is not one of the study's files",
    "000001.nc": "is not one of the study's files",
    "00003-00001.nc": "is not one of the study's files",
    "notes.json": "is not one of the study's files",
    "00004.nc": "would be of run 4, and the study has 4 runs",
    "00002-00009.nc": "would be of run 9, and the study has 4 runs",
}


def test_what_is_no_result_is_named_and_left_alone(folder):
    for name in STRAYS:
        (folder.results / name).write_text("mine")
    (folder.path / "running").mkdir(exist_ok=True)
    (folder.path / "running" / "foo.nc").write_text("mine")
    for number, replace in enumerate((make_pipe, make_folder_there, make_dangling)):
        replace(folder.results / f"0000{number}.nc")
    kinds = ["is not a file with content", "is a folder", "is a link to nothing"]
    told = command("study", "status", folder.path).output
    assert "1 of 4 runs are done" in told
    collected = collect(folder, progress=False)
    failed = run_study(folder, progress=False)
    assert set(failed) == {0, 1, 2}
    named = {f"0000{number}.nc": kind for number, kind in enumerate(kinds)}
    for name, why in (STRAYS | named).items():
        assert f"left alone: {name} {why}" in told
        assert f"{folder.results / name} {why}" in collected.attrs["damaged"]
    assert words(collected.status).tolist() == ["missing", "missing", "missing", "finished"]
    assert all((folder.results / name).read_text() == "mine" for name in STRAYS)
    assert folder.result_path(0).is_fifo()
    assert folder.result_path(1).is_dir()
    assert folder.result_path(2).is_symlink()


def test_a_failure_that_cannot_be_read_is_told(folder):
    folder.failure_path(1).write_text("{")
    assert folder.failures() == {1: "00001.json should say why, and cannot be read"}


def test_with_its_index_nothing_is_read_again(folder, nothing_is_read):
    assert folder.survey().endings == dict.fromkeys(range(4), "finished")
    assert not folder.survey().index_is_behind
    for number in range(4):  # a copy has other times
        os.utime(folder.result_path(number), ns=(1, 1))
    found = folder.survey()
    assert found.endings == dict.fromkeys(range(4), "finished")
    assert found.index_is_behind


def test_the_index_has_a_line_a_result(folder):
    lines = [json.loads(line) for line in folder.index.read_text().splitlines()]
    assert [line["run"] for line in lines] == [0, 1, 2, 3]
    for line, settings in zip(lines, folder.settings(), strict=True):
        assert line["settings"] == result_files.settings_digest(settings)
        assert line["size"] == folder.result_path(line["run"]).stat().st_size


SPOILED = {
    "missing": lambda text: None,
    "cut short": lambda text: text[:-30],
    "of other settings": lambda text: text.replace('"settings": "', '"settings": "0'),
    "of another program": lambda text: text.replace('"sha256"', '"md5"'),
    "doubled": lambda text: text + text,
    "noise": lambda text: "\0\n[]\n" + text[len(text) // 2 :],
}


@pytest.mark.parametrize("how", SPOILED)
def test_an_index_that_is_behind_is_made_again(folder, how, request):
    whole = folder.index.read_text()
    spoiled = SPOILED[how](whole)
    if spoiled is None:
        folder.index.unlink()
    else:
        folder.index.write_text(spoiled)
    assert folder.survey().endings == dict.fromkeys(range(4), "finished")
    command("study", "status", folder.path)
    assert folder.index.read_text() == whole
    request.getfixturevalue("nothing_is_read")
    assert set(folder.survey().endings) == {0, 1, 2, 3}


def test_what_changed_is_seen_in_spite_of_the_index(folder):
    altered = bytearray(folder.result_path(1).read_bytes())
    altered[len(altered) // 2] ^= 0xFF
    folder.result_path(1).write_bytes(altered)
    folder.result_path(2).unlink()
    found = folder.survey()
    assert set(found.endings) == {0, 3}
    assert set(found.damaged) == {"00001.nc"}


def test_what_was_damaged_is_kept_aside(folder):
    for content in (b"first", b"second"):
        folder.result_path(1).write_bytes(content)
        folder.set_aside("00001.nc")
    kept = sorted(path.read_bytes() for path in (folder.path / "damaged").iterdir())
    assert kept == [b"first", b"second"]
    assert folder.finished() == {0, 2, 3}


def test_a_file_that_cannot_be_read_is_not_a_damaged_one(folder, monkeypatch):
    folder.index.unlink()

    def refused(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(index, "read_results", refused)
    found = folder.survey()
    assert found.damaged == {}
    assert found.left_alone["00002.nc"] == "cannot be read (Permission denied)"
    assert set(found.in_the_way(4)) == {0, 1, 2, 3}


def test_before_the_first_run_there_is_something_to_collect(tmp_path):
    folder = make_folder(tmp_path / "study")
    assert "0 of 4 runs are done" in command("study", "status", folder.path).output
    told = command("study", "collect", folder.path)
    assert told.exit_code == 0
    assert "no run is done yet" in told.output
    collected = read_dataset(folder.path / "small.nc")
    assert words(collected.status).tolist() == ["missing"] * 4
    assert words(collected.part).tolist() == ["descent"] * 3 + ["Adam"]
    header, *rows = (folder.path / "small.csv").read_text().splitlines()
    assert header.startswith("part,status,data_type")
    assert rows == []


def test_a_colleagues_folder_can_be_looked_at(folder, monkeypatch):
    """Neither its lock nor anything else in it can be opened for writing."""

    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    (folder.path / "lock").unlink(missing_ok=True)
    folder.index.unlink()
    monkeypatch.setattr("drift.study.folder.write_index", refused)
    assert "nobody works" not in command("study", "status", folder.path).output
    assert not (folder.path / "lock").exists()
    folder.result_path(0).unlink()
    with folder.lock():
        monkeypatch.setattr("drift.study.folder.FileLock", refused)
        assert folder.is_locked()
        assert "nobody works" not in command("study", "status", folder.path).output
    assert not folder.is_locked()
    told = command("study", "status", folder.path).output
    assert "3 of 4 runs are done" in told
    assert "nobody works on it at present" in told


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda runs: {"0": runs[0]}, "runs is of the type dict"),
        (lambda runs: ["corridor", *runs[1:]], "run is of the type str"),
        *[(lambda runs, name=name: [runs[0], {k: v for k, v in runs[1].items() if k != name}],
           f"run 1 lacks the setting '{name}'") for name in ("task", "rule", "steps", "seed")],
    ],
)  # fmt: skip
def test_a_manifest_that_no_study_wrote_is_refused(tmp_path, changed, why):
    """Before anything is computed or collected by it."""
    folder = make_folder(tmp_path / "study")
    manifest = folder.path / "study.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"runs": changed(content["runs"])}))
    for action in ("collect", "status"):
        with pytest.raises(StudyError, match=f"study.json is damaged .*{why}"):
            command("study", action, folder.path)


BAD_NAMES = ["../x", "a/b", "..", ".hidden", "a\\b", "x" * 300, "a\0b", "", "a:b", "a\nb"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_nothing_is_written_outside_the_folder(tmp_path, name):
    """Whether a study's file or the folder of one says such a name."""
    with pytest.raises(StudyError, match=r"line 1.*study"):
        read_study("s.yaml", DESIGN.replace("study: small", f"study: {json.dumps(name)}").strip())
    folder = make_folder(tmp_path / "inner" / "study")
    manifest = folder.path / "study.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"study": name}))
    if name != "x" * 300:
        with pytest.raises(StudyError, match=r"study\.json is damaged"):
            command("study", "collect", folder.path)
    assert {path.name for path in tmp_path.iterdir()} == {"inner"}
    assert {path.name for path in (tmp_path / "inner").iterdir()} == {"study"}


def test_parts_may_be_called_anything_that_can_be_printed(tmp_path):
    names = ["a|b", "a", "b", "100%", "%7C", "%257C", "../up", "Größe"]
    parts = tuple(
        Part(name, 1, {"task": "random_mapping", "rule": "Adam", "steps": 5}) for name in names
    )
    folder = StudyFolder(tmp_path / "study")
    folder.create("named", "", Study("named", "", 0, parts, "s").runs())
    collected = collect(folder, progress=False)
    write_dataset(collected, tmp_path / "named.nc")
    assert words(read_dataset(tmp_path / "named.nc").part).tolist() == names


def runs_of_all_sizes():
    """Of networks and tasks of several sizes, in both precisions, some of which end early."""
    made = []
    for seed, (samples, hidden, engine) in enumerate([(2, 5, "fast"), (5, 3, "reference")]):
        settings = {
            "part": "a", "number": seed, "seed": seed, "task": "random_mapping", "rule": "Adam",
            "samples": samples, "hidden": hidden, "steps": 40, "records": 3, "engine": engine,
        }  # fmt: skip
        arguments = simulation_arguments(settings)
        run = drift.simulate(make_task(settings), make_rule(settings), **arguments)
        made.append(result_files.signed(run, settings))
    early = made[0].isel(step=slice(3), snapshot=slice(2)).assign_attrs(status="silent")
    return [*made, early]


def test_runs_in_one_file_are_those_in_files_of_their_own(tmp_path):
    runs = runs_of_all_sizes()
    together = result_files.write_results(tmp_path, dict(enumerate(runs, 7)))
    assert together.name == "00007-00009.nc"
    read = result_files.read_results(together)
    for number, run in enumerate(runs, 7):
        alone = result_files.write_results(tmp_path, {number: run})
        assert alone.name == f"0000{number}.nc"
        xr.testing.assert_identical(read[number], read_dataset(alone))
    with pytest.raises(FileExistsError, match="move it away"):
        result_files.write_results(tmp_path, {7: runs[0]})


def test_short_runs_are_written_together_and_collected_alike(folder, tmp_path, monkeypatch):
    other = make_folder(tmp_path / "together")
    settings = dict(enumerate(other.settings()))
    outcome = execute(other.path, settings, 60)
    other.note(outcome.lines)
    assert [path.name for path in other.results.iterdir()] == ["00000-00003.nc"]
    assert other.finished() == {0, 1, 2, 3}
    xr.testing.assert_identical(collect(other, progress=False), collect(folder, progress=False))
    xr.testing.assert_identical(other.result(2), folder.result(2))
    assert not other.survey().index_is_behind

    def refuse(*arguments, **options):
        raise AssertionError("computed again")

    # A worker that was lost after writing is followed by another, which finds what there is.
    monkeypatch.setattr(work, "simulate", refuse)
    assert execute(other.path, settings, 60).lines == outcome.lines
    assert run_study(other, progress=False) == {}


def test_where_one_of_several_fails_the_others_are_written(tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "study")
    seeds = [settings["seed"] for settings in folder.settings()]
    real = work.simulate

    def partly(*arguments, seed, **options):
        if seed == seeds[1] and arguments[0].samples == folder.settings()[1]["samples"]:
            raise ArithmeticError("this cannot be")
        return real(*arguments, seed=seed, **options)

    monkeypatch.setattr(work, "simulate", partly)
    outcome = execute(folder.path, dict(enumerate(folder.settings())), 60)
    assert outcome.failed == {1: "ArithmeticError: this cannot be"}
    names = {path.name for path in folder.results.iterdir()}
    assert names == {"00000.nc", "00001.json", "00002-00003.nc"}
    assert statuses(folder) == ["finished", "missing", "finished", "finished"]


def test_which_runs_are_computed_together():
    short = {"task": "random_mapping", "rule": "Adam", "steps": 10}
    settings = [short | {"steps": 10**7} if number % 50 == 7 else short for number in range(500)]
    left = set(range(500)) - {20, 21, 300}
    groups = list(short_runs.batches(left, settings))
    assert Counter(number for group in groups for number in group) == Counter(left)
    for group in groups:
        assert group == list(range(group[0], group[-1] + 1))
        assert len(group) <= short_runs.BATCH_RUNS
        assert len(group) == 1 or not any(number % 50 == 7 for number in group)
    assert len(groups) <= 2 * (10 + 3) + 1
    few = range(short_runs.FEW_RUNS - 1)
    assert list(short_runs.batches(few, [short] * 500)) == [[number] for number in few]


def test_every_configuration_is_tried_once(monkeypatch):
    tried = []
    real = drift.study.settings.simulate

    def counted(task, rule, **options):
        tried.append((task.samples, type(rule).__name__, options.get("hidden")))
        return real(task, rule, **options)

    monkeypatch.setattr("drift.study.settings.simulate", counted)
    read_study(
        "s.yaml",
        "study: s\nparts:\n  - part: a\n    runs: 40\n    settings: {task: random_mapping,"
        " steps: 9, rule: {choose: [Adam, GradientDescent]}, samples: {choose: [2, 3]},"
        " hidden: {choose: [5, 6]}, learning_rate: {log_uniform: [0.001, 0.1]}}\n",
    ).check()
    assert len(tried) == len(set(tried)) == 8


def test_collected_numbers_are_those_of_the_runs(folder):
    collected = collect(folder, progress=False)
    for number in range(4):
        run = folder.result(number)
        known = run.sizes["step"]
        np.testing.assert_array_equal(collected.step.values[number][:known], run.step.values)
        np.testing.assert_array_equal(
            collected.loss.values[number][:known], run.loss.values.astype(np.float32)
        )
