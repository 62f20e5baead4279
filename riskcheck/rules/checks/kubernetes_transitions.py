"""Fields of custom resources that their definition freezes.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#transition-rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping
from riskcheck.rules.checks.kubernetes_objects import group_of, items_at, name_of, text_at

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext

_SAME: Final = frozenset({"self==oldSelf", "oldSelf==self"})


def frozen_section(path: KeyPath, before: Resource, after: Resource, context: CheckContext) -> KeyPath | None:
    """The part of `path` that a definition in sight says must stay as it is; None where none says so. A field that
    comes or goes is let through: there is nothing to compare it with."""
    schema = _schema(after, context)
    old: Node | None = before.body
    new: Node | None = after.body
    for depth in range(len(path) + 1):
        if not isinstance(schema, Mapping) or old is None or new is None:
            return None
        if depth and _is_frozen(schema):
            return path[:depth]
        if depth == len(path) or path[depth].startswith("["):
            return None
        step = path[depth].removeprefix("\\")
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        schema = properties.get(step) if isinstance(properties, Mapping) else others
        old = old.get(step) if isinstance(old, Mapping) else None
        new = new.get(step) if isinstance(new, Mapping) else None
    return None


def _schema(resource: Resource, context: CheckContext) -> Node | None:
    """What the definition of `resource` in head, else in base, says of its version."""
    group = group_of(resource)
    version = (text_at(resource.body, "apiVersion") or "").rpartition("/")[2]
    for view in (context.head, context.base):
        for one in view.find(platform="kubernetes", kind="CustomResourceDefinition"):
            # Told by the name before its large spec is looked into.
            if not name_of(one).endswith(f".{group}"):
                continue
            from riskcheck.rules.checks.kubernetes_custom import group_of_instances, kind_of, versions

            if group_of_instances(one) != group:
                continue
            if kind_of(one) == resource.kind and version in versions(one):
                return versions(one)[version].at("schema", "openAPIV3Schema")
    return None


def _is_frozen(schema: Mapping) -> bool:
    rules = items_at(schema, "x-kubernetes-validations")
    return any("".join((text_at(rule, "rule") or "").split()) in _SAME for rule in rules)
