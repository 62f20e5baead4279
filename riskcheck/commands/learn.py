"""`riskcheck learn`: what moves together in a repository, from its history, as rules that people review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands.options import jobs_option, progress
from riskcheck.commands.parameters import PathType, option
from riskcheck.opening import state_environ

if TYPE_CHECKING:
    from riskcheck.learned import LearnedFile
    from riskcheck.learning import Updated

OUTPUT: Final = ".riskcheck/learned.yaml"
"""From the root of the repository, beside the schema that `riskcheck init` writes."""


@click.command(
    short_help="Learn from history what moves together.", context_settings={"auto_envvar_prefix": "RISKCHECK"}
)
@option(
    "--output",
    metavar="FILE",
    type=PathType(),
    help=f"Write this file instead of {OUTPUT} at the root of the repository.",
)
@option("--update", is_flag=True, help="Bring a file that is there up to date; what people edited stays.")
@option("--dry-run", is_flag=True, help="Say what was found, and write nothing.")
@option(
    "--since",
    metavar="DAYS",
    type=click.IntRange(7, 3650),
    default=180,
    help="Days before the newest change that count. Default: 180.",
)
@option(
    "--level",
    type=click.Choice(("advisory", "warn")),
    default="advisory",
    help="Only what is at least so sure. Default: advisory.",
)
@option(
    "--history",
    "store",
    metavar="FILE",
    type=PathType(),
    help="History store instead of the private one.",
)
@option(
    "--format",
    "format_",
    type=click.Choice(("text", "json")),
    default="text",
    help="How to say what was found.",
)
@jobs_option
@option("--quiet", "-q", is_flag=True, help="Write, and say nothing.")
def learn(
    output: str | None,
    update: bool,
    dry_run: bool,
    since: int,
    level: str,
    store: str | None,
    format_: str,
    jobs: int,
    quiet: bool,
) -> int:
    """Learn from the history of this repository which files and keys move together.

    \b
    riskcheck learn            write .riskcheck/learned.yaml
    riskcheck learn --dry-run  only say what was found
    riskcheck learn --update   count anew; what people edited or dropped stays so

    Changes of bots, reverts and what they took back, and changes of more than 30 files tell nothing. Once
    riskcheck.yaml names the file (rules: {learned: [.riskcheck/learned.yaml]}), an edit of the one without the
    other is told by GOV-020, which never blocks.
    """
    from riskcheck.history.cochange import mine
    from riskcheck.history.cochange_model import Thresholds
    from riskcheck.learning import learned
    from riskcheck.learning import update as updated
    from riskcheck.recording import recorded

    top = _top()
    target = top / OUTPUT if output is None else Path(output)
    known = _known(target, update=update, dry_run=dry_run)
    thresholds = Thresholds(window=since)
    with progress(quiet=quiet) as observer:
        history = recorded(str(top), file=store, observer=observer, environ=state_environ(), jobs=jobs)
        if observer is not None:
            observer.stage("learning what moves together")
        mined = mine(history, thresholds)
    found = learned(mined.found, history, thresholds)
    result = updated(known, [one for one in found if level in ("advisory", one.rule.level)])
    writes = not dry_run and (update or bool(result.file.rules))
    if writes:
        _write(target, result)
    if format_ == "json":
        from riskcheck.commands.learned_text import as_json

        click.echo(as_json(result))
    elif not quiet:
        from riskcheck.commands.learned_text import told

        for line in told(top, target if writes else None, result, history, mined, thresholds, update=update):
            click.echo(line)
        if store is None and writes:
            click.echo(
                "the history is kept, too: from now on `riskcheck diff` uses it for the likelihood of a change"
            )
    return 0


def _top() -> Path:
    """The root of the repository. Raises `RunError`."""
    from riskcheck.sources.repository import located

    repository = located(Path.cwd(), state_environ())
    return Path(repository.top or repository.folder)


def _known(target: Path, *, update: bool, dry_run: bool) -> LearnedFile:
    """The file that is there, where it is to be brought up to date. Raises `click.UsageError`, `PolicyError`."""
    from riskcheck.commands.files import check_writable
    from riskcheck.learned import LearnedFile

    there = target.exists() or target.is_symlink()
    if there and not update and not dry_run:
        raise click.UsageError(
            f"{_shown(target)} exists; --update brings it up to date and keeps what was edited, --output writes "
            "another file, --dry-run none"
        )
    if update and not there:
        raise click.UsageError(f"there is no {_shown(target)} to update; leave out --update")
    if not dry_run and target.parent.exists():
        check_writable(str(target))
    return _read(target) if update else LearnedFile()


def _shown(target: Path) -> str:
    """A path as people would name it from where they are."""
    here = Path.cwd()
    return str(target.relative_to(here)) if target.is_relative_to(here) else str(target)


def _read(target: Path) -> LearnedFile:
    from riskcheck.policy.learned import read_learned
    from riskcheck.policy.problems import PolicyError
    from riskcheck.trees import MemoryTree

    try:
        data = target.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {_shown(target)}: {error.strerror}") from error
    name = _shown(target)
    found, problems = read_learned(MemoryTree({name: data}, "base", "disk"), name)
    if problems:
        raise PolicyError(problems)
    return found


def _write(target: Path, result: Updated) -> None:
    from riskcheck.commands.files import write_file
    from riskcheck.learning import text_of

    # Only the folder that is ours is made: a typing error in --output is no folder.
    if target.parent.name == Path(OUTPUT).parent.name and not target.parent.exists():
        try:
            target.parent.mkdir()
        except OSError as error:
            raise click.UsageError(f"cannot write {target}: {error.strerror}") from error
    write_file(str(target), text_of(result))
