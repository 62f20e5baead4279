"""Generated copies: one source, committed again as what a tool made of it.

A copy is an object in a file that a tool wrote (it says so, it stands among rendered files, or the object is inside
another one that takes it to clusters) of which all that differs also differs, in the same way, in another changed
file. It is not judged for itself. Its source is judged instead: where the copies are deployed, if nothing else says
where the source is. Files of several environments that are written by hand are no copies of each other, however
alike their edits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.envelopes import envelope_of
from riskcheck.nodes import MISSING, Scalar
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.platforms.families import unnamed
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath, MaybeValue, Value

_INJECTED: Final = ("labels", "annotations", "namespace")
"""What tools add to the metadata of each object that they render."""

Key = tuple[str, str, str]
Edit = tuple["KeyPath", str, str, str]


class Thing(NamedTuple):
    """A changed object in one environment: what differs, by path, kind and values."""

    resource: Resource
    changes: list[Change]
    edits: dict[Edit, Change]


def things_of(changes: Iterable[Change]) -> dict[Key, Thing]:
    """The Kubernetes objects that `changes` are of."""
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


def sources_of(things: Mapping[Key, Thing], generated: frozenset[str]) -> dict[Key, Key]:
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
    """The file that declares it."""
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
    """Whether nothing tells where it is deployed."""
    return resource.environment == unnamed(resource.unit)
