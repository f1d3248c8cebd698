"""Data files by name: found, fetched, refused; a server of our own stands for the public one."""

import functools
import http.server
import shutil
import threading

import pandas as pd
import pytest
from click.testing import CliRunner
from helpers import NEEDED_DATA

from drift import datasets
from drift.cli import cli
from drift.datasets import catalogue, fetching

TABLE = "Tables/All.csv"


@pytest.fixture
def public(tmp_path, monkeypatch):
    """A repository of two small files, served by HTTP; an empty cache."""
    import hashlib

    served = tmp_path / "served"
    rows = []
    for path, content in (("Tables/All.csv", b"a,b\n1,2\n"), ("Tables/More.csv", b"x" * 5000)):
        file = served / "Aviv-Ratzon/DriftReg/c0ffee" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        rows.append(["Aviv-Ratzon/DriftReg", "c0ffee", path, len(content), digest, None])
    # The second is known by git's id of its content only: `git hash-object More.csv`.
    rows[1][4:] = [None, "1fe2898b10adc6937ad1482a3a42d393892c5a93"]
    columns = ["repository", "commit", "path", "bytes", "sha256", "git_blob"]
    registry = pd.DataFrame(rows, columns=columns)
    monkeypatch.setattr(catalogue, "registry", lambda: registry)
    monkeypatch.setenv("DRIFT_DATA", str(tmp_path / "cache"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(fetching, "_SOURCE", address + "/{repository}/{commit}/{path}")
        yield served / "Aviv-Ratzon/DriftReg/c0ffee"
        server.shutdown()


def test_files_are_fetched_once_and_checked(public):
    with pytest.raises(datasets.DataMissingError, match="`drift data fetch ratzon-2024` downloads"):
        datasets.data_path("ratzon-2024", TABLE)
    folder = datasets.fetch("ratzon-2024", progress=False)
    assert (folder / TABLE).read_bytes() == b"a,b\n1,2\n"
    assert datasets.data_path("ratzon-2024", TABLE) == folder / TABLE
    shutil.rmtree(public)
    datasets.fetch("ratzon-2024", progress=False)  # nothing is asked of the server any more


@pytest.mark.parametrize("content", [b"a,b\n1,", b"a,b\n1,3\n", b"<html>"])
def test_truncated_altered_and_wrong_files_are_refused_by_name(public, content):
    folder = datasets.fetch("ratzon-2024", progress=False)
    (folder / TABLE).write_bytes(content)
    for use in (lambda: datasets.data_path("ratzon-2024", TABLE),
                lambda: datasets.fetch("ratzon-2024", progress=False)):  # fmt: skip
        with pytest.raises(datasets.DataDamagedError, match=r"All\.csv is not the published file"):
            use()


def test_without_a_connection_it_says_what_is_wanted_and_where_to_put_it(public, monkeypatch):
    monkeypatch.setattr(fetching, "_SOURCE", "http://127.0.0.1:9/{repository}/{commit}/{path}")
    with pytest.raises(datasets.DataMissingError) as refused:
        datasets.fetch("ratzon-2024", progress=False)
    said = str(refused.value)
    assert f"http://127.0.0.1:9/Aviv-Ratzon/DriftReg/c0ffee/{TABLE} cannot be" in said
    assert str(datasets.folder_of("ratzon-2024") / TABLE) in said
    assert list(datasets.data_directory().rglob(".fetching-*")) == []


def test_a_wrong_download_is_not_kept(public):
    (public / TABLE).write_bytes(b"something else")
    with pytest.raises(datasets.DataDamagedError, match=r"downloaded as Tables/All\.csv"):
        datasets.fetch("ratzon-2024", progress=False)
    assert datasets.files_at_hand("ratzon-2024") == 0
    assert not list(datasets.data_directory().rglob("*.*"))


def test_the_command_lists_and_finds(public):
    run = CliRunner().invoke(cli, ["data", "path", "ratzon-2024"])
    assert run.output.strip().endswith("cache/Aviv-Ratzon/DriftReg")
    listed = CliRunner().invoke(cli, ["data", "list"]).output
    assert "ratzon-2024" in listed
    with pytest.raises(ValueError, match="data set='elsewhere' is unknown"):
        datasets.find_dataset("elsewhere")
    refused = CliRunner().invoke(cli, ["data", "fetch", "elsewhere"])
    assert refused.exit_code == 2
    assert "'elsewhere' is not one of 'ratzon-2024'" in refused.output


def test_the_registry_is_complete():
    """Every data set has files or says how to get it, no file is of none, each has a digest."""
    public = {entry.repository for entry in datasets.DATASETS.values() if not entry.how_to_get}
    registry = catalogue.registry()
    assert public == set(registry["repository"])
    whole = registry["sha256"].str.fullmatch("[0-9a-f]{64}").fillna(False)
    by_git = registry["git_blob"].str.fullmatch("[0-9a-f]{40}").fillna(False)
    assert (whole != by_git).all()


@pytest.mark.parametrize(
    ("name", "words"),
    [("karlsson-hc6", "request one at crcns.org"), ("khatib-2023", "are not public")],
)
def test_what_cannot_be_downloaded_says_how_to_get_it(public, name, words):
    with pytest.raises(datasets.DataMissingError, match=words):
        datasets.fetch(name)
    refused = CliRunner().invoke(cli, ["data", "fetch", name])
    assert refused.exit_code != 0
    listed = CliRunner().invoke(cli, ["data", "list"], env={"COLUMNS": "200"}).output
    assert name in listed


def test_the_files_at_hand_are_the_published_ones(public_data):
    for name in NEEDED_DATA:
        datasets.fetch(name, progress=False)
