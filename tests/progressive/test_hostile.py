"""Readers of promotion graphs and flags on whatever a file may hold: they never raise."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.progressive import applicationset, kargo
from riskcheck.progressive.flagformats import flag_of
from riskcheck.progressive.flagjumps import jump
from riskcheck.progressive.flags import is_flag_file
from riskcheck.progressive.kargo import PromotionGraph
from tests.build import body, resource

KEYS = [
    "spec",
    "metadata",
    "name",
    "namespace",
    "labels",
    "flags",
    "variants",
    "variations",
    "state",
    "on",
    "targeting",
    "fractional",
    "if",
    "rollout",
    "weight",
    "percentage",
    "enabled",
    "environments",
    "production",
    "fallthrough",
    "requestedFreight",
    "origin",
    "sources",
    "stages",
    "direct",
    "kind",
    "values",
    "availabilityStrategy",
    "requiredSoakTime",
    "promotionPolicies",
    "stageSelector",
    "matchExpressions",
    "matchLabels",
    "key",
    "operator",
    "strategy",
    "type",
    "rollingSync",
    "steps",
    "maxUpdate",
    "generators",
    "list",
    "elements",
    "template",
    "verification",
    "analysisTemplates",
    "value",
]
WORDS = [
    *KEYS,
    "RollingSync",
    "All",
    "In",
    "NotIn",
    "{{env}}",
    "prod",
    "regex:.*",
    "glob:[",
    "1h",
    "100%",
    "ENABLED",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 200),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(WORDS),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=30,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), ANYTHING, min_size=1, max_size=6)
SPECS = st.dictionaries(
    st.sampled_from(
        ["requestedFreight", "promotionPolicies", "strategy", "generators", "template", "verification"]
    ),
    ANYTHING,
    max_size=6,
)


@given(OBJECTS, OBJECTS)
@settings(max_examples=100, deadline=None)
def test_flags(before: dict[str, object], after: dict[str, object]) -> None:
    roots = [body(json.dumps(one)) for one in (before, after)]
    assert is_flag_file(roots[0]) in (True, False)
    old, new = (flag_of("x", root) for root in roots)
    for flag in new:
        for shares in (segment.shares for segment in flag.segments):
            assert shares is None or abs(sum(shares.values()) - 1) < 1e-6
        assert jump(old[0] if old else None, flag, 0.5, 0.25) != ""


@given(SPECS, SPECS)
@settings(max_examples=100, deadline=None)
def test_promotion_graphs(before: dict[str, object], after: dict[str, object]) -> None:
    for group, kind in (
        ("kargo.akuity.io", "Stage"),
        ("kargo.akuity.io", "ProjectConfig"),
        ("argoproj.io", "ApplicationSet"),
    ):
        sides = [
            resource(
                json.dumps(
                    {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "prod"}, "spec": spec}
                ),
                kind=kind,
            )
            for spec in (before, after)
        ]
        stages = [stage for side in sides if (stage := kargo.stage_of(side)) is not None]
        for stage in stages:
            graph = PromotionGraph(stages)
            graph.is_production(stage)
            kargo.policy_for(stage, kargo.policies_of(sides[1]))
            kargo.weakened(stages[0], stage, graph, graph)
        syncs = [sync for side in sides if (sync := applicationset.rolling_sync(side)) is not None]
        if len(syncs) == 2:
            applicationset.weakened(*syncs)
