"""What an update of a CloudFormation stack does to a resource: which edits replace it, and what stays.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatereplacepolicy.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.replacing import forces_new, is_known

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resource

ATTRIBUTES: Final = "resource_attributes"
"""Key below which a resource keeps what stands beside its properties: ``DeletionPolicy``, ``DependsOn`` …"""

_NAMED: Final = r"\$\{[^{}]{1,512}\}"

RETAINING: Final = frozenset({"Retain", "RetainExceptOnCreate"})

_SNAPSHOT: Final = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"})
"""Types of which a snapshot is made unless the template says otherwise; not of instances of a cluster."""


def replaces(change: Change) -> bool:
    """Whether one change inside of a resource makes CloudFormation create it anew. What is an expression on either
    side may come to the same value, unless the same names stand in another text."""
    if not change.path or not forces_new(change):
        return False
    before, after = change.node_before, change.node_after
    if _is_open(before) and _is_open(after) and isinstance(before, Scalar) and isinstance(after, Scalar):
        return re.findall(_NAMED, before.raw) == re.findall(_NAMED, after.raw)
    return not _is_open(before) and not _is_open(after)


def policy_of(resource: Resource, attribute: str = "DeletionPolicy") -> str:
    """``Delete``, ``Retain``, ``RetainExceptOnCreate`` or ``Snapshot``: what the template says, else what
    CloudFormation does; the expression where nobody can say. attribute: or ``UpdateReplacePolicy``."""
    stated = resource.body.at(ATTRIBUTES, attribute)
    if isinstance(stated, Scalar) and stated.raw:
        return stated.raw
    if isinstance(stated, Mapping):
        return "${" + attribute + "}"
    snapshot = attribute == "DeletionPolicy" and resource.kind in _SNAPSHOT
    return "Snapshot" if snapshot and resource.body.get("DBClusterIdentifier") is None else "Delete"


def action_of(changes: Collection[Change]) -> Action:
    """What an update of the stack would do to one resource, as far as its template tells."""
    for change in changes:
        if not change.path and change.kind in ("added", "removed"):
            if change.kind == "added":
                return "create"
            return "none" if policy_of(change.resource) in RETAINING else "delete"
    inside = [change for change in changes if change.path and change.path[0] != ATTRIBUTES]
    if not inside:
        return "none"
    if not is_known(inside[0].resource.kind):
        return "unknown"
    if any(map(replaces, inside)):
        return "recreate"
    return "unknown" if any(map(forces_new, inside)) else "update"


def _is_open(node: Node | None) -> bool:
    """Whether only the account knows what a value comes to."""
    if isinstance(node, Mapping):
        return len(node.entries) == 1 and node.entries[0][0].raw.startswith("Fn::")
    return isinstance(node, Scalar) and node.tag == EXPRESSION
