"""Which nodes a pod may run on, as its node selector and its required node affinity say, and which taints it bears.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, number_at, text, text_at, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.nodes import Mapping, Node


class Requirement(NamedTuple):
    """One demand on the labels of a node."""

    key: str
    operator: str
    values: frozenset[str]

    def __str__(self) -> str:
        said = listed((value or '""' for value in sorted(self.values)), 3, " or ")
        words = {
            "In": f"{self.key} is {said}",
            "NotIn": f"{self.key} is not {said}",
            "Exists": f"{self.key} is set",
            "DoesNotExist": f"{self.key} is not set",
            "Gt": f"{self.key} is above {said}",
            "Lt": f"{self.key} is below {said}",
        }
        return words.get(self.operator, f"{self.key} {self.operator} {said}")

    def implies(self, other: Requirement) -> bool:
        """Whether each node that this holds for is one that `other` holds for."""
        if self == other:
            return True
        if self.key != other.key:
            return False
        if other.operator == "Exists":
            return self.operator in ("In", "Gt", "Lt")
        if other.operator == "In":
            return self.operator == "In" and self.values <= other.values
        if other.operator == "NotIn":
            if self.operator == "In":
                return self.values.isdisjoint(other.values)
            return self.operator == "DoesNotExist" or (
                self.operator == "NotIn" and other.values <= self.values
            )
        return other.operator == self.operator and _narrower(self, other)


def _narrower(one: Requirement, other: Requirement) -> bool:
    """Whether bound `one` is at least as narrow as `other`, of the same operator."""
    numbers = [next(iter(found.values), "") for found in (one, other)]
    if not all(number.lstrip("-").isdecimal() and len(number) < 19 for number in numbers):
        return False
    first, second = map(int, numbers)
    return first >= second if one.operator == "Gt" else first <= second


Term: TypeAlias = frozenset[Requirement]
"""Demands that a node has to meet together."""

_EVERYWHERE: Final = frozenset(
    Requirement(f"{prefix}kubernetes.io/{key}", "In", frozenset({value}))
    for prefix in ("", "beta.")
    for key, value in (("os", "linux"), ("arch", "amd64"))
)
"""What every ordinary node is."""


def terms_of(spec: Mapping) -> list[Term]:
    """The terms of which a node has to meet one. Without any demand that is one empty term."""
    chosen = texts(spec.get("nodeSelector"))
    always = frozenset(Requirement(key, "In", frozenset({value})) for key, value in chosen.items())
    stated = items_at(required_affinity(spec, "nodeAffinity"), "nodeSelectorTerms")
    return [_demanding(always | _requirements(term)) for term in stated] or [_demanding(always)]


def _demanding(term: Term) -> Term:
    return frozenset(one for one in term if not any(fact.implies(one) for fact in _EVERYWHERE))


def required_affinity(spec: Mapping, kind: str) -> Node | None:
    return spec.at("affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution")


def _requirements(term: Node) -> Term:
    found = set()
    for field, mark in (("matchExpressions", ""), ("matchFields", "field ")):
        for item in items_at(term, field):
            values = frozenset(text(value) or "" for value in items_at(item, "values"))
            key, operator = text_at(item, "key") or "", text_at(item, "operator") or "In"
            found.add(Requirement(f"{mark}{key}", operator, values))
    return frozenset(found)


def added_demands(old: Sequence[Term], new: Sequence[Term]) -> list[Requirement]:
    """What nodes that were fit have to meet in addition; empty where each of them still is."""
    for term in old:
        missing = min((_unmet(term, other) for other in new), key=len, default=[])
        if missing:
            return missing
    return []


def _unmet(held: Term, wanted: Iterable[Requirement]) -> list[Requirement]:
    return sorted(one for one in wanted if not any(other.implies(one) for other in held))


class Toleration(NamedTuple):
    """key, effect: empty for all. value: None for any."""

    key: str
    effect: str
    value: str | None
    seconds: int | None

    def covers(self, other: Toleration) -> bool:
        return (
            self.key in ("", other.key)
            and self.effect in ("", other.effect)
            and (self.value is None or self.value == other.value)
            and (self.seconds is None or self.seconds == other.seconds)
        )

    def __str__(self) -> str:
        said = self.key or "all taints"
        said += f"={self.value}" if self.value is not None else ""
        return f"{said}:{self.effect}" if self.effect else said


def tolerations_of(spec: Mapping) -> list[tuple[Toleration, Node]]:
    found = []
    for item in items_at(spec, "tolerations"):
        any_value = (text_at(item, "operator") or "Equal") == "Exists"
        found.append(
            (
                Toleration(
                    text_at(item, "key") or "",
                    text_at(item, "effect") or "",
                    None if any_value else text_at(item, "value") or "",
                    number_at(item, "tolerationSeconds"),
                ),
                item,
            )
        )
    return found


def selector_of(node: Node | None) -> tuple[tuple[str, str], ...]:
    """A label selector in a form that can be compared."""
    pairs = [*texts(mapping_at(node, "matchLabels")).items()]
    for item in items_at(node, "matchExpressions"):
        values = sorted(text(value) or "" for value in items_at(item, "values"))
        pairs.append((text_at(item, "key") or "", f"{text_at(item, 'operator')} {','.join(values)}"))
    return tuple(sorted(pairs))
