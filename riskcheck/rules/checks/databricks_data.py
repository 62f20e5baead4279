"""Bundle changes that delete data, or take away the guard that would have kept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import DATA, holding, keeps_data
from riskcheck.models import TOGETHER, Change, Match, Related, Resource, location_of
from riskcheck.regexes import regex
from riskcheck.rules.checks.databricks_recreate import recreating
from riskcheck.rules.checks.databricks_values import (
    TERRAFORM,
    counterpart,
    deployed_elsewhere,
    deployer,
    guard_of,
    is_guarded,
    likeness,
    listed,
    moved_away,
    neighbours,
    subject,
    target_of,
    text_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_REFUSED: Final = frozenset({"catalogs", "schemas"})
"""What Terraform destroys with its content only where it says ``force_destroy``."""

_KEY: Final = regex(r'\[(?:"[^"]*+"|[^]["]*+)\]')


def data_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A data-bearing resource is no longer declared in a target that still exists, or the target itself went:
    then one match for the target and all that it held.

    Values: ``subject``, ``done``, ``loss``.
    """
    gone = change.resource_before
    if gone is None or change.resource_after is not None:
        return
    if gone.section == "targets":
        yield from _target_removed(gone, context)
        return
    if keeps_data(gone) or not is_still_deployed(gone, context):
        return
    held = holding(gone)
    loss = f"the next deployment deletes it with {held.taken if held is not None else 'its data'}"
    if gone.platform == TERRAFORM and gone.section in _REFUSED and not _is_forced(gone):
        loss = "the next apply destroys it if it is empty, and fails half way if it is not"
    twin = renamed(gone, context)
    if twin is None:
        yield Match(values={"subject": subject(gone), "done": "removed", "loss": loss})
        return
    yield Match(
        values={
            "subject": subject(gone),
            "done": f"removed and seems to come back as {twin.name}, which {deployer(gone)} takes for another one",
            "loss": loss,
        },
        related=(Related("renamed to", location_of(twin.origin)),),
    )


def _is_forced(resource: Resource) -> bool:
    return value_at(resource, "force_destroy") is True


def _target_removed(gone: Resource, context: CheckContext) -> Iterator[Match]:
    """A target that went, unless it lives on elsewhere."""
    if deployed_elsewhere(gone, context.head) is not None or renamed_target(gone, context) is not None:
        return
    orphans = [
        resource
        for kind in DATA
        for resource in neighbours(gone, kind, context.base)
        if not keeps_data(resource)
    ]
    if not orphans:
        return
    yield Match(
        values={
            "subject": subject(gone),
            "done": f"removed with {listed([subject(resource) for resource in orphans])}",
            "loss": "no deployment guards, updates or restores them any more",
        },
        resources=tuple(resource.address for resource in orphans),
    )


def renamed_target(gone: Resource, context: CheckContext) -> Resource | None:
    """The new target of the same bundle, in the same mode, that a removed one most likely became."""
    targets = {"platform": gone.platform, "kind": gone.kind, "unit": gone.unit}
    known = {other.name for other in context.base.find(**targets)}
    fresh = [
        other
        for other in context.head.find(**targets)
        if other.name not in known and text_at(other, "mode") == text_at(gone, "mode")
    ]
    return _most_alike(gone, fresh, context)


def renamed(gone: Resource, context: CheckContext) -> Resource | None:
    """The new resource of the same type under another key that a removed one most likely became."""
    fresh = [
        other
        for other in neighbours(gone, gone.section, context.head)
        if counterpart(other, context.base) is None
    ]
    return _most_alike(gone, fresh, context)


def _most_alike(gone: Resource, fresh: list[Resource], context: CheckContext) -> Resource | None:
    best = max(fresh, key=lambda other: likeness(gone, other), default=None)
    least = context.options.get("rename_likeness", 0.7)
    if best is None or not isinstance(least, int | float) or likeness(gone, best) < least:
        return None
    return best


def is_still_deployed(gone: Resource, context: CheckContext) -> bool:
    """Whether a deployment of head would delete `gone`: its target still exists, finds the state that knows it, and
    no longer declares it. A target that lost its identity leaves everything behind, which is told of the target."""
    if gone.platform == TERRAFORM:
        return _is_still_applied(gone, context)
    target, still = target_of(gone, context.base), target_of(gone, context.head)
    if still is not None:
        return target is None or not moved_away(target, still)
    moved = deployed_elsewhere(target, context.head) if target is not None else None
    return moved is not None and context.head.get(moved.unit, gone.address, moved.environment.name) is None


def _is_still_applied(gone: Resource, context: CheckContext) -> bool:
    """Whether Terraform would destroy `gone`: its root is still applied to its environment (the directory is not
    gone), no ``removed`` block tells it to forget the resource, and the instances of its block are known on both
    sides."""
    unit, environment = gone.unit, gone.environment.name
    block = gone.name.partition("[")[0] if gone.name.endswith("]") else gone.name
    if any(
        context.head.get(unit, f"{TERRAFORM}:{kind}", environment) is not None
        for kind in (
            f"orphaned_root.{unit}",
            f"{gone.kind}.{block}[*]",
            *_forgetting(gone),
        )
    ):
        return False
    others = context.head.find(platform=TERRAFORM, unit=unit, environment=environment)
    open_ends = gone.name.endswith("[*]")
    return any(not (open_ends and other.name.startswith(f"{block}[")) for other in others) and not (
        open_ends and any(other.name.partition("[")[0] == block for other in _of_kind(gone, context))
    )


def _forgetting(gone: Resource) -> Iterator[str]:
    """What ``removed`` blocks that stand for `gone` are called. Their addresses have no keys of instances: one
    holds for all of them, and one of a module for all that is in it."""
    for name in dict.fromkeys((gone.name, _KEY.sub("", gone.name))):
        yield f"removed.{gone.kind}.{name}"
        calls = name.split(".module.")
        if calls[0].startswith("module."):
            calls[-1] = calls[-1].rpartition(".")[0]
            yield from (f"removed.{'.module.'.join(calls[:depth])}" for depth in range(1, len(calls) + 1))


def _of_kind(gone: Resource, context: CheckContext) -> Iterator[Resource]:
    yield from context.head.find(
        platform=gone.platform, kind=gone.kind, unit=gone.unit, environment=gone.environment.name
    )


def guard_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """``lifecycle.prevent_destroy`` no longer stands: taken off, set to false, or gone with its resource.

    Values: ``subject``, ``how``, and ``guard_removed_with_target``: whether the same change deletes the resource.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or not is_guarded(before) or is_guarded(after):
        return
    if after is None:
        if is_still_deployed(before, context):
            how = "is removed together with its deletion guard, so that nothing stops its deletion"
            yield Match(
                values={"subject": subject(before), "how": how, "guard_removed_with_target": True},
                related=guard_of(before),
            )
        return
    if not change.path:
        return
    changes = recreating(after, context)
    acts = [each.path[-1] for each in changes]
    how = "loses its deletion guard"
    if acts:
        how += f" while {' and '.join(acts)} changes, which deletes and recreates it"
    yield Match(
        values={"subject": subject(before), "how": how, "guard_removed_with_target": bool(acts)},
        related=tuple(Related(TOGETHER, location_of(each.node)) for each in changes),
    )
