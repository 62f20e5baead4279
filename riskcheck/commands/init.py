"""`riskcheck init`: a commented policy file from what the repository shows."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command(short_help="Write a commented riskcheck.yaml.")
@click.option("--dry-run", is_flag=True, help="Print the file instead of writing it.")
def init(dry_run: bool) -> int:
    """Write a commented riskcheck.yaml from what the repository shows.

    Looks at the working tree, writes the environments in the order in which a change comes up, and says what it is
    unsure of. Never overwrites.
    """
    from riskcheck.environments import EnvironmentModel
    from riskcheck.policy.load import NAMES
    from riskcheck.proposing import found_environments, proposal
    from riskcheck.sources import open_comparison
    from riskcheck.sources.spec import RangeSpec

    comparison = open_comparison(RangeSpec(root=Path.cwd(), environ=os.environ))
    tree = comparison.head
    known = [name for name in NAMES if tree.entry(name) is not None]
    if known and not dry_run:
        raise click.UsageError(
            f"{known[0]} exists and is left as it is; --dry-run prints what would be written"
        )
    text = proposal(*found_environments(tree, EnvironmentModel(paths=tree.entries)))
    if dry_run:
        click.echo(text, nl=False)
        return 0
    target = Path(comparison.root or ".") / NAMES[0]
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"cannot write {target}: {error.strerror}") from error
    click.echo(
        f"wrote {NAMES[0]}; read what is marked with ? and merge it: it decides once it is on the branch"
    )
    return 0
