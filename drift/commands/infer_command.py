"""The command ``drift infer``."""

from __future__ import annotations

import io
from pathlib import Path

import click

from drift.support.errors import RefusedError

EXAMPLE = "example"
"""Stands for the file of a made recording that ships with the package."""

_OUT = click.Path(path_type=Path, dir_okay=False)


class SessionsRefusedError(RefusedError, ValueError):
    """Nothing can be inferred from what was given."""


@click.command(short_help="Which learning rule do recorded sessions speak for?")
@click.argument("sessions", type=click.Path(path_type=Path))
@click.option("--plot", type=_OUT, help="Draw the answer into this file (.png, .svg or .pdf).")
@click.option("--features", type=_OUT, help="Write the features into this CSV file.")
def infer(sessions: Path, plot: Path | None, features: Path | None) -> None:
    """Infer the learning rule from SESSIONS, a netCDF file or a folder of them.

    A file has rate maps of all sessions: `rate` along (session, cell, place). A folder has a file
    for each session: `activity` along (time, cell), `place_bin` along (time), and the cells'
    numbers, the same in all sessions, as coordinate `cell`. `drift infer example` reads a made
    recording that comes with the package.
    """
    from drift.inference.answer import infer as infer_rule
    from drift.inference.known_networks import known_recordings
    from drift.inference.session_files import read_sessions
    from drift.support.locations import SHIPPED
    from drift.support.storage import write_bytes, write_text

    path = SHIPPED / "example-sessions.nc" if str(sessions) == EXAMPLE else sessions
    try:
        given = read_sessions(path)
        known = known_recordings()
        click.echo(f"compared with {len(known)} recordings of known networks", err=True)
        answer = infer_rule(given, known)
    except (FileNotFoundError, TypeError, ValueError) as problem:
        raise SessionsRefusedError(f"{sessions}: {problem}") from problem
    click.echo(str(answer))
    if features is not None:
        write_text(answer.features.to_csv(header=["value"], index_label="feature"), features)
    if plot is not None:
        from drift import plots

        plots.use_style()
        drawn = plots.inferred_rule(answer, known)
        content = io.BytesIO()
        try:
            drawn[0].figure.savefig(content, format=plot.suffix.lstrip(".") or "png")
        except ValueError as problem:
            raise SessionsRefusedError(f"--plot {plot}: {problem}") from problem
        write_bytes(content.getvalue(), plot)
