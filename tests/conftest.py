"""Shared pieces of the tests."""

import os
import shutil

import numpy as np
import pytest

import drift


def required(what: str) -> bool:
    """Whether this run may not do without ``what`` (``chromium``)."""
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


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A result cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DRIFT_CACHE", str(folder))
    return folder


@pytest.fixture
def small_task():
    """Five random samples, as in the study's noise scan."""
    random = np.random.default_rng(0)
    return drift.Task(random.uniform(-1, 1, (5, 20)), random.uniform(-1, 1, (5, 5)))
