"""What holds the change as a whole: a freeze, a deploy window that is closed, an approval that is missing.

Facts only; `riskcheck.policy.gate` makes the verdict of them and the rules GOV-001 and GOV-002 tell them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import parse_moment
from riskcheck.globs import wildcard
from riskcheck.models import Location
from riskcheck.policy.windows import is_open, next_opening
from riskcheck.records import NamedTuple
from riskcheck.runfacts import Hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riskcheck.models import Change, Environment, Service
    from riskcheck.policy.model import Approval, ApprovalNeed, Freeze, Policy, Window

FREEZE_CODE: Final = "GOV-001"
APPROVAL_CODE: Final = "GOV-002"
GATE_SCOPE: Final = "gate"
"""Scope of `approvals` under which a policy lets named teams change the gate itself."""
EXPOSED: Final = frozenset({"prod", "unknown"})
_CLASSES: Final = frozenset(
    {"dataclassification", "classification", "compliance", "compliancescope", "regulation"}
)
"""Names of labels whose value is a scope, without what separates their words."""
_TRUE: Final = frozenset({"true", "yes", "1", "in-scope", "required"})


class Affected(NamedTuple):
    """One service that the change reaches in one environment; files of the gate itself left out.

    scopes: lower-case, of the service. labels: of the resource, before and after. change: the first one that
    reaches it so.
    """

    environment: Environment
    service: Service
    labels: tuple[tuple[str, str], ...] = ()
    change: Change | None = None


def holds(
    policy: Policy,
    affected: Sequence[Affected],
    approvals: Sequence[Approval],
    now: int,
    place: Callable[[Change], Location],
) -> tuple[Hold, ...]:
    """Everything that holds `affected` at `now` (seconds since the epoch). place: where a change was edited."""
    return (
        *_freezes(policy, affected, now, place),
        *_windows(policy, affected, now, place),
        *_missing_approvals(policy, affected, approvals, now, place),
    )


def is_approved(
    need: ApprovalNeed, approvals: Sequence[Approval], now: int, found: frozenset[str] | None = None
) -> bool:
    """Whether one of its teams approved. An approval from the future, or without a readable time, is none.

    found: fingerprints of what it has to hold for, None where they are not known: then one that lists what it was
    given for does not count.
    """
    for approval in approvals:
        if approval.findings is not None and (found is None or not found <= approval.findings):
            continue
        if approval.scope == need.scope and approval.team in need.teams:
            at = parse_moment(approval.at)
            if at is not None and at <= now:
                return True
    return False


def _freezes(
    policy: Policy, affected: Sequence[Affected], now: int, place: Callable[[Change], Location]
) -> Iterator[Hold]:
    for freeze in policy.freezes:
        if freeze.holds(now):
            inside = [one for one in affected if concerns(freeze, one)]
            until = _day(freeze.end - 1)
            yield from _hold(
                FREEZE_CODE,
                "freeze",
                f"freeze {freeze.name} until {until}",
                f"holds for {_listed(inside)}",
                freeze.source,
                inside,
                place,
            )


def _windows(
    policy: Policy, affected: Sequence[Affected], now: int, place: Callable[[Change], Location]
) -> Iterator[Hold]:
    closed: dict[tuple[Window, ...], list[Affected]] = {}
    for one in affected:
        concerned = tuple(window for window in policy.windows if concerns(window, one))
        if concerned and not any(is_open(window, now) for window in concerned):
            closed.setdefault(concerned, []).append(one)
    for concerned, inside in closed.items():
        names = " and ".join(window.name for window in concerned)
        opens = min(filter(None, (next_opening(window, now) for window in concerned)), default=None)
        more = f", which opens {opens[1]}," if opens else ""
        yield from _hold(
            FREEZE_CODE,
            "window",
            f"outside of deploy window {names}",
            f"{more} for {_listed(inside)}".removeprefix(" "),
            concerned[0].source,
            inside,
            place,
        )


def _missing_approvals(
    policy: Policy,
    affected: Sequence[Affected],
    approvals: Sequence[Approval],
    now: int,
    place: Callable[[Change], Location],
) -> Iterator[Hold]:
    for need in policy.approvals:
        if is_approved(need, approvals, now):
            continue
        inside = [one for one in affected if in_scope(need, one)]
        yield from _hold(
            APPROVAL_CODE,
            "approval",
            f"{need.scope} needs the approval of {' or '.join(need.teams)}",
            f"for {_listed(inside)}",
            need.source,
            inside,
            place,
        )


def _hold(
    code: str,
    role: str,
    what: str,
    about: str,
    source: str,
    inside: Sequence[Affected],
    place: Callable[[Change], Location],
) -> Iterator[Hold]:
    if not inside:
        return
    path, _, line = source.rpartition(":")
    number = int(line) if line.isdigit() else 1
    first: dict[str, Location] = {}
    for one in inside:
        if one.change is not None:
            found = place(one.change)
            known = first.get(found.path)
            if known is None or (found.line, found.column) < (known.line, known.column):
                first[found.path] = found
    gap = "" if about.startswith(",") else " "
    yield Hold(
        code,
        role,
        f"{what}{gap}{about}",
        f"{what} ({source}){gap}{about}",
        Location(path, "base", number, 1, number, 1),
        tuple(first[name] for name in sorted(first)),
        tuple(sorted({one.environment.name for one in inside})),
        tuple(sorted({one.change.resource.address for one in inside if one.change is not None})),
    )


def concerns(held: Freeze | Window, one: Affected) -> bool:
    """Whether a freeze or a window is about `one`, whenever it holds."""
    if held.services and one.service.name not in held.services:
        return False
    if held.environments:
        return any(wildcard(name, one.environment.name) for name in held.environments)
    return one.environment.stage in EXPOSED


def in_scope(need: ApprovalNeed, one: Affected) -> bool:
    """Whether `one` needs that approval."""
    scope = need.scope.lower()
    if need.scope == GATE_SCOPE or one.environment.stage not in EXPOSED:
        return False
    return scope in (name.lower() for name in one.service.scopes) or any(
        _labels_scope(key, value, scope) for key, value in one.labels
    )


def _labels_scope(key: str, value: str, scope: str) -> bool:
    """``sox: "true"``, ``example.com/data-classification: pii``: what a resource says of itself."""
    name = key.rpartition("/")[2].lower()
    said = value.strip().lower()
    if name == scope:
        return said in _TRUE
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return plain in _CLASSES and scope in said.replace(",", " ").replace(";", " ").split()


def _listed(affected: Sequence[Affected]) -> str:
    """``orders (prod-eu, prod-us), ledger (prod-eu)``, the first few."""
    names: dict[str, dict[str, None]] = {}
    for one in affected:
        names.setdefault(one.service.name, {})[one.environment.name] = None
    shown = [f"{service} ({', '.join(environments)})" for service, environments in list(names.items())[:3]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return ", ".join(shown)


def _day(moment: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).date().isoformat()
