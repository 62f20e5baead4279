"""The options that commands about a change have in common: what is compared, by what it is judged, what is
written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import click

from riskcheck.commands.parameters import Command, PathType, option
from riskcheck.sources.spec import RangeSpec

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from riskcheck.observing import Observer

BEHIND_DASHES: Final = "riskcheck.paths"
LEVELS: Final = ("P0", "P1", "P2", "P3", "never")

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def complete_rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """For a shell: codes and ids of rules."""
    from riskcheck.commands.completing import rules

    return rules(incomplete)


def complete_revisions(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """For a shell: branches and tags."""
    from riskcheck.commands.completing import revisions

    return revisions(incomplete)


def complete_files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """For a shell: files. `click.Path` would split at colons what the environment says of several."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


class RangeCommand(Command):
    """Keeps what stands behind ``--`` apart: click would hand the first path over as the revision."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            cut = args.index("--")
            ctx.meta[BEHIND_DASHES] = tuple(args[cut + 1 :])
            args = args[:cut]
        return super().parse_args(ctx, args)


def range_options(command: Decorated) -> Decorated:
    """``[REVISION] [PATHS]… --staged --base --head --from --to``, for `range_spec`."""
    return _all(
        command,
        click.argument("revision", required=False, shell_complete=complete_revisions),
        click.argument("paths", nargs=-1, type=PathType()),
        option("--staged", is_flag=True, help="The index against HEAD."),
        option(
            "--base",
            metavar="REV",
            shell_complete=complete_revisions,
            help="Compare with the merge base of REV and --head (or HEAD).",
        ),
        option(
            "--head",
            metavar="REV",
            shell_complete=complete_revisions,
            help="The revision to judge; HEAD unless given.",
        ),
        option(
            "--from",
            "from_dir",
            envvar="RISKCHECK_FROM",
            metavar="DIR",
            type=PathType(),
            help="Base directory, no git.",
        ),
        option(
            "--to",
            "to_dir",
            envvar="RISKCHECK_TO",
            metavar="DIR",
            type=PathType(),
            help="Head directory, no git.",
        ),
    )


def output_options(formats: Collection[str]) -> Callable[[Decorated], Decorated]:
    """``--format --output``, of `formats`."""
    return lambda command: _all(
        command,
        option(
            "--format",
            "format_",
            envvar="RISKCHECK_FORMAT",
            type=click.Choice(tuple(formats)),
            default="text",
            help="What stdout gets.",
        ),
        option(
            "--output",
            "outputs",
            envvar="RISKCHECK_OUTPUT",
            multiple=True,
            metavar="FORMAT:FILE",
            help="Write another format to a file too.",
        ),
    )


def judging_options(command: Decorated) -> Decorated:
    """By what a change is judged: those of `rule_options`, ``--approvals`` and the plan files."""
    return _all(
        command,
        rule_options,
        option("--approvals", metavar="FILE", type=PathType(), help="JSON list of given approvals."),
        option(
            "--databricks-plan",
            "databricks_plans",
            envvar="RISKCHECK_DATABRICKS_PLAN",
            multiple=True,
            metavar="[TARGET=]FILE",
            shell_complete=complete_files,
            help="Output of `databricks bundle plan -o json`.",
        ),
        option(
            "--terraform-plan",
            "terraform_plans",
            envvar="RISKCHECK_TERRAFORM_PLAN",
            multiple=True,
            metavar="[ENV=]FILE",
            shell_complete=complete_files,
            help="Output of `terraform show -json` on a saved plan; one for each environment.",
        ),
    )


def _leave_cache_alone(ctx: click.Context, _: click.Parameter, chosen: bool) -> bool:
    """Until the command ends, for whatever asks: what is compiled of data files is far from the options."""
    if chosen:
        from riskcheck import cache

        ctx.with_resource(cache.left_alone())
    return chosen


no_cache_option = option(
    "--no-cache", is_flag=True, callback=_leave_cache_alone, help="Neither read nor write the cache."
)


def rule_options(command: Decorated) -> Decorated:
    """By what a change or a tree is judged: ``--config --select --ignore --no-waivers --no-cache``."""
    return _all(
        command,
        option("--config", metavar="FILE", type=PathType(), help="Policy file instead of riskcheck.yaml."),
        option(
            "--select",
            multiple=True,
            metavar="RULE",
            shell_complete=complete_rules,
            help="Run only these rules (id or code).",
        ),
        option(
            "--ignore",
            multiple=True,
            metavar="RULE",
            shell_complete=complete_rules,
            help="Leave these rules out (id or code).",
        ),
        option("--no-waivers", is_flag=True, help="Judge as if nothing were waived."),
        no_cache_option,
    )


jobs_option = option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Most processes that read what is not in the cache yet. 0 unless given: for some thousand files as many "
    "as there are processors, up to 4, else one. Changes no answer.",
)

color_option = option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colour. auto: on a terminal, unless NO_COLOR is set.",
)


def range_spec(
    revision: str | None,
    paths: Sequence[str],
    *,
    staged: bool,
    base: str | None,
    head: str | None,
    from_dir: str | None,
    to_dir: str | None,
    at_commit: bool = False,
) -> RangeSpec:
    """What `range_options` asked for, with the paths behind ``--``. A range on the command line replaces another
    one that the environment asks for.

    at_commit: the index is meant where the command line names nothing else, whatever the environment says.
    """
    context = click.get_current_context()
    ways = (("revision",), ("staged",), ("base", "head"), ("from_dir", "to_dir"))
    written = [way for way in ways if any(_source(context, name) == "COMMANDLINE" for name in way)]
    if at_commit and not written:
        staged, written = True, [("staged",)]
    wanted = {
        name
        for way in ways
        for name in way
        if not written or way in written or _source(context, name) != "ENVIRONMENT"
    }
    return RangeSpec(
        root=os.getcwd(),
        revision=revision,
        base=base if "base" in wanted else None,
        head=head if "head" in wanted else None,
        staged=staged and "staged" in wanted,
        from_dir=from_dir if "from_dir" in wanted else None,
        to_dir=to_dir if "to_dir" in wanted else None,
        paths=(*paths, *context.meta.get(BEHIND_DASHES, ())),
        environ=os.environ,
    )


def _source(context: click.Context, name: str) -> str:
    """Where the value of an option or argument comes from, ``COMMANDLINE``, ``ENVIRONMENT`` …"""
    source = context.get_parameter_source(name)
    return source.name if source is not None else ""


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Observer | None]:
    """An observer that shows how far a run is on stderr while it is entered. None, for which nothing is imported,
    with --quiet, in a CI, and where stderr is no terminal or a dumb one."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb" or _in_ci():
        yield None
        return
    from riskcheck.commands.progress import ProgressLine

    line = ProgressLine(sys.stderr)
    try:
        yield line
    finally:
        line.clear()


def _in_ci() -> bool:
    from riskcheck.sources.ranges import in_ci

    return in_ci(os.environ)


def _all(command: Decorated, *decorators: Callable[[Decorated], Decorated]) -> Decorated:
    """`command` with `decorators`, shown by ``--help`` in their order."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command
