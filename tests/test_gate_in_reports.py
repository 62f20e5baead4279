"""A file that guards the merge is judged, but it is no service and is deployed nowhere."""

from __future__ import annotations

from riskcheck.in_memory import analyze_trees
from riskcheck.rules.load import load_rules

POLICY = """\
version: 1
promotion: git
environments: [{name: staging, stage: staging}, {name: prod, stage: prod}]
"""


def test_a_weakened_policy_blocks_without_canary_findings_services_or_matrix() -> None:
    base = {"riskcheck.yaml": POLICY.encode()}
    head = {"riskcheck.yaml": POLICY.replace("stage: prod}", "stage: dev}").encode()}
    report = analyze_trees(base, head, load_rules(use_cache=False).rules)
    assert report.assessment.verdict == "block"
    assert {finding.code for finding in report.findings} == {"GOV-006"}
    assert (report.services, report.matrix) == ((), ())
    assert [one.resource for one in report.changed] == ["gate:Policy.riskcheck.yaml"]
