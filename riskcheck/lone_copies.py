"""Generated files that are edited by hand: what they are made of still says what they said before.

The source is looked for in all manifests of head, and only counts where the copy was equal to it. Where anything
but generated files and documentation changes, nothing is said: a generation may read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.copies import Thing, comparable, is_unnamed, named_as, path_of, things_of
from riskcheck.documents.scalars import plain_value
from riskcheck.generated import looks_generated, stands_among_generated
from riskcheck.models import location_of
from riskcheck.redact import redact_value
from riskcheck.runfacts import LoneCopy
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.platforms.base import Workspace
    from riskcheck.resolving import Resolved

_SUFFIXES: Final = (".yaml", ".yml")
_DOCUMENTATION: Final = (".md", ".rst", ".txt", ".adoc")
_MOST_FILES: Final = 10_000
"""Files that are looked through; in larger trees nothing is said."""
_MOST_UNITS: Final = 50
_MOST_OBJECTS: Final = 20


def lone_copies(resolved: Resolved, changes: Sequence[Change]) -> tuple[LoneCopy, ...]:
    """Edits of generated files of `resolved` whose source is there and was left alone, in order of their places."""
    head = resolved.head_side
    if any(_may_be_read(change.path, resolved) for change in resolved.changes):
        return ()
    edited = [
        thing
        for thing in things_of(changes).values()
        if path_of(thing) in resolved.generated
        and thing.edits
        and thing.changes[0].resource_before is not None
        and looks_generated(path_of(thing), head.documents.get(path_of(thing)).text)
    ][:_MOST_OBJECTS]
    if not edited:
        return ()
    paths = list(_naming({named_as(thing.resource)[1:] for thing in edited}, head))
    if not paths:
        return ()
    platform = resolved.platform(edited[0].resource)
    units = sorted(platform.units(head, paths))[:_MOST_UNITS]
    sources = [one for one in platform.resolve(head, units).resources if _may_be_source(one, head)]
    found = []
    for thing in edited:
        source = next((one for one in sources if _was_made_of(thing, one)), None)
        if source is not None:
            found.append(LoneCopy(next(iter(thing.edits.values())), location_of(source.origin)))
    return tuple(found)


def _may_be_read(path: str, resolved: Resolved) -> bool:
    """Whether a generation may read what changed: settings, a program, another source."""
    return not (
        path in resolved.generated
        or path.endswith(_DOCUMENTATION)
        or looks_generated(path, resolved.head_side.documents.get(path).text)
    )


def _naming(objects: Collection[tuple[str, str]], head: Workspace) -> Iterator[str]:
    """Manifests that the change leaves alone and that hold kind and name of one of `objects`."""
    paths = [
        path
        for path, entry in head.tree.entries().items()
        if entry.kind == "file"
        and path.endswith(_SUFFIXES)
        and path not in head.touched
        and not stands_among_generated(path)
    ]
    if len(paths) > _MOST_FILES:
        return
    head.tree.prefetch(paths)
    wanted = [(_bytes(kind), _bytes(name)) for kind, name in objects]
    for path in paths:
        try:
            content = head.tree.read(path)
        except UnreadableError:
            continue
        if any(kind in content and name in content for kind, name in wanted):
            yield path


def _may_be_source(resource: Resource, head: Workspace) -> bool:
    path = resource.origin.source.path
    return path not in head.touched and not looks_generated(path, head.documents.get(path).text)


def _was_made_of(thing: Thing, source: Resource) -> bool:
    before = thing.changes[0].resource_before
    return (
        before is not None
        and named_as(source) == named_as(before)
        and (is_unnamed(source) or source.environment.name == before.environment.name)
        and _whole(source) == _whole(before)
    )


def _whole(resource: Resource) -> str:
    return comparable(
        redact_value((), resource.kind, plain_value(resource.body, resource.reading), resource.body), ()
    )


def _bytes(name: str) -> bytes:
    """As files hold it: what is called like its file may be called any bytes."""
    return name.encode("utf-8", "surrogateescape")
