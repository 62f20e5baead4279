"""`riskcheck baseline`: what is known already, so that only what is new is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskcheck.commands.options import no_cache_option
from riskcheck.commands.parameters import option
from riskcheck.filenames import BASELINE
from riskcheck.phrases import listed, many

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.commands.options import Decorated
    from riskcheck.commands.running import RunRequest
    from riskcheck.judged import Finding
    from riskcheck.policy.baseline import Baseline, BaselineEntry, Subject
    from riskcheck.policy.baselining import Compared

MOST_LINES = 50
"""Findings or entries of one kind that are listed."""


@click.group(
    short_help="Record what is known already; only what is new is told.",
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
def baseline() -> None:
    """Record findings that are known already, so that `riskcheck lint` and `riskcheck diff` tell only what is new.

    \b
    riskcheck baseline write        what riskcheck lint finds in the working tree
    riskcheck baseline write main   what riskcheck diff main finds
    riskcheck baseline check        exit 1 where one is stale, or a finding new

    The file is .riskcheck-baseline.json at the root. It counts from the branch that is merged into.
    """


def _options(command: Decorated) -> Decorated:
    for one in (
        no_cache_option,
        option("--config", metavar="FILE", help="Policy file instead of riskcheck.yaml."),
        click.argument("revision", required=False),
    ):
        command = one(command)
    return command


@baseline.command()
@_options
@option("--accept-new", is_flag=True, help="Add what an existing baseline does not hold yet.")
@option(
    "--output",
    metavar="FILE",
    help="Write this file instead; - is stdout. It counts only as .riskcheck-baseline.json at the root.",
)
def write(
    revision: str | None, config: str | None, no_cache: bool, accept_new: bool, output: str | None
) -> int:
    """Write .riskcheck-baseline.json.

    The first time everything that a baseline can cover is recorded. After that entries that match nothing go, and
    what is new is named and left out, unless --accept-new is given.
    """
    from riskcheck.policy.baseline import Baseline
    from riskcheck.policy.baselining import joined

    run = _run(revision, config, cache=not no_cache)
    compared = run.compared(run.held or Baseline(BASELINE))
    adds = accept_new or run.held is None
    entries = joined((*compared.kept, *(compared.fresh if adds else ())))
    _save(run, entries, output)
    say: Callable[[str], None] = lambda line: click.echo(line, err=output == "-")  # noqa: E731
    target = output or BASELINE
    recorded = sum(one.times for one in entries)
    say(f"{target}: {many(recorded, 'finding')} recorded, {many(len(compared.stale), 'entry')} dropped")
    if not adds and compared.new:
        say(f"{many(len(compared.new), 'finding')} not added; fix or waive them, or give --accept-new:")
        _list([_told(one, compared) for one in compared.new], say)
    _say_uncovered(compared, say)
    return 0


@baseline.command()
@_options
@option("--prune", is_flag=True, help="Drop the entries that match nothing; nothing is added.")
def check(revision: str | None, config: str | None, no_cache: bool, prune: bool) -> int:
    """Hold .riskcheck-baseline.json against what is found.

    Exits 1 where entries match nothing any more (unless --prune drops them), or where something is new.
    """

    run = _run(revision, config, cache=not no_cache)
    if run.held is None:
        raise click.UsageError(f"there is no {BASELINE} in {run.root}; `riskcheck baseline write` makes one")
    compared = run.compared(run.held)
    if compared.stale and prune:
        _save(run, compared.kept, None)
    if compared.stale:
        does = "dropped" if prune else "run `riskcheck baseline write` to drop them"
        click.echo(f"{many(len(compared.stale), 'entry')} of {BASELINE} match nothing any more; {does}:")
        _list([_entry_told(one) for one in compared.stale], click.echo)
    if compared.new:
        click.echo(f"{many(len(compared.new), 'finding')} not in the baseline; fix or waive them:")
        _list([_told(one, compared) for one in compared.new], click.echo)
    _say_uncovered(compared, click.echo)
    if compared.new or compared.uncovered or (compared.stale and not prune):
        return 1
    click.echo(f"the baseline holds: {many(sum(one.times for one in compared.kept), 'finding')} known")
    return 0


class _Run:
    """What was found, and the baseline as it is on disk; None where there is none."""

    def __init__(self, findings: Sequence[Finding], of: Subject, root: str) -> None:
        self.root = root
        self.held = _on_disk(root)
        self._findings = findings
        self._of: Subject = of

    def compared(self, held: Baseline) -> Compared:
        from riskcheck.policy.baselining import compare

        return compare(held, self._findings, self._of)


def _run(revision: str | None, config: str | None, *, cache: bool) -> _Run:
    """The live findings of the working tree, or of a range. Raises `RunError` and `click.UsageError`."""
    from riskcheck.commands.running import RunRequest
    from riskcheck.opening import state_environ
    from riskcheck.sources.spec import RangeSpec

    folder = str(Path.cwd())
    if revision is None:
        from riskcheck.commands.lint import lint_report

        spec = RangeSpec(root=folder, environ=state_environ())
        report, root = lint_report(RunRequest(spec=spec, config=config, cache=cache), known=False)
        return _Run(report.findings, "state", root or folder)
    request = RunRequest(
        spec=RangeSpec(root=folder, revision=revision, environ=os.environ), config=config, cache=cache
    )
    return _range(request)


def _range(request: RunRequest) -> _Run:
    from riskcheck.commands.running import judge_opened, open_run, report_of

    opened = open_run(request)
    if opened is None:
        raise click.UsageError(f"{request.spec.revision} holds nothing to check")
    opened = opened._replace(policy=opened.policy._replace(baseline=None))
    judged = judge_opened(request, opened)
    return _Run(report_of(judged).findings, "change", opened.comparison.root or str(request.spec.root))


def _on_disk(root: str) -> Baseline | None:
    """The baseline in the working tree. Raises `PolicyError`."""
    from riskcheck.commands.own_files import on_disk
    from riskcheck.policy.baseline import read_baseline
    from riskcheck.policy.problems import PolicyError

    document = on_disk(root, BASELINE, "json")
    if document is None:
        return None
    held, problems = read_baseline(document)
    if problems:
        raise PolicyError(problems)
    return held


def _save(run: _Run, entries: Sequence[BaselineEntry], output: str | None) -> None:
    """Writes the file, nobody's mail address in it."""
    from riskcheck.commands.writing import write_text
    from riskcheck.policy.baseline import rendered
    from riskcheck.report.safe import without_addresses

    text = rendered(one._replace(resource=without_addresses(one.resource)) for one in entries)
    write_text(text, None if output == "-" else output or str(Path(run.root) / BASELINE))


def _say_uncovered(compared: Compared, say: Callable[[str], None]) -> None:
    if compared.uncovered:
        say(f"{many(len(compared.uncovered), 'finding')} that no baseline covers; fix or waive them:")
        _list([_told(one, compared) for one in compared.uncovered], say)


def _list(lines: Sequence[str], say: Callable[[str], None]) -> None:
    for line in lines[:MOST_LINES]:
        say(f"  {line}")
    if len(lines) > MOST_LINES:
        say(f"  and {len(lines) - MOST_LINES} more")


def _told(finding: Finding, compared: Compared) -> str:
    from riskcheck.report.safe import plain

    place = f"{plain(finding.location.path)}:{finding.location.line}"
    known = compared.was.get(finding.fingerprint)
    more = "" if known is None else f" ({plain(_exceeds(finding, known))})"
    return f"{place}: {finding.level} {finding.code} {plain(finding.message)}{more}"


def _exceeds(finding: Finding, known: BaselineEntry) -> str:
    """In what `finding` goes beyond the entry of its fingerprint."""

    if finding.level != known.level:
        return f"{known.level} in the baseline"
    names = sorted({environment.name for environment in finding.environments} - set(known.environments))
    return f"known, but not in {listed(names)}" if names else "known fewer times"


def _entry_told(entry: BaselineEntry) -> str:
    from riskcheck.report.safe import plain

    times = f", {entry.times} times" if entry.times > 1 else ""
    return f"{BASELINE}:{entry.line}: {entry.level} {plain(entry.code)} {plain(entry.resource)}{times}"
