"""Which rules see which change, and as what: the value itself, or one inside a block that came or went."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from riskcheck.models import Change, Rule
from riskcheck.nodes import MISSING, render_path
from riskcheck.rules.selection import RuleIndex
from tests.rules.samples import changes_of, natural_keys, rule

BASE = """\
spec:
  replicas: 3
  probe: {path: /, port: 80}
  containers:
    - {name: web, image: web:1, limits: {memory: 1Gi}}
    - {name: log, image: log:1}
"""


def selected(one: Rule, changes: Sequence[Change]) -> list[tuple[str, str, object, object]]:
    """(path, kind, before, after) of what the rule is shown."""
    index = RuleIndex([one], natural_keys)
    return [
        (render_path(found.change.path), found.change.kind, found.change.before, found.change.after)
        for change in changes
        for found in index.select(change)
    ]


@pytest.mark.parametrize(
    ("selection", "sees"),
    [
        ({}, True),
        ({"platform": "kubernetes"}, True),
        ({"platform": "databricks"}, False),
        ({"kinds": ["Deployment", "StatefulSet"]}, True),
        ({"kinds": ["StatefulSet"]}, False),
        ({"changes": ["modified", "added"]}, True),
        ({"changes": ["removed"]}, False),
    ],
)
def test_platform_kind_and_change_select(selection: dict[str, str | list[str]], sees: bool) -> None:
    changes = changes_of(BASE, BASE.replace("replicas: 3", "replicas: 2"))
    one = rule(["spec.replicas"], **selection)  # type: ignore[arg-type]  # by name
    assert selected(one, changes) == ([("spec.replicas", "modified", 3, 2)] if sees else [])


def test_a_rule_without_path_sees_every_change_once() -> None:
    changes = changes_of(BASE, BASE.replace("  probe: {path: /, port: 80}\n", "").replace("3", "2"))
    assert [path for path, *_ in selected(rule(), changes)] == [
        render_path(change.path) for change in changes
    ]


def test_a_removed_block_is_looked_into() -> None:
    changes = changes_of(BASE, BASE.replace("  probe: {path: /, port: 80}\n", ""))
    assert selected(rule(["spec.probe.port"]), changes) == [("spec.probe.port", "removed", 80, MISSING)]


def test_an_added_block_is_looked_into() -> None:
    changes = changes_of(BASE.replace(", limits: {memory: 1Gi}", ""), BASE)
    assert selected(rule(["**.memory"]), changes) == [
        ("spec.containers[web].limits.memory", "added", MISSING, "1Gi")
    ]


def test_items_of_a_removed_list_keep_their_names() -> None:
    changes = changes_of(BASE, BASE.partition("  containers:")[0])
    assert [path for path, *_ in selected(rule(["spec.containers[].image"]), changes)] == [
        "spec.containers[web].image",
        "spec.containers[log].image",
    ]


def test_a_value_that_becomes_a_mapping_is_looked_into_on_that_side() -> None:
    changes = changes_of("a: 1\n", "a: {b: 2}\n")
    assert selected(rule(["a.b"]), changes) == [("a.b", "added", MISSING, 2)]


def test_the_kind_of_change_is_that_of_the_value_shown() -> None:
    changes = changes_of(BASE, BASE.replace("  probe: {path: /, port: 80}\n", ""))
    assert selected(rule(["spec.probe.port"], changes=["modified"]), changes) == []


def test_a_rule_is_shown_the_outermost_place_only() -> None:
    changes = changes_of(BASE, BASE.replace("  probe: {path: /, port: 80}\n", ""))
    assert [path for path, *_ in selected(rule(["spec.**"]), changes)] == ["spec.probe"]


def test_whole_resources_are_not_looked_into() -> None:
    changes = changes_of(BASE, None)
    assert selected(rule(["spec.replicas"]), changes) == []
    assert [(path, kind) for path, kind, *_ in selected(rule(["", "spec.replicas"]), changes)] == [
        ("", "removed")
    ]


def test_within_names_the_block() -> None:
    changes = changes_of(BASE, BASE.replace("  probe: {path: /, port: 80}\n", ""))
    index = RuleIndex([rule(["spec.probe"]), rule(["spec.probe.port"])], natural_keys)
    assert [found.within for found in index.select(changes[0])] == [None, ("spec", "probe")]


def test_secrets_inside_a_block_are_hidden() -> None:
    changes = changes_of("a: {}\n", "a: {login: {password: hunter2}}\n")
    assert selected(rule(["a.login.password"]), changes) == [
        ("a.login.password", "added", MISSING, "<redacted>")
    ]


def test_rules_come_in_the_order_in_which_they_were_given() -> None:
    rules = [rule(["spec.**"], id="b"), rule(["spec.replicas"], id="a"), rule(id="c")]
    change = changes_of(BASE, BASE.replace("replicas: 3", "replicas: 2"))[0]
    assert [found.rule.id for found in RuleIndex(rules, natural_keys).select(change)] == ["b", "a", "c"]


def test_other_subjects_are_left_to_others() -> None:

    one = rule()
    beside = one._replace(match=one.match._replace(subject="finding"))
    assert selected(beside, changes_of(BASE, BASE.replace("3", "2"))) == []
