"""Whatever stands in a manifest, it is read without raising, and shares stay shares."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskcheck.progressive.read import deliveries
from tests import build

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-200, 2000),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(
        ["10m", "0", "1h30m", "*", "web", "{{args.n}}", "50%", "", "no", "result[0] >= 0.99", "9" * 30]
    ),
)
KEYS = st.sampled_from(
    [
        "analyses",
        "analysis",
        "args",
        "metricName",
        "backendRefs",
        "config",
        "blueGreen",
        "canary",
        "clusterScope",
        "count",
        "experiment",
        "destination",
        "dryRun",
        "duration",
        "failureLimit",
        "fault",
        "host",
        "http",
        "interval",
        "iterations",
        "kind",
        "targetRef",
        "labels",
        "limit",
        "match",
        "maxTrafficWeight",
        "maxWeight",
        "metadata",
        "metrics",
        "min",
        "max",
        "mirror",
        "name",
        "pause",
        "paused",
        "plugin",
        "prePromotionAnalysis",
        "provider",
        "replicas",
        "route",
        "routes",
        "rules",
        "served_entity_name",
        "setCanaryScale",
        "setWeight",
        "skipAnalysis",
        "spec",
        "startingStep",
        "stepWeight",
        "stepWeights",
        "steps",
        "strategy",
        "subset",
        "successCondition",
        "suspend",
        "template",
        "templateName",
        "templates",
        "threshold",
        "thresholdRange",
        "trafficRouting",
        "traffic_config",
        "traffic_percentage",
        "type",
        "webhooks",
        "weight",
        "workloadRef",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=25,
)
SPECS = st.dictionaries(KEYS, VALUES, max_size=6)
STEPS = st.lists(st.dictionaries(KEYS, VALUES, max_size=2) | SCALARS, max_size=6)


@settings(max_examples=150, deadline=None)
@given(spec=SPECS, steps=STEPS, analysis=SPECS)
@example(spec={}, steps=[], analysis={"stepWeights": [-1]})
def test_any_shape_is_read(spec: dict[str, object], steps: list[object], analysis: dict[str, object]) -> None:
    shapes: dict[str, tuple[str, dict[str, object]]] = {
        "Rollout": (
            "argoproj.io/v1alpha1",
            {"template": {}, "strategy": {"canary": {"steps": steps, "analysis": analysis}}},
        ),
        "AnalysisTemplate": ("argoproj.io/v1alpha1", {"metrics": steps, "dryRun": steps}),
        "Canary": ("flagger.app/v1beta1", {"targetRef": {"name": "web"}, "analysis": analysis}),
        "VirtualService": ("networking.istio.io/v1", {"http": steps}),
        "HTTPRoute": ("gateway.networking.k8s.io/v1", {"rules": steps}),
    }
    resources = [
        build.resource(
            json.dumps({"apiVersion": version, "metadata": {"name": "web"}, "spec": {**spec, **stated}}),
            kind=kind,
        )
        for kind, (version, stated) in shapes.items()
    ]
    body = json.dumps({"config": {"traffic_config": {"routes": steps}, **spec}})
    resources.append(build.resource(body, kind="model_serving_endpoints", platform="databricks"))
    for found in deliveries(resources):
        assert found.steps
        assert all(step.share is None or 0 <= step.share <= 1 for step in found.steps)
        assert all(step.actual is None or 0 <= step.actual <= 1 for step in found.steps)
        assert 0 <= found.first_share <= 1
        assert found.soak_seconds >= 0
