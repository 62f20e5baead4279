"""What `databricks bundle deploy` would do to a resource whose fields changed.

https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/bundle_plan.go: each field has an action
(`riskcheck.bundles.acting`), the resource takes the gravest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.bundles.acting import GRAVITY, action_on
from riskcheck.bundles.lifecycles import LIFECYCLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change

TARGETS = "targets"
"""The kind under which a target's own settings are a resource. Nothing is deployed for it."""


def action_of(changes: Collection[Change]) -> Action:
    """The action for all `changes` of one resource in one environment."""
    worst: Action = "none"
    for change in changes:
        kind = change.resource.kind
        if kind == TARGETS:
            return "none"
        if not change.path:
            whole: dict[str, Action] = {"added": "create", "removed": "delete", "moved": "recreate"}
            return whole.get(change.kind, "update")
        if kind not in LIFECYCLES:
            return "unknown"
        action = action_on(change)
        if GRAVITY[action] > GRAVITY[worst]:
            worst = action
    return worst
