"""The command ``drift check``."""

from __future__ import annotations

import platform

import click
from llvmlite.binding import get_host_cpu_name

from drift.results.golden import CASES, differing, record_digests
from drift.results.versions import GOLDEN
from drift.support.errors import FailedError
from drift.support.progress import each


class DifferentResultsError(FailedError, RuntimeError):
    """A machine computes something else than every machine should."""


@click.command()
@click.option("--record", is_flag=True, help="Write this machine's digests as those to be found.")
def check(record: bool) -> None:
    """Compute what every machine should compute alike, and say what this one computes otherwise."""
    if record:
        record_digests()
        click.echo(f"written: {GOLDEN}")
        return
    different = differing(each(CASES, "digests"))
    machine = f"{platform.machine()}, kernels for {get_host_cpu_name()}"
    if different:
        raise DifferentResultsError(
            f"on this machine ({machine}) {len(different)} of {len(CASES)} digests differ:\n  "
            + "\n  ".join(different)
            + "\nResults with one seed will differ from those of the book. Please report it."
        )
    click.echo(f"all {len(CASES)} digests are as recorded ({machine})")
