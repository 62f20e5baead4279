"""`--evidence FILE` of a run, and the same statement made again to hold a recorded one against."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from riskcheck.commands.running import Judged, report_of
from riskcheck.commands.writing import write_text
from riskcheck.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.commands.running import RunRequest
    from riskcheck.evidence.facts import Facts, Given
    from riskcheck.opening import Opened
    from riskcheck.report.json import Json
    from riskcheck.results import Report


def withdraw(path: str) -> None:
    """Takes away what an earlier run left at `path`: if this run cannot be made, that is not its evidence.

    Raises `click.UsageError` where it cannot be taken away, or this run's not be written.
    """
    from riskcheck.commands.files import check_writable

    check_writable(path)
    if not os.path.isfile(path):
        return
    try:
        os.unlink(path)
    except OSError as error:
        raise click.UsageError(f"--evidence {path}: cannot be replaced ({error.strerror})") from None


def write_evidence(request: RunRequest, opened: Opened, judged: Judged | Report, path: str) -> None:
    """Writes the statement about a run, whole or not at all. Raises `RunError`, `click.UsageError`."""
    from riskcheck.evidence.canonical import written

    write_text(written(statement_of(request, opened, judged)), path)


def statement_of(request: RunRequest, opened: Opened, judged: Judged | Report) -> dict[str, Json]:
    """The statement about a run. Raises `RunError` where something that it names cannot be read any more."""
    from riskcheck.evidence.statement import statement
    from riskcheck.trees import UnreadableError

    report = report_of(judged)
    try:
        return statement(report, facts_of(request, opened, judged if isinstance(judged, Judged) else None))
    except (OSError, UnreadableError) as error:
        raise RunError(f"no evidence can be given: {error}") from None


def facts_of(request: RunRequest, opened: Opened, judged: Judged | None = None) -> Facts:
    """Where everything of a run came from. Raises `RunError`, `OSError`."""
    from riskcheck.evidence.facts import Asked, Facts
    from riskcheck.sources.identity import identities_of

    return Facts(
        opened.comparison,
        identities_of(opened.comparison, request.spec.paths),
        opened.policy,
        opened.loaded.digest,
        tuple(sorted(opened.policy.rules.packs)),
        Asked(
            request.fail_on,
            tuple(sorted(request.select)),
            tuple(sorted(request.ignore)),
            request.waivers,
            request.hook,
            request.exit_zero,
        ),
        inputs_of(request),
        () if judged is None else judged.options.approvals,
        None if judged is None else judged.run,
        tuple(_private(request, opened)),
    )


def inputs_of(request: RunRequest) -> tuple[Given, ...]:
    """The files that the run was given, by what is in them. Raises `OSError`."""
    return tuple(_inputs(request))


def _inputs(request: RunRequest) -> Iterator[Given]:
    from riskcheck.evidence.facts import Given

    if request.approvals is not None:
        yield Given("approvals", _file_digest(request.approvals))
    from riskcheck.commands.plan_options import named

    for kind, plans in (("databricks", request.databricks_plans), ("terraform", request.terraform_plans)):
        for one in plans:
            name, path = named(one)
            yield Given(f"{kind}-plan", _file_digest(path), name)


def _file_digest(path: str) -> str:
    from hashlib import file_digest

    with open(path, "rb") as file:
        return f"sha256:{file_digest(file, 'sha256').hexdigest()}"


def _private(request: RunRequest, opened: Opened) -> Iterator[tuple[str, str]]:
    """Paths of this machine that a message may name, the longest first."""
    from riskcheck.commands.plan_options import named

    plans = [named(one)[1] for one in (*request.databricks_plans, *request.terraform_plans)]
    files = [one for one in (request.config, request.approvals, *plans) if one]
    spec = request.spec
    named_folders = (spec.from_dir, spec.to_dir, opened.comparison.root, spec.root)
    folders = [os.fspath(one) for one in named_folders if one is not None]
    found = {one: os.path.basename(one) for one in files if os.path.dirname(one)}
    for folder in folders:
        found[os.path.abspath(os.path.join(os.fspath(spec.root), folder))] = "."
    found.pop(os.sep, None)
    return iter(sorted(found.items(), key=lambda one: (-len(one[0]), one)))
