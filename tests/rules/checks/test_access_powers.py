from __future__ import annotations

import pytest

from riskcheck.models import Resource
from riskcheck.rules.checks.access_powers import EVERYTHING, Power, gained, is_covered, powers
from riskcheck.rules.checks.access_subjects import Subject, held_by, subject_of
from riskcheck.rules.checks.kubernetes_objects import items_at
from riskcheck.rules.context import Resources
from tests.build import body, resource


def rules(text: str) -> list[Power]:
    return list(powers(items_at(body(f"rules: {text}"), "rules")))


def opened(now: str, before: str = "[]") -> list[str]:
    held = rules(before)
    return [danger.what for power in rules(now) for danger in gained(power, held)]


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("[{apiGroups: [''], resources: [secrets], verbs: [list]}]", ["read secrets"]),
        ("[{apiGroups: ['*'], resources: [secrets], verbs: ['*']}]", ["read secrets", "write secrets"]),
        ("[{apiGroups: [''], resources: ['*/exec'], verbs: [create]}]", ["run commands in pods"]),
        ("[{apiGroups: [''], resources: ['pods/exec'], verbs: [create]}]", ["run commands in pods"]),
        ("[{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]", ["do everything"]),
        ("[{apiGroups: [''], resources: [users], verbs: [impersonate]}]", ["impersonate others"]),
        ("[{apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [one]}]", []),
        (
            "[{apiGroups: [apps], resources: ['*'], verbs: ['*']}]",
            ["do everything with all resources of apps"],
        ),
        ("[{apiGroups: [apps], resources: [deployments], verbs: ['*']}]", ["do everything with deployments"]),
        ("[{apiGroups: [shop.example], resources: ['*'], verbs: ['*']}]", []),
        ("[{nonResourceURLs: ['*'], verbs: ['*']}]", []),
    ],
)
def test_what_a_rule_opens(rule: str, what: list[str]) -> None:
    assert opened(rule) == what


def test_nothing_is_gained_twice() -> None:
    wide = "[{apiGroups: [''], resources: ['*'], verbs: [get, list]}]"
    assert opened("[{apiGroups: [''], resources: [secrets], verbs: [watch, get]}]", wide) == []
    assert not list(gained(EVERYTHING, [EVERYTHING]))


def test_a_privileged_constraint_by_name_or_for_all() -> None:
    group = "apiGroups: [security.openshift.io], resources: [securitycontextconstraints], verbs: [use]"
    named = f"[{{{group}, resourceNames: [anyuid, restricted-v2]}}]"
    assert opened(named) == ["run pods under the constraint anyuid"]
    assert opened(f"[{{{group}}}]") == ["run pods under the constraint privileged"]
    assert opened(named, f"[{{{group}}}]") == []


def test_objects_of_some_names_are_covered_by_more_names() -> None:
    narrow = rules("[{apiGroups: [''], resources: [pods], verbs: [get], resourceNames: [a]}]")
    wide = rules("[{apiGroups: [''], resources: [pods], verbs: [get], resourceNames: [a, b]}]")
    assert is_covered(narrow[0], wide)
    assert not is_covered(wide[0], narrow)
    assert not is_covered(rules("[{apiGroups: [''], resources: [pods], verbs: [get]}]")[0], wide)


def binding(text: str, kind: str, name: str) -> Resource:
    return resource(text, kind=kind, name=name)


def test_what_a_subject_holds_where() -> None:
    role = binding("rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]", "ClusterRole", "reader")
    subjects = "subjects: [{kind: ServiceAccount, name: sync, namespace: ops}, {kind: Group, name: team}]"
    bound = binding(f"roleRef: {{kind: ClusterRole, name: reader}}\n{subjects}", "RoleBinding", "shop/reader")
    view = Resources([role, bound])
    account = Subject("ServiceAccount", "ops", "sync")
    assert len(held_by(account, "shop", bound, view)) == 1
    assert held_by(account, "ops", bound, view) == []
    assert held_by(account, None, bound, view) == []
    admins = binding(
        "roleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: Group, name: team}]",
        "ClusterRoleBinding",
        "admins",
    )
    assert held_by(Subject("Group", "", "team"), "ops", admins, Resources([admins])) == [EVERYTHING]


def test_subjects_in_words() -> None:
    assert str(subject_of(body("{kind: ServiceAccount, name: a}"), "shop")) == "service account shop/a"
    assert (
        str(subject_of(body("{kind: User, name: 'system:serviceaccount:x:y'}"), "")) == "service account x/y"
    )
    everybody = subject_of(body("{kind: Group, name: 'system:unauthenticated'}"), "")
    assert everybody.everybody
    assert str(everybody) == "everybody, without a login"
    # An account may be called like a group and is none.
    assert not subject_of(body("{kind: ServiceAccount, name: 'system:authenticated'}"), "shop").everybody
