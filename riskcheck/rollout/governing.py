"""The declarations of progressive delivery that have to do with a change, on both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.judged import CanaryEvidence
from riskcheck.progressive.read import deliveries, flows_through
from riskcheck.progressive.surroundings import configs_of, deployed_name, name_of
from riskcheck.progressive.values import spell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.models import CanaryKind, Change, Resource, Side
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


class Deliveries:
    """What base and head declare, read for one environment at a time, when first asked for.

    units: those that were resolved on both sides; what lies outside them is the same in head.
    """

    def __init__(self, base: Sequence[Resource], head: Sequence[Resource], units: frozenset[str]) -> None:
        self._resources: dict[Side, Sequence[Resource]] = {"base": base, "head": head}
        self._units = units
        self._read: dict[tuple[Side, str], tuple[ProgressiveDelivery, ...]] = {}

    def _at(self, side: Side, environment: str) -> tuple[ProgressiveDelivery, ...]:
        key = (side, environment)
        if key not in self._read:
            found = [one for one in self._resources[side] if one.environment.name == environment]
            if side == "head":
                # Templates and workloads that a declaration refers to may lie in units that nothing touches.
                found += [
                    one
                    for one in self._resources["base"]
                    if one.environment.name == environment and one.unit not in self._units
                ]
            self._read[key] = deliveries(found)
        return self._read[key]

    def beside(self, change: Change) -> tuple[Governing, ...]:
        """The declarations that have to do with `change`: those it goes through first, then the closest."""
        environment = change.environment.name
        head = {one.resource.key: one for one in self._at("head", environment)}
        found: list[tuple[bool, int, Governing]] = []
        for before in self._at("base", environment):
            after = head.pop(before.resource.key, None)
            closeness = _closeness(before, change)
            if closeness is not None:
                through, why = flows_through(before, change)
                found.append((not through, closeness, Governing(before, after, through, why)))
        for after in head.values():
            closeness = _closeness(after, change)
            if closeness is not None:
                found.append((True, closeness, Governing(None, after, *flows_through(after, change))))
        return tuple(one for _, _, one in sorted(found, key=lambda entry: entry[:2]))


def _closeness(delivery: ProgressiveDelivery, change: Change) -> int | None:
    """0 where the change is in what is delivered, 1 in what that reads, 2 elsewhere in its service; None where it
    has nothing to do with it."""
    resource, workload = change.resource, delivery.workload
    if resource.address in delivery.exposed or resource.key in (
        delivery.resource.key,
        workload and workload.key,
    ):
        return 0
    if workload is not None and resource.kind in ("ConfigMap", "Secret"):
        used = configs_of(workload)
        return (
            1 if any((resource.kind, name(resource)) in used for name in (name_of, deployed_name)) else None
        )
    return 2 if resource.service and resource.service == delivery.resource.service else None


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
    if len(delivery.weights) > 1:
        text += f" steps {', '.join(f'{round(share * 100, 2):g}' for share in delivery.weights)} %"
        text += f" over {spell(delivery.soak_seconds)}" if delivery.soak_seconds else ""
    elif delivery.strategy == "blue-green":
        text += " switches over after a preview"
    names = list(dict.fromkeys(metric.name for metric in delivery.metrics if metric.failing))
    return f"{text} with metric {', '.join(names)}" if names else text
