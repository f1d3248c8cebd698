"""Put each fault of mutants.yaml into a copy of the repository; say which the tests notice.

    python tests/kill_mutants.py [words of a name]

Not part of the tests, since it takes some minutes. It fails if a mutant lives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from tqdm import tqdm

ROOT = Path(__file__).parent.parent


def listed():
    """Name, file, text, other text and tests of every mutant."""
    for file, about in yaml.safe_load((ROOT / "tests" / "mutants.yaml").read_text()).items():
        for name, (find, replace) in about["mutants"].items():
            yield name, file, find, replace, about["tests"]


def copy_repository(copy):
    """Everything but what is hidden, built or computed."""
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "_build", "runs"))


def run_in(copy, tests, longest=None):
    """Pytest in ``copy`` until the first failure, for so many seconds at most."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    copied = os.environ | {"PYTHONPATH": str(copy)}  # for the processes that tests begin, too
    return subprocess.run(
        command, cwd=copy, env=copied, capture_output=True, text=True, check=False, timeout=longest
    )


def pass_in(copy, tests):
    """Whether the tests pass in ``copy``."""
    done = run_in(copy, tests)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode == 0


def lives(copy, file, find, replace, tests):
    """Whether the tests pass with the fault in ``copy``, which is mended again."""
    path = copy / file
    text = path.read_text()
    path.write_text(text.replace(find, replace))
    passed = pass_in(copy, tests)
    path.write_text(text)
    return passed


def main():
    chosen = [one for one in listed() if all(word in one[0] for word in sys.argv[1:])]
    if not chosen:
        raise SystemExit(f"no mutant is called {' '.join(sys.argv[1:])!r}: see mutants.yaml.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        copy_repository(copy)
        needed = sorted({test for *_, tests in chosen for test in tests})
        if not pass_in(copy, needed):
            raise SystemExit("the tests fail without any fault: mend that first.")
        alive = [name for name, *fault in tqdm(chosen, unit="mutant") if lives(copy, *fault)]
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants die")
    for name in alive:
        print(f"lives: {name}")
    raise SystemExit(bool(alive))


if __name__ == "__main__":
    main()
