"""Sets that a policy names: read from the tree that decides, refused with all that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from riskcheck.data import data_dir
from riskcheck.in_memory import analyze_trees
from riskcheck.network.coupled.read import builtin_sets
from riskcheck.policy.coupled import read_set
from riskcheck.policy.load import load_policy
from riskcheck.policy.problems import PolicyError
from riskcheck.rules.load import load_rules
from tests.support import MemoryTree

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "coupled.schema.json").read_text())
FILES = sorted(data_dir("rules").glob("network/coupled/*.yaml"))
POLICY = "version: 1\nrules: {coupled: [policies/coupled]}\n"
SET = """\
id: partner-vpn
title: a tunnel to a partner
anchor: {kinds: [aws_customer_gateway]}
members:
  - {id: firewall, label: firewall, ways: [{kinds: [paloalto_address], changed: true}]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policy(MemoryTree({"riskcheck.yaml": POLICY, "policies/coupled/vpn.yaml": text}), None)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_own_sets_are_sound(path: Path) -> None:
    found, wrong = read_set(MemoryTree({path.name: path.read_bytes()}), path.name)
    assert wrong == ()
    assert found is not None
    assert found.id == path.stem
    jsonschema.validate(YAML(typ="safe").load(path.read_text()), SCHEMA)
    known = {"anchor", *dict(found.anchor.names)}
    for member in found.members:
        for way in member.ways:
            assert way.to in {"", *known}, (member.id, way.to)
            assert way.covers in {"", *known}, (member.id, way.covers)
        known.add(member.id)
    assert {one.of for one in (*found.breaks, *found.harmless)} <= {"", *known}


def test_they_ship_in_order() -> None:
    assert [one.id for one in builtin_sets()] == [path.stem for path in FILES]


def test_a_repository_brings_its_own() -> None:
    policy = load_policy(MemoryTree({"riskcheck.yaml": POLICY, "policies/coupled/vpn.yaml": SET}), None)
    assert [(one.id, one.source) for one in policy.rules.sets] == [
        ("partner-vpn", "policies/coupled/vpn.yaml")
    ]


def test_a_folder_without_sets_is_told() -> None:
    policy = load_policy(MemoryTree({"riskcheck.yaml": POLICY}), None)
    assert policy.rules.sets == ()
    assert policy.notes == ("riskcheck.yaml: rules.coupled names policies/coupled, which holds no sets yet",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: partner-vpn", "id: new-subnet", "the id new-subnet is taken by"),
        ("title", "tittle", "policies/coupled/vpn.yaml:2: tittle: unknown key; did you mean title"),
        ("changed: true", "changed: yes please", "members[0].ways[0].changed"),
        (
            ", ways: [{kinds: [paloalto_address], changed: true}]",
            "",
            "members[0]: says no `ways` and no `lists`",
        ),
        (SET, "", "is empty"),
        (SET, "- 1\n", "must be a mapping, not a list"),
        (SET, "a: [\n", "policies/coupled/vpn.yaml:"),
    ],
)
def test_what_is_wrong_has_its_line(old: str, new: str, said: str) -> None:
    assert any(said in problem for problem in problems(SET.replace(old, new)))


def test_a_set_outside_of_the_repository_is_refused() -> None:
    with pytest.raises(PolicyError, match="is not in the repository"):
        load_policy(MemoryTree({"riskcheck.yaml": "version: 1\nrules: {coupled: [../sets]}\n"}), None)


def test_a_change_that_breaks_a_set_is_told() -> None:
    base = {"riskcheck.yaml": POLICY.encode(), "policies/coupled/vpn.yaml": SET.encode()}
    head = {**base, "policies/coupled/vpn.yaml": SET.replace("title", "tittle").encode()}
    told = [one for one in analyze_trees(base, head, ()).limitations if one.kind == "policy-error"]
    assert told
    assert all(one.failed and "every run would stop here" in one.message for one in told)


def test_the_set_of_the_network_page_is_sound_and_finds_something() -> None:
    page = (Path(__file__).parents[2] / "docs" / "network.md").read_text("utf-8")
    policy, text, *_ = [block.partition("```")[0] for block in page.split("```yaml\n")[1:]]
    rule = load_rules(use_cache=False).get("NET-004")
    assert rule is not None
    gateway = 'resource "aws_customer_gateway" "partner" {\n  ip_address = "203.0.113.20"\n}\n'
    base = {
        "riskcheck.yaml": policy.encode(),
        "policies/coupled/partner-vpn.yaml": text.encode(),
        "live/prod/main.tf": f'{gateway}resource "panos_address_object" "partner" {{}}\n'.encode(),
    }
    head = {**base, "live/prod/main.tf": base["live/prod/main.tf"].replace(b".20", b".21")}
    (found,) = analyze_trees(base, head, [rule]).findings
    assert "firewall of the data centre (live/prod/main.tf:4): the data centre refuses" in found.message


def test_the_network_page_names_every_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "network.md").read_text("utf-8")
    for one in builtin_sets():
        assert f"| {one.id} |" in page


def test_a_set_in_a_pack_is_no_rule() -> None:
    policy = "version: 1\nrules: {packs: [policies], coupled: [policies/coupled]}\n"
    rule = """\
id: own-rule
code: OWN-001
title: own
severity: P3
confidence: high
reversibility: reversible
category: platform
match: {platform: terraform, kind: aws_eip}
message: own
why: own
fix: own
false_positives: [none]
references: ["https://example.com"]
since: "0.1"
"""
    base = {
        "riskcheck.yaml": policy.encode(),
        "policies/net/own-rule.yaml": rule.encode(),
        "policies/coupled/vpn.yaml": SET.encode(),
    }
    found = load_rules(["policies"], MemoryTree(base), use_cache=False)
    assert found.get("own-rule") is not None
    assert found.get("partner-vpn") is None
    head = {**base, "policies/coupled/vpn.yaml": SET.replace("to a partner", "to our partner").encode()}
    report = analyze_trees(base, head, found.rules)
    assert (report.findings, report.limitations) == ((), ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [("", "partner-vpn"), ("Partner VPN", "partner-vpn"), ("7", "partner-vpn"), ("[", None)],
)
def test_a_name_of_another_form_is_told_with_its_line(written: str, meant: str | None) -> None:
    told = problems(SET.replace("partner-vpn", written, 1))
    assert told[0].startswith("policies/coupled/vpn.yaml:")
    assert meant is None or f"is not a lower-case name with hyphens; write {meant}" in told[0]


@pytest.mark.parametrize("text", [">\n+\n", "? |\n  a\n  b\n: x\n", '"a\\u2028b"\n', "id: |\n  a\n  b\n"])
def test_each_problem_is_told_in_one_line(text: str) -> None:
    assert all(line.startswith("policies/coupled/vpn.yaml:") for line in problems(text))
