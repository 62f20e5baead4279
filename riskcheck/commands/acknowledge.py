"""`riskcheck acknowledge`: let one intended change pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskcheck.commands.options import LEVELS, RangeCommand, judging_options, range_options, range_spec
from riskcheck.commands.parameters import option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.judged import Finding, Waiver
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison


@click.command(
    cls=RangeCommand,
    short_help="Write the waivers that let one intended change pass.",
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@range_options
@option("--owner", required=True, metavar="TEAM", help="The team that answers for it; never a person.")
@option("--reason", required=True, metavar="TEXT", help="Why it is meant.")
@option("--until", required=True, metavar="DATE", help="The last day on which it counts (2027-01-31).")
@option("--write", "write_", is_flag=True, help="Put them into the policy file of the working tree.")
@option("--fail-on", type=click.Choice(LEVELS), help="Acknowledge what this level blocks.")
@judging_options
def acknowledge(
    revision: str | None,
    paths: tuple[str, ...],
    staged: bool,
    base: str | None,
    head: str | None,
    from_dir: str | None,
    to_dir: str | None,
    owner: str,
    reason: str,
    until: str,
    write_: bool,
    fail_on: str | None,
    config: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    no_waivers: bool,
    approvals: str | None,
    databricks_plans: tuple[str, ...],
    terraform_plans: tuple[str, ...],
    no_cache: bool,
) -> int:
    """Write the waivers that let one intended change pass, and nothing else.

    \b
    riskcheck acknowledge main --owner team-x --reason retired --until 2027-01-31

    Each names the rule, the resource, the environments, the level and the fingerprints of what blocks: a change
    that does less keeps them, one that does anything more is not covered. Merge them first, then the change:
    waivers count from the branch that is merged into.

    Exits 0 where the waivers cover all that blocks, 1 where something is left that no waiver covers.
    """
    from riskcheck.commands.running import Judged, RunRequest, judge_opened, open_run, report_of

    request = RunRequest(
        spec=range_spec(
            revision, paths, staged=staged, base=base, head=head, from_dir=from_dir, to_dir=to_dir
        ),
        fail_on=fail_on,
        config=config,
        select=select,
        ignore=ignore,
        waivers=not no_waivers,
        approvals=approvals,
        databricks_plans=databricks_plans,
        terraform_plans=terraform_plans,
        cache=not no_cache,
    )
    opened = open_run(request)
    if opened is None:
        return 2
    judged = judge_opened(request, opened)
    report = report_of(judged)
    waivers, left = _waivers(report.findings, owner, reason, until)
    for waiver in waivers:
        _require_usable(waiver, opened.policy, opened.comparison.lands)
    if waivers:
        if write_:
            _write(waivers, opened.comparison, opened.policy)
        else:
            from riskcheck.policy.acknowledging import entries

            click.echo("\n".join(["waivers:", *entries(waivers)]))
            click.echo("riskcheck: merge these into the policy first, then the change", err=True)
    elif report.assessment.verdict != "block":
        click.echo("riskcheck: nothing blocks, so there is nothing to acknowledge", err=True)
    holds = judged.run.given.holds if isinstance(judged, Judged) else ()
    return _say_left(left, [hold.reason for hold in holds if hold.reason in report.assessment.reasons])


def _waivers(
    findings: Sequence[Finding], owner: str, reason: str, until: str
) -> tuple[tuple[Waiver, ...], list[Finding]]:
    """The waivers of all that blocks, and the findings that none may cover."""
    from riskcheck.policy.acknowledging import waivers_for
    from riskcheck.policy.gate import NOT_WAIVED

    blocking = [one for one in findings if one.blocking and one.waiver is None]
    meant = [one for one in blocking if one.code not in NOT_WAIVED]
    left = [one for one in blocking if one.code in NOT_WAIVED]
    return waivers_for(meant, owner.strip(), " ".join(reason.split()), until), left


def _require_usable(waiver: Waiver, policy: Policy, now: int) -> None:
    """Raises `click.UsageError` where `waiver` would waive nothing."""
    from riskcheck.policy.usable import lack

    lacking = lack(waiver, now, policy.gate.max_waiver)
    if lacking is not None:
        told = lacking.replace("until=2027-01-31", "--until 2027-01-31")
        raise click.UsageError(f"the waiver of {waiver.rule} {told}, and would waive nothing")
    for name, text in (("--owner", waiver.owner), ("--reason", waiver.reason)):
        if not text.isprintable():
            raise click.UsageError(f"{name} holds characters that cannot be shown")


def _say_left(left: Sequence[Finding], held: Sequence[str]) -> int:
    from riskcheck.report.safe import plain

    for finding in left:
        place = f"{plain(finding.location.path)}:{finding.location.line}"
        told = f"{place}: {finding.code} {plain(finding.message)}: no waiver covers this"
        click.echo(f"riskcheck: {told}; `riskcheck explain {finding.code}` says what does", err=True)
    for told in held:
        click.echo(f"riskcheck: the change still has to wait: {plain(told)}", err=True)
    return 1 if left or held else 0


def _write(waivers: Sequence[Waiver], comparison: Comparison, policy: Policy) -> None:
    """Puts `waivers` into the policy file on disk. Raises `click.UsageError` where there is no place for them."""
    from riskcheck.commands.own_files import in_memory, on_disk
    from riskcheck.commands.writing import write_text
    from riskcheck.phrases import many
    from riskcheck.policy.acknowledging import NoPlaceError, with_waivers
    from riskcheck.policy.read import read_policy

    root = comparison.root
    if root is None:
        raise click.UsageError("--write needs a repository; leave it out and paste what is printed")
    name = _policy_name(root, policy)
    try:
        text = with_waivers(on_disk(root, name, "yaml"), waivers)
    except NoPlaceError as error:
        raise click.UsageError(f"{name} {error}; or leave --write out and paste what is printed") from None
    _, problems = read_policy(in_memory(name, text.encode(), "yaml"))
    if problems:
        said = "; ".join(map(str, problems[:3]))
        raise click.UsageError(f"{name} would not be a policy with them: {said}. Leave --write out")
    write_text(text, str(Path(root) / name))
    click.echo(f"{name}: {many(len(waivers), 'waiver')} added; merge them first, then the change")


def _policy_name(root: str, policy: Policy) -> str:
    """The file that decides, else the first that there is, else a new one."""
    from riskcheck.filenames import POLICIES

    if policy.source and not Path(policy.source).is_absolute():
        return policy.source
    return next((name for name in POLICIES if (Path(root) / name).exists()), POLICIES[0])
