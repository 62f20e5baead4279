"""The formats hold each other to the same: none drops a finding, invents one, or says another level or path."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from riskcheck.commands import FORMATS
from riskcheck.in_memory import judge_trees
from riskcheck.judged import Waiver
from riskcheck.lsp.shown import WEIGHTS, shown
from riskcheck.models import Limitation
from riskcheck.report import github
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from tests.acceptance.test_examples import EXAMPLES, SCENARIOS, files, report
from tests.findings import finding
from tests.report.agreement import READERS, Said, said
from tests.report.formats import report_of

PLATFORMS = sorted(path.parent for path in (EXAMPLES / "platforms").glob("*/base"))
BASELINE = Waiver(
    "ABC-003", "x", "", "known: it is in the baseline", "", source=".riskcheck-baseline.json:4", baseline=True
)
WAIVER = Waiver("ABC-004", "x", "team-data", "retired", "2027-01-31", source="riskcheck.yaml:5")


@cache
def platform(folder: Path) -> Report:
    return judge_trees(
        files(folder / "base"), files(folder / "head"), load_rules(use_cache=False).rules
    ).report


@cache
def example(scenario: str, variant: str) -> Report:
    return report(scenario, variant)


def handmade() -> Report:
    """All that an example seldom has at once."""
    held = (
        finding(code="ABC-001", level="P1", blocking="P1 in production", cause="a", fingerprint="1" * 16),
        finding(code="ABC-002", level="P2", cause="a", fingerprint="2" * 16),
        finding(code="ABC-002", level="P3", cause="b", fingerprint="3" * 16),
        finding(code="ABC-003", level="P2", cause="c", waiver=BASELINE, fingerprint="4" * 16),
        finding(code="ABC-003", level="P3", cause="d", waiver=BASELINE, fingerprint="5" * 16),
        finding(code="ABC-004", level="P0", cause="e", waiver=WAIVER, fingerprint="6" * 16),
        finding(code="ABC-005", level="note", cause="f", fingerprint="7" * 16),
    )
    limits = (Limitation("chart/a.yaml", "unresolved-template", "a value is not known", 3),)
    return report_of(*held, verdict="block", level="P1", limitations=limits)


def reports() -> list[tuple[str, Report | tuple[str, str] | Path]]:
    found: list[tuple[str, Report | tuple[str, str] | Path]] = [("handmade", handmade())]
    found += [
        (f"{scenario} {variant}", (scenario, variant))
        for scenario in SCENARIOS
        for variant in ("risky", "safe")
    ]
    return found + [(path.name, path) for path in PLATFORMS]


ALL = reports()


def made(given: Report | tuple[str, str] | Path) -> Report:
    if isinstance(given, Report):
        return given
    return platform(given) if isinstance(given, Path) else example(*given)


@pytest.mark.parametrize("given", [one for _, one in ALL], ids=[name for name, _ in ALL])
@pytest.mark.parametrize("format_", [one for one in FORMATS if one != "json"])
def test_a_format_says_what_the_json_report_says(
    given: Report | tuple[str, str] | Path, format_: str
) -> None:
    judged = made(given)
    expected, found = said(judged, "json"), said(judged, format_)
    expected = expected._replace(blocking=Counter(one.code for one in judged.findings if one.blocking))
    if not expected.safe and format_ in ("text", "markdown", "html"):
        expected = expected._replace(held=())  # All of it is held back, which is said in words.
    if format_ == "gitlab":  # A list of issues, which has no verdict.
        found = found._replace(verdict=expected.verdict)
    if format_ == "github":
        found = found._replace(causes=_annotated(found, expected))
    for name in Said._fields:
        told = getattr(found, name)
        if told is not None:
            assert told == getattr(expected, name), name


def _annotated(found: Said, expected: Said) -> Counter[tuple[str, ...]] | None:
    """The causes that are annotated are some of all, and with those that are counted as many."""
    assert found.causes is not None and expected.causes is not None
    more = found.causes.pop(("more",), 0)
    assert found.causes <= expected.causes
    assert sum(found.causes.values()) + more == sum(expected.causes.values())
    assert not more or sum(found.causes.values()) >= github.MOST
    return None


def test_every_format_is_read() -> None:
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_editor_shows_the_same_findings(scenario: str) -> None:
    trees = files(EXAMPLES / scenario / "base"), files(EXAMPLES / scenario / "risky")
    run = judge_trees(*trees, load_rules(use_cache=False).rules)
    remarks = shown(run.report, run.comparison, "utf-16").remarks
    assert Counter((one.code, one.weight) for one in remarks) == Counter(
        (one.code, WEIGHTS[one.level]) for one in run.report.findings
    )
