"""Code owners of paths that the same change touches. The gate's own paths and production's are GOV-006's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.codeowners import Line, Owners
from riskcheck.models import Match
from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import is_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

MOST_MATCHES: Final = 2_000_000
"""Paths times lines that are compared; what is beyond is analysis that failed."""


class _File(NamedTuple):
    """The lines of one side. edited: those that the change touches. guarded: patterns for which GOV-006 speaks."""

    owners: Owners
    edited: Owners
    guarded: frozenset[str]


def lost(change: Change, context: CheckContext) -> Iterator[Match]:
    """Paths that are changed, had code owners and have none any more; said once for the file. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None or not is_first(change, context, ()):
        return
    edited = {one.path[0].removeprefix("\\") for one in context.changes_of(change.resource) if one.path}
    old, new = _file(before, edited), _file(after, edited)
    if after is None and old.guarded:
        return
    paths: list[str] = []
    places: list[Scalar] = []
    for path in _concerned(_changed_paths(context), old, new):
        was, becomes = old.owners.lines(path), new.owners.lines(path)
        owned = [line for line in was if line.owners]
        if not owned or any(line.owners for line in becomes):
            continue
        cause = becomes[-1] if becomes else owned[-1]
        if cause.pattern.raw in old.guarded | new.guarded:
            continue
        paths.append(path)
        places.append(cause.pattern)
    if paths:
        what = f"{listed(paths)}, changed here, {_verb(paths)} no code owners any more"
        yield Match(values={"what": what}, node=places[0])


def _verb(paths: list[str]) -> str:
    return "has" if len(paths) == 1 else "have"


def _changed_paths(context: CheckContext) -> list[str]:
    """Files of configuration that this change touches, the code owners' own left out."""
    found: dict[str, None] = {}
    for view in (context.head, context.base):
        for resource in view.find():
            if resource.kind != "Owners":
                for change in context.changes_of(resource):
                    found.setdefault(change.node.source.path)
    return sorted(found)


def _concerned(paths: list[str], old: _File, new: _File) -> Iterator[str]:
    """Those of `paths` that a touched line matches. Raises `ValueError` where that cannot be found out in time."""
    if len(paths) * (old.edited.size + new.edited.size) > MOST_MATCHES:
        raise ValueError(f"{len(paths)} changed files and too many changed lines of code owners")
    return (path for path in paths if old.edited.lines(path) or new.edited.lines(path))


def _file(resource: Resource | None, edited: set[str]) -> _File:
    """edited: patterns with their sections; all where it is empty, as the file itself comes or goes."""
    lines: list[Line] = []
    touched: list[Line] = []
    guarded: set[str] = set()
    for key, held in resource.body.entries if resource is not None else ():
        section, pattern = _split(key.raw)
        lines.append(Line(made(pattern, key), _owners(held), section))
        if not edited or key.raw in edited:
            touched.append(lines[-1])
        if isinstance(held, Mapping) and _says(held.get("guards")):
            guarded.add(pattern)
    return _File(Owners(lines), Owners(touched), frozenset(guarded))


def _split(name: str) -> tuple[str, str]:
    """``[Section] pattern`` in its parts."""
    section, closed, pattern = name.partition("] ")
    return (section + closed, pattern) if closed and name.startswith("[") else ("", name)


def _owners(held: Node) -> tuple[Scalar, ...]:
    found = held.get("owners") if isinstance(held, Mapping) else None
    return (
        tuple(one for one in found.items if isinstance(one, Scalar))
        if isinstance(found, SequenceNode)
        else ()
    )


def _says(node: Node | None) -> bool:
    return isinstance(node, Scalar) and bool(node.raw)
