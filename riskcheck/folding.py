"""Sources of generated copies, judged where those are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.causes import edited_place
from riskcheck.copies import Key, Thing, is_unnamed, sources_of, things_of
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.nodes import Scalar
from riskcheck.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Change, Environment, Location, Resource
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.resolving import Resolved


def folded(
    resolved: Resolved, changes: Sequence[Change], generated: frozenset[str]
) -> tuple[Resolved, tuple[Change, ...]]:
    """`resolved` and `changes` without copies, their sources standing where the copies did. generated: files that a
    tool may have written."""
    things = things_of(changes)
    sources = sources_of(things, generated)
    if not sources:
        return resolved, tuple(changes)
    return _Folding(resolved, things, sources).done(changes)


class _Folding:
    """Puts sources in the places of their copies."""

    def __init__(self, resolved: Resolved, things: Mapping[Key, Thing], sources: Mapping[Key, Key]) -> None:
        self._resolved = resolved
        self._copies = frozenset(sources)
        self._changed = frozenset(things)
        self._taken = frozenset(resource.key for resource in (*resolved.base, *resolved.head))
        self._moved: dict[tuple[int, str], Resource] = {}
        self._notes: dict[tuple[int, str], list[MappingNode]] = {}
        self._places: dict[tuple[Key, KeyPath], dict[Location, None]] = {}
        self._reached: dict[Key, dict[str, Environment]] = {}
        self._of_unit: dict[tuple[str, str], dict[str, Environment]] = {}
        for key, source in sources.items():
            copy, original = things[key], things[source]
            for edit, change in copy.edits.items():
                self._places.setdefault((source, edit[0]), {})[edited_place(change)] = None
            self._note(original.changes[0], copy.changes[0])
            if not is_unnamed(copy.resource):
                environment, own = copy.resource.environment, original.resource.environment
                around = self._of_unit.setdefault((original.resource.unit, own.name), {})
                for reached in (self._reached.setdefault(source, {}), around):
                    if not is_unnamed(original.resource):
                        reached[own.name] = own
                    reached[environment.name] = environment

        self._staying = {
            (thing.resource.unit, thing.resource.environment.name)
            for key, thing in things.items()
            if key not in self._reached and key not in self._copies
        }

    def done(self, changes: Sequence[Change]) -> tuple[Resolved, tuple[Change, ...]]:
        """What is judged."""
        base = tuple(again for resource in self._resolved.base for again in self._everywhere(resource))
        head = tuple(again for resource in self._resolved.head for again in self._everywhere(resource))
        kept = [again for change in changes for again in self._changes(change)]
        kept.sort(key=lambda change: change.resource.key)
        return self._resolved._replace(base=base, head=head), tuple(kept)

    def _everywhere(self, resource: Resource) -> Iterable[Resource]:
        """`resource` in each environment that it reaches. What did not change goes where its unit does, and stays
        where something changed that has no copy."""
        if resource.key in self._copies:
            return ()
        reached = self._reached.get(resource.key)
        if reached is not None:
            return self._in_each(resource, reached)
        cell = (resource.unit, resource.environment.name)
        around = self._of_unit.get(cell)
        if around is None or resource.key in self._changed:
            return (resource,)
        stays = (resource,) if cell in self._staying and resource.environment.name not in around else ()
        return (*stays, *self._in_each(resource, around))

    def _in_each(self, resource: Resource, around: Mapping[str, Environment]) -> Iterable[Resource]:
        return [self._in(resource, one) for one in around.values() if self._is_free(resource, one)]

    def _changes(self, change: Change) -> Iterable[Change]:
        key = change.resource.key
        if key in self._copies:
            return
        places = tuple(sorted(self._places.get((key, change.path), ())))
        reached = self._reached.get(key)
        if reached is None:
            yield replace(change, copies=places) if places else change
            return
        for environment in reached.values():
            if self._is_free(change.resource, environment):
                before, after = change.resource_before, change.resource_after
                yield replace(
                    change,
                    environment=environment,
                    resource_before=before and self._in(before, environment),
                    resource_after=after and self._in(after, environment),
                    copies=places,
                )

    def _is_free(self, resource: Resource, environment: Environment) -> bool:
        """Whether nothing else of its unit stands there under its address."""
        key = (resource.unit, resource.address, environment.name)
        return key == resource.key or key not in self._taken

    def _in(self, resource: Resource, environment: Environment) -> Resource:
        key = (id(resource), environment.name)
        if key not in self._notes and environment.name == resource.environment.name:
            return resource
        moved = self._moved.get(key)
        if moved is None:
            body = _annotated(resource.body, self._notes.get(key, ()))
            moved = self._moved[key] = replace(resource, environment=environment, body=body)
        return moved

    def _note(self, source: Change, copy: Change) -> None:
        """Keeps what the tool notes on the copy: that it is never pruned, for one, is true of what is deployed."""
        pairs = (
            (source.resource_before, copy.resource_before),
            (source.resource_after, copy.resource_after),
        )
        for own, made in pairs:
            if own is not None and made is not None:
                found = made.body.at("metadata", "annotations")
                notes = found if isinstance(found, MappingNode) else made.body.with_entries([])
                self._notes.setdefault((id(own), copy.environment.name), []).append(notes)


def _annotated(body: MappingNode, notes: Sequence[MappingNode]) -> MappingNode:
    """`body` with the annotations that all of `notes` agree in and that it does not have itself."""
    metadata = body.get("metadata")
    if not notes or not isinstance(metadata, MappingNode):
        return body
    own = metadata.get("annotations")
    known = own.entries if isinstance(own, MappingNode) else []
    names = {key.raw for key, _ in known}
    more = [
        (key, value)
        for key, value in notes[0].entries
        if key.raw not in names and all(_raw(one.get(key.raw)) == _raw(value) for one in notes)
    ]
    if not more:
        return body
    whole = (own if isinstance(own, MappingNode) else notes[0]).with_entries([*known, *more])
    key = metadata.key("annotations") or more[0][0]
    entries = [entry for entry in metadata.entries if entry[0].raw != "annotations"]
    name = Scalar("annotations", key.source, key.line, key.column, key.end_line, key.end_column)
    there = metadata.with_entries([*entries, (name, whole)])
    return body.with_entries([(key, there if one is metadata else one) for key, one in body.entries])


def _raw(node: Node | None) -> str | None:
    return node.raw if isinstance(node, Scalar) else None
