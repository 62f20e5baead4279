"""`riskcheck evidence`: what a run left for auditors, held against itself and against the repository."""

from __future__ import annotations

import click

from riskcheck.commands.parameters import PathType, option


@click.group(short_help="Verify the evidence that a run left.")
def evidence() -> None:
    """Verify the evidence that `riskcheck diff --evidence FILE` left."""


@evidence.command(
    short_help="Hold evidence against itself and the repository.",
    context_settings={"auto_envvar_prefix": "RISKCHECK_EVIDENCE"},
)
@click.argument("file", metavar="FILE", type=PathType())
@option("--repo", metavar="DIR", type=PathType(), default=".", help="The repository; here unless given.")
@option("--from", "from_dir", metavar="DIR", type=PathType(), help="Base of a run on two directories.")
@option("--to", "to_dir", metavar="DIR", type=PathType(), help="Head of a run on two directories.")
@option("--config", metavar="FILE", help="The policy, where it is in no repository.")
@option("--approvals", metavar="FILE", type=PathType(), help="The approvals that the run was given.")
@option(
    "--databricks-plan",
    "databricks_plans",
    multiple=True,
    metavar="[TARGET=]FILE",
    help="As the run was given.",
)
@option(
    "--terraform-plan", "terraform_plans", multiple=True, metavar="[ENV=]FILE", help="As the run was given."
)
@option("--no-rejudge", is_flag=True, help="Compare digests only; do not judge the change again.")
def verify(
    file: str,
    repo: str,
    from_dir: str | None,
    to_dir: str | None,
    config: str | None,
    approvals: str | None,
    databricks_plans: tuple[str, ...],
    terraform_plans: tuple[str, ...],
    no_rejudge: bool,
) -> int:
    """Hold evidence against itself and the repository, offline, and judge the change again.

    FILE is a statement as `--evidence` wrote it, a DSSE envelope or a Sigstore bundle around one. Signatures are
    not checked here.

    \b
    Exit codes: 0 verified, 1 does not verify, 2 could not be verified.
    """
    from riskcheck.commands.recorded import Material
    from riskcheck.commands.verifying import verified

    material = Material(
        repo, from_dir, to_dir, config, approvals, databricks_plans, terraform_plans, rejudge=not no_rejudge
    )
    return verified(file, material)
