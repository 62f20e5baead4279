"""What a deployment does to resources that nobody edited: they name what changes under their feet.

A reference is looked up when the deployment is planned: ``${resources.schemas.raw.name}`` is the new name at once,
and an ``id`` that the same deployment makes anew is not known yet, which is another value too
(https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/bundle_plan.go, LookupReferencePreDeploy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.acting import GRAVITY, action_at, fields_of
from riskcheck.nodes import Scalar, walk
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.bundles.lifecycles import Path
    from riskcheck.models import Action, Change, Resource

_REFERENCE: Final = regex(r"\$\{resources\.([a-z_]+)\.([^.{}\s]+)\.([^{}\s]+)\}")
_MOVES_ID: Final = frozenset({"create", "rename", "recreate"})


class _Use(NamedTuple):
    """At `path`, a resource takes the value of `field` of the resource `target`."""

    path: Path
    target: str
    field: Path


def with_carried(
    resources: Iterable[Resource], changes: Mapping[str, Sequence[Change]], actions: Mapping[str, Action]
) -> dict[str, Action]:
    """`actions`, and those that they bring about. All by address, within one deployment.

    resources: what head declares. changes: of the resources that differ.
    """
    found = dict(actions)
    pending = [(resource, _uses(resource)) for resource in resources]
    while True:
        graver = [
            (resource.address, action)
            for resource, uses in pending
            if GRAVITY[action := _brought(resource, uses, changes, found)]
            > GRAVITY[found.get(resource.address, "none")]
        ]
        if not graver:
            return found
        found.update(graver)


def _uses(resource: Resource) -> tuple[_Use, ...]:
    return tuple(
        _Use(fields_of(path), f"{resource.platform}:{match[1]}.{match[2]}", tuple(match[3].split(".")))
        for path, node in walk(resource.body)
        if isinstance(node, Scalar) and "${resources." in node.raw
        for match in _REFERENCE.finditer(node.raw)
    )


def _brought(
    resource: Resource,
    uses: Iterable[_Use],
    changes: Mapping[str, Sequence[Change]],
    actions: Mapping[str, Action],
) -> Action:
    """The gravest action that a reference of `resource` brings about."""
    worst: Action = "none"
    for use in uses:
        if _moves(use, changes.get(use.target, ()), actions.get(use.target, "none")):
            action = action_at(resource.kind, use.path)
            worst = action if GRAVITY[action] > GRAVITY[worst] else worst
    return worst


def _moves(use: _Use, changes: Sequence[Change], action: Action) -> bool:
    """Whether the value that `use` takes is another one after the deployment."""
    if use.field == ("id",):
        return action in _MOVES_ID
    return any(change.path and fields_of(change.path)[: len(use.field)] == use.field for change in changes)
