"""Records of DNS zones that go, or lead elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Match, Related, location_of
from riskcheck.network.reading import number
from riskcheck.network.records import RECORDS, ZONE, records
from riskcheck.nodes import walk
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.network_losses import TERRAFORM, beside, goes_with, loss_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.network.model import Record
    from riskcheck.rules.context import CheckContext, ResourceView

_VALUES: Final = frozenset({"records", "record", "rrdatas", "alias", "target_resource_id", "type"})
_POLICIES: Final = regex(
    r"(?:weighted|latency|failover|geolocation|geoproximity|cidr)?_?routing_policy|set_identifier"
)
_PROVING: Final = regex(
    r"domain_validation|acme|cert[-_]?validation|certificate_validation|validation_record|_domainkey|dkim|dmarc|_spf"
)
"""What a record is called, or made of, that only proves who owns a domain or sends its mail."""

_TYPES: Final = frozenset({"A", "AAAA", "CNAME", "MX", "SRV", "PTR", "NS", ""})
_STALE_HOURS: Final = 1
_RAISED: Final = 4
_MOST_PLACES: Final = 8


def record_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A name no longer resolves, or leads elsewhere."""
    before = change.resource_before
    if before is None or before.kind not in RECORDS:
        return
    old = next(records(before), None)
    if old is None or _proves(old):
        return
    if not change.path and change.resource_after is None:
        yield from _removed(change, before, context)
        return
    if not change.path or change.resource_after is None:
        return
    loss = loss_of(change, context)
    if loss is not None:
        yield told(f"record {_called(old)} is {loss.how}", _gone(old), _severity(old))
        return
    field = fields_of(change.path)[0]
    new = next(records(change.resource_after), None)
    if new is None or not _speaks(change, field, context):
        return
    if field in _VALUES:
        yield from _redirected(old, new, context)
    elif _POLICIES.fullmatch(field):
        effect = "another share of those who ask gets another address, all of them at once"
        yield told(f"how {_called(old)} is answered changes ({field})", effect, "P2")
    elif field == "ttl":
        yield from _kept_longer(change, old)


def _called(record: Record) -> str:
    name = record.name.replace("${", "").replace("}", "") or "@"
    return f"{name} ({record.type})" if record.type else name


def _gone(record: Record) -> str:
    if record.type == "NS":
        return "every name below it stops resolving, for as long as resolvers keep the answer"
    return "the name stops resolving, and resolvers keep that answer"


def _proves(record: Record) -> bool:
    """Whether it only proves something, and nobody connects by it."""
    if record.type not in _TYPES:
        return True
    if record.type in ("CNAME", "") and record.name.startswith("_"):
        return True
    body = record.resource.body
    texts = [record.resource.name, *(getattr(node, "raw", "") for _, node in walk(body))]
    return any(_PROVING.search(one.lower()) for one in texts)


def _severity(record: Record) -> str:
    return "P0" if record.type == "NS" else "P1"


class _Gone(NamedTuple):
    """A record that is destroyed. elsewhere: whether another resource states the same name and values."""

    record: Record
    severity: str
    elsewhere: bool


_gone_with: WeakKeyDictionary[ResourceView, dict[tuple[str, str], tuple[_Gone, ...]]] = WeakKeyDictionary()
"""Records of a root and environment that are destroyed, gathered once a run."""


def _removed(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """All records that one root loses, told once: at the first of them."""
    known = _gone_with.setdefault(context.head, {})
    place = (before.unit, before.environment.name)
    if place not in known:
        known[place] = tuple(_all_gone(before, context))
    every = known[place]
    if not every or every[0].record.resource.key != before.key or loss_of(change, context) is None:
        return
    severity = min(one.severity for one in every)
    names = listed([_called(one.record) for one in every])
    said = f"record {names} is destroyed" if len(every) == 1 else f"records {names} are destroyed"
    effect = _gone(every[0].record)
    if all(one.elsewhere for one in every):
        said += " and created under another Terraform address"
        effect = (
            "until the apply ends the name stops resolving, or the new one is refused as it is there already"
        )
    match = told(said, effect, severity)
    places = tuple(Related("also", location_of(one.record.node)) for one in every[1:_MOST_PLACES])
    yield match._replace(related=places)


def _all_gone(near: Resource, context: CheckContext) -> Iterator[_Gone]:
    stated = {
        (one.name, one.type, one.values)
        for other in beside(near, context.head, *sorted(RECORDS))
        for one in records(other)
    }
    for resource in beside(near, context.base, *sorted(RECORDS)):
        gone = any(one.kind == "removed" and not one.path for one in context.changes_of(resource))
        if not gone or not is_still_deployed(resource, context):
            continue
        for one in records(resource):
            zone = next((node for field in ZONE if (node := resource.body.get(field)) is not None), None)
            if _proves(one) or _leads_to_nothing(one, context) or goes_with(zone, resource, context):
                continue
            elsewhere = (one.name, one.type, one.values) in stated
            yield _Gone(one, "P2" if elsewhere else _severity(one), elsewhere)


def _leads_to_nothing(record: Record, context: CheckContext) -> bool:
    """Whether all that it led to is destroyed by the same change."""
    targets = [one for one in record.values if one.startswith(f"{TERRAFORM}:")]
    if not targets or len(targets) != len(record.values):
        return False
    resource = record.resource
    keys = [(resource.unit, one, resource.environment.name) for one in targets]
    return all(context.base.get(*key) is not None and context.head.get(*key) is None for key in keys)


def _speaks(change: Change, field: str, context: CheckContext) -> bool:
    """Whether a finding hangs on `change`: the first that concerns the same side of the record."""
    side = _side(field)
    mine = [one for one in context.changes_of(change.resource) if one.path]
    return next((one for one in mine if _side(fields_of(one.path)[0]) == side), None) is change


def _side(field: str) -> str:
    return "value" if field in _VALUES else "policy" if _POLICIES.fullmatch(field) else field


def _redirected(old: Record, new: Record, context: CheckContext) -> Iterator[Match]:
    if not new.known or not old.known:
        return
    was, becomes = (
        {_identity(value, record, context, side) for value in record.values}
        for record, side in ((old, "base"), (new, "head"))
    )
    lost, fresh = sorted(was - becomes), sorted(becomes - was)
    if not lost or any(_is_reference(one) for one in lost) != any(
        _is_reference(one) for one in fresh or lost
    ):
        return
    ttl = old.ttl if old.ttl is not None else number(old.resource.body, "ttl")
    caches = f", for up to {ttl} seconds" if ttl else ""
    if was & becomes:
        effect = f"who was given it is cut off, and caches keep it{caches}"
        yield told(f"record {_called(old)} loses {_said(lost)}", effect, "P2")
        return
    effect = f"everybody who uses the name goes there at once, and back only when caches forget{caches}"
    yield told(f"record {_called(old)} leads to {_said(fresh)} instead of {_said(lost)}", effect, "P1")


def _is_reference(value: str) -> bool:
    return value.startswith(f"{TERRAFORM}:")


def _identity(value: str, record: Record, context: CheckContext, side: str) -> str:
    """What a value refers to under its oldest address: a move is no other thing."""
    view = context.base if side == "base" else context.head
    held = view.get(record.resource.unit, value, record.resource.environment.name)
    return f"{TERRAFORM}:{held.identity}" if held is not None and held.identity else value


def _said(values: list[str]) -> str:
    return listed([one.removeprefix(f"{TERRAFORM}:") for one in values], 2) or "nothing"


def _kept_longer(change: Change, old: Record) -> Iterator[Match]:
    was, becomes = old.ttl, number(change.node_after)
    if was is None or becomes is None or becomes <= _STALE_HOURS * 3600 or becomes < was * _RAISED:
        return
    effect = "a wrong value stays in caches that long"
    yield told(f"the TTL of {_called(old)} goes from {was} to {becomes} seconds", effect, "P3")
