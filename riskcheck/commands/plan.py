"""`riskcheck plan`: a change as a rollout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

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
from riskcheck.commands.parameters import option

if TYPE_CHECKING:
    from riskcheck.commands.running import RunRequest
    from riskcheck.plans import Plan
    from riskcheck.report.style import Style

FORMATS: Final = ("text", "markdown", "json")


@click.command(
    cls=RangeCommand,
    short_help="Turn a change into a rollout in waves.",
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@range_options
@output_options(FORMATS)
@option("--fail-on", type=click.Choice(LEVELS), help="The verdict shown blocks at this level or worse.")
@judging_options
@jobs_option
@color_option
def plan(
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
    config: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    no_waivers: bool,
    approvals: str | None,
    databricks_plans: tuple[str, ...],
    terraform_plans: tuple[str, ...],
    no_cache: bool,
    jobs: int,
    color: str,
) -> int:
    """Turn a change into a rollout in waves: what goes where first, what to wait for, how it comes back.

    \b
    riskcheck plan                        working tree against HEAD
    riskcheck plan main                   HEAD against its merge base with main
    riskcheck plan --from old/ --to new/  two directories, no git

    Ranges, paths and options are those of `riskcheck diff`. The verdict is shown and does not set the exit code: 0
    where a plan was made, 2 where it could not be.
    """
    from riskcheck.commands.running import RunRequest

    return _perform(
        RunRequest(
            spec=range_spec(
                revision, paths, staged=staged, base=base, head=head, from_dir=from_dir, to_dir=to_dir
            ),
            format=format_,
            outputs=outputs,
            fail_on=fail_on,
            config=config,
            select=select,
            ignore=ignore,
            waivers=not no_waivers,
            approvals=approvals,
            databricks_plans=databricks_plans,
            terraform_plans=terraform_plans,
            cache=not no_cache,
            jobs=jobs,
            color=color,
        )
    )


def _perform(request: RunRequest) -> int:
    from riskcheck.commands.running import Judged, judge_opened, open_run
    from riskcheck.commands.writing import targets_of, write
    from riskcheck.drafting import empty_plan, plan_of

    targets = targets_of(request.outputs, FORMATS)
    opened = open_run(request)
    if opened is None:
        return 2
    judged = judge_opened(request, opened)
    made = plan_of(*judged) if isinstance(judged, Judged) else empty_plan(judged)

    def render(format_: str, style: Style) -> str:
        return _rendered(made, format_, style)

    write(render, request.format, request.color, targets)
    return 0


def _rendered(made: Plan, format_: str, style: Style) -> str:
    if format_ == "json":
        from riskcheck.report.plan.json import render as render_json

        return render_json(made)
    if format_ == "markdown":
        from riskcheck.report.plan.markdown import render as render_markdown

        return render_markdown(made)
    from riskcheck.commands.writing import width
    from riskcheck.report.plan.text import render

    return render(made, style, width())
