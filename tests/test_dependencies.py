"""One statement of the dependencies: pyproject.toml; the others agree with it."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
ONLY_ON_PYPI = {
    "selenium-axe-python",
    "curvlinops-for-pytorch",
    "nbval",
    "pynapple",
    "sphinx-mathjax-offline",
    "scipy-stubs",
    "wasmtime",
}


OPTIONAL = {"mutants", "strengths"}
"""Extras that neither the book nor its tests need."""


def declared():
    """Every requirement of pyproject.toml, by name, but for those of optional extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra, needed in project["optional-dependencies"].items():
        lines += [] if extra in OPTIONAL else needed
    found = [Requirement(line) for line in lines]
    names = [canonicalize_name(requirement.name) for requirement in found]
    assert len(set(names)) == len(names), "a dependency is stated twice"
    return dict(zip(names, found, strict=True))


def pinned():
    """Every version of constraints.txt, by name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines if line[:1] not in "#"]
    assert all(pins), "constraints.txt holds exact versions only"
    return {canonicalize_name(pin[1]): Version(pin[2]) for pin in pins}


def test_every_dependency_is_pinned_within_its_range():
    pins = pinned()
    for name, requirement in declared().items():
        assert name in pins, f"{name} has no pin"
        assert requirement.specifier.contains(pins[name]), f"{name} {pins[name]} {requirement}"


def test_the_environment_is_what_is_pinned():
    from importlib.metadata import version

    for name, pin in pinned().items():
        if name in declared():
            assert Version(version(name)).public == str(pin), name


def test_environment_yml_states_the_same_ranges():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    from_pip = next(entry["pip"] for entry in content if isinstance(entry, dict))
    conda_lines = (entry for entry in content if isinstance(entry, str))
    conda = {canonicalize_name(r.name): r for r in map(Requirement, conda_lines)}
    pip = {canonicalize_name(r.name): r for r in map(Requirement, from_pip[:-1])}
    assert from_pip[-1] == "-e ."
    expected_conda, expected_pip = {}, {}
    for name, requirement in declared().items():
        target = expected_pip if name in ONLY_ON_PYPI else expected_conda
        target[CONDA_NAMES.get(name, name)] = requirement.specifier
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert str(conda.pop("python").specifier) == python
    conda.pop("pip")
    assert {name: r.specifier for name, r in conda.items()} == expected_conda
    assert {name: r.specifier for name, r in pip.items()} == expected_pip
