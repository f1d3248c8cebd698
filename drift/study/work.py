"""Computing a study: its runs on all cores, or on the workers of a Dask cluster."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dask
from distributed import as_completed
from tqdm import tqdm

from drift.simulation.simulate import simulate
from drift.study.cluster import dask_client
from drift.study.extensions import load_code
from drift.study.folder import CHECKPOINT_SECONDS, StudyFolder
from drift.study.settings import cost, make_rule, make_task, simulation_arguments
from drift.support.storage import write_dataset


def execute(
    folder: Path,
    number: int,
    settings: dict[str, Any],
    checkpoint_seconds: float,
    code: Sequence[Path] = (),
) -> str | None:
    """Compute one run into its file; why it failed, or None. What a worker does."""
    study_folder = StudyFolder(folder)
    study_folder.failure_path(number).unlink(missing_ok=True)
    try:
        for path in code:
            load_code(path)
        # Files are written without the scheduler, which may be gone. How a run ended is in its
        # result; the study reports it.
        with dask.config.set(scheduler="synchronous"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = simulate(
                make_task(settings),
                make_rule(settings),
                **simulation_arguments(settings),
                checkpoint=study_folder.checkpoint_path(number),
                checkpoint_seconds=checkpoint_seconds,
                progress=False,
            )
            if run.attrs["status"] == "interrupted":
                return "interrupted"
            write_dataset(run, study_folder.result_path(number))
    except Exception as problem:
        why = "".join(traceback.format_exception_only(problem)).strip()
        if not isinstance(problem, OSError):  # a full disk would not hold the reason either
            study_folder.fail(number, why)
        return why
    return None


def run_study(
    folder: StudyFolder,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    code: Sequence[Path] = (),
    progress: bool = True,
) -> dict[int, str]:
    """Compute the runs of ``folder`` that have no result yet; why some failed, by number.

    Parameters
    ----------
    folder : StudyFolder
        With a cluster, at a path that all workers see.
    scheduler : str, optional
        Address of a running Dask scheduler; by default this machine's cores are used.
    workers : int, optional
        Number of processes on this machine; by default one a core.
    checkpoint_seconds : float
        How often a run's state is written, and so how much a lost worker loses.
    code : paths, optional
        Python files that register rules or tasks which the study uses; each worker runs them.
    progress : bool
        Show a progress bar with an estimate of the time left.

    Raises
    ------
    StudyError
        If another process works in the folder.
    SchedulerMissingError
        If the scheduler cannot be reached.
    """
    for path in code:
        load_code(path)
    with folder.lock():
        settings = folder.settings()
        endings, damaged = folder.outcomes()
        for number, why in damaged.items():
            tqdm.write(f"run {number} is done again: {why}")
            folder.result_path(number).unlink()
        done = set(endings)
        costs = {number: cost(settings[number]) for number in range(len(settings))}
        left = sorted(set(costs) - done, key=lambda number: -costs[number])
        failed: dict[int, str] = {}
        if not left:
            return failed
        bar = tqdm(
            total=sum(costs.values()),
            initial=sum(costs[number] for number in done),
            disable=not progress,
            mininterval=0.1 if sys.stderr.isatty() else 60,  # a line a minute in a cluster's log
            bar_format="{percentage:5.1f}% |{bar}| {elapsed} gone, {remaining} left{postfix}",
        )
        with bar, dask_client(scheduler, workers) as client:
            futures = {
                client.submit(
                    execute, folder.path.resolve(), number, settings[number], checkpoint_seconds,
                    [Path(path).resolve() for path in code],
                    pure=False, key=f"run-{number:05}", priority=costs[number],
                ): number
                for number in left
            }  # fmt: skip
            for future in as_completed(futures):
                number = futures[future]
                why = future.result() if future.status == "finished" else repr(future.exception())
                if why is None:
                    done.add(number)
                else:
                    failed[number] = why
                    tqdm.write(f"run {number} failed: {why}")
                problems = f", {len(failed)} failed" if failed else ""
                bar.set_postfix_str(
                    f"{len(done)} of {len(settings)} runs done{problems}", refresh=False
                )
                bar.update(costs[number])
        return failed
