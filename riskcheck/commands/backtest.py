"""`riskcheck backtest`: landed changes judged again as they were known then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands.options import (
    color_option,
    complete_revisions,
    no_cache_option,
    output_options,
    progress,
)
from riskcheck.commands.parameters import Command, PathType, option
from riskcheck.opening import state_environ

if TYPE_CHECKING:
    from riskcheck.backtesting import Backtested, BacktestRequest
    from riskcheck.backtests import BacktestReport, RuleFacts
    from riskcheck.report.style import Style

FORMATS: Final = ("text", "json", "html")


@click.command(
    cls=Command, short_help="Replay landed changes: which rules earn their keep, where to set the gate."
)
@click.argument("revisions", metavar="[REV-RANGE]", required=False, shell_complete=complete_revisions)
@option(
    "--last",
    type=click.IntRange(min=0),
    default=1_000,
    metavar="N",
    help="The newest N changes that can be judged; 1000 unless given, 0 for all.",
)
@option("--since", metavar="DATE", help="What landed on DATE (YYYY-MM-DD, UTC) or later.")
@option(
    "--follow",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar="DAYS",
    help="Leave out what landed within DAYS of the newest change; 60 unless given.",
)
@option(
    "--config",
    metavar="FILE",
    type=PathType(),
    help="Judge every change by this policy.",
)
@option(
    "--labels",
    metavar="FILE",
    type=PathType(),
    help="What was reverted, as lines of JSON, instead of what the log tells.",
)
@option("--history", metavar="FILE", type=PathType(), help="The history store; a private one unless given.")
@option(
    "--rows",
    metavar="FILE",
    type=PathType(),
    help="What was judged already and where more is added; a private file unless given.",
)
@option("--likelihood-only", is_flag=True, help="Judge nothing: only what the log tells, in seconds.")
@option(
    "--suggest-policy", is_flag=True, help="Print the part of a riskcheck.yaml that the numbers speak for."
)
@output_options(FORMATS)
@option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Processes that judge. 0 unless given: as many as there are processors, up to 4. Changes no answer.",
)
@no_cache_option
@option("--quiet", "-q", is_flag=True, help="No progress and no remarks on stderr.")
@color_option
def backtest(
    revisions: str | None,
    last: int,
    since: str | None,
    follow: float,
    config: str | None,
    labels: str | None,
    history: str | None,
    rows: str | None,
    likelihood_only: bool,
    suggest_policy: bool,
    format_: str,
    outputs: tuple[str, ...],
    jobs: int,
    no_cache: bool,
    quiet: bool,
    color: str,
) -> int:
    """Replay landed changes as they were known when they landed, and count what became of them.

    \b
    riskcheck backtest                    what landed on HEAD
    riskcheck backtest v1.2..main         what landed on main since v1.2
    riskcheck backtest --config new.yaml  the same, judged by another policy
    riskcheck backtest --suggest-policy   what should be in riskcheck.yaml

    Each change is compared with its first parent, by the policy and the rules of that parent. What was judged is
    kept, so that an interrupted run goes on where it was. It blocks nothing: it exits 0, or 2 where it could not
    be made.
    """
    from riskcheck.backtesting import BacktestRequest, backtested
    from riskcheck.commands.writing import targets_of

    targets = targets_of(outputs, FORMATS)
    request = BacktestRequest(
        root=os.getcwd(),
        environ=state_environ(),
        revisions=revisions,
        last=last or None,
        since=_seconds(since),
        follow_days=follow,
        config=config,
        history=_writable(history),
        rows=_writable(rows),
        labels=labels,
        likelihood_only=likelihood_only,
        jobs=jobs,
        cache=not no_cache,
    )
    with progress(quiet=quiet) as observer:
        found = backtested(request, observer)
        if observer is not None:
            observer.stage("counting")
        report = _report(request, found)
    if not quiet:
        _remark(found.notes)
    _write(report, suggest_policy, format_, color, targets)
    return 0


def _seconds(since: str | None) -> int | None:
    """The start of a day, in seconds since the epoch. Raises `click.UsageError`."""
    if since is None:
        return None
    from datetime import UTC, datetime

    try:
        return int(datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise click.UsageError(f"--since {since}: write YYYY-MM-DD") from None


def _writable(path: str | None) -> str | None:
    """`path`, which can be written; told before the analysis. Raises `click.UsageError`."""
    if path is not None:
        from riskcheck.commands.files import check_writable

        check_writable(path)
    return path


def _report(request: BacktestRequest, found: Backtested) -> BacktestReport:
    from riskcheck import __version__
    from riskcheck.backtests import Origin, Settings, facts_of
    from riskcheck.history.backtest import backtest as counted
    from riskcheck.results import moment

    rules: tuple[RuleFacts, ...] = ()
    if not request.likelihood_only:
        from riskcheck.rules.load import load_rules

        rules = facts_of(load_rules(use_cache=request.cache).rules)
    as_of = "" if found.newest is None else moment(found.newest)
    origin = Origin(__version__, found.rules_digest, as_of)
    return counted(found.rows, Settings(follow_days=request.follow_days, rules=rules, origin=origin))


def _remark(notes: tuple[str, ...]) -> None:
    from riskcheck.report.safe import plain, shortened

    for note in notes:
        click.echo(f"riskcheck: {shortened(plain(note), 2_000)}", err=True)


def _write(
    report: BacktestReport, suggest_policy: bool, format_: str, color: str, targets: list[tuple[str, str]]
) -> None:
    from importlib import import_module

    from riskcheck.commands.writing import write, write_text

    def render(name: str, style: Style) -> str:
        module = import_module(f"riskcheck.report.backtest.{name}")
        text = module.render(report, style) if name == "text" else module.render(report)
        assert isinstance(text, str)
        return text

    if not suggest_policy:
        write(render, format_, color, targets)
        return
    from riskcheck.commands.writing import style_of
    from riskcheck.report.backtest.policy import suggest_policy as suggested

    for name, path in targets:
        write_text(render(name, style_of("never")), path)
    write_text(suggested(report), None)
