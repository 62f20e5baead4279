"""Patches of a kustomization: which objects they meet, and what they make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse, split
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, made
from riskcheck.platforms.kubernetes.edit import drop, is_true, mapping_at, put, put_at, text
from riskcheck.platforms.kubernetes.kustomize import jsonpatch
from riskcheck.platforms.kubernetes.kustomize.merge import added, merge
from riskcheck.platforms.kubernetes.kustomize.patterns import is_literal, is_word, matches, pattern, selects
from riskcheck.platforms.kubernetes.kustomize.schema import schema_of
from riskcheck.platforms.kubernetes.objects import KubeObject, pairs_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.documents.store import DocumentStore
    from riskcheck.models import Setting
    from riskcheck.platforms.kubernetes.kustomize.twins import Twins

_NAME: Final = ("metadata", "name")
_NAMESPACE: Final = ("metadata", "namespace")
_ANNOTATIONS: Final = ("metadata", "annotations")
_Change: TypeAlias = Callable[[KubeObject], KubeObject | None]


class Patch(NamedTuple):
    """How a patch may act. remember: a JSON patch stores the identity before it."""

    rename: bool = False
    rekind: bool = False
    remember: bool = False

    @classmethod
    def of(cls, options: Mapping | None, remember: bool) -> Patch:
        if options is None:
            return cls(remember=remember)
        return cls(is_true(options.get("allowNameChange")), is_true(options.get("allowKindChange")), remember)


_Wanted: TypeAlias = str | re.Pattern[str] | None


class Selection:
    """A patch's ``target``: patterns over group, version, kind, name and namespace, and label selectors.

    Raises `UnsupportedPatternError` where a pattern cannot be followed.
    """

    def __init__(self, target: Mapping) -> None:
        self.group, self.version, self.kind, self.name, self.namespace = (
            text(target.get(field)) for field in ("group", "version", "kind", "name", "namespace")
        )
        self._labels, self._annotations = (
            text(target.get("labelSelector")),
            text(target.get("annotationSelector")),
        )
        self._group, self._version, self._kind, self._name, self._namespace = (
            _wanted(written) for written in (self.group, self.version, self.kind, self.name, self.namespace)
        )

    def selects(self, found: KubeObject) -> bool:
        """Raises `UnsupportedPatternError` where a label selector is none."""
        now, first = found.id, found.first_id
        return (
            _is(self._kind, found.kind)
            and (_is(self._name, first.name) or _is(self._name, now.name))
            and _is(self._group, found.group)
            and _is(self._version, found.version)
            and (_is(self._namespace, first.namespace) or _is(self._namespace, now.namespace))
            and (not self._labels or selects(self._labels, pairs_of(found, "labels")))
            and (not self._annotations or selects(self._annotations, pairs_of(found, "annotations")))
        )


def _wanted(written: str) -> _Wanted:
    """None takes everything, a text itself, a pattern what it matches as a whole."""
    if not written:
        return None
    return written if is_literal(written) else pattern(written)


def _is(wanted: _Wanted, name: str) -> bool:
    if wanted is None:
        return True
    return wanted == name if isinstance(wanted, str) else matches(wanted, name)


def patched(
    objects: list[KubeObject],
    root: Node,
    selection: Selection | None,
    how: Patch,
    setting: Setting | None = None,
    twins: Twins | None = None,
) -> tuple[list[KubeObject], int]:
    """`objects` after one patch document, and how many it met. setting: the entry that applies it. twins: what the
    same patch made of them on the other side.

    Raises `PatchError` and `UnsupportedPatternError`.
    """

    def once(change: _Change) -> _Change:
        def changed(found: KubeObject) -> KubeObject | None:
            new = change(found)
            return new if new is None or setting is None else new.evolve(setting=setting)

        if twins is None:
            return changed
        by = (root, setting and setting.node, *how)
        return lambda found: twins.made(lambda: changed(found), found, *by)

    if isinstance(root, Sequence):
        if selection is None:
            raise jsonpatch.PatchError("a JSON patch needs a target")
        return _each(objects, selection, once(lambda found: _json(found, root, how)))
    if not isinstance(root, Mapping):
        raise jsonpatch.PatchError("neither a strategic merge patch nor a JSON patch")
    if selection is None:
        return _own_target(objects, root, once(lambda found: _strategic(found, root, how)))
    return _each(objects, selection, once(lambda found: _strategic(found, root, how)))


def standing_in(root: Node, selection: Selection | None) -> KubeObject | None:
    """What stands for a patch's target that is out of reach: as much of the object as the patch itself states."""
    kind = selection.kind if selection is not None else ""
    name = selection.name if selection is not None else ""
    if isinstance(root, Mapping):
        body = added(root, None)
        if not isinstance(body, Mapping):
            return None
        kind = text(root.get("kind")) if not is_word(kind) else kind
        name = text(root.at("metadata", "name")) if not is_word(name) else name
    else:
        body = mapping_at([], root)
    if not is_word(kind) or not is_word(name):
        return None
    stated = {("apiVersion",): _api_version(root, selection), ("kind",): kind, _NAME: name}
    if selection is not None and is_word(selection.namespace):
        stated[_NAMESPACE] = selection.namespace
    for path, value in stated.items():
        if text(body.at(*path)) != value:
            body = put_at(body, path, made(value, root))
    found = KubeObject(body, root, partial=True)
    return _json(found, root, Patch()) if isinstance(root, Sequence) else found


def _api_version(root: Node, selection: Selection | None) -> str:
    stated = text(root.get("apiVersion")) if isinstance(root, Mapping) else ""
    if stated or selection is None:
        return stated
    return f"{selection.group}/{selection.version}" if selection.group else selection.version


def _each(objects: list[KubeObject], selection: Selection, change: _Change) -> tuple[list[KubeObject], int]:
    result: list[KubeObject] = []
    hits = 0
    for found in objects:
        if selection.selects(found):
            hits += 1
            changed = change(found)
            if changed is not None:
                result.append(changed)
        else:
            result.append(found)
    return result, hits


def _own_target(objects: list[KubeObject], root: Mapping, change: _Change) -> tuple[list[KubeObject], int]:
    """A patch without target says itself what it is for: the one object of that identity, now or before."""
    patch = KubeObject(root, root)
    wanted = (patch.group, patch.version)
    hits = [
        found
        for found in objects
        if (found.group, found.version) == wanted
        and any(known == patch.id for known in (*found.previous, found.id))
    ]
    if len(hits) > 1:
        raise jsonpatch.PatchError(f"{len(hits)} objects are or were called {patch.kind} {patch.name}")
    result = [change(found) if found in hits else found for found in objects]
    return [found for found in result if found is not None], len(hits)


def _json(found: KubeObject, operations: Sequence, how: Patch) -> KubeObject:
    """kustomize keeps notes in annotations, so that a patch may add to those of an object that has none."""
    if found.partial:
        return found.evolve(jsonpatch.apply_loosely(found.body, operations), remember=how.remember)
    body = found.body
    noted = how.remember or bool(found.previous or found.prefixes or found.suffixes or found.generated)
    if noted and isinstance(body.get("metadata"), Mapping) and body.at("metadata", "annotations") is None:
        body = put_at(body, _ANNOTATIONS, mapping_at([], body))
    body = jsonpatch.apply(body, operations)
    annotations = body.at(*_ANNOTATIONS)
    if isinstance(annotations, Mapping) and not annotations.entries:
        metadata = body.get("metadata")
        assert isinstance(metadata, Mapping)
        body = put(body, "metadata", drop(metadata, "annotations"))
    return found.evolve(body, remember=how.remember)


def _strategic(found: KubeObject, patch: Mapping, how: Patch) -> KubeObject | None:
    """None where the patch deletes the object. Name, namespace and kind stay unless `how` lets them go."""
    body = merge(found.body, patch, schema_of(found.api_version, found.kind))
    if not isinstance(body, Mapping) or not body.entries:
        return None
    for field in ("apiVersion",) if how.rekind else ("apiVersion", "kind"):
        kept = found.body.get(field)
        if kept is not None:
            body = put(body, field, kept)
    metadata = body.get("metadata")
    before = found.body.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(before, Mapping):
        for field in ("namespace",) if how.rename else ("name", "namespace"):
            kept = before.get(field)
            metadata = drop(metadata, field) if kept is None else put(metadata, field, kept)
        body = put(body, "metadata", metadata)
    return found.evolve(body, remember=how.rename or how.rekind)


def read_inline(node: Scalar, documents: DocumentStore) -> tuple[list[Node], str | None]:
    """The documents written inside scalar `node`, placed in its file; and why the rest could not be read."""
    source = node.source
    first = node.file_line
    indent = node.column
    if node.style == "block":
        first += 1
        line = documents.get(source.path).line(first)
        indent = len(line) - len(line.lstrip(" "))
    roots: list[Node] = []
    for part in split(node.raw):
        place = Source(source.path, source.side, first + part.first_line - 1)
        try:
            root = parse(node.raw[part.start : part.end], place).root
        except Rejected as rejected:
            return roots, rejected.reason
        if root is not None:
            _shift(root, indent)
            roots.append(root)
    return roots, None


def _shift(root: Node, columns: int) -> None:
    """Moves freshly parsed nodes to the right, where the text they were parsed from is indented."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        node.column += columns
        node.end_column += columns
        if isinstance(node, Mapping):
            pending.extend(part for entry in node.entries for part in entry)
        elif isinstance(node, Sequence):
            pending.extend(node.items)
