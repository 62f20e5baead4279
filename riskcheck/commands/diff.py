"""`riskcheck diff`: judge a change to configuration."""

from __future__ import annotations

import os

import click

from riskcheck.commands import FORMATS
from riskcheck.sources.spec import RangeSpec

BEHIND_DASHES = "riskcheck.paths"
LEVELS = ("P0", "P1", "P2", "P3", "never")


class DiffCommand(click.Command):
    """Keeps what stands behind ``--`` apart: click would hand the first path over as the revision."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            cut = args.index("--")
            ctx.meta[BEHIND_DASHES] = tuple(args[cut + 1 :])
            args = args[:cut]
        return super().parse_args(ctx, args)


@click.command(
    cls=DiffCommand,
    short_help="Judge a change to configuration.",
    # RISKCHECK_FAIL_ON, not RISKCHECK_DIFF_FAIL_ON: options are mirrored under their own names.
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@click.argument("revision", required=False)
@click.argument("paths", nargs=-1)
@click.option("--staged", is_flag=True, help="The index against HEAD.")
@click.option("--base", metavar="REV", help="Compare with the merge base of REV and --head (or HEAD).")
@click.option("--head", metavar="REV", help="The revision to judge; HEAD unless given.")
@click.option(
    "--from",
    "from_dir",
    envvar="RISKCHECK_FROM",
    metavar="DIR",
    type=click.Path(),
    help="Base directory, no git.",
)
@click.option(
    "--to",
    "to_dir",
    envvar="RISKCHECK_TO",
    metavar="DIR",
    type=click.Path(),
    help="Head directory, no git.",
)
@click.option(
    "--format",
    "format_",
    envvar="RISKCHECK_FORMAT",
    type=click.Choice(FORMATS),
    default="text",
    help="What stdout gets.",
)
@click.option(
    "--output",
    "outputs",
    envvar="RISKCHECK_OUTPUT",
    multiple=True,
    metavar="FORMAT:FILE",
    help="Write another format to a file too.",
)
@click.option(
    "--fail-on", type=click.Choice(LEVELS), help="Exit 1 at this level or worse, whatever the evidence."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even when the verdict is block.")
@click.option("--config", metavar="FILE", help="Policy file instead of riskcheck.yaml.")
@click.option("--select", multiple=True, metavar="RULE", help="Run only these rules (id or code).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave these rules out (id or code).")
@click.option("--explain", is_flag=True, help="Print every step to each level and every term of the score.")
@click.option("--no-waivers", is_flag=True, help="Judge as if nothing were waived.")
@click.option("--approvals", metavar="FILE", type=click.Path(), help="JSON list of given approvals.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--quiet", "-q", is_flag=True, help="Print findings only; nothing where there are none.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("--hook", is_flag=True, hidden=True)
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
    explain: bool,
    no_waivers: bool,
    approvals: str | None,
    no_cache: bool,
    quiet: bool,
    color: str,
    hook: bool,
) -> int:
    """Judge a change to configuration.

    \b
    riskcheck diff                        working tree against HEAD
    riskcheck diff --staged               index against HEAD (pre-commit)
    riskcheck diff main                   merge base of main and HEAD, against HEAD (CI)
    riskcheck diff v1.2..v1.3             two revisions
    riskcheck diff --from old/ --to new/  two directories, no git

    Paths after the revision, or after --, limit what is judged.
    """
    from riskcheck.commands.running import RunRequest, perform

    # pre-commit says in its environment what is pushed; at commit time it is the index that counts.
    at_commit = hook and "PRE_COMMIT_FROM_REF" not in os.environ
    spec = RangeSpec(
        root=os.getcwd(),
        revision=revision,
        base=base,
        head=head,
        staged=staged or at_commit,
        from_dir=from_dir,
        to_dir=to_dir,
        paths=(*paths, *click.get_current_context().meta.get(BEHIND_DASHES, ())),
        environ=os.environ,
    )
    request = RunRequest(
        spec=spec,
        format=format_,
        outputs=outputs,
        fail_on=fail_on,
        config=config,
        select=select,
        ignore=ignore,
        explain=explain,
        waivers=not no_waivers,
        approvals=approvals,
        cache=not no_cache,
        quiet=quiet or hook,
        color=color,
        hook=hook,
    )
    code = perform(request)
    return 0 if exit_zero and code == 1 else code
