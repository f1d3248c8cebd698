"""What the system refuses a command is told in one line, whatever the command."""

import errno
import os
import sys
from contextlib import nullcontext

import click
import pytest
from disks import as_nobody, full_disk

from drift import cli
from drift.study.collection import collect, table_of_runs
from drift.study.folder import StudyFolder
from drift.study.reading import read_study

DESIGN = """
study: small
settings: {task: random_mapping, rule: GradientDescent, hidden: 20, steps: 60}
parts: [{part: only}]
"""


def told(monkeypatch, capsys, *words):
    """Exit status of ``drift words`` and the one line that it says on the standard error."""
    monkeypatch.setattr(sys, "argv", ["drift", *map(str, words)])
    monkeypatch.setattr(cli, "listen_for_the_end", lambda: None)
    with pytest.raises(SystemExit) as ending:
        cli.main()
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return ending.value.code, said


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_an_error_of_the_system_ends_any_command_with_a_line(command, monkeypatch, capsys):
    def fail():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/a\nfile")

    failing = click.Command(command, callback=fail)
    monkeypatch.setattr(cli.CommandsOnDemand, "get_command", lambda *_: failing)
    status, said = told(monkeypatch, capsys, command)
    assert status == 1
    assert said == (
        "drift: /data/a file: No space left on device: make room there, or choose another folder.\n"
    )


def test_an_error_of_no_file_is_told_in_its_own_words(monkeypatch, capsys):
    def fail():
        raise TimeoutError("no answer from tcp://10.0.0.1 in 30 s")

    monkeypatch.setattr(
        cli.CommandsOnDemand, "get_command", lambda *_: click.Command("run", callback=fail)
    )
    status, said = told(monkeypatch, capsys, "run")
    assert (status, said) == (1, "drift: no answer from tcp://10.0.0.1 in 30 s\n")


@pytest.fixture
def begun_study(open_folder):
    """A folder of a study none of whose runs is done."""
    folder = StudyFolder(open_folder / "study")
    design = read_study("small.yaml", DESIGN)
    folder.create(design.name, design.about, design.runs())
    table_of_runs(collect(folder, progress=False))  # compiles what nobody may keep
    return folder.path


SURROUNDINGS = {
    "a full disk": (lambda: full_disk(100), "new/{}", "No space left on device: make room"),
    "another's folder": (as_nobody, "closed/{}", "Permission denied: change its permissions"),
    "a folder in the way": (nullcontext, "taken/{}", "this is a folder, and a file is needed"),
    "a file for a folder": (nullcontext, "file/{}", "a part of this path is a file"),
}


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("command", ["archive", "collect"])
def test_what_cannot_be_written_is_named(
    command, surrounding, open_folder, begun_study, monkeypatch, capsys
):
    surround, place, words = SURROUNDINGS[surrounding]
    (open_folder / "closed").mkdir()
    (open_folder / "taken" / "small.nc").mkdir(parents=True)
    (open_folder / "file").touch()
    target = open_folder / place.format("small.nc")
    asked = ["archive", "corridor", "--out", target]
    if command == "collect":
        asked = ["study", "collect", begun_study, "--out", target.parent]
    with surround():
        status, said = told(monkeypatch, capsys, *asked)
    assert status == 1
    assert words in said
    assert str(target) in said or str(target.parent) in said
    assert ".part" not in said
