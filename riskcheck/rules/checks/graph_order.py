"""The order in which things are applied or run: circles, lost edges, waves the wrong way round (GRF-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import Mapping, Scalar, Sequence, walk
from riskcheck.rules.checks.indexes import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

    Needs: TypeAlias = Callable[[str], Iterator[tuple[str, Node]]]
    """A name to what that needs, each with the place that says so."""

WAVE: Final = "argocd.argoproj.io/sync-wave"
HOOK: Final = "argocd.argoproj.io/hook"
FLUX: Final = frozenset({"Kustomization", "HelmRelease"})

_MUST_BE_THERE: Final = frozenset(
    {"env", "envFrom", "mounts", "imagePullSecrets", "serviceAccountName", "priorityClassName", "serviceName"}
)
"""Relations of which the target must be there before its user can start."""


def order_broken(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text): the whole sentence."""
    after = change.resource_after
    if after is None:
        return
    if after.platform == "databricks" and after.kind == "jobs":
        yield from _of_job(change, after, context)
    elif after.platform == "kubernetes":
        if after.kind in FLUX and change.path[:2] in ((), ("spec", "dependsOn")):
            yield from _of_flux(change, after, context)
        if change.path == () or WAVE in change.path:
            yield from _of_wave(change, after, context)


def _of_flux(change: Change, after: Resource, context: CheckContext) -> Iterator[Match]:
    """https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies"""
    circle = _circle(after.name, _flux_needs(after, context.head))
    if circle is None or _is_circle(circle[0], _flux_needs(after, context.base)):
        return
    names, nodes = circle
    yield _match(f"{after.kind} {_round(names)} wait for each other", nodes)


def _flux_needs(one: Resource, view: ResourceView) -> Needs:
    """What a definition of the same kind and environment waits for, by its name with its namespace."""
    there = {
        other.name: other
        for other in view.find(platform="kubernetes", kind=one.kind, environment=one.environment.name)
    }

    def needs(name: str) -> Iterator[tuple[str, Node]]:
        body = there[name].body if name in there else None
        listed = body.at("spec", "dependsOn") if body is not None else None
        own, slash, _ = name.partition("/")
        for item in listed.items if isinstance(listed, Sequence) else ():
            target = _text(item, "name")
            home = _text(item, "namespace") or (own if slash else "")
            if target:
                yield f"{home}/{target}" if home else target, item

    return needs


def _of_job(change: Change, after: Resource, context: CheckContext) -> Iterator[Match]:
    """https://docs.databricks.com/aws/en/jobs/run-if and https://docs.databricks.com/aws/en/jobs/run-job"""
    before = change.resource_before
    if change.path == () or change.path[0] == "tasks":
        needs = _task_needs(after)
        known = _task_needs(before) if before is not None else None
        for key in _tasks(after):
            circle = _circle(key, needs)
            if circle is None or min(circle[0]) != key or (known and _is_circle(circle[0], known)):
                continue
            yield _match(f"tasks {_round(circle[0])} of job {after.name} wait for each other", circle[1])
        if before is not None:
            yield from _lost_edges(change, before, after)
    circle = _circle(after.address, _job_needs(after, context.head))
    if circle is not None and not _is_circle(circle[0], _job_needs(after, context.base)):
        names = tuple(name.partition(".")[2] for name in circle[0])
        yield _match(f"jobs {_round(names)} run each other", circle[1])


def _tasks(job: Resource) -> dict[str, Mapping]:
    listed = job.body.get("tasks")
    return {
        key: item
        for item in (listed.items if isinstance(listed, Sequence) else ())
        if isinstance(item, Mapping) and (key := _text(item, "task_key"))
    }


def _waits_for(task: Mapping) -> Iterator[tuple[str, Node]]:
    listed = task.get("depends_on")
    for item in listed.items if isinstance(listed, Sequence) else ():
        target = _text(item, "task_key")
        if target:
            yield target, item


def _task_needs(job: Resource) -> Needs:
    tasks = _tasks(job)
    return lambda key: _waits_for(tasks[key]) if key in tasks else iter(())


def _job_needs(one: Resource, view: ResourceView) -> Needs:
    def needs(address: str) -> Iterator[tuple[str, Node]]:
        job = view.get(one.unit, address, one.environment.name)
        for reference in job.references if job is not None else ():
            if reference.relation == "run_job_task":
                yield reference.target, reference.node

    return needs


def _lost_edges(change: Change, before: Resource, after: Resource) -> Iterator[Match]:
    """Tasks that no longer wait for another, directly or by others, whose values they still read."""
    old, new = _tasks(before), _tasks(after)
    needs_before, needs_after = _task_needs(before), _task_needs(after)
    for key in sorted(old.keys() & new.keys()):
        gone = {name for name, _ in _waits_for(old[key])} - {name for name, _ in _waits_for(new[key])}
        for name in sorted(gone & new.keys()):
            node = _reads(new[key], name)
            if node is not None and name in _all(key, needs_before) and name not in _all(key, needs_after):
                yield Match(
                    values={"what": f"task {key} no longer waits for {name}, whose values it still reads"},
                    related=(Related("reads", location_of(node)),),
                )


def _reads(task: Mapping, name: str) -> Node | None:
    """https://docs.databricks.com/aws/en/jobs/dynamic-value-references"""
    marks = (f"tasks.{name}.", f"tasks.`{name}`.")
    for _, node in walk(task):
        if isinstance(node, Scalar) and "{{" in node.raw and any(mark in node.raw for mark in marks):
            return node
    return None


def _of_wave(change: Change, after: Resource, context: CheckContext) -> Iterator[Match]:
    """https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/"""
    for user, provider, node in _pairs(after, context.head):
        late, early = _wave(provider), _wave(user)
        if late is None or early is None or late <= early or (WAVE not in _notes(user) | _notes(provider)):
            continue
        if not _was_so(user, provider, context.base):
            yield _match(
                f"{user.kind} {user.name} comes in wave {early}, before wave {late} brings {provider.kind} "
                f"{provider.name}",
                (node,),
            )


def _pairs(one: Resource, view: ResourceView) -> Iterator[tuple[Resource, Resource, Node]]:
    """(user, provider, the reference) with `one` as either, within its unit and environment."""
    unit, environment = one.unit, one.environment.name
    needs = once(
        view, (_needs, unit, environment), lambda: _needs(view.find(unit=unit, environment=environment))
    )
    for _, (user, target, node) in sorted(needs.get(one.address, {}).items()):
        provider = view.get(unit, target, environment)
        if provider is not None:
            yield user, provider, node


def _needs(users: Iterable[Resource]) -> dict[str, dict[int, tuple[Resource, str, Node]]]:
    """The references to what must be there, numbered, by the address of either end."""
    found: dict[str, dict[int, tuple[Resource, str, Node]]] = {}
    pairs = ((user, reference) for user in users for reference in user.references)
    for number, (user, reference) in enumerate(pairs):
        if reference.kind == "hard" and reference.relation in _MUST_BE_THERE:
            for end in (user.address, reference.target):
                found.setdefault(end, {})[number] = (user, reference.target, reference.node)
    return found


def _was_so(user: Resource, provider: Resource, view: ResourceView) -> bool:
    old_user, old_provider = view.get(*user.key), view.get(*provider.key)
    if old_user is None or old_provider is None:
        return False
    late, early = _wave(old_provider), _wave(old_user)
    return late is not None and early is not None and late > early


def _notes(one: Resource) -> dict[str, str]:
    notes = one.body.at("metadata", "annotations")
    entries = notes.entries if isinstance(notes, Mapping) else ()
    return {key.raw: node.raw for key, node in entries if isinstance(node, Scalar)}


def _wave(one: Resource) -> int | None:
    """None for hooks, which have phases of their own, and for what is no number."""
    notes = _notes(one)
    text = notes.get(WAVE, "0").strip()
    if HOOK in notes or len(text) > 9 or not text.removeprefix("-").isdecimal():
        return None
    return int(text)


def _circle(first: str, needs: Needs) -> tuple[tuple[str, ...], tuple[Node, ...]] | None:
    """The shortest way from `first` back to itself, and the places that say so."""
    came: dict[str, tuple[str, Node]] = {}
    pending = [first]
    for name in pending:
        for target, node in needs(name):
            if target == first:
                names, nodes = [name], [node]
                while names[-1] != first:
                    above, place = came[names[-1]]
                    names.append(above)
                    nodes.append(place)
                return tuple(reversed(names)), tuple(reversed(nodes))
            if target not in came:
                came[target] = (name, node)
                pending.append(target)
    return None


def _is_circle(names: tuple[str, ...], needs: Needs) -> bool:
    following = zip(names, (*names[1:], names[0]), strict=True)
    return all(any(target == other for target, _ in needs(one)) for one, other in following)


def _all(first: str, needs: Needs) -> set[str]:
    """Everything that `first` waits for, directly or not."""
    pending = [first]
    seen: set[str] = set()
    for name in pending:
        for target, _ in needs(name):
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return seen


def _round(names: tuple[str, ...]) -> str:
    return " -> ".join((*names, names[0]))


def _match(what: str, nodes: tuple[Node, ...]) -> Match:
    return Match(
        values={"what": what}, related=tuple(Related("dependency", location_of(node)) for node in nodes)
    )


def _text(node: Node | None, key: str) -> str:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found.raw if isinstance(found, Scalar) else ""
