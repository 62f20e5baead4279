"""The resources of both sides as plans complete them.

What the files declare by an exact address is there where they say so, and gone where the plan deletes it too: a
plan may raise a level. Instances that the files do not tell apart (a ``for_each`` over what is not known), and what
a module makes that is not in the repository, are there where the plan says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation, Resource
from riskcheck.nodes import Mapping
from riskcheck.planmerge.bodies import Pair, completed
from riskcheck.planmerge.matching import Matcher, Target
from riskcheck.planmerge.places import of_plan_file
from riskcheck.planmerge.values import body_of
from riskcheck.platforms import load
from riskcheck.platforms.families import component_of
from riskcheck.platforms.terraform.modules import UNKNOWN
from riskcheck.platforms.terraform.moves import FORGOTTEN
from riskcheck.platforms.terraform.shapes import in_shape
from riskcheck.records import NamedTuple, replace
from riskcheck.resolving import under_declared_services

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from riskcheck.models import Change
    from riskcheck.planfiles.model import DeploymentPlan, PlannedResource, PlannedState
    from riskcheck.planmerge.places import Place
    from riskcheck.resolving import Resolved

Key = tuple[str, str, str]

_TERRAFORM: Final = "terraform"
_OF_REPLACEMENT: Final = ("id",)
"""Attributes whose change tells of a replacement where nothing that is configured differs."""


class Merged(NamedTuple):
    """resolved: both sides with what plans know. targets: of each plan by its place in the list; None for one that
    is of no root. declared: what the files alone come to, by `Resource.key`: the changes of each resource.
    known: keys of the resources that the files declare."""

    resolved: Resolved
    targets: tuple[Target | None, ...]
    declared: dict[Key, list[Change]]
    known: frozenset[Key]
    limitations: tuple[Limitation, ...] = ()


def merged(
    plans: Sequence[DeploymentPlan],
    resolved: Resolved,
    changes: Iterable[Change],
    environments: Iterable[str],
    trusted: Collection[str],
) -> Merged:
    """What files and plans say together. changes: of the files alone. environments: names that the policy declares.
    trusted: digests of plans that the policy believes.

    Raises `RunError` where a plan does not tell of which environment it is.
    """
    matcher = Matcher(resolved, environments)
    targets: list[Target | None] = []
    limitations: list[Limitation] = []
    for plan in plans:
        target = matcher.target_of(plan)
        if isinstance(target, Limitation):
            limitations.append(target)
            targets.append(None)
            continue
        targets.append(target)
        resolved = _with_unit(resolved, target.unit)
    declared: dict[Key, list[Change]] = {}
    for change in changes:
        declared.setdefault(change.resource.key, []).append(change)
    known = frozenset(one.key for one in (*resolved.base, *resolved.head) if one.platform == _TERRAFORM)
    for plan, found in zip(plans, targets, strict=True):
        if found is not None:
            resolved = _Merging(plan, found, resolved, matcher, plan.digest in trusted).resolved()
    return Merged(resolved, tuple(targets), declared, known, tuple(limitations))


def _with_unit(resolved: Resolved, unit: str) -> Resolved:
    """`resolved` with a root that the change does not touch: a plan of it was given."""
    units = resolved.units.get(_TERRAFORM, frozenset())
    if unit in units:
        return resolved
    platform = next(one for one in load() if one.name == _TERRAFORM)
    found = [
        under_declared_services(platform.resolve(side, [unit]).resources, resolved.services)
        for side in (resolved.base_side, resolved.head_side)
    ]
    return resolved._replace(
        base=(*resolved.base, *found[0]),
        head=(*resolved.head, *found[1]),
        units={**resolved.units, _TERRAFORM: units | {unit}},
    )


class _Merging:
    """One plan and the resources of its root in its environment."""

    def __init__(
        self, plan: DeploymentPlan, target: Target, resolved: Resolved, matcher: Matcher, trusted: bool
    ) -> None:
        self._plan = plan
        self._target = target
        self._resolved = resolved
        self._places = matcher.places(target.unit)
        self._trusted = trusted
        self._sides = tuple(
            {
                f"{one.kind}.{one.name}": one
                for one in side
                if one.platform == _TERRAFORM
                and one.unit == target.unit
                and one.environment.name == target.environment.name
            }
            for side in (resolved.base, resolved.head)
        )
        self._blocks = tuple(
            {
                _block(one.kind, one.name): one
                for one in side.values()
                if UNKNOWN in one.name or "[" not in one.name
            }
            for side in self._sides
        )
        self._spread: set[Key] = set()
        """Keys of resources that stand for instances which the plan tells apart."""
        self._made: tuple[dict[Key, Resource], dict[Key, Resource]] = ({}, {})
        self._gone: set[Key] = set()

    def resolved(self) -> Resolved:
        for address in sorted(self._plan.resources):
            planned = self._plan.resources[address]
            if planned.state is not None:
                self._merge(planned, planned.state)
        sides = []
        for number, side in enumerate((self._resolved.base, self._resolved.head)):
            made = dict(self._made[number])
            out = self._spread | (self._gone if number else set())
            kept = [made.pop(one.key, one) for one in side if one.key not in out]
            fresh = under_declared_services(tuple(made.values()), self._resolved.services)
            sides.append((*kept, *fresh))
        return self._resolved._replace(base=sides[0], head=sides[1])

    def _merge(self, planned: PlannedResource, state: PlannedState) -> None:
        slot = f"{state.kind}.{state.name}"
        old = self._sides[0].get(slot) or (
            self._sides[0].get(f"{state.kind}.{state.earlier}") if state.earlier else None
        )
        new = self._sides[1].get(slot)
        if planned.gone:
            self._forget(slot, state)
        if old is None and new is not None and planned.action != "create":
            old = self._instance(0, state)
        elif new is None and old is not None and planned.action in ("update", "recreate", "unknown"):
            new = self._instance(1, state)
        if old is not None or new is not None:
            self._fill(planned, state, old, new)
        else:
            self._tell(planned, state)

    def _forget(self, slot: str, state: PlannedState) -> None:
        """What stands for a ``removed`` block that is not in the files, but in a module from elsewhere."""
        block = _block(state.kind, state.name)
        above = tuple(f"module.{'.module.'.join(state.module[: n + 1])}" for n in range(len(state.module)))
        told = {slot, block, *(f"module.{one}" for one in above), *(f"module.{_bare(one)}" for one in above)}
        if any(side.get(f"{FORGOTTEN}.{one}") is not None for side in self._sides for one in told):
            return
        place = self._place(state)
        made = self._resource(state, body_of({}, place.key, place.lines), place, None)
        made = replace(made, kind=FORGOTTEN, name=slot, identity=f"{FORGOTTEN}.{slot}")
        self._made[1].setdefault(made.key, made)

    def _fill(
        self, planned: PlannedResource, state: PlannedState, old: Resource | None, new: Resource | None
    ) -> None:
        """A resource that the files declare."""
        if planned.action == "delete" and new is not None:
            # Without a base there is nothing that the files would lose.
            if old is not None:
                self._gone.add(new.key)
            new = None
        bodies = self._bodies(state, old, new)
        for number, (one, body) in enumerate(zip((old, new), bodies, strict=True)):
            if one is not None and isinstance(body, Mapping):
                self._made[number][one.key] = replace(one, body=body)

    def _tell(self, planned: PlannedResource, state: PlannedState) -> None:
        """A resource, or an instance, that the files do not tell."""
        if planned.gone:
            return
        block = _block(state.kind, state.name)
        old, new = (side.get(block) for side in self._blocks)
        declared = old is not None or new is not None
        there = planned.action != "create", planned.action != "delete"
        if declared:
            # What the files take away, or bring, is not made undone by a plan.
            there = there[0] and old is not None, there[1] and new is not None
            self._spread.update(one.key for one in (old, new) if one is not None and _is_open(one, state))
        bodies = self._bodies(state, old if there[0] else None, new if there[1] else None, invent=there)
        place = self._place(state)
        for number, body in enumerate(bodies):
            if isinstance(body, Mapping):
                template = (old, new)[number]
                made = self._resource(state, body, place, template)
                if number == 0 and state.earlier:
                    made = replace(made, name=state.earlier)
                self._made[number].setdefault(made.key, made)

    def _instance(self, number: int, state: PlannedState) -> Resource | None:
        """The instance of a block whose count is not known on one side, where the plan has it."""
        template = self._sides[number].get(_block(state.kind, state.name))
        if template is None or not isinstance(state.instance, int):
            return None
        made = replace(template, name=state.name, identity=f"{state.kind}.{state.name}")
        self._made[number][made.key] = made
        return made

    def _resource(
        self, state: PlannedState, body: Mapping, place: Place, template: Resource | None
    ) -> Resource:
        identity = f"{state.kind}.{state.earlier or state.name}"
        if template is not None:
            return replace(template, name=state.name, body=body, identity=identity)
        target = self._target
        directory = "" if target.unit == "." else target.unit
        return Resource(
            platform=_TERRAFORM,
            kind=state.kind,
            name=state.name,
            environment=target.environment,
            unit=target.unit,
            body=body,
            origin=place.key,
            reading="yaml-1.2",
            service=component_of(directory, self._resolved.head_side.environments),
            identity=identity,
        )

    def _bodies(
        self,
        state: PlannedState,
        old: Resource | None,
        new: Resource | None,
        invent: tuple[bool, bool] = (False, False),
    ) -> Pair:
        """invent: make a body where the files have none, for base and for head."""
        written = Pair(old.body if old else None, new.body if new else None)
        place = self._place(state)
        planned = Pair(
            *(
                None if values is None else in_shape(state.kind, body_of(values, place.key, place.lines))
                for values in (state.before, state.after)
            )
        )
        both = completed(written, planned, trusted=self._trusted)
        if written.base is not None and written.head is not None:
            both = _with_new_id(both, planned, state)
        return Pair(
            *(
                theirs if mine is None and wanted else mine
                for mine, theirs, wanted in zip(
                    (both.base if old else None, both.head if new else None), planned, invent, strict=True
                )
            )
        )

    def _place(self, state: PlannedState) -> Place:
        found = [side.of(state) for side in self._places]
        exact = next((one for one in found if one is not None and one.exact), None)
        return (
            exact or next((one for one in found if one is not None), None) or of_plan_file(self._plan.source)
        )


def _with_new_id(both: Pair, planned: Pair, state: PlannedState) -> Pair:
    """`both` with the attributes that tell a replacement where nothing else does: of a tainted resource, or one
    that is replaced because another one changed."""
    if "delete" not in state.actions or "create" not in state.actions:
        return both
    base, head = both
    if not isinstance(base, Mapping) or not isinstance(head, Mapping):
        return both
    for name in _OF_REPLACEMENT:
        was = planned.base.get(name) if isinstance(planned.base, Mapping) else None
        becomes = planned.head.get(name) if isinstance(planned.head, Mapping) else None
        if was is not None and becomes is not None and name not in base.index and name not in head.index:
            keys = [side.key(name) for side in planned if isinstance(side, Mapping)]
            if keys[0] is not None and keys[1] is not None:
                base = base.with_entries([*base.entries, (keys[0], was)])
                head = head.with_entries([*head.entries, (keys[1], becomes)])
    return Pair(base, head)


def _block(kind: str, name: str) -> str:
    """Kind and name without the keys of instances."""
    return f"{kind}.{_bare(name)}"


def _bare(name: str) -> str:
    out, depth = [], 0
    for character in name:
        depth += character == "["
        if not depth:
            out.append(character)
        depth -= character == "]" and depth > 0
    return "".join(out)


def _is_open(resource: Resource, state: PlannedState) -> bool:
    """Whether it stands for instances that are not told apart, one of which is in the plan."""
    return UNKNOWN in resource.name or (resource.name != state.name and isinstance(state.instance, str))
