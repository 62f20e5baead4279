"""Kargo's promotion graph: which stage takes freight from where, who verifies it, what is promoted by itself.

https://github.com/akuity/kargo/tree/1c764767a/docs/docs/50-user-guide/20-how-to-guides: ``working-with-stages``,
``working-with-projects``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.progressive.namepatterns import name_matches
from riskcheck.progressive.surroundings import group_of
from riskcheck.progressive.values import Part, body_of, go_seconds, spell
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Resource
    from riskcheck.nodes import Node

GROUP: Final = "kargo.akuity.io"

_ENVIRONMENT_LABELS: Final = frozenset({"environment", "env", "stage", "tier"})
"""Last parts of label keys whose value names an environment."""


class Request(NamedTuple):
    """Freight that a stage takes. origin: ``Warehouse/shop``. direct: as soon as it exists, whatever `stages` say.

    stages: those in which it must have been verified, all of them with `every`, else any one. soak_seconds: how
    long it must have stayed there after that.
    """

    origin: str
    direct: bool
    stages: tuple[str, ...]
    every: bool
    soak_seconds: int
    node: Node


class KargoStage(NamedTuple):
    """One stage. verified: freight is analysed after it was promoted; otherwise healthy is enough."""

    name: str
    namespace: str
    labels: MappingOf[str, str]
    requests: tuple[Request, ...]
    verified: bool


class PromotionPolicy(NamedTuple):
    """Stages that one entry of ``promotionPolicies`` selects. name: exact, ``glob:…``, ``regex:…``, ``""`` for any.

    expressions: (key, operator, values). automatic: new freight is promoted without a person.
    """

    name: str
    labels: MappingOf[str, str]
    expressions: tuple[tuple[str, str, tuple[str, ...]], ...]
    automatic: bool
    node: Node


def stage_of(resource: Resource | None) -> KargoStage | None:
    """The stage that `resource` declares, or None."""
    if resource is None or resource.kind != "Stage" or group_of(resource) != GROUP:
        return None
    body = body_of(resource)
    return KargoStage(
        body.text("metadata", "name"),
        body.text("metadata", "namespace"),
        body.texts("metadata", "labels"),
        tuple(_request(item) for item in body.parts("spec", "requestedFreight")),
        any(body.parts("spec", "verification", "analysisTemplates")),
    )


def _request(item: Part) -> Request:
    sources = item.part("sources")
    return Request(
        f"{item.text('origin', 'kind') or 'Warehouse'}/{item.text('origin', 'name')}",
        sources.flag("direct") is True,
        sources.names("stages"),
        sources.text("availabilityStrategy") == "All",
        go_seconds(sources.text("requiredSoakTime")) or 0,
        item.place,
    )


def policies_of(resource: Resource | None) -> tuple[PromotionPolicy, ...]:
    """The promotion policies of a project, in order: the first that selects a stage counts."""
    if resource is None or resource.kind not in ("ProjectConfig", "Project") or group_of(resource) != GROUP:
        return ()
    policies = body_of(resource).parts("spec", "promotionPolicies")
    return tuple(_policy(item) for item in policies)


def _policy(item: Part) -> PromotionPolicy:
    selector = item.part("stageSelector")
    return PromotionPolicy(
        selector.text("name") or item.text("stage"),
        selector.texts("matchLabels"),
        tuple(
            (one.text("key"), one.text("operator"), one.names("values"))
            for one in selector.parts("matchExpressions")
        ),
        item.flag("autoPromotionEnabled") is True,
        item.place,
    )


def policy_for(stage: KargoStage, policies: Sequence[PromotionPolicy]) -> PromotionPolicy | None:
    """The policy that counts for `stage`. A pattern that cannot be evaluated safely selects nothing here."""
    for policy in policies:
        if policy.name and not name_matches(policy.name, stage.name):
            continue
        if all(stage.labels.get(key) == value for key, value in policy.labels.items()) and all(
            _holds(expression, stage.labels) for expression in policy.expressions
        ):
            return policy
    return None


def _holds(expression: tuple[str, str, tuple[str, ...]], labels: MappingOf[str, str]) -> bool:
    key, operator, values = expression
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")


class PromotionGraph:
    """The stages of one project on one side of a change."""

    def __init__(self, stages: Iterable[KargoStage]) -> None:
        self.stages = {stage.name: stage for stage in stages}
        self._passed: dict[tuple[str, str], frozenset[str]] = {}

    def is_production(self, stage: KargoStage) -> bool:
        """Whether `stage` is production: by its name, else by its labels, else as the only end of a graph in which
        no name tells."""
        told = _told(stage)
        if told is not None:
            return told == "prod"
        if any(_told(one) == "prod" for one in self.stages.values()):
            return False
        ends = [one.name for one in self.stages.values() if not self.feeds(one.name) and _upstream(one)]
        return ends == [stage.name]

    def feeds(self, name: str) -> bool:
        """Whether some other stage waits for stage `name`."""
        return any(name in _upstream(stage) for stage in self.stages.values() if stage.name != name)

    def passed(self, name: str, origin: str) -> frozenset[str]:
        """Stages in which freight of `origin` was surely verified once it was in `name`, itself included."""
        key = (name, origin)
        if key not in self._passed:
            self._passed[key] = frozenset({name})  # what a cycle finds on its way round
            stage = self.stages.get(name)
            request = _of_origin(stage, origin) if stage else None
            if request is not None and request.stages and not request.direct:
                each = [self.passed(one, origin) for one in request.stages]
                before = frozenset.union(*each) if request.every else frozenset.intersection(*each)
                self._passed[key] = before | {name}
        return self._passed[key]


def _told(stage: KargoStage) -> str | None:
    found = tell(stage.name).stage
    if found is not None:
        return found
    for key, value in stage.labels.items():
        if key.rpartition("/")[2] in _ENVIRONMENT_LABELS:
            found = tell(value).stage
            if found is not None:
                return found
    return None


def _upstream(stage: KargoStage) -> frozenset[str]:
    return frozenset(name for request in stage.requests for name in request.stages)


def _of_origin(stage: KargoStage, origin: str) -> Request | None:
    return next((request for request in stage.requests if request.origin == origin), None)


def weakened(before: KargoStage, after: KargoStage, base: PromotionGraph, head: PromotionGraph) -> str | None:
    """What `after` asks less of freight than `before` did, or None."""
    for old in before.requests:
        new = _of_origin(after, old.origin)
        found = _weaker(old, new, base, head) if new is not None else None
        if found:
            return found
    return None


def _weaker(old: Request, new: Request, base: PromotionGraph, head: PromotionGraph) -> str | None:
    if old.direct:
        return None
    if new.direct:
        return f"takes new freight straight from {old.origin}, verified nowhere"
    asked = _renamed(old.stages, new.stages, base, head)
    if asked and new.stages:
        ways = [new.stages] if new.every else [(name,) for name in new.stages]
        for way in ways:
            verified = frozenset[str]().union(*(head.passed(name, new.origin) for name in way))
            missing = [name for name in asked if name not in verified]
            if missing if old.every else len(missing) == len(asked):
                return _less(old, new, way, missing)
    if new.soak_seconds < old.soak_seconds:
        left = f"{spell(new.soak_seconds)} of soak" if new.soak_seconds else "no soak"
        return f"asks for {left} instead of {spell(old.soak_seconds)}"
    return None


def _less(old: Request, new: Request, way: tuple[str, ...], missing: Sequence[str]) -> str:
    if len(new.stages) > 1 and old.every and not new.every:
        return f"asks for freight verified in one of {', '.join(new.stages)} instead of all of them"
    return f"takes freight that was verified in {', '.join(way)} and not in {', '.join(missing)}"


def _renamed(
    old: tuple[str, ...], new: tuple[str, ...], base: PromotionGraph, head: PromotionGraph
) -> tuple[str, ...]:
    """`old` under the names of head: a stage that went where another came is the same one."""
    gone = [name for name in old if name not in new and name in base.stages and name not in head.stages]
    came = [name for name in new if name not in old and name in head.stages and name not in base.stages]
    if len(gone) == len(came) == 1:
        return tuple(came[0] if name == gone[0] else name for name in old)
    return old
