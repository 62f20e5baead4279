"""Root configurations of Terraform as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match
from riskcheck.nodes import Scalar
from riskcheck.rules.checks.terraform_reading import NO_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_MOST_NAMED = 3


def orphaned(change: Change, context: CheckContext) -> Iterator[Match]:
    """A root whose directory goes while its state and what it made stay. Values: what (text)."""
    root = change.resource_after
    if root is None:
        return
    left = [
        one
        for one in context.base.find(platform="terraform", environment=root.environment.name, unit=root.unit)
        if "_" in one.kind and one.kind not in NO_RESOURCES
    ]
    if not left:
        return
    named = ", ".join(f"{one.kind}.{one.name}" for one in left[:_MOST_NAMED])
    more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
    new, state = (root.body.get(name) for name in ("moved_to", "new_state"))
    if isinstance(new, Scalar) and isinstance(state, Scalar):
        what = (
            f"{root.unit} is now {new.raw}, under another state ({state.raw.partition(':')[2]}): "
            f"{named}{more} would be created a second time"
        )
    else:
        what = f"the directory {root.unit} is removed, and what it made stays without it: {named}{more}"
    yield Match(values={"what": what})
