"""What `databricks bundle deploy` would do to a resource whose fields changed.

https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/bundle_plan.go (addPerFieldActions): each field has
an action, the resource takes the gravest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.databricks.fields import APART, EVERY, LIFECYCLES, STARTABLE, Lifecycle, Path

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change
    from riskcheck.nodes import KeyPath

TARGETS = "targets"
"""The kind under which a target's own settings are a resource. Nothing is deployed for it."""

_GRAVITY: dict[Action, int] = {"none": 0, "update": 1, "rename": 2, "recreate": 3}


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
        lifecycle = LIFECYCLES.get(kind)
        if lifecycle is None:
            return "unknown"
        action = _of_field(kind, lifecycle, _fields(change.path))
        if _GRAVITY[action] > _GRAVITY[worst]:
            worst = action
    return worst


def _of_field(kind: str, lifecycle: Lifecycle, path: Path) -> Action:
    if path[0] in APART:
        return "update"
    if path[0] == "lifecycle":
        return "update" if kind in STARTABLE and path[1:2] == ("started",) else "none"
    if _covered(path, lifecycle.ignored):
        return "none"
    if _covered(path, lifecycle.recreate):
        return "recreate"
    return "rename" if _covered(path, lifecycle.rename) else "update"


def _covered(path: Path, rules: Collection[Path]) -> bool:
    return any(rule == EVERY or path[: len(rule)] == rule for rule in rules)


def _fields(path: KeyPath) -> Path:
    """A path without the items of lists in it."""
    return tuple(step.removeprefix("\\") for step in path if not step.startswith("["))
