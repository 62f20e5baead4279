"""The policy file: found, checked in one go, read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskcheck.judged import Waiver
from riskcheck.models import Service
from riskcheck.policy.load import check_rule_names, load_policy
from riskcheck.policy.model import ApprovalNeed, Budget, Freeze, Gate, Policy
from riskcheck.policy.problems import PolicyError
from tests.support import MemoryTree

DESIGN_EXAMPLE = """\
version: 1
promotion: git                       # git | pipeline | branch; declares the order of `environments`
environments:
  - {name: staging, stage: staging, soak: 24h, paths: ["**/staging/**"]}
  - {name: prod-standard, stage: prod, tier: standard, region: eastus, share: 0.2}
  - {name: prod-premium, stage: prod, tier: premium, region: eastus}
services:
  - {name: orders, owner: team-data, criticality: tier-1, rto: 30m, rpo: 15m, support: premium, sla: 15m,
     scopes: [sox], depends_on: [ledger], paths: ["pipelines/orders/**"],
     runbook: {url: docs/orders-rollback.md, exercised: 2026-10-01, duration: 12m}}
catalogs: ["**/catalog-info.yaml", CODEOWNERS]
known_addresses: [network/legacy-addresses.csv]   # addresses in use that no other file holds
files: {include: [], exclude: ["**/testdata/**"]}
gate: {require_canary: risky, incomplete: block}
freezes: [{name: quarter-end, from: 2026-12-28, to: 2027-01-03, services: [orders]}]
approvals: [{scope: sox, teams: [team-finance-controls]}]
budget: {max_increase: 15%}
rules: {packs: [policies/rules], select: [], ignore: [], options: {}, severity: {}}
waivers:
  - {rule: DAB-001, where: "databricks:volumes.tmp", environments: [prod-standard], max_level: P0,
     owner: team-data, reason: retired, until: 2027-01-31}
"""


def load(text: str, name: str = "riskcheck.yaml") -> Policy:
    return load_policy(MemoryTree({name: text}, side="base", label="main"), None)


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(text)
    return str(caught.value).splitlines()


def test_the_documented_example_is_read_in_full() -> None:
    policy = load(DESIGN_EXAMPLE)
    assert policy.promotion == "git"
    assert [(one.name, one.stage, one.tier, one.region, one.order) for one in policy.environments] == [
        ("staging", "staging", None, None, 0),
        ("prod-standard", "prod", "standard", "eastus", 1),
        ("prod-premium", "prod", "premium", "eastus", 2),
    ]
    assert policy.environments[0].soak_seconds == 86_400
    assert policy.environments[0].paths == ("**/staging/**",)
    assert policy.environments[1].share == 0.2
    assert policy.environments[1].source == "riskcheck.yaml:5"
    assert policy.services == (
        Service(
            name="orders",
            owner="team-data",
            criticality="tier-1",
            rto=1_800,
            rpo=900,
            sla=900,
            support="premium",
            scopes=("sox",),
            depends_on=("ledger",),
            paths=("pipelines/orders/**",),
            runbook_url="docs/orders-rollback.md",
            runbook_exercised="2026-10-01",
            runbook_duration=720,
            source="riskcheck.yaml:8",
        ),
    )
    assert policy.catalogs == ("**/catalog-info.yaml", "CODEOWNERS")
    assert policy.known_addresses == ("network/legacy-addresses.csv",)
    assert (policy.include, policy.exclude) == ((), ("**/testdata/**",))
    assert policy.gate == Gate("risky", "block")
    assert policy.freezes == (
        Freeze("quarter-end", 1_798_416_000, 1_799_020_800, ("orders",), (), "riskcheck.yaml:15"),
    )
    assert policy.approvals == (ApprovalNeed("sox", ("team-finance-controls",), "riskcheck.yaml:16"),)
    assert policy.budget == Budget(0.15, source="riskcheck.yaml:17")
    assert policy.rules.packs == ("policies/rules",)
    assert policy.waivers == (
        Waiver(
            "DAB-001",
            "databricks:volumes.tmp",
            "team-data",
            "retired",
            "2027-01-31",
            ("prod-standard",),
            "P0",
            "riskcheck.yaml:20",
        ),
    )
    assert policy.source == "riskcheck.yaml"
    assert re.fullmatch("[0-9a-f]{40}", policy.digest)
    assert policy.notes == ()


def test_without_a_file_the_defaults_hold() -> None:
    policy = load_policy(MemoryTree({"a.yaml": "a: 1"}), None)
    assert policy == Policy()
    assert (policy.source, policy.gate.require_canary, policy.gate.incomplete) == ("", "risky", "block")


@pytest.mark.parametrize("name", ["riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml"])
def test_the_three_names(name: str) -> None:
    assert load("version: 1\n", name).source == name


def test_two_policy_files_are_an_error() -> None:
    tree = MemoryTree({"riskcheck.yaml": "version: 1", ".riskcheck.yaml": "version: 1"})
    with pytest.raises(PolicyError, match=r"\.riskcheck\.yaml:1: there is riskcheck\.yaml, too; keep one"):
        load_policy(tree, None)


def test_a_policy_below_the_root_counts_only_when_it_is_named() -> None:
    tree = MemoryTree({"ops/riskcheck.yaml": "version: 1\npromotion: git\n"})
    assert load_policy(tree, None).source == ""
    assert load_policy(tree, "ops/riskcheck.yaml").promotion == "git"


def test_a_named_policy_that_the_deciding_tree_does_not_hold() -> None:
    with pytest.raises(PolicyError, match=r"^new\.yaml:1: is not in main, which the policy is read from$"):
        load_policy(MemoryTree({}, label="main"), "new.yaml")


def test_an_absolute_path_outside_of_the_tree_is_read_from_disk(tmp_path: Path) -> None:
    outside = tmp_path / "shared" / "policy.yaml"
    outside.parent.mkdir()
    outside.write_text("version: 1\npromotion: branch\n")
    policy = load_policy(MemoryTree({}), str(outside), root=str(tmp_path / "checkout"))
    assert (policy.promotion, policy.source) == ("branch", str(outside))


def test_an_absolute_path_inside_of_the_tree_is_read_there_and_not_from_disk(tmp_path: Path) -> None:
    (tmp_path / "riskcheck.yaml").write_text("version: 1\npromotion: branch\n")
    tree = MemoryTree({"riskcheck.yaml": "version: 1\npromotion: git\n"})
    assert load_policy(tree, str(tmp_path / "riskcheck.yaml"), root=str(tmp_path)).promotion == "git"


def test_an_absolute_path_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is no file that can be read"):
        load_policy(MemoryTree({}), str(tmp_path / "none.yaml"))


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    text = """\
version: 2
promotoin: git
environments:
  - {name: prod, stage: production}
  - {name: prod, stage: prod, share: 1.5}
  - stage: dev
services:
  - name: orders
    rto: 30 min
    rpo: 15
    criticality: tier1
    runbook: docs/rollback.md
files:
  exclude: "**/testdata/**"
freezes:
  - {name: year-end, from: 2027-01-03, to: 2026-12-28, environments: [prd]}
approvals:
  - {scope: sox, teams: []}
budget: {max_increase: 15}
waivers:
  - {rule: DAB-001, where: "a/../b", until: 31.01.2027}
"""
    assert problems(text) == [
        "riskcheck.yaml:1: version: 2 is not 1",
        "riskcheck.yaml:2: promotoin: unknown key; did you mean promotion?",
        (
            'riskcheck.yaml:4: environments[0].stage: "production" is not one of dev, staging, canary, prod; '
            "did you mean prod?"
        ),
        'riskcheck.yaml:5: environments[1].name: "prod" is also environments[0]',
        "riskcheck.yaml:5: environments[1].share: 1.5 is not between 0 and 1",
        "riskcheck.yaml:6: environments[2]: name is missing",
        'riskcheck.yaml:9: services[0].rto: "30 min" is not a duration; write 30m',
        "riskcheck.yaml:10: services[0].rpo: 15 is not a duration; write 15m",
        (
            'riskcheck.yaml:11: services[0].criticality: "tier1" is not one of tier-1, tier-2, tier-3, '
            "tier-4; did you mean tier-1?"
        ),
        'riskcheck.yaml:12: services[0].runbook: "docs/rollback.md" is not a mapping',
        'riskcheck.yaml:14: files.exclude: "**/testdata/**" is not a list',
        'riskcheck.yaml:16: freezes[0].environments: "prd" is not declared; did you mean prod?',
        "riskcheck.yaml:16: freezes[0].to: is before `from`",
        "riskcheck.yaml:18: approvals[0].teams: must not be empty",
        "riskcheck.yaml:19: budget.max_increase: 15 is not a percentage; write 15%",
        'riskcheck.yaml:21: waivers[0].until: "31.01.2027" is not a date; write 2027-01-31',
        "riskcheck.yaml:21: waivers[0].where: \"a/../b\" may not contain '..' or an empty segment",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "riskcheck.yaml:1: is empty; a policy begins with `version: 1`"),
        ("# only a comment\n", "riskcheck.yaml:1: is empty; a policy begins with `version: 1`"),
        ("- version: 1\n", "riskcheck.yaml:1: must be a mapping, not a list"),
        ("just text\n", 'riskcheck.yaml:1: "just text" is not a mapping'),
        ("promotion: git\n", "riskcheck.yaml:1: version is missing"),
        ("version: 1\nversion: 1\n", "riskcheck.yaml:2: duplicate key 'version'"),
        ("version: 1\n---\nversion: 1\n", "riskcheck.yaml:2: a policy is one document"),
        ("version: '1'\n", 'riskcheck.yaml:1: version: "1" is not 1'),
        ("version: true\n", "riskcheck.yaml:1: version: true is not 1"),
        ("version: 1\nservices: {orders: {}}\n", "riskcheck.yaml:2: services: must be a list, not a mapping"),
        (
            "version: 1\nservices:\n  - {name: 5}\n",
            'riskcheck.yaml:3: services[0].name: 5 is not text; quote it: "5"',
        ),
        ("version: 1\nservices:\n  - {name: ''}\n", "riskcheck.yaml:3: services[0].name: must not be empty"),
        (
            "version: 1\nservices:\n  - {name: a, owner: a.person@example.com}\n",
            "riskcheck.yaml:3: services[0].owner: names a person; name the team",
        ),
        (
            "version: 1\napprovals:\n  - {scope: sox, teams: ['@someone']}\n",
            "riskcheck.yaml:3: approvals[0].teams: names a person; name the team",
        ),
        (
            "version: 1\nfreezes:\n  - {name: x, from: 2027-02-30, to: 2027-03-01}\n",
            'riskcheck.yaml:3: freezes[0].from: "2027-02-30" is not a date or time; write 2026-12-28',
        ),
    ],
)
def test_one_problem(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_broken_yaml_says_where() -> None:
    (problem,) = problems("version: 1\nservices: [\n")
    assert re.match(r"riskcheck\.yaml:[23]: .", problem)


def test_an_unreadable_policy_says_why() -> None:
    with pytest.raises(PolicyError, match=r"^riskcheck\.yaml:1: riskcheck\.yaml cannot be read$"):
        load_policy(MemoryTree({}, unreadable={"riskcheck.yaml": "symlink"}), None)


def test_sections_whose_entries_are_all_commented_out_are_empty() -> None:
    text = "version: 1\nservices:\n  # - name: orders\nwaivers:\nfiles:\nrules:\ngate:\n"
    policy = load(text)
    assert (policy.services, policy.waivers, policy.exclude) == ((), (), ())
    assert policy.gate == Gate()


def test_teams_may_be_written_as_code_hosts_write_them() -> None:
    policy = load("version: 1\nservices:\n  - {name: a, owner: '@acme/team-data'}\n")
    assert policy.services[0].owner == "@acme/team-data"


def test_the_order_of_environments_means_something_only_with_promotion() -> None:
    text = "version: 1\nenvironments:\n  - {name: b, stage: staging}\n  - {name: a, stage: prod}\n"
    assert [one.order for one in load(text).environments] == [None, None]
    assert [one.order for one in load(text + "promotion: pipeline\n").environments] == [0, 1]


def test_services_that_the_policy_does_not_declare_come_with_their_line_and_the_nearest_name() -> None:
    text = """\
version: 1
services:
  - {name: orders, depends_on: [ledgr]}
  - {name: ledger}
freezes:
  - {name: x, from: 2027-01-01, to: 2027-01-02, services: [nobody]}
"""
    assert load(text).undeclared == (
        ("ledgr", "riskcheck.yaml:3: orders depends on ledgr, which is not declared; did you mean ledger?"),
        ("nobody", "riskcheck.yaml:6: freeze x names nobody, which is not declared; known: orders, ledger"),
    )


def test_a_waiver_of_an_undeclared_environment_gives_a_note() -> None:
    text = """\
version: 1
environments:
  - {name: prod-eu, stage: prod}
waivers:
  - {rule: DAB-001, where: "**", environments: [prd-eu, "prod-*"]}
"""
    assert load(text).notes == (
        'riskcheck.yaml:5: waivers[0].environments: "prd-eu" is not declared; did you mean prod-eu?',
    )


def test_a_freeze_includes_its_last_day_and_takes_times() -> None:
    text = """\
version: 1
freezes:
  - {name: day, from: 2027-01-01, to: 2027-01-01}
  - {name: hours, from: "2027-01-01T18:00:00+02:00", to: 2027-01-01T17:00:00Z}
"""
    day, hours = load(text).freezes
    midnight = 1_798_761_600
    assert (day.start, day.end) == (midnight, midnight + 86_400)
    assert (hours.start, hours.end) == (midnight + 16 * 3_600, midnight + 17 * 3_600)
    assert day.holds(midnight)
    assert day.holds(midnight + 86_399)
    assert not day.holds(midnight + 86_400)
    assert not day.holds(midnight - 1)


def test_rules_that_do_not_exist_are_told_with_their_lines() -> None:
    policy = load("""\
version: 1
rules:
  ignore: [k8s-001, replicas-reducd]
  severity: {DAB-009: P0}
waivers:
  - {rule: DAB-01, where: "**"}
""")
    known = {"K8S-001", "replicas-reduced", "DAB-009", "DAB-001"}
    with pytest.raises(PolicyError) as caught:
        check_rule_names(policy, known)
    assert str(caught.value).splitlines() == [
        "riskcheck.yaml:3: rules.ignore: no rule is called replicas-reducd; did you mean replicas-reduced?",
        "riskcheck.yaml:6: waivers[0].rule: no rule is called DAB-01; did you mean DAB-001?",
    ]
    check_rule_names(policy, known | {"replicas-reducd", "DAB-01"})


def test_rule_settings_are_read() -> None:
    rules = load("""\
version: 1
rules:
  packs: [policies/rules, acme-rules]
  select: [K8S-001]
  ignore: [DAB-009]
  options: {K8S-001: {least: 2, kinds: [Deployment]}}
  severity: {K8S-001: P1}
""").rules
    assert rules.packs == ("policies/rules", "acme-rules")
    assert rules.select == ("K8S-001",)
    assert rules.ignore == ("DAB-009",)
    assert rules.options == {"K8S-001": {"least": 2, "kinds": ["Deployment"]}}
    assert rules.severity == {"K8S-001": "P1"}
