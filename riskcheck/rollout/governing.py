"""The declarations of progressive delivery that have to do with a change, on both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import CanaryEvidence
from riskcheck.progressive.read import deliveries, flows_through
from riskcheck.progressive.surroundings import config_of, configs_of
from riskcheck.progressive.values import percent, spell
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from riskcheck.models import CanaryKind, Change, Resource
    from riskcheck.progressive.model import ProgressiveDelivery


_NAMES: Final[dict[CanaryKind, str]] = {"split": "traffic split", "metric": "metric gate"}


class Governing(NamedTuple):
    """One declaration beside a change.

    before: as base has it; None where only the change brings it. after: as head has it; None where the change takes
    it away. through: whether the change goes through it; why: in words.
    """

    before: ProgressiveDelivery | None
    after: ProgressiveDelivery | None
    through: bool
    why: str

    def fault(self, weakness: Callable[[ProgressiveDelivery], str | None]) -> str | None:
        """Why it proves nothing for the change; None where it does. weakness: why a delivery holds nothing back.

        A declaration that comes with the change proves nothing; one that it edits must hold before and after.
        """
        if self.before is None:
            return f"{called(self.after)} comes with this change: nothing has gone through it yet"
        if self.before.skipped:
            return self.why
        if not self.through:
            return f"{described(self.before)}, but this does not go through it: {self.why}"
        found = weakness(self.before)
        if found is not None:
            return f"{called(self.before)}: {found}"
        if self.after is None:
            return f"{called(self.before)} goes with this change"
        if self.after.skipped:
            return f"{called(self.after)} is switched off by this change"
        left = weakness(self.after)
        return None if left is None else f"{called(self.after)}, as this change leaves it: {left}"


class _Pair(NamedTuple):
    """One declaration on both sides; None where a side lacks it."""

    before: ProgressiveDelivery | None
    after: ProgressiveDelivery | None

    @property
    def one(self) -> ProgressiveDelivery:
        """As base has it, else as head brings it."""
        found = self.before or self.after
        assert found is not None
        return found


class Deliveries:
    """What base and head declare, read for one environment at a time, when first asked for.

    units: those that were resolved on both sides; what lies outside them is the same in head.
    """

    def __init__(self, base: Sequence[Resource], head: Sequence[Resource], units: frozenset[str]) -> None:
        self._base = base
        self._head = head
        self._units = units
        self._near: dict[str, dict[Hashable, list[_Pair]]] = {}

    def beside(self, change: Change) -> tuple[Governing, ...]:
        """The declarations that have to do with `change`: those it goes through first, then the closest."""
        near = self._in(change.environment.name)
        pairs: dict[int, tuple[int, _Pair]] = {}
        for rank, name in _names_of(change):
            pairs.update({id(pair): (rank, pair) for pair in near.get(name, ())})
        found: list[tuple[bool, int, Governing]] = []
        for rank, pair in pairs.values():
            through, why = flows_through(pair.one, change)
            passes = through and pair.before is not None
            found.append((not passes, rank, Governing(pair.before, pair.after, through, why)))
        return tuple(one for _, _, one in sorted(found, key=lambda entry: entry[:2]))

    def _in(self, environment: str) -> dict[Hashable, list[_Pair]]:
        """The declarations of one environment by what they have to do with."""
        if environment not in self._near:
            near: dict[Hashable, list[_Pair]] = {}
            for pair in self._paired(environment):
                for name in dict.fromkeys(_names_for(pair.one)):
                    near.setdefault(name, []).append(pair)
            self._near[environment] = near
        return self._near[environment]

    def _paired(self, environment: str) -> list[_Pair]:
        base = [one for one in self._base if one.environment.name == environment]
        head = [one for one in self._head if one.environment.name == environment]
        # Templates and workloads that a declaration refers to may lie in units that nothing touches.
        head += [one for one in base if one.unit not in self._units]
        later = _numbered(deliveries(head))
        pairs = [_Pair(one, later.pop(key, None)) for key, one in _numbered(deliveries(base)).items()]
        return pairs + [_Pair(None, one) for one in later.values()]


def _numbered(found: Sequence[ProgressiveDelivery]) -> dict[tuple[Hashable, int], ProgressiveDelivery]:
    """By resource, and number within it: a route with several rules declares as many."""
    count: dict[Hashable, int] = {}
    named: dict[tuple[Hashable, int], ProgressiveDelivery] = {}
    for one in found:
        key = one.resource.key
        count[key] = count.get(key, 0) + 1
        named[(key, count[key])] = one
    return named


def _names_for(delivery: ProgressiveDelivery) -> Iterator[Hashable]:
    """What a declaration has to do with: itself, what it delivers, what that reads, its service."""
    workload = delivery.workload
    yield delivery.resource.key
    yield from (("exposed", address) for address in delivery.exposed)
    if workload is not None:
        yield workload.key
        yield from (("config", *used) for used in configs_of(workload))
    if delivery.resource.service:
        yield ("service", delivery.resource.service)


def _names_of(change: Change) -> Iterator[tuple[int, Hashable]]:
    """The same of a change, the loosest first: 2 for its service, 1 for what others read of it, 0 for itself."""
    resource = change.resource
    if resource.service and config_of(resource) is None:
        yield 2, ("service", resource.service)
    config = config_of(resource)
    if config is not None:
        yield from ((1, ("config", config[0], name)) for name in config[1])
    yield 0, ("exposed", resource.address)
    yield 0, resource.key


def governs(
    kind: CanaryKind,
    changes: Sequence[Change],
    deliveries: Deliveries,
    weakness: Callable[[ProgressiveDelivery], str | None],
) -> CanaryEvidence | ProgressiveDelivery:
    """The delivery through which all of `changes` go, the one that exposes most where there are several; else the
    evidence of `kind` that is missing, with the reason.

    changes: one edit in one environment, in every resource that it reaches there.
    """
    through: list[ProgressiveDelivery] = []
    for change in changes:
        beside = deliveries.beside(change)
        faults = [one.fault(weakness) for one in beside]
        good = [one.before for one, fault in zip(beside, faults, strict=True) if fault is None and one.before]
        if not good:
            reason = faults[0] if faults else None
            detail = _of_several(changes, change, reason or f"no {_NAMES[kind]} is declared for it")
            absent = reason is None and not through
            return CanaryEvidence(kind, False, change.environment.name, detail, absent=absent)
        through.append(good[0])
    return max(through, key=lambda delivery: delivery.first_share)


def _of_several(changes: Sequence[Change], change: Change, reason: str) -> str:
    if len({one.resource.key for one in changes}) == 1:
        return reason
    return f"{change.resource.kind} {change.resource.name}: {reason}"


def called(delivery: ProgressiveDelivery | None) -> str:
    """``Rollout shop/web``."""
    assert delivery is not None
    return f"{delivery.resource.kind} {delivery.resource.name}"


def described(delivery: ProgressiveDelivery) -> str:
    """``Rollout shop/web steps 5, 20, 60, 100 % over 40m with metric error-rate``."""
    text = called(delivery)
    if delivery.strategy == "split":
        text += f" splits off {percent(delivery.first_share)}"
    elif len(delivery.weights) > 1:
        text += f" steps {', '.join(f'{round(share * 100, 2):g}' for share in delivery.weights)} %"
        text += f" over {spell(delivery.soak_seconds)}" if delivery.soak_seconds else ""
    elif delivery.strategy == "blue-green":
        text += " switches over after a preview"
    names = list(dict.fromkeys(metric.name for metric in delivery.metrics if metric.failing))
    return f"{text} with metric {', '.join(names)}" if names else text
