from __future__ import annotations

import pytest

from riskcheck.rules.checks.entrances import class_of, encrypted, entrances, role_of_kind
from riskcheck.rules.checks.load_balancers import is_public, reach_of
from riskcheck.rules.checks.route_backends import backends_of, certified, covers, hosts_of
from tests.build import resource

INGRESS = """
apiVersion: networking.k8s.io/v1
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: fallback, port: {name: http}}}
  tls: [{secretName: shop, hosts: [Shop.example]}]
  rules:
    - host: Shop.example
      http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}, {backend: {resource: {kind: Bucket}}}]}
"""
OLD = """
apiVersion: extensions/v1beta1
spec: {rules: [{http: {paths: [{backend: {serviceName: web, servicePort: http}}]}}]}
"""
HTTP = """
apiVersion: gateway.networking.k8s.io/v1
spec:
  parentRefs: [{name: public, sectionName: https}, {name: internal}]
  hostnames: [shop.example]
  rules:
    - backendRefs: [{name: web, port: 80}, {name: bucket, kind: Bucket}, {name: api, namespace: api, port: 81}]
"""
ROUTE = """
apiVersion: route.openshift.io/v1
spec:
  host: shop.example
  to: {kind: Service, name: web}
  alternateBackends: [{kind: Service, name: web-2}]
  port: {targetPort: http}
  tls: {termination: reencrypt}
"""
MESH = """
apiVersion: networking.istio.io/v1
spec:
  hosts: [shop.example]
  gateways: [edge/public]
  http:
    - route:
        - {destination: {host: web, port: {number: 80}}}
        - {destination: {host: api.back.svc.cluster.local}}
        - {destination: {host: www.partner.example}}
"""


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (INGRESS, "Ingress", [("fallback", "shop", "http"), ("web", "shop", "80")]),
        (OLD, "Ingress", [("web", "shop", "http")]),
        (HTTP, "HTTPRoute", [("web", "shop", "80"), ("api", "api", "81")]),
        (ROUTE, "Route", [("web", "shop", "http"), ("web-2", "shop", "http")]),
        (MESH, "VirtualService", [("web", "shop", "80"), ("api", "back", "")]),
        (INGRESS.replace("networking.k8s.io", "networking.internal.knative.dev"), "Ingress", []),
        ("spec: {rules: [1, {http: {paths: {a: 1}}}]}\napiVersion: networking.k8s.io/v1", "Ingress", []),
    ],
)
def test_where_requests_are_led(text: str, kind: str, expected: list[tuple[str, str, str]]) -> None:
    assert [one[:3] for one in backends_of(resource(text, kind=kind, name="shop/web"))] == expected


def test_hosts_are_lower_case() -> None:
    assert hosts_of(resource(INGRESS, kind="Ingress")) == ("shop.example",)
    assert [(one.secret, one.hosts) for one in certified(resource(INGRESS, kind="Ingress"))] == [
        ("shop", ("shop.example",))
    ]


@pytest.mark.parametrize(
    ("names", "host", "expected"),
    [
        ({"shop.example"}, "shop.example", True),
        ({"*.shop.example"}, "api.shop.example", True),
        ({"*.shop.example"}, "v1.api.shop.example", False),
        ({"*.shop.example"}, "shop.example", False),
    ],
)
def test_which_hosts_a_certificate_is_for(names: set[str], host: str, expected: bool) -> None:
    assert covers(frozenset(names), host) is expected


def test_who_serves_it() -> None:
    assert class_of(resource(INGRESS, kind="Ingress")) == "nginx"
    assert class_of(resource(HTTP, kind="HTTPRoute")) == "internal,public"
    annotated = "apiVersion: networking.k8s.io/v1\nmetadata: {annotations: {kubernetes.io/ingress.class: a}}"
    assert class_of(resource(annotated, kind="Ingress")) == "a"


def test_where_encryption_ends() -> None:
    assert encrypted(resource(INGRESS, kind="Ingress")) == {"shop.example": "TLS"}
    assert encrypted(resource(ROUTE, kind="Route")) == {"shop.example": "reencrypt"}


def test_a_route_of_the_mesh_is_no_entrance() -> None:
    inside = MESH.replace("gateways: [edge/public]", "gateways: [mesh]")
    assert role_of_kind(resource(inside, kind="VirtualService")) == ""
    assert role_of_kind(resource(MESH, kind="VirtualService")) == "route"


def test_a_listener_without_host_is_known_by_its_port() -> None:
    listeners = "spec: {listeners: [{port: 80}, {port: 443, hostname: '*.A'}]}"
    gateway = f"apiVersion: gateway.networking.k8s.io/v1\n{listeners}"
    assert entrances(resource(gateway, kind="Gateway")) == {"* (port 80)", "*.a"}


@pytest.mark.parametrize(
    ("note", "internal"),
    [
        ("networking.gke.io/load-balancer-type: Internal", True),
        ("service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing", False),
        ("service.beta.kubernetes.io/azure-load-balancer-internal: 'true'", True),
        ("service.beta.kubernetes.io/aws-load-balancer-type: nlb", None),
    ],
)
def test_how_far_a_load_balancer_reaches(note: str, internal: bool | None) -> None:
    service = resource(f"metadata: {{annotations: {{{note}}}}}", kind="Service")
    assert reach_of(service).internal is internal
    assert is_public(service) is (internal is not True)


def test_a_class_that_is_internal_by_itself() -> None:
    assert not is_public(resource("spec: {loadBalancerClass: service.k8s.aws/nlb}", kind="Service"))
