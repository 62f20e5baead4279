"""What an edit of a resource makes Terraform do, and how items of lists are known.

For types of which nothing is known what forces a new resource, a plan has to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.replacing import FORCES_NEW
from riskcheck.tables.shape import NATURAL_KEYS as TABLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Action, Change

NATURAL_KEYS: Final[MappingOf[str, tuple[str, ...]]] = {
    **TABLE_KEYS,
    "access_control": ("service_principal_name", "group_name", "user_name"),
    "library": (),
    "privileges": (),
    "task": ("task_key",),
}
"""By the name of the nested block or list."""


def action_of(changes: Collection[Change]) -> Action:
    """What ``terraform apply`` would do to one resource, as far as its configuration tells."""
    kinds = {change.kind for change in changes if not change.path}
    if kinds:
        return "create" if "added" in kinds else "delete" if "removed" in kinds else "unknown"
    if not changes:
        return "none"
    forcing = next(FORCES_NEW.get(change.resource.kind) for change in changes)
    if forcing is None:
        return "unknown"
    # What an edit of `lifecycle` allows is seen by Terraform alone.
    steps = {change.path[0] for change in changes} - {"lifecycle"}
    return "recreate" if steps & forcing else "update" if steps else "none"
