"""What rollback evidence is read from: which files are searched for backups, and what the policy states."""

from __future__ import annotations

import pytest

from riskcheck import restoration
from riskcheck.engine import Options, analyze
from riskcheck.in_memory import analyze_trees
from riskcheck.judged import RollbackEvidence
from riskcheck.policy.load import load_policy
from riskcheck.policy.model import Policy, RuleSettings
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from riskcheck.trees import Comparison, MemoryTree, PathChange

CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
"""
KEPT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, namespace: shop}\ndata: {a: b}\n"
VELERO = """\
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: often, namespace: velero}
spec: {schedule: "*/10 * * * *", template: {includedNamespaces: [shop]}}
"""


def backup(extra: dict[str, str], policy: str = "version: 1\n") -> RollbackEvidence:
    """The evidence for a claim that goes from production, `extra` files beside it."""
    beside = {"riskcheck.yaml": policy.encode(), **{path: text.encode() for path, text in extra.items()}}
    base = {"clusters/prod/data.yaml": (CLAIM + KEPT).encode(), **beside}
    head = {"clusters/prod/data.yaml": KEPT.encode(), **beside}
    report: Report = analyze_trees(base, head, load_rules(use_cache=False).rules)
    (finding,) = (one for one in report.findings if one.code == "K8S-010")
    return next(one for one in finding.rollback if one.kind == "backup")


def test_a_backup_is_found_wherever_a_file_declares_it() -> None:
    found = backup({"operations/velero.yaml": VELERO})
    assert found == RollbackEvidence(
        "backup", True, "Velero backs it up every 10m (operations/velero.yaml:1)", seconds=600
    )


def test_what_the_policy_excludes_is_no_backup() -> None:
    policy = 'version: 1\nfiles: {exclude: ["testdata/**"]}\n'
    assert not backup({"testdata/velero.yaml": VELERO}, policy).found


@pytest.mark.parametrize("text", ["velero.io: [", "{{ velero.io }}", "velero.io\x00", "- velero.io: &a [*a]"])
def test_what_cannot_be_read_is_no_backup(text: str) -> None:
    assert not backup({"operations/velero.yaml": text}).found


def test_files_that_were_not_looked_into_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoration, "MOST_FILES", 1)
    found = backup({"operations/velero.yaml": VELERO, "zebra.yaml": "a: 1"})
    assert not found.found
    assert found.detail.endswith("(3 files were not looked into)")


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, None),
        ({"GOV-004": {"detection_minutes": 10}}, 600),
        ({"rollback-misses-objectives": {"detection_minutes": 1.5}}, 90),
        ({"GOV-004": {"detection_minutes": 0}}, None),
        ({"GOV-004": {"detection_minutes": True}}, None),
        ({"GOV-004": {"detection_minutes": "soon"}}, None),
    ],
)
def test_the_policy_states_how_long_it_takes_to_notice(
    options: dict[str, dict[str, object]], seconds: int | None
) -> None:
    policy = Policy(rules=RuleSettings(options=options))  # type: ignore[arg-type]  # values of any form, as files have
    assert restoration.stated_detection(policy) == seconds


def test_the_option_is_the_one_that_the_rule_declares() -> None:
    (rule,) = (one for one in load_rules(use_cache=False).rules if one.code == restoration.RTO_RULE)
    assert rule.id == restoration.RTO_RULE_ID
    assert rule.options is not None
    assert restoration.DETECTION in rule.options


def test_the_runbook_is_looked_for_in_the_tree_that_decides() -> None:
    service = (
        "version: 1\nservices:\n"
        "  - {name: shop, owner: team-shop, rto: 30m, paths: ['**'],\n"
        "     runbook: {url: docs/back.md, exercised: 2027-01-02, duration: 5m}}\n"
    )
    sides = {
        name: {
            "riskcheck.yaml": service.encode(),
            "clusters/prod/web.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n".encode(),
        }
        for name in ("old", "new")
    }
    page = {"docs/back.md": b"# Back\n"}
    details = []
    for deciding in ({**sides["old"], **page}, sides["old"]):
        base = MemoryTree({**sides["old"], "clusters/prod/data.yaml": (CLAIM + KEPT).encode()}, "base", "b")
        head = MemoryTree({**sides["old"], **page, "clusters/prod/data.yaml": KEPT.encode()}, "head", "h")
        path = "clusters/prod/data.yaml"
        comparison = Comparison(
            base,
            head,
            MemoryTree(deciding, "base", "d"),
            (
                PathChange(path, "modified", path, base.entry(path), head.entry(path)),
                PathChange("docs/back.md", "added", "docs/back.md", None, head.entry("docs/back.md")),
            ),
            1_800_000_000,
        )
        rules = load_rules(use_cache=False).rules
        report = analyze(comparison, load_policy(comparison.deciding, None), rules, "sha256:0", Options())
        finding = next(one for one in report.findings if one.code == "K8S-010")
        details.append(next(one for one in finding.rollback if one.kind == "runbook"))
    assert [one.found for one in details] == [True, False]
    assert "does not exist" in details[1].detail
