"""What an edit of a resource makes Terraform do, and how items of lists are known.

For types of which nothing is known what forces a new resource, a plan has to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.keys import NATURAL_KEYS as BUNDLE_KEYS
from riskcheck.replacing import is_known, outcome
from riskcheck.tables.shape import NATURAL_KEYS as TABLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Action, Change

NATURAL_KEYS: Final[MappingOf[str, tuple[str, ...]]] = {
    **BUNDLE_KEYS,
    **TABLE_KEYS,
    "privileges": (),
    "routes": ("served_entity_name", "served_model_name"),
    "served_models": ("name", "model_name"),
}
"""By the name of the nested block or list."""

_TOLD: Final = frozenset({"removed", "import"})
"""Kinds of what forgets or takes over another resource: nothing is done to themselves."""


def action_of(changes: Collection[Change]) -> Action:
    """What ``terraform apply`` would do to one resource, as far as its configuration tells."""
    if any(change.resource.kind in _TOLD for change in changes):
        return "none"
    kinds = {change.kind for change in changes if not change.path} - {"moved"}
    if kinds:
        return "create" if "added" in kinds else "delete" if "removed" in kinds else "unknown"
    if not changes:
        return "none"
    inside = [change for change in changes if change.path and change.path[0] != "lifecycle"]
    if not inside:
        return "none"
    if not is_known(inside[0].resource.kind):
        return "unknown"
    effects = {outcome(change) for change in inside}
    return "recreate" if "recreate" in effects else "unknown" if "unknown" in effects else "update"
