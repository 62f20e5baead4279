"""One more production environment, and evidence that is taken away: neither makes a change look safer."""

from __future__ import annotations

import re
from typing import Final

import pytest

from riskcheck.models import LEVELS
from riskcheck.results import Report
from riskcheck.rules.cases import POLICY, Case
from tests.metamorphic.judging import PACKS, Files, judged, rewritten, sample
from tests.metamorphic.limits import limit
from tests.metamorphic.test_more_risk import worse_or_alike

_PRODUCTION: Final = re.compile(r"(?<![^/])prod(?![^/])")
_LOWER: Final = re.compile(r"(?<![^/])(?:dev|test|staging|stage)(?![^/])")
_RUNBOOK: Final = re.compile(r",?\s*runbook: \{[^{}]*\}")


def with_another_production(files: Files) -> dict[str, bytes]:
    """What is below ``prod`` is below ``prod-eu``, too."""
    more = {
        _PRODUCTION.sub("prod-eu", path): data for path, data in files.items() if _PRODUCTION.search(path)
    }
    return {**files, **more}


def without_lower_environments(files: Files) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not _LOWER.search(path)}


def without_runbooks(files: Files) -> dict[str, bytes]:
    policy = files.get(POLICY)
    return dict(files) if policy is None else {**files, POLICY: _RUNBOOK.sub("", policy.decode()).encode()}


def changed(case: Case, other: Case) -> bool:
    return (case.base, case.head, case.history) != (other.base, other.head, other.history)


def in_production(report: Report) -> dict[tuple[str, str], int]:
    """The level of each finding in production."""
    return {
        (one.code, one.resource): [str(level) for level in LEVELS].index(one.level)
        for one in report.findings
        if any(cell.stage == "prod" for cell in one.environments)
    }


def _another_production(case: Case) -> str:
    other = rewritten(case, with_another_production)
    return worse_or_alike(judged(case), judged(other)) if changed(case, other) and not case.plans else ""


def _lower_environments_gone(case: Case) -> str:
    """What production gets is as risky where nobody has tried it."""
    other = rewritten(case, without_lower_environments)
    if not changed(case, other) or case.plans:
        return ""
    before, after = in_production(judged(case)), in_production(judged(other))
    return ", ".join(
        f"{code} {resource}"
        for (code, resource), level in before.items()
        if not code.startswith(("CAN-", "GRF-")) and after.get((code, resource), -1) < level
    )


def _runbook_gone(case: Case) -> str:
    other = rewritten(case, without_runbooks)
    return worse_or_alike(judged(case), judged(other)) if changed(case, other) else ""


LAWS = {
    "another production": _another_production,
    "lower environments gone": _lower_environments_gone,
    "runbook gone": _runbook_gone,
}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("law", LAWS)
def test_less_to_rely_on_never_makes_it_better(law: str, pack: str) -> None:
    taken = [one for one in sample(law, pack) if limit(law, one.name) is None]
    wrong = {one.name: told for one in taken if (told := LAWS[law](one.case))}
    assert wrong == {}
