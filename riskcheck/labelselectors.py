"""Label selectors of Kubernetes, wherever one stands.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.texts import text
from riskcheck.nodes import Mapping, Node, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf


def holds(selector: Mapping, labels: MappingOf[str, str]) -> bool:
    """Whether all of ``matchLabels`` and ``matchExpressions`` hold; an empty selector does."""
    wanted = selector.get("matchLabels")
    entries = wanted.entries if isinstance(wanted, Mapping) else ()
    stated = ((key.raw, text(value)) for key, value in entries)
    if any(labels.get(key) != value for key, value in stated if value is not None):
        return False
    expressions = selector.get("matchExpressions")
    items = expressions.items if isinstance(expressions, Sequence) else ()
    return all(_is_met(item, labels) for item in items)


def _is_met(expression: Node, labels: MappingOf[str, str]) -> bool:
    if not isinstance(expression, Mapping):
        return False
    key, operator = text(expression.get("key")) or "", text(expression.get("operator"))
    listed = expression.get("values")
    values = {text(item) for item in listed.items} if isinstance(listed, Sequence) else set()
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    return operator == "DoesNotExist" and key not in labels
