"""Whether a load balancer of a cloud can be reached from the internet.

AWS: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/ ,
Azure: https://learn.microsoft.com/azure/aks/internal-lb , Google Cloud:
https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters , OpenStack:
https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import annotations_of, text_at

if TYPE_CHECKING:
    from riskcheck.models import Resource

_KEYS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": (
        frozenset({"internal"}),
        frozenset({"internet-facing"}),
    ),
    "alb.ingress.kubernetes.io/scheme": (frozenset({"internal"}), frozenset({"internet-facing"})),
    "service.beta.kubernetes.io/aws-load-balancer-internal": (
        frozenset({"true", "0.0.0.0/0"}),
        frozenset({"false"}),
    ),
    "networking.gke.io/load-balancer-type": (frozenset({"internal"}), frozenset({"external"})),
    "cloud.google.com/load-balancer-type": (frozenset({"internal"}), frozenset({"external"})),
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": (
        frozenset({"private"}),
        frozenset({"public"}),
    ),
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": (
        frozenset({"intranet"}),
        frozenset({"internet"}),
    ),
    **dict.fromkeys(
        (
            "service.beta.kubernetes.io/azure-load-balancer-internal",
            "service.beta.kubernetes.io/openstack-internal-load-balancer",
            "service.beta.kubernetes.io/oci-load-balancer-internal",
        ),
        (frozenset({"true"}), frozenset({"false"})),
    ),
}
"""Annotation to the values that keep it inside, and those that open it."""

_INTERNAL_CLASSES: Final = ("service.k8s.aws/nlb", "tailscale")
"""Classes whose load balancers are internal unless told otherwise."""


class Reach(NamedTuple):
    """internal: None where nothing states it. key: the annotation that does, ``""`` for none."""

    internal: bool | None
    key: str


def reach_of(resource: Resource) -> Reach:
    """What the annotations of a Service or Ingress say."""
    notes = annotations_of(resource)
    for key, (inside, outside) in _KEYS.items():
        value = notes.get(key, "").strip().lower()
        if value in inside:
            return Reach(True, key)
        if value in outside:
            return Reach(False, key)
    return Reach(None, "")


def is_public(service: Resource) -> bool:
    """Whether a Service of type LoadBalancer gets an address of the internet, as clouds do by themselves."""
    said = reach_of(service).internal
    if said is not None:
        return not said
    return text_at(service.body, "spec", "loadBalancerClass") not in _INTERNAL_CLASSES
