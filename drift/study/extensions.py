"""Rules and tasks of a user's own, in files that are named when a study is run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from drift.study.folder import StudyError


def load_code(path: Path) -> None:
    """Run a Python file that registers rules (``@rule``) or tasks (``@task``), once a process.

    Only files that a person named on the command line, or in a program, come here; what a study's
    file or folder says is never run.

    Raises
    ------
    StudyError
        If the file cannot be read or run.
    """
    path = Path(path).resolve()
    name = f"drift_extension_{path.stem}"
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise StudyError(f"{path} is not a Python file: name one that ends with .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        del sys.modules[name]
        raise StudyError(f"{path} cannot be run: {type(problem).__name__}: {problem}") from problem
