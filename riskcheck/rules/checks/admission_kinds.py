"""Kinds of objects that decide over others at the API server."""

from __future__ import annotations

from typing import Final

WEBHOOKS: Final = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")

CONSTRAINTS: Final = "constraints.gatekeeper.sh"
"""API group of the constraints of Gatekeeper, whose kinds are made by their templates."""

GUARDS: Final = frozenset(
    {
        *WEBHOOKS,
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        *("ClusterPolicy", "Policy", "ValidatingPolicy", "ImageValidatingPolicy"),
    }
)
"""Kinds of Kubernetes and Kyverno."""
