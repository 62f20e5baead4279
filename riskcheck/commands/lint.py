"""`riskcheck lint`: judge a tree as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from riskcheck.commands import FORMATS
from riskcheck.commands.options import (
    LEVELS,
    color_option,
    complete_revisions,
    output_options,
    progress,
    rule_options,
)
from riskcheck.commands.parameters import PathType, option
from riskcheck.opening import state_environ

if TYPE_CHECKING:
    from riskcheck.commands.running import RunRequest
    from riskcheck.results import Report


@click.command(
    short_help="Judge a tree as it is, without a change.",
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@click.argument("revision", required=False, shell_complete=complete_revisions)
@option(
    "--dir",
    "folder",
    envvar="RISKCHECK_DIR",
    metavar="DIR",
    type=PathType(),
    help="A directory, no git.",
)
@output_options(FORMATS)
@option("--fail-on", type=click.Choice(LEVELS), default="never", help="Exit 1 at this level or worse.")
@rule_options
@option("--explain", is_flag=True, help="Print every step to each level.")
@option("--quiet", "-q", is_flag=True, help="Print nothing where it passes, else findings and verdict.")
@color_option
def lint(
    revision: str | None,
    folder: str | None,
    format_: str,
    outputs: tuple[str, ...],
    fail_on: str,
    config: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    explain: bool,
    no_waivers: bool,
    no_cache: bool,
    quiet: bool,
    color: str,
) -> int:
    """Judge a tree as it is: what it lacks before any change shows it.

    \b
    riskcheck lint              the working tree
    riskcheck lint v1.3         a revision
    riskcheck lint --dir DIR    a directory, no git

    Tier-1 services without a canary cell, rollbacks never exercised, owners missing, an undeclared promotion order,
    waivers that lapsed, contradictions of catalogs. The policy is read from the same tree.

    Exits 0 whatever it finds, unless --fail-on says otherwise.
    """
    from riskcheck.commands.running import RunRequest
    from riskcheck.sources.spec import RangeSpec

    if revision is not None and folder is not None:
        raise click.UsageError("name a revision or --dir, not both")
    if revision is not None and ".." in revision:
        raise click.UsageError(f"{revision} is a range, which is for riskcheck diff; name one revision")
    spec = RangeSpec(
        root=os.getcwd(),
        revision=f"{revision}..{revision}" if revision else None,
        from_dir=folder,
        to_dir=folder,
        environ=state_environ(),
    )
    return _perform(
        RunRequest(
            spec=spec,
            format=format_,
            outputs=outputs,
            fail_on=fail_on,
            config=config,
            select=select,
            ignore=ignore,
            explain=explain,
            waivers=not no_waivers,
            cache=not no_cache,
            quiet=quiet,
            color=color,
        )
    )


def _perform(request: RunRequest) -> int:
    from riskcheck.commands.running import deliver
    from riskcheck.commands.writing import targets_of

    targets = targets_of(request.outputs, FORMATS)
    report, _ = lint_report(request)
    return deliver(report, request, targets)


def lint_report(request: RunRequest, *, known: bool = True) -> tuple[Report, str | None]:
    """What lint finds, and the folder that its paths are relative to. known: honour the baseline. Raises
    `RunError`."""
    from riskcheck.commands.running import memory_of, opened_by, rules_of
    from riskcheck.linting import LintOptions, lint
    from riskcheck.opening import check_mentions
    from riskcheck.sources import open_comparison

    comparison = open_comparison(request.spec)
    opened = opened_by(request, comparison, comparison.head)
    check_mentions(opened)
    policy = opened.policy if known else opened.policy._replace(baseline=None)
    rules = rules_of(request, opened)
    with progress(quiet=request.quiet) as observer:
        options = LintOptions(request.fail_on, request.waivers, memory_of(request, comparison), observer)
        return lint(comparison, policy, rules, opened.loaded.digest, options), comparison.root
