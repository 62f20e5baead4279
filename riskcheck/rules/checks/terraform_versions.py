"""Versions of Terraform, its providers and modules that jump, go back or are no longer fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.terraform_reading import is_applied
from riskcheck.rules.checks.terraform_version_text import (
    Range,
    highest_major,
    major,
    numbered,
    pin_of,
    range_of,
    source_of,
    version_of,
)
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.context import CheckContext


class _Said(NamedTuple):
    """small: worth a note. swapped: what is fetched may be somebody else's."""

    how: str
    small: bool = False
    swapped: bool = False


def jumped(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: ``subject``, ``how``, ``small``, ``swapped``."""
    before, after = change.resource_before, change.resource_after
    if before is None or (after is not None and before.unit != after.unit):
        return
    if before.kind == "provider_lock":
        said = _unlocked(before, context) if after is None else _relocked(change, before, after, context)
        subject = f"provider {_short(before.name)}"
    elif after is None:
        return
    elif before.kind == "module":
        said = _of_module(change, before, after)
        subject = f"module {before.name}"
    else:
        subject, said = _of_settings(change, before, after, context)
    environments = _unknown_alike(change, context) if said is not None else ()
    if said is not None and (not environments or environments[0] == change.environment.name):
        values: dict[str, Value] = {
            "subject": subject,
            "how": said.how,
            "small": said.small,
            "swapped": said.swapped,
        }
        yield Match(values=values, environments=environments if len(environments) > 1 else ())


def _unknown_alike(change: Change, context: CheckContext) -> tuple[str, ...]:
    """The environments of all roots with the same edit, where each root is one of its own of which nothing is
    known: it is said once. None where the stage is known."""
    after = change.resource_after
    if after is None or after.kind == "module" or change.environment.stage != "unknown":
        return ()
    alike = {change.environment.name}
    for other in context.head.find(platform="terraform", kind=after.kind):
        if other.address == after.address and other.environment.stage == "unknown":
            alike.update(
                other.environment.name
                for one in context.changes_of(other)
                if (one.path, one.before, one.after) == (change.path, change.before, change.after)
            )
    return tuple(sorted(alike))


def _short(source: str) -> str:
    return source.removeprefix("registry.terraform.io/").removeprefix("registry.opentofu.org/")


def _relocked(change: Change, before: Resource, after: Resource, context: CheckContext) -> _Said | None:
    old, new = text_of(before.body, "version"), text_of(after.body, "version")
    if change.path[:1] == ("version",):
        said = _between(old, new)
        roots = _roots_alike(after, old, new, context) if said is not None else []
        if said is None or (roots and roots[0] != after.unit):
            return None
        return said._replace(how=f"{said.how} in {len(roots)} roots") if len(roots) > 1 else said
    if change.path[:1] == ("hashes",) and old == new and _first_of(change, after, "hashes"):
        known, found = _archives(before), _archives(after)
        if known and found and not known & found:
            return _Said(f"has other checksums for the same version {new}", swapped=True)
    return None


def _roots_alike(lock: Resource, old: str, new: str, context: CheckContext) -> list[str]:
    """The roots of an environment in which a provider goes from one version to another: it is said of the first."""
    where = {"platform": "terraform", "kind": lock.kind, "environment": lock.environment.name}
    before = {
        one.unit
        for one in context.base.find(**where)
        if one.name == lock.name and text_of(one.body, "version") == old
    }
    return sorted(
        one.unit
        for one in context.head.find(**where)
        if one.name == lock.name and one.unit in before and text_of(one.body, "version") == new
    )


def _first_of(change: Change, after: Resource, field: str) -> bool:
    """Whether this is the change that speaks for the list: the first hash of head, or the list as a whole."""
    if len(change.path) == 1:
        return True
    held = after.body.get(field)
    return isinstance(held, Sequence) and bool(held.items) and change.node is held.items[0]


def _archives(lock: Resource) -> set[str]:
    """The checksums of the provider's archives, which are the same on every machine."""
    held = lock.body.get("hashes")
    items = held.items if isinstance(held, Sequence) else []
    return {one.raw for one in items if isinstance(one, Scalar) and one.raw.startswith("zh:")}


def _between(old: str, new: str) -> _Said | None:
    before, after = version_of(old), version_of(new)
    if before is None or after is None:
        return None
    if after < before:
        return _Said(f"goes back from {old} to {new}", small=major(before) == major(after))
    if major(before) != major(after):
        return _Said(f"goes from {old} to {new}", small=before[:1] == after[:1])
    return None


def _unlocked(gone: Resource, context: CheckContext) -> _Said | None:
    """The lock file went while the root is still there; said of its first entry."""
    unit, environment = gone.unit, gone.environment.name
    if any(context.head.find(platform="terraform", kind="provider_lock", unit=unit, environment=environment)):
        return None
    entries = context.base.find(
        platform="terraform", kind="provider_lock", unit=unit, environment=environment
    )
    first = min(entries, key=lambda one: one.name, default=gone)
    remains = is_applied(context.head, gone)
    return _Said("is no longer locked: the lock file is removed") if first is gone and remains else None


def _of_settings(
    change: Change, before: Resource, after: Resource, context: CheckContext
) -> tuple[str, _Said | None]:
    field = change.path[0] if change.path else ""
    if field == "required_version":
        old, new = text_of(before.body, field), text_of(after.body, field)
        said = _constrained(old, new)
        return "Terraform itself", None if said is None else said._replace(small=said.small or not new)
    if field != "required_providers" or len(change.path) < 3:
        return "", None
    name = change.path[1]
    old_, new_ = (_entry(one, name) for one in (before, after))
    if change.path[2] == "source":
        old, new = text_of(old_, "source"), text_of(new_, "source")
        if old and new and _short(old).lower() != _short(new).lower():
            return f"provider {name}", _Said(f"comes from {new} instead of {old}", swapped=True)
    elif change.path[2] == "version" and not _is_locked(name, after, context):
        return f"provider {name}", _constrained(text_of(old_, "version"), text_of(new_, "version"))
    return "", None


def _entry(settings: Resource, name: str) -> Node | None:
    held = settings.body.get("required_providers")
    return held.get(name) if isinstance(held, Mapping) else None


def _is_locked(name: str, settings: Resource, context: CheckContext) -> bool:
    """Whether a lock file says which version is taken: then what it says is judged."""
    source = text_of(_entry(settings, name), "source") or f"hashicorp/{name}"
    return any(
        _short(lock.name).lower() == _short(source).lower()
        for lock in context.head.find(
            platform="terraform",
            kind="provider_lock",
            unit=settings.unit,
            environment=settings.environment.name,
        )
    )


def _constrained(old: str, new: str) -> _Said | None:
    """What a changed constraint lets in, where nothing else fixes the version."""
    before, after = range_of(old), range_of(new)
    if not old or before is None or after is None:
        return None
    if before.above is not None and after.above is None:
        return _Said(f"takes {f'any version {new}' if new else 'any version'} instead of {old}")
    if after.above is not None and before.lowest is not None and after.above <= before.lowest:
        return _Said(f"goes back from {old} to {new}")
    if _jumps(before, after):
        return _Said(f"goes from {old} to {new}", small=_is_below_one(before) and _is_below_one(after))
    if before.exact and not after.exact:
        return _Said(f"takes any version {new} instead of {old}", small=True)
    return None


def _jumps(before: Range, after: Range) -> bool:
    if after.lowest is not None and before.lowest is not None and after.above is None:
        return major(after.lowest) > major(before.lowest)
    old, new = highest_major(before), highest_major(after)
    return old is not None and new is not None and new > old


def _is_below_one(found: Range) -> bool:
    return found.lowest is not None and found.lowest[:1] == (0,)


def _of_module(change: Change, before: Resource, after: Resource) -> _Said | None:
    old, new = (source_of(text_of(one.body, "source")) for one in (before, after))
    field = change.path[0] if change.path else ""
    if any(_is_open(one.body.get(part)) for one in (before, after) for part in ("source", "version")):
        return None
    if field == "version":
        return _constrained(text_of(before.body, field), text_of(after.body, field)) if old == new else None
    if field != "source":
        return None
    if old.place != new.place:
        swapped = old.is_registry == new.is_registry and old.owner != new.owner
        return _Said(f"comes from {new.place} instead of {old.place}", swapped=swapped)
    return None if old.ref == new.ref else _referred(old.ref, new.ref)


def _is_open(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.tag == EXPRESSION


def _referred(old: str, new: str) -> _Said | None:
    before, after = pin_of(old), pin_of(new)
    if after == "moving":
        return (
            _Said(f"follows {new or 'the default branch'} instead of {old}") if before != "moving" else None
        )
    one, other = numbered(old), numbered(new)
    if one is None or other is None:
        return None
    if other < one:
        return _Said(f"goes back from {old} to {new}", small=major(one) == major(other))
    return _Said(f"goes from {old} to {new}") if major(one) != major(other) else None
