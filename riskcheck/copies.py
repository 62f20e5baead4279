"""Generated copies: one source, committed again as what a tool made of it.

A copy is an object in a file that a tool wrote (it says so, it stands among rendered files, or the object is inside
another one that takes it to clusters) of which all that differs also differs, in the same way, in another changed
file. It is not judged for itself. Its source is judged instead: where the copies are deployed, if nothing else says
where the source is. Files of several environments that are written by hand are no copies of each other, however
alike their edits.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.causes import edited_place
from riskcheck.envelopes import envelope_of
from riskcheck.nodes import MISSING, Scalar
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.platforms.families import unnamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Change, Environment, Location, Resource
    from riskcheck.nodes import KeyPath, MaybeValue, Value
    from riskcheck.resolving import Resolved

_INJECTED: Final = ("labels", "annotations", "namespace")
"""What tools add to the metadata of each object that they render."""

Key = tuple[str, str, str]
Edit = tuple["KeyPath", str, str, str]


class Thing(NamedTuple):
    """A changed object in one environment: what differs, by path, kind and values."""

    resource: Resource
    changes: list[Change]
    edits: dict[Edit, Change]


def folded(
    resolved: Resolved, changes: Sequence[Change], generated: frozenset[str]
) -> tuple[Resolved, tuple[Change, ...]]:
    """`resolved` and `changes` without copies, their sources standing where the copies did. generated: files that a
    tool may have written."""
    things = things_of(changes)
    sources = _sources(things, generated)
    if not sources:
        return resolved, tuple(changes)
    return _Folding(resolved, things, sources).done(changes)


def things_of(changes: Iterable[Change]) -> dict[Key, Thing]:
    found: dict[Key, Thing] = {}
    for change in changes:
        resource = change.resource
        if resource.platform == "kubernetes":
            thing = found.setdefault(resource.key, Thing(resource, [], {}))
            thing.changes.append(change)
            if change.path[:1] != ("metadata",) or change.path[1:2] not in {(one,) for one in _INJECTED}:
                values = (comparable(change.before, change.path), comparable(change.after, change.path))
                thing.edits[(change.path, change.kind, *values)] = change
    return found


def comparable(value: MaybeValue, path: KeyPath) -> str:
    """A value so that equal ones are equal texts; a whole object without what tools add to each."""
    if value is MISSING:
        return ""
    plain: Value = value  # type: ignore[assignment]  # the absent one is told apart above
    if isinstance(plain, dict):
        if not path:
            metadata = plain.get("metadata")
            if isinstance(metadata, dict):
                metadata = {key: one for key, one in metadata.items() if key not in _INJECTED}
            plain = {**plain, "metadata": metadata}
        elif path == ("metadata",):
            plain = {key: one for key, one in plain.items() if key not in _INJECTED}
    return json.dumps(plain, sort_keys=True)


def _sources(things: Mapping[Key, Thing], generated: frozenset[str]) -> dict[Key, Key]:
    """Each copy to what it is a copy of, in the end. What has a copy in its own environment is the source of those
    in others, too."""
    named: dict[tuple[str, str, str], list[Key]] = {}
    for key, thing in things.items():
        named.setdefault(named_as(thing.resource), []).append(key)
    found: dict[Key, Key] = {}
    for key, thing in things.items():
        if path_of(thing) in generated and thing.edits:
            fitting = [
                other
                for other in named[named_as(thing.resource)]
                if path_of(things[other]) != path_of(thing) and _is_copy(thing, things[other], generated)
            ]
            if fitting:
                found[key] = min(fitting, key=lambda other: _rank(thing, things[other], generated))
    found = {key: _first(key, found) for key in found}
    proven = frozenset(found.values())
    for key, thing in things.items():
        if path_of(thing) in generated and thing.edits and key not in found and key not in proven:
            alike = [
                other
                for other in named[named_as(thing.resource)]
                if other in proven and _has_edits_of(things[other], thing)
            ]
            if alike:
                found[key] = min(alike)
    return found


def _first(key: Key, sources: Mapping[Key, Key]) -> Key:
    seen = {key}
    while sources.get(key, key) not in seen:
        key = sources[key]
        seen.add(key)
    return key


def named_as(resource: Resource) -> tuple[str, str, str]:
    """API group, kind and name, whatever namespace a tool gave it."""
    metadata = _metadata(resource)
    version = str(_plain(resource, "apiVersion"))
    return version.rpartition("/")[0], resource.kind, metadata.get("name", resource.name)


def _metadata(resource: Resource) -> dict[str, str]:
    node = resource.body.get("metadata")
    if not isinstance(node, MappingNode):
        return {}
    return {key.raw: one.raw for key, one in node.entries if isinstance(one, Scalar)}


def _plain(resource: Resource, key: str) -> str:
    node = resource.body.get(key)
    return node.raw if isinstance(node, Scalar) else ""


def path_of(thing: Thing) -> str:
    return thing.resource.origin.source.path


def _is_copy(thing: Thing, source: Thing, generated: frozenset[str]) -> bool:
    """Whether all edits of `thing` are edits of `source`, which goes to the same place or to none of its own."""
    here, there = thing.resource, source.resource
    if path_of(source) in generated and envelope_of(there.name):
        return False
    return (
        here.environment.name == there.environment.name
        or is_unnamed(there)
        or (is_unnamed(here) and path_of(source) not in generated)
    ) and _has_edits_of(source, thing)


def _has_edits_of(source: Thing, copy: Thing) -> bool:
    spaces = {_metadata(one.resource).get("namespace") for one in (source, copy)} - {None}
    return len(spaces) < 2 and copy.edits.keys() <= source.edits.keys()


def _rank(thing: Thing, source: Thing, generated: frozenset[str]) -> tuple[bool, bool, str, Key]:
    elsewhere = source.resource.environment.name != thing.resource.environment.name
    return elsewhere, path_of(source) in generated, path_of(source), source.resource.key


def is_unnamed(resource: Resource) -> bool:
    return resource.environment == unnamed(resource.unit)


class _Folding:
    """Puts sources in the places of their copies."""

    def __init__(self, resolved: Resolved, things: Mapping[Key, Thing], sources: Mapping[Key, Key]) -> None:
        self._resolved = resolved
        self._copies = frozenset(sources)
        self._changed = frozenset(things)
        self._taken = frozenset(resource.key for resource in (*resolved.base, *resolved.head))
        self._moved: dict[tuple[int, str], Resource] = {}
        self._places: dict[tuple[Key, KeyPath], dict[Location, None]] = {}
        self._reached: dict[Key, dict[str, Environment]] = {}
        self._of_unit: dict[tuple[str, str], dict[str, Environment]] = {}
        for key, source in sources.items():
            copy, original = things[key], things[source]
            for edit, change in copy.edits.items():
                self._places.setdefault((source, edit[0]), {})[edited_place(change)] = None
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
        if environment.name == resource.environment.name:
            return resource
        moved = self._moved.get((id(resource), environment.name))
        if moved is None:
            moved = replace(resource, environment=environment)
            self._moved[(id(resource), environment.name)] = moved
        return moved
