"""The commands ``drift study ...``; what only some of them need is imported when called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from drift.study.folder import CHECKPOINT_SECONDS, StudyError, StudyFolder

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_MOST_LINES = 20


@click.group()
def study() -> None:
    """Run studies of many runs, on this machine or on a cluster."""


def _code_option(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--code", multiple=True, type=_FILE,
        help="Python file with rules or tasks of your own that the study uses.",
    )(function)  # fmt: skip


def _load(code: tuple[Path, ...]) -> None:
    from drift.study.extensions import load_code

    for path in code:
        load_code(path)


@study.command(name="list")
def list_studies() -> None:
    """List the studies that come with the package."""
    from drift.study.reading import list_designs, read_study

    table = Table(show_header=True, expand=True)
    for column in ("study", "runs"):
        table.add_column(column, no_wrap=True)
    table.add_column("about", ratio=1)
    for name, path in list_designs().items():
        design = read_study(path)
        table.add_row(name, str(len(design.runs())), design.about)
    Console(highlight=False).print(table)


@study.command(short_help="Compute a study, or go on with it.")
@click.argument("name", metavar="STUDY")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True,
    help="Folder of the study; one that holds a part of its results is gone on with.",
)  # fmt: skip
@click.option("--runs", type=int, help="Only so many of its runs, chosen at random.")
@click.option("--steps", type=int, help="Number of steps of every run.")
@click.option(
    "-p", "--parameter", "assignments", nargs=2, multiple=True, metavar="SETTING VALUE",
    help="Change a setting, of one part as PART.SETTING; VALUE as in a study's file.",
)  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="Compute on this Dask cluster.")
@click.option(
    "--tls-ca", type=_FILE, help="Certificate of the authority of a cluster at tls://, in PEM."
)
@click.option("--tls-cert", type=_FILE, help="Your own certificate, which it signed.")
@click.option("--tls-key", type=_FILE, help="The key to it.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes here; by default one a core."
)
@click.option(
    "--checkpoint-seconds", type=click.FloatRange(min=0), default=CHECKPOINT_SECONDS,
    show_default=True, help="How often the state of a run is written.",
)  # fmt: skip
@_code_option
def run(
    name: str,
    out: Path,
    runs: int | None,
    steps: int | None,
    assignments: tuple[tuple[str, str], ...],
    scheduler: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    workers: int | None,
    checkpoint_seconds: float,
    code: tuple[Path, ...],
) -> None:
    """Compute STUDY, one that comes with the package or the path of a file, into a folder.

    Stop it at any time and start it again: finished runs are kept, and one in progress goes on from
    its last state. For example: drift study run generality --out runs/generality --runs 20 --steps
    100_000
    """
    from drift.study.cluster import Certificates
    from drift.study.reading import find_design, read_study, read_value
    from drift.study.work import run_study

    certificates = None
    if tls_ca is not None and tls_cert is not None and tls_key is not None:
        certificates = Certificates(tls_ca, tls_cert, tls_key)
    elif tls_ca or tls_cert or tls_key:
        raise StudyError("a cluster with TLS needs all of --tls-ca, --tls-cert and --tls-key.")
    if certificates is not None and scheduler is None:
        raise StudyError("certificates are for a cluster: name it with --scheduler.")
    _load(code)
    design = read_study(find_design(name))
    changes: dict[str, Any] = {} if steps is None else {"steps": steps}
    design = design.with_settings(
        changes | {key: read_value(key, text) for key, text in assignments}
    )
    design.check()
    folder = StudyFolder(out)
    folder.create(design.name, design.about, design.runs(runs))
    try:
        failed = run_study(
            folder,
            scheduler=scheduler,
            workers=workers,
            checkpoint_seconds=checkpoint_seconds,
            code=code,
            certificates=certificates,
        )
    except KeyboardInterrupt:
        click.echo(f"\nstopped: the same command goes on; `drift study status {out}`", err=True)
        raise SystemExit(130) from None
    if failed:
        raise StudyError(
            f"{len(failed)} of the runs failed (`drift study status {out}` says why); the same "
            "command tries them again."
        )
    click.echo(f"all runs are done: `drift study collect {out}` puts them together")


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
def status(folder: Path) -> None:
    """Tell what of the study in FOLDER is done, running, failed and why."""
    study_folder = StudyFolder(folder)
    settings = study_folder.settings()
    active = study_folder.is_locked()
    found = study_folder.survey()
    if not active:
        study_folder.renew_index(found)
    done = found.endings
    click.echo(f"study {study_folder.name!r}: {len(done)} of {len(settings)} runs are done")
    word = "running" if active else "begun"
    _list(
        f"{word}: run {number}, {steps:_} of {settings[number]['steps']:_} steps at its last state"
        for number, steps in sorted(study_folder.begun().items())
        if number < len(settings) and number not in done
    )
    _list(
        f"failed: run {number}: {why}"
        for number, why in study_folder.failures().items()
        if number not in done
    )
    _list(f"damaged, will be done again: {name}: {why}" for name, why in found.damaged.items())
    _list(f"left alone: {name} {why}" for name, why in found.left_alone.items())
    endings: dict[str, list[int]] = {}
    for number, ending in done.items():
        endings.setdefault(ending, []).append(number)
    for ending in sorted(set(endings) - {"finished"}):
        numbers = ", ".join(map(str, endings[ending][:_MOST_LINES]))
        numbers += ", ..." if len(endings[ending]) > _MOST_LINES else ""
        click.echo(f"  ended early, {ending}: {len(endings[ending])} runs ({numbers})")
    if not active and len(done) < len(settings):
        click.echo("nobody works on it at present: `drift study run` goes on with it")


def _list(lines: Iterable[str]) -> None:
    """Show lines, of very many the first ones."""
    shown = list(lines)
    for line in shown[:_MOST_LINES]:
        click.echo(f"  {line}")
    if len(shown) > _MOST_LINES:
        click.echo(f"  and {len(shown) - _MOST_LINES} more of these")


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path),
    help="Folder for the two files; by default FOLDER itself.",
)  # fmt: skip
@_code_option
def collect(folder: Path, out: Path | None, code: tuple[Path, ...]) -> None:
    """Put the results in FOLDER together: one netCDF dataset, and a CSV with the published columns.

    Runs without a result are missing values in the one and missing rows in the other. Of a study
    that keeps recordings, the CSV has a row for each recording, with its features.
    """
    from drift.support.storage import write_dataset, write_text

    _load(code)
    study_folder = StudyFolder(folder)
    collected, table = _collected(study_folder)
    for problem in filter(None, collected.attrs["damaged"].split("; ")):
        click.echo(f"left out: {problem}", err=True)
    target = out or folder
    write_dataset(collected, target / f"{study_folder.name}.nc")
    write_text(table.to_csv(index=False), target / f"{study_folder.name}.csv")
    if table.empty:
        click.echo("no run is done yet: the table is empty", err=True)
    click.echo(
        f"dataset: {target / study_folder.name}.nc\ntable:   {target / study_folder.name}.csv"
    )


def _collected(folder: StudyFolder) -> tuple[xr.Dataset, pd.DataFrame]:
    """The results of a study, of runs or of recordings, and a table of them."""
    from drift.study.settings import WHOLE

    if folder.settings()[0].get("keep", WHOLE) == WHOLE:
        from drift.study.collection import collect, table_of_runs

        collected = collect(folder)
        return collected, table_of_runs(collected)
    from drift.inference.known_networks import table_of_recordings
    from drift.study.collected_recordings import collect_recordings

    collected = collect_recordings(folder)
    return collected, table_of_recordings(collected)
