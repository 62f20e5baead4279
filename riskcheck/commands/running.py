"""One run, from what was asked for on the command line to what is written."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from riskcheck.commands import FORMATS, hooked
from riskcheck.commands.options import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from riskcheck.cache import Memory
    from riskcheck.engine import JudgedRun, Options
    from riskcheck.models import Rule
    from riskcheck.observing import Observer
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.report.style import Style
    from riskcheck.results import Report
    from riskcheck.rules.load import RuleSet
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
    quiet: bool = False
    color: str = "auto"
    hook: bool = False
    evidence: str | None = None
    exit_zero: bool = False
    scope: bool = True
    """Whether a blocked run says which part of the change can go ahead."""


class Opened(NamedTuple):
    """What a run looks at and is judged by."""

    comparison: Comparison
    policy: Policy
    loaded: RuleSet


class Judged(NamedTuple):
    """A judged run, with the rules and options that judged it."""

    run: JudgedRun
    rules: Sequence[Rule]
    options: Options


def perform(request: RunRequest) -> int:
    """Runs the analysis and writes every output asked for. Returns the exit code.

    Raises `RunError` and `click.UsageError` where the run cannot be made.
    """
    if request.evidence is not None:
        from riskcheck.commands.evidencing import withdraw

        withdraw(request.evidence)
    targets = targets_of(request)
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
    code = deliver(judged.run.report if isinstance(judged, Judged) else judged, request, targets)
    if request.hook and request.format == "text":
        _tell_hook(judged, request, opened.comparison)
    return code


def _at_commit(request: RunRequest, comparison: Comparison) -> bool:
    return request.hook and hooked.judges_index(comparison)


def _tell_hook(judged: Judged | Report, request: RunRequest, comparison: Comparison) -> None:
    """What comes next after a block; that nothing was looked at where nothing is staged."""
    report = judged.run.report if isinstance(judged, Judged) else judged
    if report.assessment.verdict == "block":
        from riskcheck.commands.next_commands import next_steps

        asked = next_steps(request, comparison, report.findings)
        _write_stdout(hooked.next_steps(asked, comparison))
    elif hooked.judges_index(comparison) and not comparison.changes:
        _say_nothing((hooked.NOTHING_STAGED,))


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
    return found._replace(policy=hooked.at_commit(found.policy)) if _at_commit(request, comparison) else found


def opened_by(request: RunRequest, comparison: Comparison, deciding: Tree) -> Opened:
    """`comparison` with the policy and the rules of `deciding`. Raises `RunError`."""
    from riskcheck.policy.load import load_policy
    from riskcheck.rules.load import load_rules

    policy = load_policy(deciding, request.config, root=comparison.root)
    policy, packs = _present_packs(policy, deciding)
    return Opened(comparison, policy, load_rules(packs, deciding, use_cache=request.cache))


def check_mentions(opened: Opened) -> None:
    """Raises `RunError` where the policy names a rule that there is not."""
    if opened.policy.rules.mentions:
        from riskcheck.policy.load import check_rule_names

        check_rule_names(opened.policy, opened.loaded.names())


def rules_of(request: RunRequest, opened: Opened) -> tuple[Rule, ...]:
    """The rules that policy and command line choose. Raises `RunError` where one of them names none."""
    from riskcheck.rules.choose import choose

    settings = opened.policy.rules
    rules = choose(opened.loaded.rules, settings.select, settings.ignore, settings.severity)
    rules = choose(rules, request.select, request.ignore)
    return hooked.without_partners(rules) if _at_commit(request, opened.comparison) else rules


def memory_of(request: RunRequest, comparison: Comparison) -> Memory | None:
    """What earlier runs learnt about the repository, unless the cache is to be left alone."""
    from riskcheck.cache import Memory

    return Memory(comparison.root) if request.cache and comparison.root else None


def targets_of(request: RunRequest, formats: Collection[str] = FORMATS) -> list[tuple[str, str]]:
    """(format, path) of each ``--output``. Raises `click.UsageError`, also where one cannot be written or would
    overwrite another: told before the analysis, not after it."""
    targets = [_target(output, formats) for output in request.outputs]
    taken: dict[str, str] = {}
    for format_, path in targets:
        _check_writable(path)
        place = os.path.realpath(path)
        if place in taken and (os.path.isfile(path) or not os.path.exists(path)):
            raise click.UsageError(f"--output: {taken[place]} and {format_} would both be written to {path}")
        taken[place] = format_
    return targets


def deliver(report: Report, request: RunRequest, targets: Sequence[tuple[str, str]]) -> int:
    """Writes `report` to stdout and to `targets`. Returns the exit code."""

    def render(format_: str, style: Style) -> str:
        return _rendered(report, format_, request, style)

    write(render, request, targets)
    return EXIT_CODES[report.assessment.verdict]


def write(
    render: Callable[[str, Style], str], request: RunRequest, targets: Sequence[tuple[str, str]]
) -> None:
    """Writes what `render` makes of each format: to `targets` without colour, to stdout as asked for."""
    from riskcheck.report.style import Style

    for format_, path in targets:
        _write_file(path, render(format_, Style(colour=False, unicode=_unicode())))
    _write_stdout(render(request.format, Style(colour=_colour(request.color), unicode=_unicode())))


def _present_packs(policy: Policy, deciding: Tree) -> tuple[Policy, tuple[str, ...]]:
    """The packs to load. A folder that the deciding tree does not hold yet is told, not taken for an error: a
    policy may name it before its first rule is merged."""
    kept: list[str] = []
    gone: list[str] = []
    for pack in policy.rules.packs:
        folder = f"{pack.strip('/')}/"
        there = "/" not in pack or any(path.startswith(folder) for path in deciding.entries())
        (kept if there or deciding.entry(pack) else gone).append(pack)
    notes = [f"{policy.source}: rules.packs names {pack}, which holds no rule files yet" for pack in gone]
    return (policy._replace(notes=(*policy.notes, *notes)) if notes else policy), tuple(kept)


def judge_opened(request: RunRequest, opened: Opened) -> Judged | Report:
    """The judged run, a blocked one with the part that can go ahead; where no path differs only its report."""
    comparison, policy, loaded = opened
    approvals = _approvals(request.approvals, comparison) if request.approvals is not None else ()
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
        request.fail_on, request.waivers, approvals, request.hook, memory, reach, plans, observer
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


def _approvals(path: str, comparison: Comparison) -> tuple[Approval, ...]:
    from riskcheck.commands.approval_file import given_approvals

    return given_approvals(path, comparison)


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


def _check_writable(path: str) -> None:
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise click.UsageError(f"cannot write {path}: it is a directory")
    if not os.path.isdir(folder):
        raise click.UsageError(f"cannot write {path}: there is no directory {folder}")
    if not os.access(path if os.path.exists(path) and not os.path.isfile(path) else folder, os.W_OK):
        raise click.UsageError(f"cannot write {path}: permission denied")


def _target(output: str, formats: Collection[str]) -> tuple[str, str]:
    format_, colon, path = output.partition(":")
    if not colon or not path or format_ not in formats:
        raise click.UsageError(f"--output {output}: write FORMAT:FILE, FORMAT one of {', '.join(formats)}")
    return format_, path


def _rendered(report: Report, format_: str, request: RunRequest, style: Style) -> str:
    if format_ != "text":
        rendered = import_module(FORMATS[format_]).render(report)
        assert isinstance(rendered, str)
        return rendered
    from riskcheck.report.text import TextOptions, render

    silent = request.quiet and report.assessment.verdict == "pass"
    return "" if silent else render(report, style, TextOptions(width(), request.explain, request.quiet))


def width() -> int:
    """80 columns unless a terminal says otherwise; never beyond 100, where lines stop being read."""
    if not sys.stdout.isatty():
        return 80
    from shutil import get_terminal_size

    return max(60, min(get_terminal_size((80, 24)).columns, 100))


def _unicode() -> bool:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return encoding.startswith("utf")


def _colour(wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _write_stdout(text: str) -> None:
    if not text:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except UnicodeEncodeError:
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "ascii", "backslashreplace"))
    except BrokenPipeError:
        # The reader has seen enough; the verdict and its exit code stand.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_file(path: str, text: str) -> None:
    """Whole or not at all: written beside the target and moved over it. What is no file, as a device or a pipe, is
    written to: moving a file over `/dev/null` would take it from everybody."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        try:
            with open(path, "w", encoding="utf-8") as device:
                device.write(text)
        except OSError as error:
            raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
        return
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error


def write_text(text: str, path: str | None) -> None:
    """`text` to the file at `path`, to stdout where it is None. Raises `click.UsageError`."""
    if path is None:
        _write_stdout(text)
    else:
        _write_file(path, text)


def style_of(color: str) -> Style:
    """What the terminal can show. color: ``auto``, ``always`` or ``never``."""
    from riskcheck.report.style import Style

    return Style(colour=_colour(color), unicode=_unicode())
