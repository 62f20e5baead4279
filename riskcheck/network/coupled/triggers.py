"""What happened to an anchor. Text that became other text is another value only where both are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.network.coupled.fields import holds, nodes_at, text_of
from riskcheck.nodes import Scalar, walk

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.network.coupled.estate import Estate
    from riskcheck.network.coupled.model import CoupledSet, Trigger


def trigger_of(
    one: CoupledSet, before: Resource | None, after: Resource | None, base: Estate, head: Estate
) -> Trigger | None:
    """What happened to an anchor of `one`; None where nothing did that sets it in motion.

    base, head: the environment of the anchor on both sides.
    """
    found = after or before
    if found is None or not all(holds(found.body, condition) for condition in one.anchor.where):
        return None
    trigger: Trigger
    if before is None:
        trigger = "created"
    elif after is None:
        trigger = "removed"
    elif entered(one, before) or any(
        _is_another(before, after, path, base, head) for path in one.anchor.fields
    ):
        trigger = "replaced"
    else:
        return None
    return trigger if trigger in one.anchor.triggers else None


def entered(one: CoupledSet, before: Resource | None) -> bool:
    """Whether an anchor became one by the change: it is new, or had other values."""
    return before is None or not all(holds(before.body, condition) for condition in one.anchor.where)


def _is_another(before: Resource, after: Resource, path: str, base: Estate, head: Estate) -> bool:
    """Whether a field means another thing. Known values are compared, and resources that are referred to; whether
    an expression and a value come to the same is not known."""
    old, new = _scalars(before, path), _scalars(after, path)
    if [text_of(one) for one in old] == [text_of(one) for one in new]:
        return False
    if not any(one.tag == EXPRESSION for one in (*old, *new)):
        return True
    there, here = set(base.pointed(before, path).resources), set(head.pointed(after, path).resources)
    known = {one.address for one in head.resources}
    return bool(there and here) and not there & here and bool(there & known)


def _scalars(resource: Resource, path: str) -> list[Scalar]:
    found = (one for node in nodes_at(resource.body, path) for _, one in walk(node))
    return [one for one in found if isinstance(one, Scalar) and one.raw not in ("", "null")]
