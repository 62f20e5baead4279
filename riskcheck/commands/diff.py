"""`riskcheck diff`: judge a change to configuration."""

from __future__ import annotations

import os
import sys

import click

from riskcheck.commands import FORMATS
from riskcheck.commands.options import (
    LEVELS,
    RangeCommand,
    color_option,
    jobs_option,
    judging_options,
    output_options,
    range_options,
    range_spec,
)
from riskcheck.commands.parameters import PathType, option


@click.command(
    cls=RangeCommand,
    short_help="Judge a change to configuration.",
    # RISKCHECK_FAIL_ON, not RISKCHECK_DIFF_FAIL_ON: options are mirrored under their own names.
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@range_options
@output_options(FORMATS)
@option("--fail-on", type=click.Choice(LEVELS), help="Exit 1 at this level or worse, whatever the evidence.")
@option("--exit-zero", is_flag=True, help="Exit 0 even when the verdict is block.")
@judging_options
@option(
    "--evidence",
    metavar="FILE",
    type=PathType(),
    help="Write an in-toto statement about this run to FILE.",
)
@option(
    "--history",
    metavar="FILE",
    type=PathType(),
    help="The history store to ask; that of this repository, where `riskcheck learn` made one.",
)
@option("--explain", is_flag=True, help="Print every step to each level and every term of the score.")
@option("--quiet", "-q", is_flag=True, help="Print nothing where it passes, else findings and verdict.")
@jobs_option
@color_option
@option("--hook", is_flag=True, help="As a hook: silent when nothing is risky; only P0 blocks.")
@option("--pushed", is_flag=True, help="As a pre-push hook: judge what git names on stdin.")
def diff(
    revision: str | None,
    paths: tuple[str, ...],
    staged: bool,
    base: str | None,
    head: str | None,
    from_dir: str | None,
    to_dir: str | None,
    format_: str,
    outputs: tuple[str, ...],
    fail_on: str | None,
    exit_zero: bool,
    config: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    evidence: str | None,
    history: str | None,
    explain: bool,
    no_waivers: bool,
    approvals: str | None,
    databricks_plans: tuple[str, ...],
    terraform_plans: tuple[str, ...],
    no_cache: bool,
    jobs: int,
    quiet: bool,
    color: str,
    hook: bool,
    pushed: bool,
) -> int:
    """Judge a change to configuration.

    \b
    riskcheck diff                        working tree against HEAD
    riskcheck diff --staged               index against HEAD (pre-commit)
    riskcheck diff main                   HEAD against its fork from main (CI)
    riskcheck diff v1.2..v1.3             two revisions
    riskcheck diff --from old/ --to new/  two directories, no git

    Paths after the revision, or after --, limit what is judged.

    Exits 1 where the verdict is block, 0 where it is warn or pass, 2 where the run could not be made.
    """
    from riskcheck.commands.running import RunRequest, perform

    at_commit = False
    if hook and not pushed:
        from riskcheck.commands.hooked import is_commit

        # pre-commit says in its environment what is pushed; at commit time it is the index that counts.
        at_commit = is_commit(os.environ)
    request = RunRequest(
        spec=range_spec(
            revision,
            paths,
            staged=staged,
            base=base,
            head=head,
            from_dir=from_dir,
            to_dir=to_dir,
            at_commit=at_commit,
        ),
        format=format_,
        outputs=outputs,
        fail_on=fail_on,
        config=config,
        select=select,
        ignore=ignore,
        explain=explain,
        waivers=not no_waivers,
        approvals=approvals,
        databricks_plans=databricks_plans,
        terraform_plans=terraform_plans,
        cache=not no_cache,
        jobs=jobs,
        quiet=quiet or hook or pushed,
        color=color,
        hook=hook or pushed,
        evidence=evidence,
        history=history,
        exit_zero=exit_zero,
    )
    if pushed:
        from riskcheck.commands.pushed import pushes

        spec = request.spec
        each = [spec._replace(environ=one.environ(spec.environ)) for one in pushes(sys.stdin)]
        if not each:
            click.echo(
                "riskcheck: git names nothing on stdin that is pushed, so nothing was checked", err=True
            )
        code = max((perform(request._replace(spec=spec)) for spec in each), default=0)
    else:
        code = perform(request)
    return 0 if exit_zero and code == 1 else code
