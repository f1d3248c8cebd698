"""Computing a study: its runs on all cores, or on the workers of a Dask cluster."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from distributed import as_completed
from tqdm import tqdm

from drift.simulation.checkpoint import remove_state
from drift.simulation.simulate import simulate
from drift.study.cluster import Certificates, dask_client
from drift.study.extensions import load_code
from drift.study.folder import CHECKPOINT_SECONDS, StudyFolder
from drift.study.index import Line, Survey, describe, examine
from drift.study.result_files import numbers_in, result_name, signed, write_results
from drift.study.settings import cost, make_rule, make_task, simulation_arguments, what_is_kept
from drift.study.short_runs import Waiting, batches

if TYPE_CHECKING:
    import xarray as xr


LONG_SHARE = 0.05
"""A run that takes more than this share of the time that a study takes is long."""


@dataclass
class Outcome:
    """What became of some runs: lines for the index of those done, and why others failed."""

    lines: list[Line] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    def fail(self, folder: StudyFolder, numbers: Iterable[int], problem: Exception) -> None:
        """Note why runs failed, here and in the study's folder."""
        why = "".join(traceback.format_exception_only(problem)).strip()
        for number in numbers:
            self.failed[number] = why
            if not isinstance(problem, OSError):  # a full disk would not hold the reason either
                folder.fail(number, why)


def execute(
    folder: Path,
    runs: Mapping[int, dict[str, Any]],
    checkpoint_seconds: float,
    code: Sequence[Path] = (),
) -> Outcome:
    """Compute runs into their files, several together where they are short. What a worker does.

    Parameters
    ----------
    folder : Path
        The study's.
    runs : mapping of int to dict
        By number the settings of the runs.
    checkpoint_seconds : float
        How often a run's state is written.
    code : paths, optional
        Python files to run before.
    """
    study_folder = StudyFolder(folder)
    outcome = Outcome(_landed(study_folder, runs))
    done = {line.run for line in outcome.lines}
    waiting = Waiting()
    try:
        for path in code:
            load_code(path)
    except Exception as problem:
        outcome.fail(study_folder, runs, problem)
        return outcome
    for number in runs:
        if number in done:
            continue
        study_folder.failure_path(number).unlink(missing_ok=True)
        try:
            run = _simulated(study_folder, number, runs[number], checkpoint_seconds)
        except Exception as problem:
            outcome.fail(study_folder, [number], problem)
            continue
        if run.attrs["status"] == "interrupted":
            outcome.failed[number] = "interrupted"
            break
        waiting.add(number, run)
        if waiting.is_due():
            _write(study_folder, waiting, runs, outcome)
    _write(study_folder, waiting, runs, outcome)
    return outcome


def _landed(folder: StudyFolder, runs: Mapping[int, dict[str, Any]]) -> list[Line]:
    """What a worker that was lost has written of the same runs."""
    alone = [folder.results / result_name([number]) for number in runs]
    together = folder.results.glob("*-*.nc") if len(runs) > 1 else ()
    lines: list[Line] = []
    for path in [path for path in alone if path.exists()] + sorted(together):
        numbers = numbers_in(path.name) or range(0)
        if numbers and set(numbers) <= set(runs):
            with suppress(OSError, ValueError):  # then it is in the way, which writing will say
                lines += examine(path, {number: runs[number] for number in numbers})
    return lines


def _simulated(
    folder: StudyFolder, number: int, settings: dict[str, Any], checkpoint_seconds: float
) -> xr.Dataset:
    # How a run ended is in its result; the study reports it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task = make_task(settings)
        run = simulate(
            task,
            make_rule(settings),
            **simulation_arguments(settings),
            checkpoint=folder.checkpoint_path(number),
            checkpoint_seconds=checkpoint_seconds,
            keep_checkpoint=True,
            progress=False,
        )
    if run.attrs["status"] == "interrupted":
        return run
    return signed(what_is_kept(run, task, settings), settings)


def _write(
    folder: StudyFolder, waiting: Waiting, runs: Mapping[int, dict[str, Any]], outcome: Outcome
) -> None:
    """Write the runs that wait, and note them."""
    for together in waiting.take():
        try:
            path = write_results(folder.results, together)
            endings = {number: run.attrs["status"] for number, run in together.items()}
            outcome.lines += describe(path, runs, endings)
            for number in together:
                remove_state(folder.checkpoint_path(number))
        except Exception as problem:
            outcome.fail(folder, together, problem)


def run_study(
    folder: StudyFolder,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    code: Sequence[Path] = (),
    certificates: Certificates | None = None,
    without: Collection[int] = (),
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
    certificates : Certificates, optional
        For a scheduler at ``tls://``; by default those of Dask's configuration.
    without : collection of int
        Numbers of runs that are not needed.
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
        found = _made_ready(folder)
        done, failed = set(found.endings), found.in_the_way(len(settings))
        for number, why in failed.items():
            tqdm.write(f"run {number} is left out: {why}")
        costs = {number: cost(settings[number]) for number in range(len(settings))}
        done |= set(without)
        batched = batches(costs.keys() - done - failed.keys(), settings)
        left = {tuple(numbers): sum(costs[number] for number in numbers) for numbers in batched}
        if not left:
            return failed
        bar = tqdm(
            total=sum(costs.values()),
            initial=sum(costs[number] for number in done),
            disable=not progress,
            mininterval=0.1 if sys.stderr.isatty() else 60,  # a line a minute in a cluster's log
            bar_format="{percentage:5.1f}% |{bar}| {elapsed} gone, {remaining} left{postfix}",
        )
        with bar, dask_client(scheduler, workers, certificates) as client:
            futures = {
                client.submit(
                    execute, folder.path.resolve(), {n: settings[n] for n in numbers},
                    checkpoint_seconds, [Path(path).resolve() for path in code],
                    pure=False, key=f"run-{numbers[0]:05}", priority=-place,
                ): numbers
                for place, numbers in enumerate(in_order(left, sum(client.ncores().values())))
            }  # fmt: skip
            for future in as_completed(futures):
                numbers = futures.pop(future)
                if future.status == "finished":
                    outcome = future.result()
                else:
                    outcome = Outcome(failed=dict.fromkeys(numbers, repr(future.exception())))
                folder.note(outcome.lines)
                done |= {line.run for line in outcome.lines}
                for number, why in outcome.failed.items():
                    tqdm.write(f"run {number} failed: {why}")
                failed |= outcome.failed
                problems = f", {len(failed)} failed" if failed else ""
                bar.set_postfix_str(
                    f"{len(done)} of {len(settings)} runs done{problems}", refresh=False
                )
                bar.update(sum(costs[number] for number in numbers))
        return failed


def in_order(costs: Mapping[tuple[int, ...], float], cores: int) -> list[tuple[int, ...]]:
    """Runs in the order in which they are begun: long ones first, or all at random.

    If a run takes a good part of the whole time, it must not come last, when other cores have
    nothing left to do. If none does, the order is random, always the same: what is done of a study
    then stands for the whole, and the time that is left can be told.

    Parameters
    ----------
    costs : mapping of tuple of int to float
        By the numbers of runs that are computed together, how long they take, in any unit.
    cores : int
        Number of cores that compute.

    Returns
    -------
    list of tuple of int
    """
    if max(costs.values()) > LONG_SHARE * sum(costs.values()) / max(1, cores):
        return sorted(costs, key=lambda numbers: -costs[numbers])
    together = list(costs)
    order = np.random.default_rng(0).permutation(len(together))
    return [together[place] for place in order]


def _made_ready(folder: StudyFolder) -> Survey:
    """What is done of a study, with its index as it should be and damaged results set aside."""
    found = folder.survey()
    for name, why in found.damaged.items():
        place = folder.set_aside(name)
        for number in numbers_in(name) or ():
            tqdm.write(f"run {number} is done again, the file is now {place}: {why}")
    folder.renew_index(found)
    return found
