"""Conditions of a repository's own rules that try to run long: each ends, and is no pass where it did not; what
a change brings does not count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import Done, riskcheck
from tests.manifests import WEB

RISKY = WEB.replace("replicas: 3", "replicas: 1")
POLICY = "version: 1\nrules: {packs: [policies/rules]}\n"
RULE = """\
id: own-rule
code: OWN-001
title: Own
severity: P2
confidence: high
reversibility: reversible
category: platform
match: {platform: kubernetes, kind: Deployment, path: spec.replicas, change: modified}
when: WHEN
message: found by its own rule
why: It is about hostile rules.
fix: Mend it.
references: ["https://example.invalid/own"]
"""
ARGUMENTS = "resource.spec.template.spec.containers[0].args"
LISTS = ", ".join(f"'{'x' * 50}{number}'" for number in range(300))
LARGE = RISKY.replace(", image:", f", args: [{LISTS}], image:")


def judged(tmp_path: Path, when: str, web: str, *, in_base: bool = True) -> Done:
    repo = GitRepo(tmp_path / "repo")
    rules = {"riskcheck.yaml": POLICY, "policies/rules/own-rule.yaml": RULE.replace("WHEN", json.dumps(when))}
    repo.commit({"clusters/prod/web.yaml": WEB, **(rules if in_base else {})})
    repo.commit({"clusters/prod/web.yaml": web, **({} if in_base else rules)})
    return riskcheck(repo.path, "diff", "HEAD~1..HEAD")


def test_a_rule_of_base_is_applied(tmp_path: Path) -> None:
    assert (
        "OWN-001"
        in judged(
            tmp_path,
            f"{ARGUMENTS}.exists(a, a == 'x')",
            WEB.replace("replicas: 3", "replicas: 1").replace(", image:", ", args: [x], image:"),
        ).out
    )


@pytest.mark.parametrize(
    "when",
    [
        f"{ARGUMENTS}.all(a, {ARGUMENTS}.all(b, a + b != 'y'))",
        f"{ARGUMENTS}.all(a, {ARGUMENTS}.exists(b, {ARGUMENTS} == {ARGUMENTS} && a < b))",
        f"{ARGUMENTS}.map(a, {ARGUMENTS}).size() > 0",
        f"{ARGUMENTS}.exists(a, a.matches('(x+x+)+y'))",
        f"{ARGUMENTS}.exists(a, a.matches('(x{{1,1000}}){{1,1000}}y'))",
    ],
)
def test_one_that_goes_through_much_ends(tmp_path: Path, when: str) -> None:
    done = judged(tmp_path, when, LARGE)
    assert done.code in (0, 1, 2)
    assert "K8S-001" in done.out or done.code == 2


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("[1].all(a, [1].all(b, [1].all(c, true)))", "nested more than 2 deep"),
        ("'a'.replace('a', 'aa').replace('a', 'aa') == ''", "called more than 1 time"),
        ("true && " * 1_000 + "true", "longer than 2000 characters"),
        ("(" * 900 + "true" + ")" * 900, "own-rule.yaml"),
        ("[1].map(a, a", "own-rule.yaml"),
    ],
)
def test_one_that_could_is_refused_with_its_place(tmp_path: Path, when: str, said: str) -> None:
    done = judged(tmp_path, when, RISKY)
    assert done.code in (1, 2) and said in " ".join(done.said.split())


def test_those_that_a_change_brings_do_not_count(tmp_path: Path) -> None:
    done = judged(tmp_path, f"{ARGUMENTS}.all(a, {ARGUMENTS}.all(b, a + b != 'y'))", LARGE, in_base=False)
    assert "K8S-001" in done.out and "OWN-001" not in done.out
