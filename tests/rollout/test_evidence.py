"""Canary and rollback evidence through the whole engine, on bundles held in memory."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.judged import CanaryEvidence, Finding
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from riskcheck.results import Report
from riskcheck.rules.load import load_rules

HOUR, DAY = 3_600, 86_400

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h}
  - {name: prod, stage: prod}
"""

BUNDLE = """\
bundle: {name: orders}
variables:
  retries: {default: 3}
resources:
  jobs:
    nightly:
      name: nightly
      max_concurrent_runs: 1
      tasks:
        - task_key: load
          max_retries: ${var.retries}
          notebook_task: {notebook_path: /load}
targets:
  staging:
    mode: production
    workspace: {host: https://staging.example}
    variables: {retries: STAGING}
  prod:
    mode: production
    workspace: {host: https://prod.example}
    variables: {retries: PROD}
"""


def bundle(staging: int, prod: int, policy: str = POLICY) -> dict[str, bytes]:
    text = BUNDLE.replace("STAGING", str(staging)).replace("PROD", str(prod))
    return {"databricks.yml": text.encode(), "riskcheck.yaml": policy.encode()}


def judged(
    base: Mapping[str, bytes], head: Mapping[str, bytes], *states: tuple[int, Mapping[str, bytes]]
) -> Report:
    """states: (age in seconds, files), oldest first."""
    rules = load_rules(use_cache=False).rules
    history = [(NOW - age, files) for age, files in states]
    return analyze_trees(base, head, rules, history=history)


def found(report: Report, code: str = "DAB-023") -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


def promoted(report: Report) -> CanaryEvidence:
    return next(one for one in found(report).canary if one.kind == "promoted")


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def test_a_value_that_soaked_in_staging_is_promoted() -> None:
    base, head = bundle(1, 3), bundle(1, 1)
    report = judged(base, head, (9 * DAY, bundle(3, 3)), (3 * DAY, base))
    assert promoted(report).found
    assert promoted(report).detail == "staging has run it for 3d"
    assert promoted(report).since == "2027-01-12T08:00:00Z"
    assert not {code for code in codes(report) if code.startswith("CAN-")}
    assert ("orders", "staging", "already") in {(c.service, c.environment, c.state) for c in report.matrix}


def test_a_value_that_staging_got_today_has_not_soaked() -> None:
    base, head = bundle(1, 3), bundle(1, 1)
    report = judged(base, head, (9 * DAY, bundle(3, 3)), (2 * HOUR, base))
    assert promoted(report).detail == "staging got it 2h ago; 24h of soak are asked for"
    assert "CAN-001" in codes(report)
    assert report.assessment.verdict == "block"


def test_a_staging_edit_in_the_same_change_is_no_soak() -> None:
    base, head = bundle(3, 3), bundle(1, 1)
    report = judged(base, head, (9 * DAY, base))
    assert promoted(report).detail == "staging has never run this value (3 there)"
    assert "CAN-001" in codes(report)


def test_without_history_the_soak_is_unknown_and_never_fine() -> None:
    report = judged(bundle(1, 3), bundle(1, 1))
    assert not promoted(report).found
    assert "unknown without git history" in promoted(report).detail


def test_a_clock_in_the_future_of_the_landing_proves_nothing() -> None:
    base, head = bundle(1, 3), bundle(1, 1)
    report = judged(base, head, (9 * DAY, bundle(3, 3)), (-2 * DAY, base))
    assert not promoted(report).found


@pytest.mark.parametrize("canary", ["risky", "never"])
def test_the_policy_may_turn_canary_findings_off(canary: str) -> None:
    policy = POLICY + f"gate: {{require_canary: {canary}}}\n"
    report = judged(bundle(3, 3, policy), bundle(1, 1, policy))
    assert ("CAN-001" in codes(report)) == (canary == "risky")


def test_the_policy_may_ask_for_canaries_of_all_changes() -> None:
    harmless = [bundle(3, 3, POLICY + f"gate: {{require_canary: {word}}}\n") for word in ("all", "risky")]
    for base, expected in zip(harmless, ({"CAN-001"}, set()), strict=True):
        head = {
            **base,
            "databricks.yml": base["databricks.yml"].replace(b"name: nightly\n", b"name: night\n"),
        }
        assert codes(judged(base, head)) == expected


def test_a_promotion_without_risk_is_told_where_canaries_of_all_changes_are_asked_for() -> None:
    """Nothing more than a note, and the matrix says since when staging has run what production gets."""
    policy = POLICY + "gate: {require_canary: all}\n"
    base, head = bundle(5, 3, policy), bundle(5, 5, policy)
    report = judged(base, head, (9 * DAY, bundle(3, 3, policy)), (3 * DAY, base))
    assert {finding.level for finding in report.findings} == {"note"}
    told = {(cell.environment, cell.state, cell.since) for cell in report.matrix}
    assert told == {("staging", "already", "2027-01-12T08:00:00Z"), ("prod", "changed", None)}
    text = render(report, Style(colour=False), TextOptions())
    assert "already   staging runs it since 2027-01-12T08:00:00Z" in text


def test_without_a_declared_order_canary_findings_are_capped_and_only_warn() -> None:
    base = {"databricks.yml": bundle(3, 3)["databricks.yml"]}
    head = {"databricks.yml": bundle(1, 1)["databricks.yml"]}
    report = judged(base, head)
    assert found(report, "CAN-001").level == "P2"
    assert report.assessment.verdict == "warn"


WORKFLOW = """\
on: {push: {branches: [main]}}
jobs:
  staging:
    runs-on: ubuntu-latest
    environment: staging
    steps: [{run: databricks bundle deploy -t staging}]
  prod:
    needs: [staging]
    runs-on: ubuntu-latest
    environment: prod
    steps: [{run: databricks bundle deploy -t prod}]
"""


def test_a_pipeline_that_deploys_staging_first_behind_a_gate_is_evidence() -> None:
    policy = POLICY.replace("promotion: git", "promotion: pipeline")
    workflow = {".github/workflows/deploy.yml": WORKFLOW.encode()}
    report = judged({**bundle(3, 3, policy), **workflow}, {**bundle(1, 1, policy), **workflow})
    evidence = next(one for one in found(report).canary if one.kind == "pipeline")
    assert evidence.found, evidence.detail
    assert not {code for code in codes(report) if code.startswith("CAN-")}


def test_what_the_pipeline_takes_out_of_staging_first_is_canaried_by_it() -> None:
    policy = POLICY.replace("promotion: git", "promotion: pipeline")
    workflow = {".github/workflows/deploy.yml": WORKFLOW.encode()}
    volume = b"resources:\n  volumes:\n    raw: {name: raw, catalog_name: main, schema_name: lake}\n"
    head = {**bundle(3, 3, policy), **workflow}
    base = {**head, "databricks.yml": head["databricks.yml"].replace(b"resources:\n", volume)}
    evidence = next(one for one in found(judged(base, head), "DAB-001").canary if one.kind == "pipeline")
    assert evidence.found, evidence.detail


def test_what_a_pipeline_covers_is_covered_for_what_is_said_beside_it_too() -> None:
    """Though the lower environments, which need no canary, get it as well."""
    policy = POLICY.replace("promotion: git", "promotion: pipeline")
    workflow = {".github/workflows/deploy.yml": WORKFLOW.encode()}
    volume = b"resources:\n  volumes:\n    raw: {name: raw, catalog_name: main, schema_name: lake}\n"
    head = {**bundle(3, 3, policy), **workflow}
    base = {**head, "databricks.yml": head["databricks.yml"].replace(b"resources:\n", volume)}
    beside = found(judged(base, head), "GOV-005")
    assert {one.name for one in beside.environments} == {"staging", "prod"}
    assert beside.canary_covered


def test_a_value_that_only_production_gets_is_not_canaried_by_the_pipeline() -> None:
    policy = POLICY.replace("promotion: git", "promotion: pipeline")
    workflow = {".github/workflows/deploy.yml": WORKFLOW.encode()}
    report = judged({**bundle(3, 3, policy), **workflow}, {**bundle(3, 1, policy), **workflow})
    evidence = next(one for one in found(report).canary if one.kind == "pipeline")
    assert not evidence.found
    assert evidence.detail.startswith("staging comes first")
    assert evidence.detail.endswith("does not get this value")


def test_what_can_be_reverted_says_so() -> None:
    report = judged(bundle(3, 3), bundle(1, 1))
    assert [(one.kind, one.found) for one in found(report).rollback] == [("revert", True)]


def test_a_runbook_exercised_in_time_and_within_the_rto_lowers_the_level() -> None:
    service = """\
services:
  - name: orders
    owner: team-data
    rto: 30m
    paths: ["databricks.yml"]
    runbook: {url: docs/rollback.md, exercised: 2027-01-01, duration: 12m}
"""
    stale = service.replace("2027-01-01", "2026-01-01")
    future = service.replace("2027-01-01", "2027-02-01")
    page = {"docs/rollback.md": b"# How the job is rolled back\n"}
    runbooks = [
        next(one for one in found(report).rollback if one.kind == "runbook")
        for report in (
            judged({**bundle(3, 3, POLICY + text), **there}, {**bundle(3, 1, POLICY + text), **there})
            for text, there in ((service, page), (stale, page), (future, page), (service, {}))
        )
    ]
    assert [(one.found, one.within_rto) for one in runbooks] == [(True, True)] + [(False, False)] * 3
    assert "yet to come" in runbooks[2].detail
    assert "does not exist" in runbooks[3].detail
