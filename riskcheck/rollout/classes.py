"""What a key decides, as a class that can be told apart: private or public, how one logs in, which major version.

Annotations: https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html,
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/,
https://learn.microsoft.com/azure/aks/internal-lb, https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Reading, Scalar, Sequence
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE: Final = frozenset(
    {
        "privateendpoint",
        "privateendpointenabled",
        "privatelink",
        "privatelinkenabled",
        "privateaccess",
        "enableprivateendpoint",
        "enableprivatenodes",
        "endpointprivateaccess",
        "service.beta.kubernetes.io/awsloadbalancerinternal",
        "service.beta.kubernetes.io/awsloadbalancerscheme",
        "service.beta.kubernetes.io/azureloadbalancerinternal",
        "networking.gke.io/loadbalancertype",
        "alb.ingress.kubernetes.io/scheme",
    }
)
_PUBLIC: Final = frozenset({"publicnetworkaccess", "publicnetworkaccessenabled", "endpointpublicaccess"})
_AUTH: Final = frozenset(
    {
        "authmode",
        "authtype",
        "authmethod",
        "authenticationmode",
        "authenticationtype",
        "authenticationmethod",
        "datasecuritymode",
        "nginx.ingress.kubernetes.io/authtype",
        "alb.ingress.kubernetes.io/authtype",
    }
)
_RUNTIME: Final = frozenset(
    {"sparkversion", "runtimeversion", "engineversion", "kubernetesversion", "pythonversion", "javaversion"}
)
TRAFFIC: Final = frozenset(
    {
        "routes",
        "routetable",
        "ingress",
        "egress",
        "backends",
        "listeners",
        "subnets",
        "allowlist",
        "whitelist",
        "ipallowlist",
        "ipwhitelist",
        "ipaccesslist",
        "ipaccesslists",
        "ipaddresses",
        "allowedips",
        "allowedcidrs",
        "sourceranges",
        "loadbalancersourceranges",
        "networkpolicies",
        "dnszones",
        "peerings",
        "firewallrules",
    }
)
"""Keys without ``-`` and ``_``, in lower case. Lists of `TRAFFIC` say what gets through."""

_OFF: Final = frozenset(
    {"", "false", "no", "off", "disabled", "none", "external", "internetfacing", "internet-facing"}
)
_MAJOR: Final = regex(r"[a-z]*?v?(\d+)")


def classes(key: str, node: Node, other: Node | None, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """What a key decides, with its class here and there."""
    if key in _PRIVATE:
        yield "private endpoint", _switch(node, "off", reading), _switch(other, "off", reading)
    elif key in _PUBLIC:
        yield "public access", _switch(node, "on", reading), _switch(other, "on", reading)
    elif key in _AUTH and isinstance(node, Scalar):
        there = str(scalar_value(other, reading)).lower() if isinstance(other, Scalar) else "unset"
        yield "auth mode", str(scalar_value(node, reading)).lower(), there
    elif key in _RUNTIME and isinstance(node, Scalar) and isinstance(other, Scalar):
        one, two = _MAJOR.match(node.raw.lower()), _MAJOR.match(other.raw.lower())
        if one and two:
            yield "runtime major", one[0], two[0]


def _switch(node: Node | None, default: str, reading: Reading) -> str:
    if node is None:
        return default
    if isinstance(node, Scalar):
        return "off" if str(scalar_value(node, reading)).lower() in _OFF else "on"
    empty = not (node.entries if isinstance(node, Mapping) else isinstance(node, Sequence) and node.items)
    return "off" if empty else "on"


def folded(key: str) -> str:
    """A key as the tables spell it."""
    return key.lower().replace("-", "").replace("_", "")
