"""What the change made unreadable, whatever platform it belongs to.

Platforms say what they could not read of their own. A file that stops being recognisable as theirs (garbage, a
link, a template where none was) is nobody's any more, and must not look like a removal that nobody minds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import LFS_POINTER, format_of
from riskcheck.models import Limitation
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.models import Resource
    from riskcheck.platforms.base import Workspace
    from riskcheck.trees import PathChange

_UNRESOLVABLE: Final = frozenset({"reference-cycle", "undefined-variable"})
"""Limitations of one value, with which a bundle is refused as a whole."""

BUILD_ENDS: Final = frozenset({"cycle", "missing", "outside-tree"}) | _UNRESOLVABLE
"""Limitations with which a build of the resource ends: nothing of it would be deployed."""

_UNKNOWN: Final = frozenset({"missing-blob", "corrupt"})
"""Why contents are not to be had here, whatever they are: in a partial clone nothing is fetched."""


def unread(
    changes: Iterable[PathChange],
    base: Workspace,
    head: Workspace,
    read_at_base: Collection[str],
    resources: Iterable[Resource],
    known: Iterable[Limitation],
) -> tuple[Limitation, ...]:
    """`known` limitations, those that the change brought marked as failures, and the ones that nobody told.

    read_at_base: paths that some platform read as its own at base. resources: of base. A file of production that
    turns into a template, or an overlay of it that no longer builds, is a failure; elsewhere people make templates
    and skeletons out of files for good reasons.
    """
    found = {(one.path, one.side, one.kind, one.message): one for one in known}
    production = {one.origin.source.path for one in resources if one.environment.stage == "prod"}
    broken = {
        path: limitation
        for path, limitation in _broken(changes, base, head, read_at_base)
        if limitation.kind != "unresolved-template" or _in_production(path, production, head)
    }
    before = {(one.path, one.kind, one.message) for one in found.values() if one.side == "base"}
    told = set()
    for key, one in found.items():
        if one.side != "head":
            continue
        # A file that a build needs may go without the build's own file being touched.
        ends = one.kind in BUILD_ENDS and (one.path, one.kind, one.message) not in before
        touched = one.path in head.touched and one.path in broken
        if touched or (ends and _in_production(one.path, production, head)):
            found[key] = one._replace(failed=True)
            told.add(one.path)
    for path, limitation in broken.items():
        if path not in told:
            found[(path, "head", limitation.kind, limitation.message)] = limitation
    return tuple(found.values())


def _in_production(path: str, production: Collection[str], head: Workspace) -> bool:
    """Whether a file holds, or stands above, something that production runs. production: files of its resources."""
    environment = head.environments.of_path(path)
    if path in production or (environment is not None and environment.stage == "prod"):
        return True
    folder = path.rpartition("/")[0]
    return any(one.startswith(f"{folder}/") if folder else True for one in production)


def _broken(
    changes: Iterable[PathChange], base: Workspace, head: Workspace, read_at_base: Collection[str]
) -> Iterator[tuple[str, Limitation]]:
    for change in changes:
        if "submodule" in (change.base and change.base.kind, change.head and change.head.kind):
            message = "a submodule: what it points to is not read"
            yield change.path, Limitation(change.path, "submodule", message)
            continue
        absent = _absent(change, base, read_at_base)
        if absent is not None:
            yield change.path, absent
        elif change.head is not None:
            after = head.documents.get(change.path) if _counts(change, read_at_base) else None
            sound = after is not None and _was_sound(change, base, read_at_base)
            if after is not None and (sound or after.unreadable in ("too-large", LFS_POINTER, *_UNKNOWN)):
                limitation = _limitation(after)
                if limitation is not None and limitation.kind == LFS_POINTER:
                    # What Git LFS keeps is never in the repository; that it once was is the change's doing.
                    limitation = limitation._replace(failed=sound)
                if limitation is not None:
                    yield change.path, limitation


def _absent(change: PathChange, base: Workspace, read_at_base: Collection[str]) -> Limitation | None:
    """Where the contents before the change are not to be had, nobody can say what it changes. A rendered template
    is large, so that clones often lack it, and its source is judged: that only limits."""
    path = change.old_path
    counts = _counts(change, read_at_base)
    rendered = change.path.endswith((".yaml.tmpl", ".yml.tmpl"))
    if change.base is None or path in read_at_base or not (counts or rendered):
        return None
    try:
        base.documents.tree.read(path)
    except UnreadableError as error:
        if error.kind in _UNKNOWN:
            return Limitation(change.path, error.kind, error.message, None, "head", failed=counts)
    return None


def _counts(change: PathChange, read_at_base: Collection[str]) -> bool:
    return change.old_path in read_at_base or format_of(change.path) in ("yaml", "toml", "properties")


def _was_sound(change: PathChange, base: Workspace, read_at_base: Collection[str]) -> bool:
    if change.old_path not in read_at_base or change.base is None:
        return False
    return base.documents.get(change.old_path).error is None


def _limitation(after: Document) -> Limitation | None:
    """Why the head's version of a file cannot be read, None where it can."""
    error = after.error
    if error is None:
        return None
    kind = after.unreadable or ("unresolved-template" if after.templated else "parse-error")
    line = None if after.unreadable else error.line
    return Limitation(after.path, kind, error.reason, line, "head", failed=True)


def as_they_were(
    base: Collection[Resource], head: Iterable[Resource], limitations: Collection[Limitation]
) -> list[Resource]:
    """The resources of head, with those of base whose file cannot be read in head: they count as they were, rather
    than as removed, beside the failure that says so. Where it is not to be had what a file held before, what it
    holds now is not told as new either."""
    unknown = {one.path for one in limitations if one.kind in _UNKNOWN}
    known = {resource.key for resource in base} if unknown else set()
    kept = [one for one in head if one.origin.source.path not in unknown or one.key in known]
    failed = {
        one.path for one in limitations if one.failed and one.side == "head" and one.kind not in _UNRESOLVABLE
    }
    if failed:
        keys = {resource.key for resource in kept}
        kept.extend(
            resource
            for resource in base
            if resource.origin.source.path in failed and resource.key not in keys
        )
    return kept
