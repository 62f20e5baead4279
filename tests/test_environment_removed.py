"""An environment that goes as a whole is one finding, and outside production at most P3."""

from __future__ import annotations

from riskcheck.in_memory import analyze_trees
from riskcheck.levels import at_least
from riskcheck.results import Report
from riskcheck.rules.load import load_rules

BUNDLE = """\
bundle: {name: lake}
resources:
  volumes:
    one: {name: one, catalog_name: main, schema_name: raw}
    two: {name: two, catalog_name: main, schema_name: raw, lifecycle: {prevent_destroy: true}}
  schemas:
    raw: {name: raw, catalog_name: main}
targets:
  staging: {mode: production, workspace: {host: "https://staging.example"}}
  prod: {mode: production, workspace: {host: "https://prod.example"}}
"""

OBJECTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: more, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


def judged(base: dict[str, str], head: dict[str, str]) -> Report:
    rules = load_rules(use_cache=False).rules
    return analyze_trees(
        {path: text.encode() for path, text in base.items()},
        {path: text.encode() for path, text in head.items()},
        rules,
    )


def test_a_staging_target_is_one_finding_of_p3() -> None:
    lines = BUNDLE.splitlines(keepends=True)
    without = "".join(line for line in lines if not line.startswith("  staging:"))
    report = judged({"databricks.yml": BUNDLE}, {"databricks.yml": without})
    assert [(one.code, one.level) for one in report.findings if one.level != "note"] == [("DAB-001", "P3")]
    assert report.assessment.verdict == "pass"


def test_a_staging_directory_is_one_finding_of_p3_and_production_is_not() -> None:
    base = {"clusters/staging/all.yaml": OBJECTS, "clusters/prod/all.yaml": OBJECTS}
    staging_gone = judged(base, {"clusters/prod/all.yaml": OBJECTS})
    shown = [one for one in staging_gone.findings if one.level != "note"]
    assert [one.level for one in shown] == ["P3"]
    production_gone = judged(base, {"clusters/staging/all.yaml": OBJECTS})
    assert production_gone.assessment.verdict == "block"
    assert len([one for one in production_gone.findings if at_least(one.level, "P2")]) > 1
