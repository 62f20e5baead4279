"""What others depend on: producers that go, critical services that hang off a risky change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.dependencies import Dependant
    from riskcheck.judged import RiskyEdit
    from riskcheck.rules.context import CheckContext

MOST_NAMES: Final = 3
MOST_PLACES: Final = 10

_OF_PODS: Final = frozenset({"env", "envFrom", "mounts", "imagePullSecrets"})
"""Uses of ConfigMaps and Secrets by pods, which a rule of their own looks at entry by entry (K8S-017)."""


def producer_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource of base that goes, or loses a name, while others still use it (GRF-001).

    Values: what (text), done (text), consumers (text).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or (change.path and after is None):
        return
    found = [one for one in context.dependants(before) if not one.retired and one.relation not in _OF_PODS]
    if found:
        yield Match(
            values={
                "what": f"service {before.service}" if all(one.whole for one in found) else _named(change),
                "done": "gets another name" if after is not None else "is removed",
                "consumers": _consumers(found),
            },
            related=tuple(Related("consumer", one.location) for one in found[:MOST_PLACES]),
        )


def _named(change: Change) -> str:
    resource = change.resource_before or change.resource
    kind = resource.kind.replace("_", " ")
    if kind[:1].islower():
        kind = f"{kind[:-3]}y" if kind.endswith("ies") else kind.removesuffix("s")
    return f"{kind} {resource.name}"


def _consumers(found: Sequence[Dependant]) -> str:
    told = []
    for one in found[:MOST_NAMES]:
        who = one.service if one.label == one.service else f"{one.label} of {one.service}"
        told.append(f"{who} ({one.relation}, {one.location.path}:{one.location.line})")
    more = len(found) - MOST_NAMES
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def critical_downstream(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """A risky production change without canary evidence from which a critical service hangs (GRF-002).

    Values: downstream, because, path (texts); hops (number).
    """
    limit = context.options.get("max_hops", 2)
    hops = int(limit) if isinstance(limit, int | float) else 2
    exposure = subject.exposure
    uncovered = {one.name for one in exposure.production} - exposure.covered
    cells = [one for one in exposure.changes if one.environment.name in uncovered]
    reached = {one.name: one for change in cells for one in context.downstream(change.resource, hops)}
    if not reached:
        return
    ordered = sorted(reached.values(), key=lambda one: (one.hops, one.name))
    first = ordered[0]
    others = [one.name for one in ordered[1:]]
    listed = ", ".join(others[:MOST_NAMES]) + (" …" if len(others) > MOST_NAMES else "")
    yield Match(
        values={
            "downstream": first.name,
            "because": first.because,
            "hops": first.hops,
            "path": " <- ".join(reversed(first.path)) + (f"; so do {listed}" if others else ""),
        },
        related=tuple(Related("dependency", place) for place in first.places),
        environments=tuple(sorted(uncovered)),
    )
