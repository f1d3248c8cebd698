"""Studies as they are computed: stopped, damaged, disturbed, on a cluster."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import xarray as xr
from disks import full_disk
from distributed.security import Security
from helpers import command

import drift
from drift.analysis.hessian import gauss_newton_eigenvalues
from drift.study import cluster
from drift.study.cluster import Certificates, SchedulerMissingError, dask_client
from drift.study.collection import collect, table_of_runs, words
from drift.study.folder import StudyError, StudyFolder
from drift.study.reading import read_study
from drift.study.settings import make_rule, make_task, simulation_arguments
from drift.study.work import execute, in_order, run_study
from drift.support.errors import RefusedError

# Dask looks for free ports with sockets that it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket"),
]

DESIGN = """
study: small
seed: 1
settings:
  steps: {steps}
  hidden: 30
  records: 11
parts:
  - part: descent
    runs: {runs}
    settings:
      task: {{choose: [random_mapping, random_autoencoder]}}
      rule: GradientDescent
      update_noise: {{log_uniform: [0.02, 0.1]}}
      samples: {{integer: [2, 5]}}
  - part: Adam
    settings: {{task: smoothed_mapping, rule: Adam, init: lazy}}
"""


SOME_SECONDS = 2_000_000
"""Steps, so that a run is seen before it has ended on a machine several times as fast."""


def make_folder(path, runs=3, steps=2000):
    design = read_study("small.yaml", DESIGN.format(runs=runs, steps=steps))
    folder = StudyFolder(path)
    folder.create(design.name, design.about, design.runs())
    return folder


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "study")


def test_a_study_is_its_runs(folder):
    """Computed in two processes, each result equals the same run simulated here."""
    assert run_study(folder, workers=2, progress=False) == {}
    collected = collect(folder, progress=False)
    for number, settings in enumerate(folder.settings()):
        arguments = simulation_arguments(settings)
        alone = drift.simulate(make_task(settings), make_rule(settings), **arguments)
        for name in ("step", "loss", "fraction_active_units", "hessian_trace"):
            ours = collected[name].values[number][: alone.sizes["step"]]
            np.testing.assert_array_equal(ours, alone[name].values.astype(ours.dtype))
    assert words(collected.task)[3] == "smoothed_mapping"
    assert words(collected.init).tolist() == ["rich", "rich", "rich", "lazy"]
    assert np.isnan(collected.update_noise.values[3])
    assert words(collected.status).tolist() == ["finished"] * 4


def test_what_is_done_is_not_done_again_and_what_is_damaged_is(folder, capsys):
    run_study(folder, workers=1, progress=False)
    before = {number: folder.result_path(number).stat().st_mtime_ns for number in range(4)}
    content = collect(folder, progress=False)
    altered = bytearray(folder.result_path(1).read_bytes())
    altered[len(altered) // 2] ^= 0xFF
    folder.result_path(1).write_bytes(altered)
    folder.result_path(2).unlink()
    partial = collect(folder, progress=False)
    assert str(folder.result_path(1)) in partial.attrs["damaged"]
    assert words(partial.status).tolist() == ["finished", "missing", "missing", "finished"]
    assert len(table_of_runs(partial)) == 2
    capsys.readouterr()
    assert run_study(folder, workers=1, progress=False) == {}
    assert "run 1 is done again" in capsys.readouterr().out
    assert (folder.path / "damaged" / "00001.nc").read_bytes() == bytes(altered)
    after = {number: folder.result_path(number).stat().st_mtime_ns for number in range(4)}
    assert [after[number] == before[number] for number in range(4)] == [True, False, False, True]
    xr.testing.assert_identical(collect(folder, progress=False), content)


def test_the_table_has_the_published_columns_and_their_meaning(folder):
    run_study(folder, workers=1, progress=False)
    table = table_of_runs(collect(folder, progress=False))
    row = table.iloc[3]
    assert (row.data_type, row.regime, row.learning_algo) == ("smoothed", "lazy", "Adam")
    settings = folder.settings()[3]
    task = make_task(settings)
    # What the study leaves to the defaults is told as well.
    assert (row.nsamples, row.Xdim, row.ydim) == (task.samples, task.d_in, task.d_out)
    assert row.lr == 0.001
    assert table.regime.tolist() == ["rich", "rich", "rich", "lazy"]
    assert table.nsamples.tolist()[:3] == [one["samples"] for one in folder.settings()[:3]]
    run = folder.result(3)
    assert row.loss == pytest.approx(np.log10(run.loss.values[-1] / task.targets.var()), rel=1e-6)
    ratio = run.fraction_active_units.values[[-1, 0]]
    assert row.active_units == pytest.approx(ratio[0] / ratio[1], rel=1e-6)
    assert row.sim_len == 2000
    for place, snapshot in (("sharpness_at_start", 0), ("sharpness", -1)):
        end = drift.Parameters.of_snapshot(run, snapshot)
        largest = gauss_newton_eigenvalues(task, end)[-1]
        assert row[place] == pytest.approx(0.001 * largest / 2, rel=1e-5)
    dense = np.interp(np.arange(2001), run.step.values, run.hessian_trace.values)
    tenths = dense[1800:].mean() / dense[:201].mean()
    assert row.eig_sum == pytest.approx(tenths, rel=0.1)  # there at 21 times a tenth
    published = (
        "data_type regime Xdim ydim nsamples learning_algo lr update_noise label_noise loss active "
        "active_units log_rate eig_sum eig_max sim_len"
    )
    assert set(published.split()) <= set(table.columns)


def test_a_full_disk_loses_nothing(folder):
    settings = folder.settings()
    for room in (2000, 5000):  # too little for what is tried before the run, and for its result
        with full_disk(room):
            assert "No space left" in execute(folder.path, {0: settings[0]}, 60).failed[0]
        assert not [*folder.path.glob("runs/*"), *folder.path.glob("running/*")]
    assert execute(folder.path, {0: settings[0]}, 60).failed == {}
    assert folder.result(0).attrs["status"] == "finished"


def test_a_failure_is_told_and_tried_again(folder, monkeypatch):
    settings = folder.settings()

    def broken(*arguments, **options):
        raise ArithmeticError("this cannot be")

    monkeypatch.setattr("drift.study.work.simulate", broken)
    why = execute(folder.path, {2: settings[2]}, 60).failed
    assert why == {2: "ArithmeticError: this cannot be"}
    told = command("study", "status", folder.path).output
    assert "0 of 4 runs are done" in told
    assert "failed: run 2: ArithmeticError: this cannot be" in told
    monkeypatch.undo()
    assert run_study(folder, workers=1, progress=False) == {}
    assert folder.failures() == {}


def test_one_at_a_time(folder):
    with folder.lock():
        with pytest.raises(StudyError, match="another `drift study run` works in"):
            run_study(folder)
        told = command("study", "status", folder.path).output
    assert "nobody works on it" not in told


def test_folders_of_other_things_are_refused(folder, tmp_path):
    with pytest.raises(StudyError, match="is the folder of another study"):
        make_folder(folder.path, runs=5)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").touch()
    with pytest.raises(StudyError, match="is not empty and not of a study"):
        make_folder(tmp_path / "photos")
    with pytest.raises(StudyError, match="is not the folder of a study"):
        StudyFolder(tmp_path).settings()
    (folder.path / "study.json").write_text("{")
    with pytest.raises(StudyError, match=r"study\.json is damaged"):
        folder.settings()


def test_a_scheduler_that_is_not_there_is_told(folder, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(
        SchedulerMissingError, match=r"there is no Dask scheduler at 'tcp://127.0.0.1:9'"
    ):
        run_study(folder, scheduler="tcp://127.0.0.1:9", progress=False)


def test_the_command_refuses_before_anything_is_made(tmp_path):
    def refused(*arguments):
        with pytest.raises(RefusedError) as found:
            command("study", "run", *arguments, "--out", tmp_path / "out")
        return str(found.value)

    assert "study 'typo' is unknown" in refused("typo")
    assert "[0.1, 0.01] makes no sense" in refused(
        "noise-scan", "-p", "update_noise", "{log_uniform: [0.1, 0.01]}"
    )
    assert not (tmp_path / "out").exists()


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(what, seconds=240):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
    return found


def test_ctrl_c_ends_it_in_one_line_and_fails_nothing(tmp_path):
    """As a terminal sends it: to the program and to all its workers at once."""
    design = tmp_path / "small.yaml"
    design.write_text(DESIGN.format(runs=12, steps=10**9))
    out = tmp_path / "out"
    study = subprocess.Popen(
        [sys.executable, "-m", "drift", "study", "run", str(design), "--out", str(out),
         "--checkpoint-seconds", "0"],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    folder = StudyFolder(out)
    try:
        wait_for(lambda: out.exists() and any(steps > 0 for steps in folder.begun().values()))
        os.killpg(study.pid, signal.SIGINT)
        _, said = study.communicate(timeout=60)
    finally:
        study.kill()
    assert study.returncode == 130
    assert said.splitlines()[-1].startswith("stopped: the same command goes on")
    assert "Traceback" not in said and "distributed" not in said
    assert folder.failures() == {}
    assert len(folder.survey().endings) < 13


@pytest.fixture(scope="module")
def own_certificates(tmp_path_factory):
    """Files of a certificate that is its own authority, as two who know each other may have."""
    return certificates_in(tmp_path_factory.mktemp("certificates"), Security.temporary())


def certificates_in(folder, made):
    for name in ("ca_file", "client_cert", "client_key"):
        (folder / name).write_text(getattr(made, f"tls_{name}"))
    return Certificates(*(folder / name for name in ("ca_file", "client_cert", "client_key")))


def test_a_cluster_that_loses_a_worker_gives_the_same_result(tmp_path, own_certificates):
    """A real scheduler with TLS and two worker processes, one killed in the middle of a run."""
    calm = make_folder(tmp_path / "calm", steps=SOME_SECONDS)
    run_study(calm, workers=2, progress=False)
    disturbed = make_folder(tmp_path / "disturbed", steps=SOME_SECONDS)
    address_file = tmp_path / "scheduler.json"
    options = (
        "--protocol", "tls", "--host", "127.0.0.1", "--no-dashboard",
        "--tls-ca-file", str(own_certificates.authority),
        "--tls-cert", str(own_certificates.certificate), "--tls-key", str(own_certificates.key),
        "--scheduler-file", str(address_file),
    )  # fmt: skip
    processes = [start("dask", "scheduler", "--port", "0", *options)]
    try:
        wait_for(address_file.exists)
        worker = ("dask", "worker", "--nthreads", "1", "--no-nanny", *options)
        processes += [start(*worker), start(*worker)]
        address = wait_for(lambda: address_of(address_file))
        assert address.startswith("tls://127.0.0.1:")
        design = tmp_path / "small.yaml"
        design.write_text(DESIGN.format(runs=3, steps=SOME_SECONDS))
        study = start(
            "drift", "study", "run", str(design), "--out", str(disturbed.path),
            "--scheduler", address, "--checkpoint-seconds", "0",
            "--tls-ca", str(own_certificates.authority),
            "--tls-cert", str(own_certificates.certificate),
            "--tls-key", str(own_certificates.key),
        )  # fmt: skip
        processes.append(study)
        wait_for(lambda: any(0 < steps < SOME_SECONDS for steps in disturbed.begun().values()))
        processes[1].send_signal(signal.SIGKILL)
        assert study.wait(240) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
    xr.testing.assert_identical(collect(disturbed, progress=False), collect(calm, progress=False))


def test_processes_of_a_study_listen_to_nobody_else(tmp_path):
    """Of all that they listen at nothing is open to other machines, nor to who has not the key."""
    for name in ("strangers", "own"):
        (tmp_path / name).mkdir()
    strangers = certificates_in(tmp_path / "strangers", Security.temporary())
    before = listened_at()
    with dask_client(workers=1) as client:
        own = certificates_in(tmp_path / "own", client.security)
        places = listened_at() - before
        assert {place.ip for place in places} == {"127.0.0.1"}
        said = {place: what_http_says(place) for place in places}
        assert set(said.values()) == {"", "404"}
        others = [place for place in places if said[place] == ""]
        assert len(others) == 3  # scheduler, nanny, worker
        assert all(is_let_in(place, own) for place in others)
        assert not any(is_let_in(place, strangers) for place in others)


def listened_at():
    """Where this process and its children listen: a browser of other tests among them."""
    me = psutil.Process()
    return {
        place.laddr
        for process in (me, *me.children(recursive=True))
        for place in process.net_connections()
        if place.status == "LISTEN"
    }


def is_let_in(place, certificates):
    """Whether a process of Dask greets who connects with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificates.certificate, certificates.key)
    try:
        with (
            socket.create_connection(place, timeout=20) as plain,
            context.wrap_socket(plain) as connection,
        ):
            return bool(connection.recv(1))
    except OSError:
        return False


def what_http_says(place):
    """The status of the answer to a request for a worker's or scheduler's state; none: empty."""
    try:
        with socket.create_connection(place, timeout=5) as connection:
            connection.sendall(b"GET /info/main/workers.html HTTP/1.0\r\n\r\n")
            answer = connection.recv(100).split()
    except OSError:
        return ""
    return answer[1].decode() if answer and answer[0].startswith(b"HTTP") else ""


@pytest.mark.parametrize(
    ("address", "is_warned_of"),
    [("tcp://10.255.255.1:8786", True), ("10.255.255.1:8786", True), ("tcp://[::]:8786", True),
     ("tcp://127.0.0.1:9", False), ("tls://10.255.255.1:8786", False)],
)  # fmt: skip
def test_an_open_scheduler_is_warned_of(address, is_warned_of, monkeypatch, capsys):
    def nobody(*arguments, **options):
        raise OSError("nobody answers")

    monkeypatch.setattr(cluster, "Client", nobody)
    with pytest.raises(SchedulerMissingError, match="nobody answers"), dask_client(address):
        pass
    warning = "can run any code as you: start the scheduler with TLS"
    assert (warning in capsys.readouterr().err) == is_warned_of


def test_certificates_are_asked_for_whole(tmp_path):
    file = tmp_path / "key.pem"
    file.touch()
    common = ["study", "run", "noise-scan", "--out", str(tmp_path / "out"), "--tls-key", str(file)]
    for more, why in (
        ([], "needs all of --tls-ca, --tls-cert and --tls-key"),
        (["--tls-ca", str(file), "--tls-cert", str(file)], "name it with --scheduler"),
    ):
        with pytest.raises(StudyError, match=why):
            command(*common, *more)
    three = Certificates(file, file, file)
    with (
        pytest.raises(SchedulerMissingError, match="for a scheduler at tls://"),
        dask_client("tcp://127.0.0.1:9", None, three),
    ):
        pass
    with (
        pytest.raises(SchedulerMissingError, match="Look also at the certificates"),
        dask_client("tls://127.0.0.1:9", None, three),
    ):
        pass
    assert not (tmp_path / "out").exists()


def address_of(path):
    try:
        return json.loads(path.read_text())["address"]
    except ValueError:
        return None


def test_long_runs_come_first_and_short_ones_in_an_order_that_stands_for_the_whole():
    """On two cores a run is long from a fortieth of all on; on a hundred, many are."""
    costs = {(number,): 1.0 + (number % 7) for number in range(500)}
    found = in_order(costs, cores=2)
    assert sorted(found) == sorted(costs) and found == in_order(costs, cores=2)
    half = np.mean([costs[numbers] for numbers in found[:250]])
    assert half == pytest.approx(4, abs=4 * 2 / np.sqrt(500))  # of 1 to 7, drawn without return
    many = [costs[numbers] for numbers in in_order(costs, cores=100)]
    assert many == sorted(many, reverse=True)
    longer = in_order(costs | {(500, 501): 60.0}, cores=2)
    assert longer[0] == (500, 501)
