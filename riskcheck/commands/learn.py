"""`riskcheck learn`: what moves together in a repository, from its history, as rules that people review."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands.options import jobs_option, progress, state_environ
from riskcheck.commands.parameters import PathType, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.history.cochange import Mined
    from riskcheck.history.cochange_model import Thresholds
    from riskcheck.history.model import History
    from riskcheck.learned import LearnedFile, LearnedRule
    from riskcheck.learning import Updated

OUTPUT: Final = ".riskcheck/learned.yaml"
"""From the root of the repository, beside the schema that `riskcheck init` writes."""

MOST_LISTED: Final = 20
"""Rules that are listed; the file has all of them."""


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
@option("--history", "store", metavar="FILE", type=PathType(), help="History store instead of the private one.")
@option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", help="How to say what was found."
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
    other is told by GOV-020, which never blocks. docs/learn.md says how sure that is.
    """
    from riskcheck.history.cochange import mine
    from riskcheck.history.cochange_model import Thresholds
    from riskcheck.learning import learned, update as updated
    from riskcheck.recording import recorded

    top = _top()
    target = os.path.join(top, OUTPUT) if output is None else output
    known = _known(target, update=update, dry_run=dry_run)
    environ = state_environ()
    with progress(quiet=quiet) as observer:
        history = recorded(top, file=store, observer=observer, environ=environ, jobs=jobs)
        if observer is not None:
            observer.stage("learning what moves together")
        thresholds = Thresholds(window=since)
        mined = mine(history, thresholds)
    rules = [one for one in learned(mined.found, history, thresholds) if level in ("advisory", one.rule.level)]
    result = updated(known, rules)
    writes = not dry_run and bool(result.file.rules or result.file.dropped or update)
    if writes:
        _write(target, result)
    if format_ == "json":
        _print_json(result)
    elif not quiet:
        _tell(top, target if writes else None, result, history, mined, thresholds, fresh=not update)
    return 0


def _top() -> str:
    """The root of the repository. Raises `RunError`."""
    from riskcheck.sources.repository import Repository
    from riskcheck.sources.spec import RangeSpec

    repository = Repository(RangeSpec(root=os.getcwd(), environ=state_environ()))
    repository.locate()
    return repository.top or repository.folder


def _known(target: str, *, update: bool, dry_run: bool) -> LearnedFile:
    """The file that is there, where it is to be brought up to date. Raises `click.UsageError`, `PolicyError`."""
    from riskcheck.commands.files import check_writable
    from riskcheck.learned import LearnedFile

    if os.path.lexists(target) and not update and not dry_run:
        raise click.UsageError(
            f"{os.path.relpath(target)} exists; --update brings it up to date and keeps what you edited, --output "
            "writes another file, --dry-run none"
        )
    if not dry_run and (os.path.isdir(os.path.dirname(target) or ".") or os.path.isabs(target) is False):
        check_writable(target)
    if not update:
        return LearnedFile()
    if not os.path.isfile(target):
        raise click.UsageError(f"there is no {os.path.relpath(target)} to update; leave out --update")
    from riskcheck.policy.learned import read_learned
    from riskcheck.policy.problems import PolicyError
    from riskcheck.trees import MemoryTree

    name = os.path.relpath(target)
    with open(target, "rb") as file:
        tree = MemoryTree({name: file.read()}, "base", "disk")
    found, problems = read_learned(tree, name)
    if problems:
        raise PolicyError(problems)
    return found


def _write(target: str, result: Updated) -> None:
    from riskcheck.commands.files import write_file
    from riskcheck.learning import text_of

    folder = os.path.dirname(target)
    if folder and not os.path.isdir(folder):
        try:
            os.mkdir(folder)
        except OSError as error:
            raise click.UsageError(f"cannot write {target}: {error.strerror}") from error
    write_file(target, text_of(result))


def _print_json(result: Updated) -> None:
    from riskcheck.learning import as_value

    click.echo(json.dumps(as_value(result.file), indent=2, ensure_ascii=True))


def _tell(
    top: str,
    target: str | None,
    result: Updated,
    history: History,
    mined: Mined,
    thresholds: Thresholds,
    *,
    fresh: bool,
) -> None:
    from riskcheck.phrases import many
    from riskcheck.report.safe import plain

    looked = f"{many(mined.changes, 'change')} of the last {many(thresholds.window, 'day')}"
    click.echo(f"learned from {looked}: {_counted(result.file.rules)}")
    if history.cut:
        click.echo(
            "the history is cut off (a shallow clone), so that little can be learned; fetch the rest of it first: "
            "git fetch --unshallow"
        )
    if not result.file.rules:
        click.echo(_why_nothing(history, mined, thresholds))
    _list(result.file.rules)
    if not fresh:
        click.echo(f"{many(len(result.added), 'rule')} added, {len(result.gone)} gone")
        for rule in result.gone[:MOST_LISTED]:
            click.echo(f"  gone: {plain(_named(rule))}")
    if result.dropped:
        click.echo(f"{many(result.dropped, 'rule')} left out, as `dropped` says")
    if target is not None:
        _tell_next(top, target)


def _counted(rules: Sequence[LearnedRule]) -> str:
    from riskcheck.phrases import many

    warn = sum(rule.level == "warn" for rule in rules)
    parity = sum(rule.kind == "parity" for rule in rules)
    more = [f"{warn} to warn of"] * bool(warn) + [f"{parity} between environments"] * bool(parity)
    return many(len(rules), "rule") + (f" ({', '.join(more)})" if more else "")


def _why_nothing(history: History, mined: Mined, thresholds: Thresholds) -> str:
    from riskcheck.phrases import many

    if not any(path.configuration for change in history.changes for path in change.paths):
        return "no change of this history touches a configuration file that riskcheck reads, so nothing can be learned"
    if mined.changes < thresholds.support:
        return (
            f"only {many(mined.changes, 'change')} of people touched configuration in that time; --since DAYS looks "
            "further back"
        )
    return "nothing moved together often enough to be relied on, which is good news, or a short history"


def _list(rules: Sequence[LearnedRule]) -> None:
    from riskcheck.report.safe import plain

    shown = sorted(rules, key=lambda rule: (rule.level != "warn", -(rule.bound or 0.0), rule.edited, rule.expect))
    for rule in shown[:MOST_LISTED]:
        seen = f"  ({rule.together} of {rule.times})" if rule.times else ""
        click.echo(f"  {rule.level:<8}  {plain(_named(rule))}{seen}")
    if len(shown) > MOST_LISTED:
        click.echo(f"  … and {len(shown) - MOST_LISTED} more")


def _named(rule: LearnedRule) -> str:
    edited = " and ".join(rule.edited)
    if rule.keys:
        edited += f" ({', '.join(rule.keys[:3])}{', …' if len(rule.keys) > 3 else ''})"
    expected = f"{rule.expect} ({rule.expect_key})" if rule.expect_key else rule.expect
    return f"{edited} → {expected}"


def _tell_next(top: str, target: str) -> None:
    from riskcheck.filenames import POLICIES
    from riskcheck.report.safe import plain

    name = os.path.relpath(target, top)
    click.echo(f"wrote {plain(os.path.relpath(target))}: look through it, keep what makes sense, drop the rest")
    texts = []
    for policy in POLICIES:
        try:
            with open(os.path.join(top, policy), encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        except OSError:
            continue
    if not any("learned:" in text for text in texts):
        click.echo(f"next: put this into {POLICIES[0]} and merge both")
        click.echo(f"  rules: {{learned: [{plain(name)}]}}")
    click.echo("the history itself is kept: from now on `riskcheck diff` uses it for the likelihood of a change")
