"""Evidence from a part of the users or of the fleet, and what shares its fate; on manifests held in memory."""

from __future__ import annotations

from collections.abc import Mapping

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.judged import CanaryEvidence, CanaryStrength, Finding
from riskcheck.results import Report
from riskcheck.rules.load import load_rules

DAY = 86_400

POLICY = """\
version: 1
promotion: {promotion}
environments:
  - {{name: staging, stage: staging, soak: 24h, paths: ["clusters/staging/**"]}}
  - {{name: prod-1, stage: prod, tier: premium, region: eastus, share: 0.05, soak: 24h, paths: ["clusters/prod-1"]}}
  - {{name: prod-2, stage: prod, tier: premium, region: westeurope, share: 0.95, paths: ["clusters/prod-2/**"]}}
  - {{name: prod-s, stage: prod, tier: standard, region: eastus, paths: ["clusters/prod-s/**"]}}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1.4.2"}]}
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: disk.csi.azure.com
reclaimPolicy: POLICY
"""


def tree(manifest: str, word: str, *, promotion: str = "git", **cells: str) -> dict[str, bytes]:
    """`manifest` in each cell (``prod_1``), `word` replaced by the cell's value."""
    files = {
        f"clusters/{cell.replace('_', '-')}/x.yaml": manifest.replace(word, value).encode()
        for cell, value in cells.items()
    }
    return {"riskcheck.yaml": POLICY.format(promotion=promotion).encode(), **files}


def web(promotion: str = "git", **cells: str) -> dict[str, bytes]:
    return tree(WEB, "REPLICAS", promotion=promotion, **cells)


def judged(
    base: Mapping[str, bytes], head: Mapping[str, bytes], *earlier: tuple[int, Mapping[str, bytes]]
) -> Report:
    """earlier: (age in seconds, files), oldest first; base is as old as a day unless it says otherwise."""
    rules = load_rules(use_cache=False).rules
    states = [(NOW - age, files) for age, files in earlier]
    return analyze_trees(base, head, rules, history=states)


def found(report: Report, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


def of_kind(report: Report, kind: str, environment: str, code: str = "K8S-001") -> CanaryEvidence | None:
    return next(
        (one for one in found(report, code).canary if one.kind == kind and one.environment == environment),
        None,
    )


def nothing_declared(report: Report, environment: str) -> bool:
    """Whether no part of the tier of `environment` could show anything."""
    subset = of_kind(report, "subset", environment)
    return subset is not None and subset.absent and not subset.found


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


BEFORE = web(staging="6", prod_1="6", prod_2="6")


def test_a_cell_with_a_share_of_the_users_that_runs_it_already_stands_for_its_tier() -> None:
    base, head = web(staging="6", prod_1="3", prod_2="6"), web(staging="6", prod_1="3", prod_2="3")
    report = judged(base, head, (9 * DAY, BEFORE), (3 * DAY, base))
    subset = of_kind(report, "subset", "prod-2")
    assert subset is not None
    assert (subset.found, subset.detail) == (True, "prod-1 has run it for 3d, with 5 % of the users")
    assert subset.lower == ("prod-1",)
    assert subset.strength == CanaryStrength(share=0.05)
    assert subset.since == "2027-01-12T08:00:00Z"
    assert not {code for code in codes(report) if code.startswith("CAN-")}


def test_a_cell_that_got_it_today_has_not_soaked() -> None:
    base, head = web(staging="6", prod_1="3", prod_2="6"), web(staging="6", prod_1="3", prod_2="3")
    report = judged(base, head, (9 * DAY, BEFORE), (7200, base))
    subset = of_kind(report, "subset", "prod-2")
    assert subset is not None
    assert (subset.found, subset.detail) == (False, "prod-1 got it 2h ago; 24h of soak are asked for")
    assert "CAN-001" in codes(report)


def test_a_cell_of_another_tier_stands_for_nobody() -> None:
    base, head = web(staging="6", prod_1="3", prod_s="6"), web(staging="6", prod_1="3", prod_s="3")
    report = judged(base, head, (9 * DAY, web(staging="6", prod_1="6", prod_s="6")), (3 * DAY, base))
    assert nothing_declared(report, "prod-s")
    assert "CAN-001" in codes(report)


def test_the_small_part_that_gets_it_first_is_itself_the_canary() -> None:
    report = judged(BEFORE, web(staging="6", prod_1="3", prod_2="6"), (9 * DAY, BEFORE))
    subset = of_kind(report, "subset", "prod-1")
    assert subset is not None
    assert subset.detail == "only prod-1 gets it, 5 % of the users, and no other cell of its tier has it yet"
    assert not {code for code in codes(report) if code.startswith("CAN-")}


def test_a_whole_tier_is_no_part_of_itself() -> None:
    before = web(staging="6", prod_1="6", prod_s="6")
    report = judged(before, web(staging="6", prod_1="3", prod_s="6"), (9 * DAY, before))
    assert nothing_declared(report, "prod-1")
    assert "CAN-001" in codes(report)


def test_a_small_part_that_gets_it_with_all_the_others_is_no_canary() -> None:
    report = judged(BEFORE, web(staging="6", prod_1="3", prod_2="3"), (9 * DAY, BEFORE))
    assert "CAN-001" in codes(report)
    assert found(report, "CAN-001").environments[0].name == "prod-1"


def test_where_the_policy_promotes_by_pipeline_nothing_says_who_gets_it_first() -> None:
    base = web("pipeline", staging="6", prod_1="3", prod_2="6")
    report = judged(base, web("pipeline", staging="6", prod_1="3", prod_2="3"), (9 * DAY, base))
    assert nothing_declared(report, "prod-2")
    assert "CAN-001" in codes(report)


def test_coverage_names_the_cell_that_is_left_out_and_what_covers_the_others() -> None:
    cells = {"staging": "6", "prod_1": "3", "prod_2": "6", "prod_s": "6"}
    base, head = web(**cells), web(**{**cells, "prod_2": "3", "prod_s": "3"})
    report = judged(base, head, (9 * DAY, web(**dict.fromkeys(cells, "6"))), (3 * DAY, base))
    coverage, subset = of_kind(report, "coverage", "prod-s"), of_kind(report, "subset", "prod-2")
    assert coverage is not None
    assert subset is not None
    assert (coverage.found, coverage.detail) == (
        False,
        f"prod:standard/eastus is not covered; prod:premium/westeurope is, subset: {subset.detail}",
    )
    assert found(report, "CAN-002").environments[0].name == "prod-s"


def test_a_canary_in_the_same_region_says_so_where_the_region_has_one_of_it() -> None:
    policy = POLICY.replace("stage: staging, soak", "stage: staging, region: westeurope, soak")

    def trees(staging: str, prod: str) -> dict[str, bytes]:
        files = tree(CLASS, "POLICY", staging=staging, prod_2=prod)
        return {**files, "riskcheck.yaml": policy.format(promotion="git").encode()}

    base = trees("Delete", "Retain")
    report = judged(base, trees("Delete", "Delete"), (9 * DAY, trees("Retain", "Retain")), (3 * DAY, base))
    told = [one for finding in report.findings for one in finding.canary if one.kind == "promoted"]
    assert told
    assert told[0].detail == (
        "staging has run it for 3d; staging is in westeurope too: what takes the region down takes both"
    )
    assert told[0].strength == CanaryStrength(independent=False)


def test_a_part_in_the_very_same_cell_proves_nothing_of_what_the_cell_has_once() -> None:
    policy = POLICY.replace("region: westeurope, share: 0.95", "region: eastus, share: 0.95")

    def trees(first: str, second: str) -> dict[str, bytes]:
        files = tree(CLASS, "POLICY", prod_1=first, prod_2=second)
        return {**files, "riskcheck.yaml": policy.format(promotion="git").encode()}

    base = trees("Delete", "Retain")
    report = judged(base, trees("Delete", "Delete"), (9 * DAY, trees("Retain", "Retain")), (3 * DAY, base))
    told = [one for finding in report.findings for one in finding.canary if one.kind == "subset"]
    assert told
    assert (told[0].found, told[0].detail) == (
        False,
        "prod-1 is in the same cell, prod:premium/eastus: what breaks it breaks both",
    )
