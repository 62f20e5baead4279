from __future__ import annotations

from collections.abc import Iterable

from riskcheck.rules.checks.weaknesses import Weakness, matches
from riskcheck.rules.context import Contexts
from riskcheck.rules.load import load_rules
from tests.build import changes


def test_two_rules_about_one_resource_are_each_told_their_own() -> None:
    (change,) = changes("{a: 1}", "{a: 2}")
    contexts = Contexts([], [], [change], lambda _: lambda field: ())
    context = contexts(load_rules(use_cache=False).rules[0], change)

    def slower() -> Iterable[Weakness]:
        return [Weakness("slower", change.node_before, change.node_after)]

    def smaller() -> Iterable[Weakness]:
        return [Weakness("smaller", change.node_before, change.node_after)]

    said = [match.values for find in (slower, smaller) for match in matches(change, context, find)]
    assert [values["what"] for values in said if values is not None] == ["slower", "smaller"]
