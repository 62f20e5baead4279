"""Kargo's promotion graph and Argo CD's progressive syncs, read from manifests as the platform resolves them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from riskcheck.progressive import applicationset, kargo
from riskcheck.progressive.kargo import KargoStage, PromotionGraph
from riskcheck.progressive.namepatterns import name_matches
from tests.build import resource


def stage(name: str, sources: str, *, labels: str = "{}", origin: str = "shop") -> KargoStage:
    text = f"""\
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Stage
        metadata: {{name: {name}, namespace: shop, labels: {labels}}}
        spec:
          requestedFreight: [{{origin: {{name: {origin}}}, sources: {sources}}}]
        """
    found = kargo.stage_of(resource(dedent(text), kind="Stage", name=name))
    assert found is not None
    return found


def graph(**sources: str) -> PromotionGraph:
    return PromotionGraph(stage(name, text) for name, text in sources.items())


def weakened(before: str, after: str, **others: str) -> str | None:
    sides = [graph(prod=text, **others) for text in (before, after)]
    return kargo.weakened(sides[0].stages["prod"], sides[1].stages["prod"], *sides)


def test_a_stage_is_read_as_kargo_reads_it() -> None:
    found = stage("uat", "{stages: [dev], requiredSoakTime: 1h30m0s}").requests[0]
    assert (found.origin, found.direct, found.stages, found.every) == (
        "Warehouse/shop",
        False,
        ("dev",),
        False,
    )
    assert found.soak_seconds == 5400


def test_other_kinds_called_stage_are_left_alone() -> None:
    text = "apiVersion: example.com/v1\nkind: Stage\nmetadata: {name: prod}\n"
    assert kargo.stage_of(resource(text, kind="Stage")) is None


@pytest.mark.parametrize(
    ("before", "after", "weaker"),
    [
        ("{stages: [a]}", "{direct: true}", True),
        ("{direct: true}", "{stages: [a]}", False),
        ("{stages: [a, b], availabilityStrategy: All}", "{stages: [a, b]}", True),
        ("{stages: [a, b]}", "{stages: [a, b], availabilityStrategy: All}", False),
        ("{stages: [a, b]}", "{stages: [a]}", False),
        ("{stages: [a]}", "{stages: [a, b]}", True),
        ("{stages: [a, b], availabilityStrategy: All}", "{stages: [b, a], availabilityStrategy: All}", False),
        ("{stages: [a, b], availabilityStrategy: All}", "{stages: [a], availabilityStrategy: All}", True),
        ("{stages: [a], requiredSoakTime: 2h}", "{stages: [a]}", True),
        ("{stages: [a], requiredSoakTime: 2h}", "{stages: [a], requiredSoakTime: 120m}", False),
        ("{stages: []}", "{stages: [a]}", False),
    ],
)
def test_less_is_asked_only_where_more_may_pass(before: str, after: str, weaker: bool) -> None:
    assert (weakened(before, after) is not None) is weaker


def test_what_a_stage_waits_for_itself_is_asked_for_still() -> None:
    all_of = "{stages: [a, b], availabilityStrategy: All}"
    assert weakened(all_of, "{stages: [b]}", b="{stages: [a]}") is None
    assert weakened(all_of, "{stages: [b]}", b="{stages: [a, c]}") is not None


def test_stages_that_wait_for_each_other_end() -> None:
    around = graph(a="{stages: [b]}", b="{stages: [a]}")
    assert around.passed("a", "Warehouse/shop") == {"a", "b"}


def test_many_stages_that_all_wait_for_each_other_are_read_once_each() -> None:
    names = [f"s{number}" for number in range(60)]
    wide = graph(**{name: f"{{stages: [{', '.join(names[:number])}]}}" for number, name in enumerate(names)})
    assert "s59" in wide.passed("s59", "Warehouse/shop")


def test_production_is_told_by_name_then_label_then_place() -> None:
    named = graph(dev="{direct: true}", prod="{stages: [dev]}", audit="{stages: [prod]}")
    assert [name for name, one in named.stages.items() if named.is_production(one)] == ["prod"]
    labelled = PromotionGraph([stage("live-7", "{direct: true}", labels="{example.com/env: production}")])
    assert labelled.is_production(labelled.stages["live-7"])
    placed = graph(one="{direct: true}", two="{stages: [one]}", three="{stages: [two]}")
    assert [name for name, one in placed.stages.items() if placed.is_production(one)] == ["three"]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("prod", "prod", True),
        ("prod", "prod-eu", False),
        ("glob:prod-*", "prod-eu", True),
        ("glob:[", "prod", False),
        ("regex:^prod(-eu|-us)$", "prod-us", True),
        ("regexp:rod", "prod", True),
        ("regex:(a+)+$", "aaaa", False),
        ("regex:(", "prod", False),
        ("other:prod", "prod", False),
    ],
)
def test_patterns_of_names(pattern: str, name: str, matches: bool) -> None:
    assert name_matches(pattern, name) is matches


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  generators: [{list: {elements: [{c: a, env: dev}, {c: b, env: prod}]}}]
  strategy:
    type: RollingSync
    rollingSync:
      steps:
        - matchExpressions: [{key: env, operator: In, values: [dev]}]
        - {matchExpressions: [{key: env, operator: NotIn, values: [dev]}], maxUpdate: 25%}
  template: {metadata: {name: "{{ .c }}-web", labels: {env: "{{.env}}"}}}
"""


def test_an_application_set_is_read_with_the_applications_that_it_makes() -> None:
    found = applicationset.rolling_sync(resource(SET, kind="ApplicationSet"))
    assert found is not None
    assert found.steps is not None
    assert [step.most for step in found.steps] == [None, "25%"]
    assert found.applications is not None
    assert [(one.name, one.production) for one in found.applications] == [("a-web", False), ("b-web", True)]
    assert [found.step_of(one) for one in found.applications] == [0, 1]


@pytest.mark.parametrize("generators", ["[{clusters: {}}]", "[]", "3", "[{list: {elements: x}}]", "null"])
def test_what_generators_ask_elsewhere_is_not_known(generators: str) -> None:
    text = SET.replace("[{list: {elements: [{c: a, env: dev}, {c: b, env: prod}]}}]", generators)
    found = applicationset.rolling_sync(resource(text, kind="ApplicationSet"))
    assert found is not None
    assert found.applications is None
