"""`files.include` and `files.exclude` of the policy decide what is analysed."""

from __future__ import annotations

from riskcheck.in_memory import analyze_trees
from riskcheck.rules.load import load_rules

POLICY = "version: 1\nfiles: {include: ['settings/**'], exclude: ['**/generated/**']}\n"


def changed(policy: str, path: str) -> tuple[str, ...]:
    base = {"riskcheck.yaml": policy.encode(), path: b"limit: 3\n"}
    report = analyze_trees(base, {**base, path: b"limit: 2\n"}, load_rules(use_cache=False).rules)
    return tuple(one.resource for one in report.changed)


def test_a_file_without_an_environment_is_analysed_only_where_it_is_named() -> None:
    assert changed("version: 1\n", "settings/limits.yaml") == ()
    assert changed(POLICY, "settings/limits.yaml") != ()


def test_an_excluded_file_is_not_looked_at() -> None:
    assert changed(POLICY, "prod/limits.yaml") != ()
    assert changed(POLICY, "prod/generated/limits.yaml") == ()
