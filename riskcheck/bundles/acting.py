"""What a deployment does about one changed field of a bundle resource.

https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/bundle_plan.go (addPerFieldActions) with what the
code of each type beside resources.yml overrides. The workspace is taken to be as the last deployment left it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.lifecycles import APART, DEFAULTS, EVERY, LIFECYCLES, STARTABLE, Lifecycle, Path
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import MISSING, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Action, Change, Resource
    from riskcheck.nodes import KeyPath, MaybeValue

GRAVITY: Final[MappingOf[Action, int]] = {
    "none": 0,
    "update": 1,
    "rename": 2,
    "unknown": 3,
    "create": 4,
    "recreate": 5,
    "delete": 6,
}
"""How grave an action is: of several for one resource the gravest is carried out."""

_WORKSPACE: Final = "/Workspace/"
_GENERATED_STORAGE: Final = "dbfs:/pipelines/"
_UUID_LENGTH: Final = 36


def action_on(change: Change) -> Action:
    """The action for one change of a value inside a resource; ``unknown`` for types that are not known."""
    kind = change.resource.kind
    lifecycle = LIFECYCLES.get(kind)
    if lifecycle is None:
        return "unknown"
    path = fields_of(change.path)
    if path[0] in APART:
        return "update"
    if path[0] == "lifecycle":
        return _of_lifecycle(kind, change)
    if _is_same(kind, path, change, lifecycle):
        return "none"
    action = action_at(kind, path)
    return "unknown" if action == "recreate" and _is_referred(change) else action


def action_at(kind: str, path: Path) -> Action:
    """The action for another value at `path` of a resource of `kind`; ``unknown`` for types that are not known."""
    lifecycle = LIFECYCLES.get(kind)
    if lifecycle is None:
        return "unknown"
    if path[0] in APART:
        return "update"
    if path[0] == "lifecycle" or _covered(path, lifecycle.ignored):
        return "none"
    if _covered(path, lifecycle.recreate):
        return "recreate"
    return "rename" if _covered(path, lifecycle.rename) else "update"


def recreating_inside(change: Change) -> tuple[KeyPath, ...]:
    """The fields in a block that came or went which could not be changed in place on their own."""
    path = fields_of(change.path)
    block = change.node_after if change.node_after is not None else change.node_before
    lifecycle = LIFECYCLES.get(change.resource.kind)
    if lifecycle is None or not isinstance(block, Mapping):
        return ()
    rests = [
        rule[len(path) :]
        for rule in lifecycle.recreate
        if rule[: len(path)] == path and len(rule) > len(path)
    ]
    return tuple((*change.path, *rest) for rest in rests if block.at(*rest) is not None)


def fields_of(path: KeyPath) -> Path:
    """A path without the items of lists in it."""
    return tuple(step.removeprefix("\\") for step in path if not step.startswith("["))


def _covered(path: Path, rules: Collection[Path]) -> bool:
    return any(rule == EVERY or path[: len(rule)] == rule for rule in rules)


def _of_lifecycle(kind: str, change: Change) -> Action:
    """`lifecycle` only guards, except for what starts or fires with a deployment."""
    before, after = change.resource_before, change.resource_after
    if kind in STARTABLE and _started(before) != _started(after):
        return "update"
    if kind == "job_runs" and _fires(before) != _fires(after):
        return "recreate" if _fires(after) else "update"
    return "none"


def _started(resource: Resource | None) -> bool | None:
    """What ``lifecycle.started`` says. An app is created stopped, so that saying nothing is saying no."""
    node = resource.body.at("lifecycle", "started") if resource is not None else None
    stated = _truth(node)
    return bool(stated) if resource is not None and resource.kind == "apps" else stated


def _fires(resource: Resource | None) -> bool:
    """Whether each deployment runs the job again."""
    triggers = resource.body.at("lifecycle", "triggers") if resource is not None else None
    return isinstance(triggers, Sequence) and any(
        isinstance(item, Mapping) and _truth(item.get("on_bundle_deploy")) for item in triggers.items
    )


def _truth(node: Node | None) -> bool | None:
    value = scalar_value(node, "databricks") if isinstance(node, Scalar) else None
    return value if isinstance(value, bool) else None


def _is_same(kind: str, path: Path, change: Change, lifecycle: Lifecycle) -> bool:
    """Whether the workspace holds the new value already, or holds nothing where nothing is said."""
    before, after = change.before, change.after
    if _is_empty(before) and _is_empty(after):
        unset = before is MISSING or path == ("cascade_on_destroy",)
        return not (unset and _covered(path, lifecycle.supplied))
    if before is MISSING and after == DEFAULTS.get(kind, {}).get(path, MISSING):
        return True
    if kind == "pipelines" and path == ("storage",):
        return before is MISSING and _is_generated(str(after))
    return kind == "experiments" and path == ("name",) and _in_workspace(before) == _in_workspace(after)


def _is_empty(value: MaybeValue) -> bool:
    """A zero value is deployed like an absent one, and read back like one."""
    return value is MISSING or value is None or value in (False, 0, "") or value == [] or value == {}


def _is_generated(storage: str) -> bool:
    """Whether the platform put a pipeline there that states no storage: writing that down moves nothing."""
    name = storage.removeprefix(_GENERATED_STORAGE)
    return name != storage and len(name) == _UUID_LENGTH and name.count("-") == 4


def _in_workspace(name: MaybeValue) -> str:
    text = "" if name is MISSING else str(name)
    return "/" + text.removeprefix(_WORKSPACE) if text.startswith(_WORKSPACE) else text


def _is_referred(change: Change) -> bool:
    """Whether a literal became a reference to another resource, or back: the value may be the same."""
    was, becomes = (
        isinstance(value, str) and value.startswith("${resources.") for value in (change.before, change.after)
    )
    return was != becomes and MISSING not in (change.before, change.after)
