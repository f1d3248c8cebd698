"""Public functions and classes say everything: numpydoc's validation, and examples that run."""

import doctest
import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

import drift

THIN = ("tasks", "network", "rules", "simulation", "analysis", "theory", "similarity", "datasets",
        "plots", "claims")  # fmt: skip
"""What chapters use. The rest is machinery."""

REQUIRED = {"GL08", "PR01", "PR02", "PR03", "PR04", "PR10", "RT01"}
"""No docstring; parameters missing, unknown, in another order, without a type; nothing returned."""


def thin_modules():
    for part in THIN:
        whole = importlib.import_module(f"drift.{part}")
        paths = getattr(whole, "__path__", None)
        found = pkgutil.iter_modules(paths, f"drift.{part}.") if paths else []
        yield from (importlib.import_module(info.name) for info in found)
        if not paths:
            yield whole


PUBLIC = [module for module in thin_modules() if hasattr(module, "__all__")]
NAMES = [
    f"{module.__name__}.{name}"
    for module in PUBLIC
    for name in module.__all__
    if inspect.isfunction(getattr(module, name)) or inspect.isclass(getattr(module, name))
]


def test_there_is_a_public_part_of_almost_every_module():
    inner = {"fast_engine", "reference_engine", "checkpoint", "belonging", "extrapolation"}
    inner |= {"walkers"}
    without = [m.__name__ for m in thin_modules() if not hasattr(m, "__all__")]
    assert {name.split(".")[-1] for name in without} <= inner
    assert len(NAMES) > 120


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_are_complete(name):
    problems = [f"{code}: {text}" for code, text in validate(name)["errors"] if code in REQUIRED]
    assert problems == []


@pytest.mark.parametrize("name", drift.__all__)
def test_the_thin_package_is_documented_where_it_is_made(name):
    if name != "__version__":
        made = getattr(drift, name)
        assert f"{made.__module__}.{made.__qualname__}" in NAMES


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_examples_run_as_written(module):
    assert doctest.testmod(module).failed == 0


def test_the_most_used_have_examples():
    most_used = (
        "simulate", "corridor", "random_mapping", "Task", "GradientDescent", "Parameters",
        "LinearSpacing", "hidden_activity", "hessian_trace", "spatial_information",
        "sparsification_rate", "mean_trend", "relative_loss",
    )  # fmt: skip
    for name in most_used:
        assert ">>>" in getattr(drift, name).__doc__, name
