"""Cores that a process may use: bound, or limited by control groups of either version."""

import os
import subprocess
import sys

import pytest

from drift.support import machine


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A machine of eight cores whose control groups the test writes."""
    monkeypatch.setattr(machine, "PROCESS_GROUPS", tmp_path / "self")
    monkeypatch.setattr(machine, "CONTROL_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "_bound_cores", lambda: 8)

    def write(own, **files):
        (tmp_path / "self").write_text(own)
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


V1 = "5:memory:/a\n4:cpu,cpuacct:/a/b\n0::/\n"


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("0::/a/b\n", {}, 8),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n"}, 8),
        ("0::/a/b\n", {"a/b/cpu.max": "300000 100000\n"}, 3),
        ("0::/a/b\n", {"a/b/cpu.max": "50000 100000\n"}, 1),
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n"}, 2),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "max 100000\n"}, 2),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "500000 100000\n"}, 2),
        ("0::/elsewhere/on/the/host\n", {"cpu.max": "400000 100000\n"}, 4),
        ("0::/../../out\n", {"cpu.max": "400000 100000\n"}, 4),
        ("0::/a\n", {"a/cpu.max": "2000000 100000\n"}, 8),
        ("0::/a\n", {"a/cpu.max": "nonsense\n"}, 8),
        (
            V1,
            {
                "cpu,cpuacct/a/b/cpu.cfs_quota_us": "250000\n",
                "cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        (V1, {"cpu/a/cpu.cfs_quota_us": "100000\n", "cpu/a/cpu.cfs_period_us": "50000\n"}, 2),
        (V1, {"cpu/a/b/cpu.cfs_quota_us": "-1\n", "cpu/a/b/cpu.cfs_period_us": "100000\n"}, 8),
    ],
)
def test_quotas_of_control_groups_count(groups, own, files, cores):
    groups(own, **files)
    assert machine.available_cores() == cores


def test_a_machine_without_control_groups_has_its_bound_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "PROCESS_GROUPS", tmp_path / "absent")
    monkeypatch.setattr(machine, "_bound_cores", lambda: 5)
    assert machine.available_cores() == 5


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux's binding to cores")
def test_a_process_bound_to_one_core_has_one():
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from drift.support.machine import available_cores; print(available_cores())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"
