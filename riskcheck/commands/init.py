"""`riskcheck init`: a commented policy file from what the repository shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands.options import progress
from riskcheck.commands.parameters import option
from riskcheck.opening import state_environ

if TYPE_CHECKING:
    from riskcheck.policy.model import Policy
    from riskcheck.proposing import Proposal
    from riskcheck.surveying import Survey
    from riskcheck.trees import Comparison

SCHEMA: Final = ".riskcheck/config.schema.json"
"""Beside the policy, so that the editor of everybody who clones the repository finds it, without a network."""

MODELINE: Final = f"# yaml-language-server: $schema={SCHEMA}\n"


@click.command(
    short_help="Write a commented riskcheck.yaml.", context_settings={"auto_envvar_prefix": "RISKCHECK"}
)
@option(
    "--dir",
    "folder",
    envvar="RISKCHECK_DIR",
    metavar="DIR",
    type=click.Path(file_okay=False, exists=True),
    help="A directory, no git.",
)
@option("--dry-run", is_flag=True, help="Print the file instead of writing it.")
@option(
    "--schema/--no-schema",
    default=True,
    help=f"Write {SCHEMA} too, from which editors complete. Default: yes.",
)
@option("--quiet", "-q", is_flag=True, help="Write, and say nothing.")
def init(folder: str | None, dry_run: bool, schema: bool, quiet: bool) -> int:
    """Write a commented riskcheck.yaml from what the repository shows.

    \b
    riskcheck init            look at the working tree, write riskcheck.yaml
    riskcheck init --dry-run  only print it; say what an existing one lacks

    Environments with stage, tier and region, in the order in which a change comes up; services with their owners
    as catalogs and CODEOWNERS state them. What is a guess is marked "# ?" and listed.

    Never overwrites: where there is a policy already, it says so and exits 0.
    """
    from riskcheck.filenames import POLICIES
    from riskcheck.proposing import propose
    from riskcheck.sources import open_comparison
    from riskcheck.sources.spec import RangeSpec
    from riskcheck.surveying import survey

    spec = RangeSpec(root=Path.cwd(), from_dir=folder, to_dir=folder, environ=state_environ())
    comparison = open_comparison(spec)
    top = Path(folder or comparison.root or ".")
    # What git ignores is a policy all the same, to whoever would lose it.
    known = next((name for name in POLICIES if comparison.head.entry(name) or (top / name).exists()), None)
    if known is not None and not dry_run:
        click.echo(
            f"{known} exists and is left as it is. `riskcheck init --dry-run` prints what would be proposed today, "
            "and what of it the file does not say."
        )
        return 0
    with progress(quiet=quiet) as observer:
        found = survey(comparison.head, observer)
    proposal = propose(found)
    text = (MODELINE if schema else "") + proposal.text
    _check(text)
    if dry_run:
        click.echo(text, nl=False)
        if known is not None:
            _tell_differences(comparison, found, proposal, known)
        return 0
    has_schema = schema and _write_schema(top / SCHEMA)
    _write(top / POLICIES[0], text)
    if not quiet:
        _tell(top, found, proposal, (POLICIES[0], SCHEMA) if has_schema else (POLICIES[0],))
    return 0


def _check(text: str) -> Policy:
    """What is proposed is read by the reader of policies before anybody gets it."""
    from riskcheck.policy.load import load_policy
    from riskcheck.trees import MemoryTree

    return load_policy(MemoryTree({"riskcheck.yaml": text.encode()}, "base", "init"), None)


def _write(target: Path, text: str) -> None:
    """Raises `click.UsageError`; what exists is never written to, a link that leads nowhere included."""
    from riskcheck.drafts import remove_leftovers, write_whole

    try:
        write_whole(str(target), text.encode(), over=False)
    except OSError as error:
        raise click.UsageError(f"cannot write {target}: {error.strerror}") from error
    remove_leftovers(str(target.parent), target.name)


def _write_schema(target: Path) -> bool:
    """Whether the schema was written. One that is there, of another version perhaps, is left as it is."""
    from riskcheck.data import data_text

    if target.exists() or target.is_symlink() or target.parent.is_symlink():
        return False
    try:
        target.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise click.UsageError(
            f"cannot write {target}: {error.strerror}; --no-schema leaves it out"
        ) from error
    _write(target, data_text("schemas", target.name))
    return True


def _tell(top: Path, found: Survey, proposal: Proposal, written: tuple[str, ...]) -> None:
    from riskcheck.commands.next_steps import next_steps
    from riskcheck.report.safe import plain

    click.echo(f"wrote {' and '.join(written)}: {_summary(found, proposal)}")
    if proposal.doubts:
        click.echo("\nnot sure of, please look:")
        for doubt in proposal.doubts:
            place = f"  ({plain(doubt.place)})" if doubt.place else ""
            click.echo(f"  ? {plain(doubt.words)}{place}")
    click.echo("\nnext:")
    for line in next_steps(top):
        click.echo(f"  {line}")


def _summary(found: Survey, proposal: Proposal) -> str:
    from riskcheck.phrases import many

    stages: dict[str, int] = {}
    for one in proposal.declared:
        stages[one.environment.stage] = stages.get(one.environment.stage, 0) + 1
    counted = ", ".join(f"{count} {stage}" for stage, count in stages.items())
    return (
        f"{many(len(proposal.declared), 'environment')}{f' ({counted})' if counted else ''}, "
        f"{many(len(found.services), 'service')}, promotion {proposal.promotion or 'not declared'}"
    )


def _tell_differences(comparison: Comparison, found: Survey, proposal: Proposal, known: str) -> None:
    """On stderr, so that what is proposed can be piped."""
    from riskcheck.policy.load import load_policy
    from riskcheck.report.safe import plain

    policy = load_policy(comparison.head, known)
    declared = {one.name for one in policy.environments}
    seen = {one.environment.name for one in (*found.steps, *found.doubtful, *found.untold)}
    owned = {one.name for one in policy.services}
    lines = [
        (
            "found, not declared",
            sorted(one.environment.name for one in proposal.declared if one.environment.name not in declared),
        ),
        ("declared, not found", sorted(declared - seen)),
        (
            "services found, not declared",
            sorted(one.service.name for one in found.services if one.service.name not in owned),
        ),
    ]
    said = [f"  {words}: {', '.join(names)}" for words, names in lines if names]
    click.echo(f"{known} is left as it is" + (":" if said else " and names all of this"), err=True)
    for line in said:
        click.echo(plain(line), err=True)
