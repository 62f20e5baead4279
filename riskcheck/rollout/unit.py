"""Evidence that one of many that an edit reaches already runs the value: a job that was moved before the others."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.judged import CanaryEvidence
from riskcheck.nodes import KeyPath, Scalar, walk
from riskcheck.rollout import soak
from riskcheck.rollout.sought import sought_of
from riskcheck.rollout.wanted import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.rollout.canary import CanaryFacts

_LEAST: Final = 2
"""Resources that an edit must reach for one more to stand for them: one job says nothing of one other."""
_MOST_ASKED: Final = 5
_VERSIONS: Final = frozenset(
    {
        "channel",
        "client",
        "data_security_mode",
        "driver_node_type_id",
        "environment_version",
        "image",
        "node_type_id",
        "policy_id",
        "runtime_engine",
        "spark_version",
    }
)
"""Keys whose value is a version or a kind of machine, so that the same value is the same thing. Equal counts and
sizes are chance."""


def evidence(changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence | None:
    """One unit of the same kind, deployed with the changed ones to the same place, that has run the value for its
    soak time. None where there is none, or where the value says nothing of its kind.

    changes: one edit in one environment, in every resource that it reaches there.
    """
    first = changes[0]
    touched = {change.resource.key for change in changes}
    key = next((step for step in reversed(first.path) if not step.startswith("[")), "")
    wanted = first.node_after
    if (
        len(touched) < _LEAST
        or key not in _VERSIONS
        or not isinstance(wanted, Scalar)
        or facts.landings is None
        or facts.promotion not in (None, "git")
        or len({repr(change.after) for change in changes}) > 1
    ):
        return None
    value = scalar_value(wanted, first.resource.reading)
    if not isinstance(value, str):
        return None
    asked = islice(
        (one for one in _alike(first.resource, touched, facts) if _runs(one, first.path, value)), _MOST_ASKED
    )
    for other in asked:
        found = _soaked(other, first.path, value, facts)
        if found is not None:
            return found
    return None


def _soaked(other: Resource, path: KeyPath, value: str, facts: CanaryFacts) -> CanaryEvidence | None:
    assert facts.landings is not None
    landed = facts.landings.since(sought_of(other), lambda one: one is not None and _runs(one, path, value))
    if landed.time is None or facts.now - landed.time < soak.needed(other, other.environment):
        return None
    more = "at least " if landed.at_least else ""
    ran = f"has run it for {more}{soak.spell(facts.now - landed.time)}"
    detail = f"{other.kind} {other.name}, one of its kind there, {ran}"
    return CanaryEvidence("subset", True, other.environment.name, detail, stamp(landed.time))


def _alike(resource: Resource, touched: set[tuple[str, str, str]], facts: CanaryFacts) -> Iterator[Resource]:
    for other in facts.base:
        if (
            other.unit == resource.unit
            and other.platform == resource.platform
            and other.kind == resource.kind
            and other.environment.name == resource.environment.name
            and other.key not in touched
        ):
            yield other


def _runs(resource: Resource, path: KeyPath, value: str) -> bool:
    """Whether `resource` has `value` at `path`, and nothing else there, whatever its list items are called."""
    wanted = _general(path)
    found = {
        scalar_value(node, resource.reading)
        for steps, node in walk(resource.body)
        if isinstance(node, Scalar) and _general(steps) == wanted
    }
    return found == {value}


def _general(path: KeyPath) -> KeyPath:
    return tuple("[]" if step.startswith("[") else step for step in path)
