"""Traffic shares that stand in manifests: Istio, Gateway API, Databricks serving."""

from __future__ import annotations

from textwrap import dedent

import pytest

from riskcheck.progressive.read import deliveries, flows_through
from tests import build
from tests.progressive.manifests import edits, held, only, read, resources, rollout, steps

V1 = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-v1, namespace: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: web, version: v1}}
  template:
    metadata: {labels: {app: web, version: v1}}
    spec: {containers: [{name: web, image: "registry.example/web:1.4.2"}]}
"""
V2 = V1.replace("v1}", "v2}").replace("web-v1", "web-v2")
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web.shop.svc.cluster.local
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
"""


def virtual_service(*weights: tuple[str, str]) -> str:
    """A VirtualService whose one route has these subsets and weights."""
    routes = "".join(
        f"        - {{destination: {{host: web, subset: {subset}}}{weight}}}\n" for subset, weight in weights
    )
    return (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\n"
        f"spec:\n  hosts: [web]\n  http:\n    - route:\n{routes}"
    )


MESH = virtual_service(("v1", ", weight: 95"), ("v2", ", weight: 5"))


def test_the_least_share_comes_first_and_somebody_moves_it() -> None:
    found = only(MESH)
    assert (found.controller, found.strategy, found.abort) == ("istio", "split", "manual")
    assert held(found) == [(0.05, None, False), (1.0, 0, False)]
    assert found.governed == ("Service", "web", "shop")
    assert found.exposed == frozenset()


def test_shares_are_weights_over_their_sum() -> None:
    assert only(virtual_service(("v1", ", weight: 1"), ("v2", ", weight: 1"))).first_share == 0.5
    assert only(virtual_service(("v1", ", weight: 3"), ("v2", ", weight: 1"))).first_share == 0.25


@pytest.mark.parametrize(
    "weights",
    [
        (("v1", ""),),
        (("v1", ", weight: 100"), ("v2", ", weight: 0")),
        (("v1", ", weight: 0"), ("v2", ", weight: 0")),
        (("v1", ", weight: x"), ("v2", ", weight: [1]")),
    ],
)
def test_one_destination_that_gets_everything_is_no_delivery(weights: tuple[tuple[str, str], ...]) -> None:
    assert read(virtual_service(*weights)) == ()


def test_only_the_workload_behind_the_least_share_flows_through_it() -> None:
    before = "---\n".join([MESH, RULE, SERVICE, V1, V2])
    found = only(before)
    assert found.exposed == {"kubernetes:Deployment.shop/web-v2"}
    after = before.replace("replicas: 4", "replicas: 5")
    first, second = edits(before, after)
    assert flows_through(found, second) == (True, "only 5 % of the traffic of VirtualService web reaches it")
    assert not flows_through(found, first)[0]


def test_weights_that_a_controller_moves_are_not_read_as_committed() -> None:
    routed = rollout(
        steps("setWeight: 10", "pause: {}", more="trafficRouting: {istio: {virtualService: {name: web}}}\n")
    )
    (found,) = read(MESH, routed)
    assert found.controller == "argo-rollouts"


def test_the_gateway_api_counts_a_missing_weight_as_one() -> None:
    route = """\
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: web, namespace: shop}
    spec:
      rules:
        - backendRefs: [{name: web-v1, port: 80, weight: 9}, {name: web-v2, port: 80}]
        - backendRefs: [{name: web-v1, port: 80}]
        - backendRefs: [{name: web-v1, weight: 1}, {name: web-v2, weight: 0}]
    """
    services = [
        SERVICE.replace("name: web", f"name: web-{v}").replace("app: web", f"version: {v}")
        for v in ("v1", "v2")
    ]
    found = only(dedent(route), *services, V1, V2)
    assert found.controller == "gateway-api"
    assert found.first_share == 0.1
    assert found.exposed == {"kubernetes:Deployment.shop/web-v2"}


ENDPOINT = """\
config:
  served_entities:
    - {name: old, entity_name: m, entity_version: "3"}
    - {name: new, entity_name: m, entity_version: "4"}
  traffic_config:
    routes:
      - {served_entity_name: old, traffic_percentage: 90}
      - {served_entity_name: new, traffic_percentage: 10}
"""


def test_a_served_entity_with_the_least_traffic_is_the_canary() -> None:
    endpoint = build.resource(ENDPOINT, kind="model_serving_endpoints", platform="databricks", name="churn")
    (found,) = deliveries([endpoint])
    assert found.controller == "databricks-serving"
    assert held(found) == [(0.1, None, False), (1.0, 0, False)]
    after = ENDPOINT.replace('"4"', '"5"').replace('"3"', '"6"')
    from riskcheck.changes.compare import compare

    head = build.resource(after, kind="model_serving_endpoints", platform="databricks", name="churn")
    base = build.resource(
        ENDPOINT, "base", kind="model_serving_endpoints", platform="databricks", name="churn"
    )
    changes = compare([base], [head], lambda _: lambda field: ("name",))
    old, new = sorted(changes, key=lambda change: str(change.before))
    assert flows_through(found, new) == (
        True,
        "only 10 % of the requests of model_serving_endpoints churn reach it",
    )
    assert not flows_through(found, old)[0]


@pytest.mark.parametrize(
    "text",
    ["config: []", "config: {traffic_config: {routes: [null, {served_entity_name: a}]}}", "name: x"],
)
def test_endpoints_without_a_split_declare_nothing(text: str) -> None:
    assert deliveries([build.resource(text, kind="model_serving_endpoints", platform="databricks")]) == ()


def test_other_resources_declare_nothing() -> None:
    assert deliveries(resources(V1, SERVICE, RULE)) == ()
    assert deliveries([]) == ()
