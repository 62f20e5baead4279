"""Argo CD's progressive syncs: in which order an ApplicationSet updates the applications that it makes.

https://github.com/argoproj/argo-cd/blob/37ee0097cf/docs/operator-manual/applicationset/Progressive-Syncs.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.progressive.surroundings import group_of
from riskcheck.progressive.values import Part, body_of
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Resource
    from riskcheck.nodes import Node

GROUP: Final = "argoproj.io"
_PLACEHOLDER: Final = regex(r"\{\{-?\s*\.?([\w.]+)\s*-?\}\}")
_MOST_APPLICATIONS: Final = 1000


class RollingStep(NamedTuple):
    """One group of applications. expressions: (key, operator, values), all of which must hold.

    most: ``maxUpdate`` as written, None for everything at once, which is the default.
    """

    expressions: tuple[tuple[str, str, tuple[str, ...]], ...]
    most: str | None
    node: Node

    def selects(self, labels: MappingOf[str, str]) -> bool:
        """Whether an application with these labels is updated in this step."""
        return all(_holds(expression, labels) for expression in self.expressions)

    @property
    def unbounded(self) -> bool:
        """Whether all applications of the group are updated at once."""
        return self.most is None or self.most == "100%"


def _holds(expression: tuple[str, str, tuple[str, ...]], labels: MappingOf[str, str]) -> bool:
    key, operator, values = expression
    if operator == "NotIn":
        return labels.get(key) not in values
    return operator == "In" and labels.get(key) in values


class Application(NamedTuple):
    """One application that a list generator makes. labels: with the placeholders that the list fills, filled."""

    name: str
    labels: MappingOf[str, str]

    @property
    def production(self) -> bool:
        """Whether its name or one of its labels says so, and no label says otherwise."""
        told = {tell(text, beside=True).stage for text in (self.name, *self.labels.values())} - {None}
        return told == {"prod"}


class RollingSync(NamedTuple):
    """How one ApplicationSet updates. steps: None for all at once.

    applications: what it makes, None where its generators ask a cluster or a repository.
    """

    name: str
    steps: tuple[RollingStep, ...] | None
    applications: tuple[Application, ...] | None
    node: Node

    def step_of(self, application: Application) -> int | None:
        """0-based step that updates `application` first, None where none does: then nothing updates it."""
        steps = self.steps or ()
        return next((number for number, step in enumerate(steps) if step.selects(application.labels)), None)

    def takes_production(self, step: RollingStep) -> bool:
        """Whether `step` updates production, or may, as far as is known."""
        if self.applications is not None:
            return any(one.production and step.selects(one.labels) for one in self.applications)
        told = [tell(value, beside=True).stage for _, _, values in step.expressions for value in values]
        return any(stage in ("prod", None) for stage in told) or not told


def rolling_sync(resource: Resource | None) -> RollingSync | None:
    """What `resource` says of the order of updates; None where it is no ApplicationSet."""
    if resource is None or resource.kind != "ApplicationSet" or group_of(resource) != GROUP:
        return None
    body = body_of(resource)
    strategy = body.part("spec", "strategy")
    steps = None
    if strategy.text("type") == "RollingSync":
        steps = tuple(_step(item) for item in strategy.parts("rollingSync", "steps"))
    return RollingSync(
        body.text("metadata", "name"), steps or None, _applications(body), strategy.node or body.place
    )


def _step(item: Part) -> RollingStep:
    expressions = tuple(
        (one.text("key"), one.text("operator"), one.names("values")) for one in item.parts("matchExpressions")
    )
    return RollingStep(expressions, item.text("maxUpdate") or None, item.place)


def _applications(body: Part) -> tuple[Application, ...] | None:
    """What list generators make; None where another generator may make more."""
    found: list[Application] = []
    for generator in body.parts("spec", "generators"):
        elements = generator.at("list", "elements")
        if not isinstance(elements, Sequence) or generator.node is None or len(generator.node.entries) != 1:
            return None
        found.extend(_made(body, element) for element in elements.items if isinstance(element, Mapping))
    return tuple(found) if 0 < len(found) <= _MOST_APPLICATIONS else None


def _made(body: Part, element: Mapping) -> Application:
    values = dict(_flat(element))
    metadata = body.part("spec", "template", "metadata")
    labels = metadata.texts("labels")
    return Application(
        _filled(metadata.text("name"), values), {key: _filled(value, values) for key, value in labels.items()}
    )


def _flat(node: Mapping, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, child in node.entries:
        if isinstance(child, Scalar):
            yield prefix + key.raw, child.raw
        elif isinstance(child, Mapping):
            yield from _flat(child, f"{prefix}{key.raw}.")


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def weakened(before: RollingSync, after: RollingSync) -> tuple[str, Node] | None:
    """What holds updates back less than before, and where that is written; None for nothing."""
    if before.steps is None or not _has_production(before):
        return None
    if after.steps is None:
        return f"updates everything at once instead of in {len(before.steps)} steps", after.node
    return _left_out(before, after) or _fewer(before, after) or _unbounded(before, after)


def _has_production(sync: RollingSync) -> bool:
    return sync.applications is None or any(one.production for one in sync.applications)


def _left_out(before: RollingSync, after: RollingSync) -> tuple[str, Node] | None:
    """Production applications that no step updates, or that are in the first one; new ones, and ones that moved."""
    known = {one.name: one for one in before.applications or ()}
    first = any(one.production and before.step_of(one) == 0 for one in known.values())
    for application in after.applications or ():
        if not application.production or not known:
            continue
        old, is_now = known.get(application.name), after.step_of(application)
        was = before.step_of(old) if old is not None else None
        if is_now is None and (old is None or was is not None):
            when = "" if old is None else " any more"
            return f"updates {application.name} in no step{when}: it stays as it is", after.node
        if is_now == 0 and (was or (old is None and not first and len(after.steps or ()) > 1)):
            instead = f" instead of step {was + 1}" if was else ""
            return f"updates {application.name} in the first step{instead}", after.node
    return None


def _fewer(before: RollingSync, after: RollingSync) -> tuple[str, Node] | None:
    """Steps that went. One that updated nothing, or only what went too, held nothing back."""
    assert before.steps is not None
    assert after.steps is not None
    old = len(before.steps)
    if before.applications is not None and after.applications is not None:
        names = {one.name for one in after.applications}
        old = len({before.step_of(one) for one in before.applications if one.name in names} - {None})
        now = len({after.step_of(one) for one in after.applications} - {None})
    else:
        now = len(after.steps)
    return (f"updates in {_steps(now)} instead of {_steps(old)}", after.node) if now < old else None


def _steps(count: int) -> str:
    return f"{count} step" if count == 1 else f"{count} steps"


def _unbounded(before: RollingSync, after: RollingSync) -> tuple[str, Node] | None:
    known = {step.expressions: step for step in before.steps or ()}
    for step in after.steps or ():
        old = known.get(step.expressions)
        if old is not None and not old.unbounded and step.unbounded and after.takes_production(step):
            what = "waits for a person" if old.most == "0" else f"updates {old.most} at a time"
            return f"no longer {what} in the step of production: all of it is updated at once", step.node
    return None
