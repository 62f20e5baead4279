"""Who may reach what a cluster offers to the outside. What NetworkPolicies let through is judged among pods.

https://kubernetes.io/docs/concepts/services-networking/service/, https://kubernetes.github.io/ingress-nginx/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network import cluster_policies
from riskcheck.network.allowlists import lists_of
from riskcheck.network.reading import address_list, peers, separated, text
from riskcheck.nodes import Mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, Peer, TrafficRule

_SERVICE: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"
_INGRESS: Final = (
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
    "alb.ingress.kubernetes.io/inbound-cidrs",
    "haproxy.org/allow-list",
    "haproxy-ingress.github.io/allowlist-source-range",
)


def _service(resource: Resource) -> Iterator[AddressList]:
    """Without ranges a load balancer takes everybody."""
    spec = resource.body.get("spec")
    if text(spec, "type") != "LoadBalancer" or not isinstance(spec, Mapping):
        return
    held = spec.get("loadBalancerSourceRanges")
    entries = peers(held)
    if not entries:
        held = resource.body.at("metadata", "annotations", _SERVICE)
        entries = separated(held)
    yield address_list(
        resource, f"load balancer {_name(resource)}", held or spec, entries, enabled=bool(entries)
    )


def _ingress(resource: Resource) -> Iterator[AddressList]:
    for name in _INGRESS:
        held = resource.body.at("metadata", "annotations", name)
        entries: tuple[Peer, ...] = separated(held)
        if entries:
            yield address_list(resource, f"ingress {_name(resource)}", held, entries)
            return
    yield address_list(resource, f"ingress {_name(resource)}", None, (), enabled=False)


def _name(resource: Resource) -> str:
    return text(resource.body, "metadata", "name") or resource.name


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = cluster_policies.RULES

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    **cluster_policies.LISTS,
    "HelmValues": lists_of,
    "Ingress": _ingress,
    "Service": _service,
}
