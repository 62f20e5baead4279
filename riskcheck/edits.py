"""What a change edits in each file, key by key, as it is written: for what history remembers of keys.

Cheaper than resolving, and the same for the change at hand as for any that landed: nothing but the two versions of
each file is read. Lists are compared by their natural keys, resources by what they are called, so that an edit
above a key does not make it another one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from riskcheck.changes.keyed import Comparer, Difference
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore, format_of
from riskcheck.history.model import EditedKey, TouchedPath
from riskcheck.history.shapes import shape_of
from riskcheck.nodes import MISSING, Mapping, Scalar, render_path
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import Chunk, Document
    from riskcheck.history.messages import Told
    from riskcheck.nodes import MaybeValue, Node
    from riskcheck.trees import PathChange, Tree

MOST_FILES: Final = 200
"""Configuration files of one change that are compared by key. Larger ones move or generate whole trees."""

MOST_KEYS: Final = 200
"""Keys of one file that are told apart; a file with more was written anew."""

MOST_OF_A_KEY: Final = 500
"""Characters of a key that are kept."""

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
    have an `EditedKey` without a key. lines: that only one side has. commented: whether some became comments that
    were none, or the other way."""

    keys: tuple[EditedKey, ...]
    unread: int
    lines: int
    commented: bool


def edits_of(base: Tree, head: Tree, changes: Iterable[PathChange]) -> Edits:
    """The keys that `changes` edit, sorted by path."""
    wanted = sorted(
        (one for one in changes if is_configuration(one.path, one.old_path)), key=lambda one: one.path
    )
    if len(wanted) > MOST_FILES:
        return Edits((), 0, len(wanted), commented=False)
    base.prefetch(one.old_path for one in wanted if one.base is not None)
    head.prefetch(one.path for one in wanted if one.head is not None)
    documents: dict[object, object] = {}
    olds, news = DocumentStore(base, documents), DocumentStore(head, documents)
    keys: list[EditedKey] = []
    unread = lines = 0
    commented = False
    for one in wanted:
        old = olds.get(one.old_path) if one.base is not None else None
        new = news.get(one.path) if one.head is not None else None
        if (old is not None and old.unreadable) or (new is not None and new.unreadable):
            unread += 1
            keys.append(_whole(one))
            continue
        differing = _Lines(old.text if old is not None else "", new.text if new is not None else "")
        lines += differing.count
        if old is None or new is None:
            keys.append(_whole(one))
            continue
        commented = commented or differing.commented()
        found = _edited(one.path, old, new)
        unread += found is None
        keys += found if found is not None else [_whole(one)]
    return Edits(tuple(keys), unread, lines, commented)


class KeyDifference(NamedTuple):
    """One key that two versions of a file have differently.

    key: which one it is, with the values by which items of lists are told apart; shown: as in `EditedKey`, which
    has none. before, after: the plain values, `MISSING` where there is none. place: where head has the key, base
    where it is gone; None for a file as a whole.
    """

    key: str
    before: MaybeValue
    after: MaybeValue
    place: Node | None
    shown: str = ""


def differences_of(base: Tree, head: Tree, change: PathChange) -> Iterator[KeyDifference]:
    """What `change` does to each key of its file; to the file as a whole where it appears or vanishes. Nothing
    where it cannot be compared by key."""
    if format_of(change.path) is None:
        return
    documents: dict[object, object] = {}
    old = DocumentStore(base, documents).get(change.old_path) if change.base is not None else None
    new = DocumentStore(head, documents).get(change.path) if change.head is not None else None
    if old is None or new is None:
        before, after = (MISSING if one is None else one.text for one in (old, new))
        yield KeyDifference("", before, after, None)
        return
    for name, one in _differing(old, new) or ():
        key = f"{name} {render_path(one.path)}".strip()
        place = one.after or one.before
        yield KeyDifference(key, _plain(one.before), _plain(one.after), place, _shown(name, one))


def _plain(node: Node | None) -> MaybeValue:
    return MISSING if node is None else plain_value(node, "yaml-1.2")


def touched(path: str, status: str, old_path: str) -> TouchedPath:
    """A path as history keeps it. status: git's letter."""
    return TouchedPath(path, status, old_path, is_configuration(path, old_path))


def is_configuration(path: str, old_path: str) -> bool:
    """Whether riskcheck reads files of one of these names."""
    return format_of(path) is not None or format_of(old_path) is not None


def signals(said: Told, edits: Edits) -> tuple[str, ...]:
    """What shape a change has as a whole: see `LandedChange`."""
    found = {
        "revert": said.reverting,
        "again": said.again,
        "planned": said.planned,
        "commented": edits.commented,
    }
    return tuple(name for name, holds in found.items() if holds)


def _whole(change: PathChange) -> EditedKey:
    """A file as a whole."""
    if change.base is None:
        return EditedKey(change.path, "", "added")
    return EditedKey(change.path, "", "removed" if change.head is None else "modified")


def _edited(path: str, old: Document, new: Document) -> list[EditedKey] | None:
    """The keys of one file; None where it cannot be compared by key."""
    found = _differing(old, new)
    if found is None:
        return None
    return list(dict.fromkeys(_key(path, _shown(name, one), *one[1:]) for name, one in found))


_ADDRESS: Final = regex(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")


def _shown(name: str, one: Difference) -> str:
    """The key of `one` without values and without addresses of people. An item of a list that comes or goes is
    called by what it is, and that may be a secret."""
    path = one.path
    if (one.before is None or one.after is None) and isinstance(one.before or one.after, Scalar):
        path = (*path[:-1], "[]") if path and path[-1].startswith("[") else path
    key = f"{name} {render_path(path)}".strip()
    return _ADDRESS.sub("somebody", key[:MOST_OF_A_KEY])


def _key(path: str, key: str, old: Node | None, new: Node | None) -> EditedKey:
    if old is None or new is None:
        return EditedKey(path, key, "added" if old is None else "removed")
    if isinstance(old, Scalar) and isinstance(new, Scalar):
        return EditedKey(path, key, "modified", shape_of(old.raw, new.raw))
    return EditedKey(path, key, "modified")


def _differing(old: Document, new: Document) -> list[tuple[str, Difference]] | None:
    """What differs in one file, each with the name of its resource; None where it cannot be compared by key."""
    if old.unreadable or new.unreadable or max(len(old.text), len(new.text)) > MOST_BYTES:
        return None
    found: list[tuple[str, Difference]] = []
    comparer = Comparer("yaml-1.2", lambda field: _NATURAL_KEYS.get(field, ()))
    for name, before, after in _pairs(old, new):
        if (before is not None and before.error) or (after is not None and after.error):
            return None
        roots = (before.root if before else None, after.root if after else None)
        for one in _differences(*roots, comparer):
            found.append((name, one))
            if len(found) > MOST_KEYS:
                return None
    return found


def _differences(before: Node | None, after: Node | None, comparer: Comparer) -> Iterator[Difference]:
    if before is not None and after is not None:
        yield from comparer.differences(before, after)
    elif before is not after:
        yield Difference((), before, after)


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


class _Lines:
    """The lines that only one of two texts has, without the space around them."""

    def __init__(self, old: str, new: str) -> None:
        before, after = Counter(map(str.strip, old.splitlines())), Counter(map(str.strip, new.splitlines()))
        self._gone, self._come = before - after, after - before
        self.count = self._gone.total() + self._come.total()

    def commented(self) -> bool:
        """Whether a line became a comment, or was one and is none any more."""
        gone, come = self._gone, self._come
        return any(_bare(line) in gone for line in come) or any(_bare(line) in come for line in gone)


def _bare(line: str) -> str | None:
    """What a comment would be without its mark; None for other lines and for very short ones."""
    for mark in _MARKS:
        if line.startswith(mark):
            text = line.lstrip(mark[0]).strip()
            return text if len(text) > 3 else None
    return None
