"""What a change edits in each file, key by key, as it is written: for what history remembers of keys.

Cheaper than resolving, and the same for the change at hand as for any that landed: nothing but the two versions of
each file is read. Lists are compared by their natural keys, resources by what they are called, so that an edit
above a key does not make it another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.changes.keyed import Comparer
from riskcheck.documents.store import DocumentStore, format_of
from riskcheck.history.model import EditedKey
from riskcheck.history.shapes import shape_of
from riskcheck.nodes import Mapping, Scalar, render_path
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import Chunk, Document
    from riskcheck.nodes import Node
    from riskcheck.trees import PathChange, Tree

MOST_FILES: Final = 200
"""Configuration files of one change that are compared by key. Larger ones move or generate whole trees."""

MOST_KEYS: Final = 200
"""Keys of one file that are told apart; a file with more was written anew."""

MOST_BYTES: Final = 1_000_000
"""Size of a file above which it is not compared by key."""

_NATURAL_KEYS: Final = {
    "tasks": ("task_key",),
    "permissions": ("user_name", "group_name", "service_principal_name"),
    "grants": ("principal",),
    "ports": ("name", "containerPort", "port"),
    "volumeMounts": ("mountPath",),
    "rules": ("alert", "record", "name"),
    "images": ("name",),
    "patches": ("path",),
}
"""By field; besides those that are tried anywhere: name, key and id."""


class Edits(NamedTuple):
    """What was edited in all files. unread: files that could not be read or parsed at one of the sides; they
    have an `EditedKey` without a key. commented: whether lines became comments that were none, or the other way."""

    keys: tuple[EditedKey, ...]
    unread: int
    commented: bool


def edits_of(base: Tree, head: Tree, changes: Iterable[PathChange]) -> Edits:
    """The keys that `changes` edit, sorted by path."""
    wanted = [
        one for one in changes if format_of(one.path) is not None or format_of(one.old_path) is not None
    ]
    wanted.sort(key=lambda one: one.path)
    if len(wanted) > MOST_FILES:
        return Edits(tuple(_whole(one) for one in wanted), 0, commented=False)
    base.prefetch(one.old_path for one in wanted if one.base is not None)
    head.prefetch(one.path for one in wanted if one.head is not None)
    documents: dict[object, object] = {}
    olds, news = DocumentStore(base, documents), DocumentStore(head, documents)
    keys: list[EditedKey] = []
    unread = 0
    commented = False
    for one in wanted:
        if one.base is None or one.head is None:
            keys.append(_whole(one))
            continue
        old, new = olds.get(one.old_path), news.get(one.path)
        if old.unreadable or new.unreadable:
            unread += 1
            keys.append(_whole(one))
            continue
        commented = commented or _commented(old.text, new.text)
        found = _edited(one.path, old, new)
        unread += found is None
        keys += found if found is not None else [_whole(one)]
    return Edits(tuple(keys), unread, commented)


def _whole(change: PathChange) -> EditedKey:
    """A file as a whole."""
    if change.base is None:
        return EditedKey(change.path, "", "added")
    return EditedKey(change.path, "", "removed" if change.head is None else "modified")


def _edited(path: str, old: Document, new: Document) -> list[EditedKey] | None:
    """The keys of one file; None where it cannot be compared by key."""
    if max(len(old.text), len(new.text)) > MOST_BYTES:
        return None
    found: dict[EditedKey, None] = {}
    comparer = Comparer("yaml-1.2", lambda field: _NATURAL_KEYS.get(field, ()))
    for name, before, after in _pairs(old, new):
        if (before is not None and before.error) or (after is not None and after.error):
            return None
        roots = (before.root if before else None, after.root if after else None)
        for one in _differences(path, name, *roots, comparer):
            found[one] = None
            if len(found) > MOST_KEYS:
                return None
    return list(found)


def _differences(
    path: str, name: str, before: Node | None, after: Node | None, comparer: Comparer
) -> Iterator[EditedKey]:
    if before is None or after is None:
        if before is not after:
            yield EditedKey(path, name, "added" if before is None else "removed")
        return
    for where, old, new in comparer.differences(before, after):
        key = f"{name} {render_path(where)}".strip()
        if old is None or new is None:
            yield EditedKey(path, key, "added" if old is None else "removed")
        elif isinstance(old, Scalar) and isinstance(new, Scalar):
            yield EditedKey(path, key, "modified", shape_of(old.raw, new.raw))
        else:
            yield EditedKey(path, key, "modified")


def _pairs(old: Document, new: Document) -> Iterator[tuple[str, Chunk | None, Chunk | None]]:
    """The documents of both versions that belong together, those that differ."""
    texts = {chunk.digest for chunk in old.chunks} & {chunk.digest for chunk in new.chunks}
    befores = _named(old, texts)
    afters = _named(new, texts)
    for name, after in afters.items():
        yield name, befores.get(name), after
    for name, before in befores.items():
        if name not in afters:
            yield name, before, None


def _named(document: Document, same: set[bytes]) -> dict[str, Chunk]:
    """The documents of a file by what they are called, without those whose text is in `same`."""
    found: dict[str, Chunk] = {}
    alone = len(document.chunks) == 1
    for number, chunk in enumerate(document.chunks):
        if chunk.digest in same:
            continue
        name = _resource(chunk.root) or ("" if alone else f"[{number}]")
        while name in found:
            name += "'"
        found[name] = chunk
    return found


def _resource(root: Node | None) -> str:
    """``Kind/namespace/name`` of a Kubernetes resource, else ""."""
    if not isinstance(root, Mapping):
        return ""
    kind, name, namespace = root.get("kind"), root.at("metadata", "name"), root.at("metadata", "namespace")
    if not isinstance(kind, Scalar) or not isinstance(name, Scalar):
        return ""
    within = [namespace.raw] if isinstance(namespace, Scalar) else []
    return "/".join([kind.raw, *within, name.raw])


_MARKS: Final = ("#", "//")


def _commented(old: str, new: str) -> bool:
    """Whether a line became a comment, or was one and is none any more."""
    before = {line.strip() for line in old.splitlines()}
    after = {line.strip() for line in new.splitlines()}
    gone, come = before - after, after - before
    return any(_bare(line) in gone for line in come) or any(_bare(line) in come for line in gone)


def _bare(line: str) -> str | None:
    """What a comment would be without its mark; None for other lines and for very short ones."""
    for mark in _MARKS:
        if line.startswith(mark):
            text = line.lstrip(mark[0]).strip()
            return text if len(text) > 3 else None
    return None
