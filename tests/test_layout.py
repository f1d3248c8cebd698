"""The house: which folder may import which, and that a stranger finds the room."""

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import drift

PACKAGE = Path(drift.__file__).parent
FILES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
FOLDERS = sorted({path.parent for path in FILES} - {PACKAGE})


def test_imports_run_downwards_only_and_in_no_circle():
    """The floors are in pyproject.toml."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=PACKAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_few_modules_lie_at_the_top():
    top = {path.stem for path in FILES if path.parent == PACKAGE} - {"_version", "__main__"}
    assert top == {"cli", "network", "similarity"}


def one_letter_apart(one, other):
    """Whether one letter more, less or other turns one word into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    for at, (a, b) in enumerate(itertools.zip_longest(one, other)):
        if a != b:
            rest = one[at:], other[at:]
            return rest[0][1:] == rest[1][1:] or rest[0][1:] == rest[1] or rest[0] == rest[1][1:]
    return False


def test_no_two_names_are_alike():
    names = [path.stem for path in FILES] + [folder.name for folder in FOLDERS]
    assert one_letter_apart("task", "tasks") and one_letter_apart("study", "sturdy")
    assert not one_letter_apart("site", "sites2")
    alike = [pair for pair in itertools.combinations(names, 2)
             if pair[0] == pair[1] or one_letter_apart(*pair)]  # fmt: skip
    assert alike == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_each_folder_says_what_lives_there_and_what_it_may_import(folder):
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    what, _, imports = text.partition("\n\n")
    assert what.endswith(".")
    assert "\n" not in what
    assert imports.startswith("Imports ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_module_is_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 300


LIGHT = {
    "help": ["--help"],
    "chapters": ["chapters"],
    "study status": ["study", "status", "."],
}


@pytest.mark.parametrize("words", LIGHT.values(), ids=LIGHT.keys())
def test_commands_come_without_what_they_do_not_need(words, tmp_path):
    """No library that takes seconds to load; how fast they are is in benchmarks/."""
    program = (
        "import sys\n"
        "from drift.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{'torch', 'numba', 'distributed', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    where = PACKAGE.parent if words == ["chapters"] else tmp_path
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=where, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == ""


def test_names_of_the_package_are_loaded_when_used():
    program = "import sys, drift; print('numba' in sys.modules); drift.simulate; drift.corridor"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    for name in drift.__all__:
        assert getattr(drift, name) is not None
    with pytest.raises(AttributeError):
        drift.nonsense  # noqa: B018
