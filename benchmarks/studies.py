"""What a study of very many short runs costs: asking for its state, going on, collecting.

``python benchmarks/studies.py`` puts the results of 20,000 runs of 100 steps into a folder under
``$TMPDIR``, which is removed in the end, and prints a line a command: wall time, CPU time, and the
most memory. A hundred of the runs are simulated; the others get the values of one of these, each
signed with its own settings. Before that it prints what a run costs beside its simulation.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drift.simulation.simulate import simulate
from drift.study.folder import CHECKPOINT_SECONDS, StudyFolder
from drift.study.index import describe
from drift.study.reading import read_study
from drift.study.result_files import signed, write_results
from drift.study.settings import make_rule, make_task, simulation_arguments
from drift.study.work import execute

RUNS, SIMULATED, TOGETHER = 20_000, 100, 50

DESIGN = f"""
study: short-runs
seed: 1
settings: {{steps: 100, hidden: 20, rule: GradientDescent}}
parts:
  - part: noise
    runs: {RUNS}
    settings:
      task: random_mapping
      samples: 5
      update_noise: {{log_uniform: [0.02, 0.1]}}
"""

MEASURED = """
import resource, sys, time
from drift.cli import main
began = time.perf_counter()
try:
    main()
except SystemExit as end:
    assert not end.code
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"{time.perf_counter() - began:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, "
      f"{used.ru_maxrss / 1024:.0f} MiB")
"""


def simulated(settings: dict) -> object:
    """One run as a worker simulates it."""
    arguments = simulation_arguments(settings)
    return simulate(make_task(settings), make_rule(settings), **arguments, progress=False)


def beside_simulation(folder: Path, runs: list[dict]) -> None:
    """Print the CPU time of runs, simulated alone and as a study does it, on one core."""
    simulated(runs[0])  # compiles, or reads what is compiled
    began = time.process_time()
    for run in runs:
        simulated(run)
    alone = (time.process_time() - began) / len(runs) * 1000
    began = time.process_time()
    outcome = execute(folder, dict(enumerate(runs)), CHECKPOINT_SECONDS)
    whole = (time.process_time() - began) / len(runs) * 1000
    assert len(outcome.lines) == len(runs)
    print(f"a run: {whole:.1f} ms of CPU, of which its simulation {alone:.1f} ms")


def fill(folder: StudyFolder, runs: list[dict]) -> None:
    """Write a result for every run, in files of as many as a worker writes together."""
    some = [simulated(run) for run in runs[:SIMULATED]]
    for first in range(0, len(runs), TOGETHER):
        together = dict(enumerate(runs[first : first + TOGETHER], first))
        results = {n: signed(some[n % SIMULATED], own) for n, own in together.items()}
        path = write_results(folder.results, results)
        folder.note(describe(path, together, dict.fromkeys(together, "finished")))


def main() -> None:
    """Print what everything costs."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "short-runs.yaml"
        file.write_text(DESIGN)
        design = read_study(file)
        runs = design.runs()
        beside_simulation(Path(place) / "some", runs[:SIMULATED])
        folder = StudyFolder(Path(place) / "all")
        folder.create(design.name, design.about, runs)
        fill(folder, runs)
        run = ("run", str(file), "--out", str(folder.path))
        commands = {
            "status": ("status", str(folder.path)),
            "run, nothing left": run,
            "run, without its index": run,
            "collect": ("collect", str(folder.path)),
        }
        for name, words in commands.items():
            if "without" in name:
                folder.index.unlink()
            command = [sys.executable, "-c", MEASURED, "study", *words]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(f"{name}: {done.stdout.splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    main()
