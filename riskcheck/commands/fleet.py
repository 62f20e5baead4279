"""`riskcheck fleet`: the same over many repositories."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from riskcheck.commands.options import progress
from riskcheck.commands.parameters import PathType, option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.fleet.running import Ran


@click.command(
    short_help="Judge many repositories, here or on Apache Spark.",
)
@click.argument("file", type=PathType())
@option(
    "--output",
    metavar="DIR",
    type=PathType(),
    help="Folder for the tables, the summary, and what is done already: a run that was ended goes on there.",
)
@option(
    "--engine",
    type=click.Choice(("local", "spark")),
    default="local",
    help="local: processes of this machine. spark: Apache Spark. Changes no answer.",
)
@option(
    "--master",
    metavar="URL",
    help="Of Spark: local[4], local-cluster[2,1,1024], spark://HOST:7077, sc://HOST (Spark Connect), databricks "
    "(the cluster that the job runs on). Unless given, what the environment is set up for.",
)
@option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Repositories at a time, of the local engine. 0 unless given: as many as there are processors, up to 4.",
)
@option(
    "--format",
    "format_",
    type=click.Choice(("text", "json")),
    default="text",
    help="How the summary is printed.",
)
@option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
def fleet(
    file: str,
    output: str | None,
    engine: str,
    master: str | None,
    jobs: int,
    format_: str,
    quiet: bool,
) -> int:
    """Do the same to each repository that FILE lists, some at a time, and gather what comes of it in tables.

    \b
    riskcheck fleet fleet.yaml --output out
    riskcheck fleet fleet.yaml --output out --engine spark --master local[4]

    FILE says what is done, and to which clones: `riskcheck schema fleet` is its schema. Tables are Parquet with
    `pip install 'riskcheck[fleet]'`, else JSON lines; --engine spark needs `pip install 'riskcheck[spark]'`.

    A repository that cannot be judged is told, and the others are. Exits 2 where none can.
    """
    from riskcheck.fleet.file import read_fleet
    from riskcheck.fleet.running import Request, run_fleet
    from riskcheck.workers import count

    if engine == "spark" and output is None:
        raise click.UsageError("--engine spark needs --output, a folder that all of its machines see")
    if engine == "local" and master is not None:
        raise click.UsageError("--master goes with --engine spark")
    asked = read_fleet(file)
    with _folder(output) as folder, progress(quiet=quiet) as observer:
        ran = run_fleet(
            asked,
            Request(
                folder, "spark" if engine == "spark" else "local", count(jobs, pays=True), master, observer
            ),
        )
    return _tell(ran, format_, output, quiet=quiet)


@contextmanager
def _folder(output: str | None) -> Iterator[str]:
    """The folder that everything is written to; one that goes again where none is asked for."""
    if output is not None:
        yield os.path.abspath(output)
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="riskcheck-fleet-") as folder:
        yield folder


def _tell(ran: Ran, format_: str, output: str | None, *, quiet: bool) -> int:
    """Prints the summary. Returns the exit code."""
    from riskcheck.commands.writing import write_text
    from riskcheck.fleet.telling import as_json, as_text
    from riskcheck.report.safe import plain

    if not quiet:
        write_text(as_json(ran.summary) if format_ == "json" else as_text(ran.summary, ran.lines), None)
    failed = [one for one in ran.outcomes if one.error is not None]
    if quiet or format_ == "json":
        for one in failed:
            click.echo(f"riskcheck: {one.task.repository}: {plain(one.error or '')}", err=True)
    if output is not None and ran.form != "parquet" and not quiet:
        click.echo(
            "riskcheck: the tables are JSON lines, for want of pyarrow: pip install 'riskcheck[fleet]'",
            err=True,
        )
    if len(failed) < len(ran.outcomes):
        return 0
    click.echo("riskcheck: no repository could be judged", err=True)
    return 2
