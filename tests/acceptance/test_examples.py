"""The scenarios under examples/: the risky change is caught, its safe twin passes in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.engine import Options
from riskcheck.in_memory import analyze_trees, judge_trees
from riskcheck.levels import at_least
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from riskcheck.scoping import with_proven_scope

EXAMPLES = Path(__file__).parents[2] / "examples"
SCENARIOS = sorted(path.name for path in EXAMPLES.iterdir() if (path / "base").is_dir())


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def report(scenario: str, variant: str) -> Report:
    rules = load_rules(use_cache=False)
    run = judge_trees(files(EXAMPLES / scenario / "base"), files(EXAMPLES / scenario / variant), rules.rules)
    return with_proven_scope(run, rules.rules, rules.digest, Options())


def codes(found: Report) -> dict[str, str]:
    worst: dict[str, str] = {}
    for finding in found.findings:
        worst[finding.code] = min(worst.get(finding.code, "note"), finding.level)
    return worst


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_risky_change_is_blocked(scenario: str) -> None:
    assert report(scenario, "risky").assessment.verdict == "block"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_safe_change_passes_in_silence(scenario: str) -> None:
    found = report(scenario, "safe")
    assert found.assessment.verdict == "pass"
    assert not [one.message for one in found.findings if at_least(one.level, "P2")]
    assert found.changed, "a safe variant that changes nothing proves nothing"


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["base", "risky", "safe"])
def test_a_state_against_itself_says_nothing(scenario: str, variant: str) -> None:
    tree = files(EXAMPLES / scenario / variant)
    found = analyze_trees(tree, tree, load_rules(use_cache=False).rules)
    assert (found.findings, found.changed) == ((), ())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_of_an_example_is_left_unread(scenario: str) -> None:
    assert report(scenario, "risky").limitations == ()


def test_the_missing_cell_of_the_jobs_control_plane_is_named() -> None:
    found = report("jobs-control-plane", "risky")
    (hole,) = [one for one in found.findings if one.code == "CAN-002"]
    assert [environment.name for environment in hole.environments] == ["prod-premium"]
    assert hole.level == "P1"
    (replicas,) = [one for one in found.findings if one.code == "K8S-001"]
    covered = {(one.environment, one.kind) for one in replicas.canary if one.found}
    assert ("prod-standard", "pipeline") in covered
    assert not {one for one in covered if one[0] == "prod-premium"}
    states = {(cell.environment, cell.state) for cell in found.matrix}
    assert ("canary-premium", "unchanged") in states


def test_the_model_swap_is_told_as_one_cause() -> None:
    found = report("served-model", "risky")
    assert codes(found)["DAB-011"] == "P0"
    assert len({finding.cause for finding in found.findings}) == 1
    assert [one.service.name for one in found.services if not one.changed] == ["retention-offers"]


def test_one_variable_reaches_all_pipelines_of_two_stages() -> None:
    found = report("pipeline-promotion", "risky")
    worst = codes(found)
    assert worst["DAB-027"] == "P1"
    assert worst["DAB-035"] == "P3"
    assert len({finding.cause for finding in found.findings if finding.code != "GOV-002"}) == 1
    assert worst["GOV-002"] == "P1"
    assert len([one for one in found.changed if one.resource.startswith("databricks:pipelines.")]) == 120
    assert any("sox needs the approval of team-finance-controls" in one for one in found.assessment.reasons)


def test_each_pattern_of_the_spark_runbook_has_its_level() -> None:
    found = report("spark-on-kubernetes", "risky")
    worst = codes(found)
    patterns = {"K8S-012": "P0", "SPK-001": "P1", "K8S-009": "P1", "SPK-003": "P2"}
    assert {code: worst[code] for code in patterns} == patterns
    assert {one.name for finding in found.findings for one in finding.environments} == {"prod-eu"}
    assert [one.service.name for one in found.services if not one.changed] == ["revenue-dashboard"]
    (cut,) = [one for one in found.findings if one.code == "K8S-012"]
    assert cut.message.startswith(
        "executors no longer reach the driver on port 7078 (clickstream-sessions and 2 more)"
    )
    assert cut.service == "spark-platform"


def test_every_part_of_a_quiet_model_change_is_told() -> None:
    worst = codes(report("quiet-model-change", "risky"))
    told = {"DAB-014", "DAB-017", "DAB-039", "DAB-050", "DAB-053", "DAB-054", "UCD-005"}
    assert told <= worst.keys()
    assert {worst[code] for code in told} <= {"P0", "P1"}


def test_one_line_of_a_shared_base_is_told_with_its_regions_and_its_way_back() -> None:
    found = report("gitops-fleet", "risky")
    worst = codes(found)
    patterns = {"K8S-010": "P0", "K8S-032": "P0", "CAN-003": "P1", "GOV-005": "P1"}
    assert {code: worst[code] for code in patterns} == patterns
    (lost,) = [one for one in found.findings if one.code == "K8S-010"]
    assert lost.location is not None
    assert (lost.location.path, lost.location.line) == ("apps/session-store/storage.yaml", 9)
    assert {one.name for one in lost.environments} == {"staging", "prod-eu", "prod-us", "prod-ap"}
    assert [one.service.name for one in found.services if not one.changed] == ["checkout"]
    assert not [one for one in lost.rollback if one.found]


def test_the_set_that_did_not_move_together_is_named() -> None:
    found = report("private-connectivity", "risky")
    told = {one.resources[0].rpartition(":")[2]: one for one in found.findings if one.code == "NET-004"}
    endpoint = told["azurerm_private_endpoint.workspace"]
    assert endpoint.level == "P0"
    assert (
        "DNS zone link (none for azurerm_virtual_network.reports, live/prod/network.tf:15)"
        in endpoint.message
    )
    assert ", route (live/prod/network.tf:" in endpoint.message
    links = [one.location for one in endpoint.related if one.role == "DNS zone link"]
    assert ("live/prod/network.tf", 15) in [(one.path, one.line) for one in links]
    legacy = told["azurerm_network_security_group.endpoints"]
    assert "legacy addresses never carried over: 10.20.7.14, 10.20.8.0/28, 10.24.3.9" in legacy.message
    assert {one.location.path for one in legacy.related} == {"network/legacy-addresses.csv"}
    (parity,) = [one for one in found.findings if one.code == "NET-012"]
    assert "preprod lacks a route to a private range through VirtualAppliance" in parity.message
