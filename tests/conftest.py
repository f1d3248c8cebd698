"""Shared pieces of the tests."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest
from helpers import NEEDED_DATA

import drift
from drift import datasets

pytest_plugins = ["browsing"]

for sign in (signal.SIGINT, signal.SIGHUP):
    # Commands that tests start and stop would inherit deafness (of nohup, of a shell's background).
    if signal.getsignal(sign) is signal.SIG_IGN:
        signal.signal(sign, signal.default_int_handler)


def required(what: str) -> bool:
    """Whether this run may not do without ``what`` (``chromium``, ``data``)."""
    return what in os.environ.get("DRIFT_REQUIRE", "").split()


@pytest.fixture(scope="session")
def chromium():
    """Path of Chromium; skips where there is none, unless it is required."""
    paths = shutil.which("chromium"), shutil.which("chromedriver")
    if None in paths:
        message = "Chromium and its driver are not installed"
        if required("chromium"):
            pytest.fail(f"{message}, and DRIFT_REQUIRE asks for them")
        pytest.skip(message)
    return paths


@pytest.fixture(scope="session")
def public_data():
    """The folder of the public data; skips where a set is missing, unless it is required."""
    missing = [name for name in NEEDED_DATA if not datasets.files_at_hand(name)]
    if missing:
        message = f"not at hand: {', '.join(missing)} (see `drift data list`)"
        if required("data"):
            pytest.fail(f"{message}, and DRIFT_REQUIRE asks for data")
        pytest.skip(message)
    return datasets.data_directory()


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A result cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DRIFT_CACHE", str(folder))
    return folder


@pytest.fixture
def open_folder():
    """A folder that every user can look into; those of pytest are closed to other users."""
    with tempfile.TemporaryDirectory(prefix="drift-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def small_task():
    """Five random samples, as in the study's noise scan."""
    random = np.random.default_rng(0)
    return drift.Task(random.uniform(-1, 1, (5, 20)), random.uniform(-1, 1, (5, 5)))


NOISY_RULES = {
    "update and label noise": drift.GradientDescent(update_noise=0.3, label_noise=0.5),
    "gaussian label noise": drift.GradientDescent(
        label_noise=0.5, label_noise_distribution="gaussian"
    ),
    "input noise": drift.GradientDescent(input_noise=0.2),
}


@pytest.fixture(params=NOISY_RULES.values(), ids=NOISY_RULES.keys())
def noisy_rule(request):
    """Gradient descent with each kind of noise, strong enough to show within 300 steps."""
    return request.param
