"""One run, from what was asked for on the command line to what is written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands import FORMATS
from riskcheck.commands.options import progress
from riskcheck.commands.writing import targets_of, width, write, write_text
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from riskcheck.cache import Memory
    from riskcheck.engine import JudgedRun, Options
    from riskcheck.models import Rule
    from riskcheck.observing import Observer
    from riskcheck.opening import Opened
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.policy.model import Approval
    from riskcheck.report.style import Style
    from riskcheck.results import Report
    from riskcheck.sources.spec import RangeSpec
    from riskcheck.trees import Comparison, Tree

_ORDERED: Final = frozenset({"html", "markdown"})
"""Formats that say in which order what is blocked can go out: planning takes half as long as parsing."""

EXIT_CODES: Final = {"pass": 0, "warn": 0, "block": 1}


class RunRequest(NamedTuple):
    """What `riskcheck diff` was asked for."""

    spec: RangeSpec
    format: str = "text"
    outputs: tuple[str, ...] = ()
    fail_on: str | None = None
    config: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    explain: bool = False
    waivers: bool = True
    approvals: str | None = None
    databricks_plans: tuple[str, ...] = ()
    terraform_plans: tuple[str, ...] = ()
    cache: bool = True
    jobs: int = 1
    """How many processes may read the estate; it changes no answer."""
    quiet: bool = False
    color: str = "auto"
    hook: bool = False
    evidence: str | None = None
    exit_zero: bool = False
    scope: bool = True
    """Whether a blocked run says which part of the change can go ahead."""


class Judged(NamedTuple):
    """A judged run, with the rules and options that judged it."""

    run: JudgedRun
    rules: Sequence[Rule]
    options: Options


def report_of(judged: Judged | Report) -> Report:
    """The report of what `judge_opened` returns."""
    return judged.run.report if isinstance(judged, Judged) else judged


def perform(request: RunRequest) -> int:
    """Runs the analysis and writes every output asked for. Returns the exit code.

    Raises `RunError` and `click.UsageError` where the run cannot be made.
    """
    if request.evidence is not None:
        from riskcheck.commands.evidencing import withdraw

        withdraw(request.evidence)
    targets = targets_of(request.outputs, FORMATS)
    opened = open_run(request)
    if opened is None:
        return 2
    judged = judge_opened(request, opened)
    if request.evidence is not None:
        from riskcheck.commands.evidencing import write_evidence

        write_evidence(request, opened, judged, request.evidence)
    if isinstance(judged, Judged):
        formats = {request.format, *(name for name, _ in targets)}
        judged = _with_more(judged, request, opened, formats)
    report = report_of(judged)
    code = deliver(report, request, targets)
    if request.hook and request.format == "text":
        _tell_hook(report, request, opened.comparison)
    return code


def _at_commit(request: RunRequest, comparison: Comparison) -> bool:
    """Whether a hook asks about what is staged: the rest may come with the next commit."""
    if not request.hook:
        return False
    from riskcheck.commands.hooked import judges_index

    return judges_index(comparison)


def _tell_hook(report: Report, request: RunRequest, comparison: Comparison) -> None:
    """What comes next after a block; that nothing was looked at where nothing is staged."""
    from riskcheck.commands.hooked import NOT_YET_DECIDED, NOTHING_STAGED, judges_index, next_steps

    if report.assessment.verdict == "block":
        from riskcheck.commands import next_commands

        asked = next_commands.next_steps(request, comparison, report.findings)
        write_text(next_steps(asked, comparison), None)
    elif report.assessment.level == "P1":
        write_text(NOT_YET_DECIDED, None)
    elif judges_index(comparison) and not comparison.changes:
        _say_nothing((NOTHING_STAGED,))


def open_run(request: RunRequest) -> Opened | None:
    """Comparison, policy and rules. None where there is nothing to check, which is then said on stderr.

    Raises `RunError` where the run cannot be made.
    """
    from riskcheck.sources import start_comparison

    opened = start_comparison(request.spec)
    # git answers while these are imported.
    for name in ("riskcheck.policy.load", "riskcheck.rules.load"):
        import_module(name)
    comparison = opened()
    if comparison.nothing_to_check:
        _say_nothing(tuple(comparison.notes))
        return None
    found = opened_by(request, comparison, comparison.deciding)
    if not _at_commit(request, comparison):
        return found
    from riskcheck.commands.hooked import at_commit

    return found._replace(policy=at_commit(found.policy))


def opened_by(request: RunRequest, comparison: Comparison, deciding: Tree) -> Opened:
    """`comparison` with the policy and the rules of `deciding`. Raises `RunError`."""
    from riskcheck import opening
    from riskcheck.rules.load import load_rules

    return opening.opened_by(
        comparison,
        deciding,
        request.config,
        lambda packs, tree: load_rules(packs, tree, use_cache=request.cache),
        root=comparison.root,
    )


def rules_of(request: RunRequest, opened: Opened) -> Sequence[Rule]:
    """The rules that policy and command line choose. Raises `RunError` where one of them names none."""
    from riskcheck.rules.choose import choose

    settings = opened.policy.rules
    rules = choose(opened.loaded.rules, settings.select, settings.ignore, settings.severity)
    rules = choose(rules, request.select, request.ignore)
    if not _at_commit(request, opened.comparison):
        return rules
    from riskcheck.commands.hooked import without_partners

    return without_partners(rules)


def memory_of(request: RunRequest, comparison: Comparison) -> Memory | None:
    """What earlier runs learnt about the repository, unless the cache is to be left alone."""
    from riskcheck.cache import Memory

    return Memory(comparison.root) if request.cache and comparison.root else None


def deliver(report: Report, request: RunRequest, targets: Sequence[tuple[str, str]]) -> int:
    """Writes `report` to stdout and to `targets`. Returns the exit code."""

    def render(format_: str, style: Style) -> str:
        return _rendered(report, format_, request, style)

    write(render, request.format, request.color, targets)
    return EXIT_CODES[report.assessment.verdict]


def judge_opened(request: RunRequest, opened: Opened) -> Judged | Report:
    """The judged run, a blocked one with the part that can go ahead; where no path differs only its report."""
    from riskcheck.opening import check_mentions

    comparison, policy, loaded = opened
    approvals = _approvals(request, comparison)
    plans = _plans(request)
    check_mentions(opened)
    settings = policy.rules
    named = settings.select or settings.ignore or settings.severity or request.select or request.ignore
    # A plan may do something though no file differs: what was edited by hand is set back.
    planned = any(plan.tool == "terraform" for plan in plans)
    if not comparison.changes and not named and not planned:
        from riskcheck.unchanged import unchanged

        return unchanged(comparison, policy, loaded.digest, waivers=request.waivers)
    with progress(quiet=request.quiet) as observer:
        return _judged(request, opened, approvals, plans, observer)


def _judged(
    request: RunRequest,
    opened: Opened,
    approvals: tuple[Approval, ...],
    plans: tuple[DeploymentPlan, ...],
    observer: Observer | None,
) -> Judged:
    from riskcheck.engine import Options, judged_run

    comparison, policy, loaded = opened
    rules = rules_of(request, opened)
    memory = memory_of(request, comparison)
    # People are told who is reached by what is risky; programs always.
    reach = request.format != "text" or any(not one.startswith("text:") for one in request.outputs)
    # Evidence says the same, whatever else is printed.
    reach = reach or request.evidence is not None
    options = Options(
        fail_on=request.fail_on,
        waivers=request.waivers,
        approvals=approvals,
        hook=request.hook,
        memory=memory,
        reach=reach,
        plans=plans,
        observer=observer,
        jobs=request.jobs,
    )
    run = judged_run(comparison, policy, rules, loaded.digest, options)
    # Whoever commits waits for the hook: there the verdict has to do.
    if run.report.assessment.verdict == "block" and request.scope and not request.hook:
        from riskcheck.scoping import with_proven_scope

        run = run._replace(report=with_proven_scope(run, rules, loaded.digest, options))
    return Judged(run, rules, options)


def _with_more(judged: Judged, request: RunRequest, opened: Opened, formats: Collection[str]) -> Judged:
    """`judged` with what only some reports say, and only where it is asked for."""
    report = judged.run.report
    blocked = report.assessment.verdict == "block" and not request.hook
    if blocked:
        from riskcheck.commands.next_commands import next_steps

        report = report._replace(next_steps=next_steps(request, opened.comparison, report.findings))
    if "html" in formats:
        from riskcheck.furnishing import service_links

        report = report._replace(links=service_links(judged.run))
    if blocked and not _ORDERED.isdisjoint(formats):
        from riskcheck.furnishing import rollout

        run = judged.run._replace(report=report)
        report = report._replace(rollout=rollout(run, judged.rules, judged.options))
    return judged._replace(run=judged.run._replace(report=report))


def _approvals(request: RunRequest, comparison: Comparison) -> tuple[Approval, ...]:
    """The approvals of ``--approvals``. Raises as `given_approvals`."""
    if request.approvals is None:
        return ()
    from riskcheck.commands.approval_file import given_approvals

    return given_approvals(request.approvals, comparison)


def _plans(request: RunRequest) -> tuple[DeploymentPlan, ...]:
    """The plans of ``[NAME=]FILE``. Raises `RunError` where a file is no plan, `click.UsageError` where it cannot
    be read."""
    if not request.databricks_plans and not request.terraform_plans:
        return ()
    from riskcheck.commands.plan_options import read_plans

    return read_plans(request.databricks_plans, request.terraform_plans)


def _say_nothing(notes: tuple[str, ...]) -> None:
    """An empty index with no refs in CI: never a silent green."""
    for note in notes or ("nothing was checked: the index is empty and no revisions were given",):
        click.echo(f"riskcheck: {note}", err=True)


def _rendered(report: Report, format_: str, request: RunRequest, style: Style) -> str:
    if format_ != "text":
        rendered = import_module(FORMATS[format_]).render(report)
        assert isinstance(rendered, str)
        return rendered
    from riskcheck.report.text import TextOptions, render

    silent = request.quiet and report.assessment.verdict == "pass"
    return "" if silent else render(report, style, TextOptions(width(), request.explain, request.quiet))
