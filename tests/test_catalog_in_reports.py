"""What catalogs say of a service is judged, but it is no deployment of it."""

from __future__ import annotations

from riskcheck.in_memory import analyze_trees
from riskcheck.rules.load import load_rules
from tests.test_gate_in_reports import POLICY

ENTRY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders, tags: [tier-1]}
spec: {owner: team-orders}
"""


def test_a_downgrade_warns_without_canary_findings_services_or_matrix() -> None:
    for path in ("catalog-info.yaml", "envs/prod/catalog-info.yaml"):
        base = {"riskcheck.yaml": POLICY.encode(), path: ENTRY.encode()}
        head = {**base, path: ENTRY.replace("tier-1", "tier-3").encode()}
        report = analyze_trees(base, head, load_rules(use_cache=False).rules)
        assert {finding.code for finding in report.findings} == {"GRF-004"}
        assert [finding.level for finding in report.findings] == ["P2"]
        assert (report.services, report.matrix) == ((), ())
        assert [one.resource for one in report.changed] == ["catalog:backstage.orders"]
        assert report.assessment.verdict == "warn"


def test_a_new_entry_and_an_edited_description_say_nothing() -> None:
    base = {"catalog-info.yaml": ENTRY.encode()}
    head = {
        "catalog-info.yaml": ENTRY.replace(
            "name: orders", "description: Takes orders, name: orders"
        ).encode(),
        "web/catalog-info.yaml": ENTRY.replace("orders", "web").encode(),
    }
    report = analyze_trees(base, head, load_rules(use_cache=False).rules)
    assert (report.findings, report.limitations, report.assessment.verdict) == ((), (), "pass")
