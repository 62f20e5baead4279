"""Which kustomization reads which path, over a whole tree, without parsing it.

Two steps. `references_of` picks everything out of a kustomization's bytes that could be a path: fast, a pure
function of the bytes (so it can be remembered by blob), and never too little for the ways people write
kustomizations. On the way up from a touched path, the few candidates are parsed and only what they really name
counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import Mapping, Node
from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES, parent, resolve
from riskcheck.platforms.kubernetes.kustomize.shape import (
    CHART_LISTS,
    GENERATOR_LISTS,
    PATCH_LISTS,
    STRING_LISTS,
    canonical,
    mappings,
    strings,
)
from riskcheck.platforms.kubernetes.manifests import document_of
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import Tree

_ITEM: Final = rb"""^[ \t]*-[ \t]+["']?([^\s"'#{}\[\]:,]+)["']?[ \t\r]*(?:#.*)?$"""
_KEYED: Final = rb"""\b(?:path|env|valuesFile)["']?[ \t]*:[ \t]*["']?([^\s"',}\]#|>]+)"""
_FLOW: Final = rb"""(?:^(?:\xef\xbb\xbf)?|[{,])[ \t-]*["']?[A-Za-z]+["']?[ \t]*:[ \t]*\[([^\]]*+)(?:\]|\Z)"""
_FLOW_ITEM: Final = rb"""[^\s"',{}\[\]]+"""
_FINDERS: Final = tuple(re.compile(pattern, re.MULTILINE) for pattern in (_ITEM, _KEYED))
_FLOWS: Final = regex(_FLOW, re.MULTILINE)
_FLOW_ITEMS: Final = regex(_FLOW_ITEM)


def references_of(content: bytes) -> tuple[str, ...]:
    """What of a kustomization file could be a path, as it is written; ``key=path`` without its key."""
    found: dict[bytes, None] = {}
    for finder in _FINDERS:
        found.update(dict.fromkeys(finder.findall(content)))
    for flow in _FLOWS.findall(content):
        found.update(dict.fromkeys(_FLOW_ITEMS.findall(flow)))
    return tuple(
        reference.rpartition(b"=")[2].decode(errors="replace")
        for reference in found
        if b"://" not in reference
    )


remembered: Final = ByBlob(references_of)


def _kustomizations_in(paths: Iterable[str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for path in paths:
        if path.endswith(FILE_NAMES):
            directory, _, name = path.rpartition("/")
            if name in FILE_NAMES:
                known = files.get(directory)
                if known is None or FILE_NAMES.index(name) < FILE_NAMES.index(known.rpartition("/")[2]):
                    files[directory] = path
    return files


_kustomizations: Final = ByPaths(_kustomizations_in)


class Index:
    """Kustomizations of one tree and who includes whom."""

    def __init__(self, tree: Tree, documents: DocumentStore) -> None:
        self._tree = tree
        self._documents = documents
        self.files = _kustomizations.of(tree)
        """Directory to its kustomization file."""
        self._candidates: dict[str, list[str]] | None = None
        self._read_by: dict[str, list[str]] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._components: dict[str, bool] = {}

    def reading(self, paths: Iterable[str]) -> set[str]:
        """Directories of all kustomizations that read any of `paths`, directly or through others."""
        pending: list[str] = []
        for path in paths:
            directory, _, name = path.rpartition("/")
            if name in FILE_NAMES and directory in self.files:
                pending.append(directory)
            elif self._could_be_read(directory):
                pending.extend(self._readers(path))
        seen: set[str] = set()
        while pending:
            directory = pending.pop()
            if directory not in seen:
                seen.add(directory)
                pending.extend(self._readers(directory))
        return seen

    def outermost(self, directories: Iterable[str]) -> set[str]:
        """Those that no other kustomization includes, components aside. Where there is none (a circle, or a
        component that nothing uses), all that are no components."""
        whole = [directory for directory in directories if not self.is_component(directory)]
        tops = {directory for directory in whole if not self._readers(directory)}
        return tops or set(whole)

    def is_component(self, directory: str) -> bool:
        """Whether the kustomization of `directory` is of kind Component, which deploys nothing alone."""
        known = self._components.get(directory)
        if known is None:
            root = self._root(directory)
            known = isinstance(root, Mapping) and text(root.get("kind")) == "Component"
            self._components[directory] = known
        return known

    def _could_be_read(self, directory: str) -> bool:
        """kustomize reads files only from below the kustomization, unless told otherwise; so do most people."""
        while directory not in self.files:
            if not directory:
                return False
            directory = parent(directory)
        return True

    def _readers(self, path: str) -> list[str]:
        """Directories of the kustomizations that name `path`, a file or directory."""
        known = self._read_by.get(path)
        if known is None:
            if self._candidates is None:
                self._candidates = self._invert()
            possible = self._candidates.get(path, ())
            known = self._read_by[path] = [one for one in possible if path in self._names(one)]
        return known

    def _invert(self) -> dict[str, list[str]]:
        """Every path that could be meant by some kustomization, with those that could mean it."""
        entries = self._tree.entries()
        blobs = {directory: entries[path].blob for directory, path in self.files.items()}
        candidates, stale = _inverted_before(blobs)
        self._tree.prefetch(
            self.files[directory] for directory in stale if (blobs[directory] or "") not in remembered
        )
        for directory in stale:
            for reference in remembered.of(self._tree, self.files[directory], blobs[directory]):
                target = resolve(directory, reference)
                if target is not None:
                    readers = candidates.setdefault(target, [])
                    if directory not in readers:
                        readers.append(directory)
        keep(blobs, candidates)
        return candidates

    def _names(self, directory: str) -> frozenset[str]:
        """The paths that the kustomization of `directory` really names."""
        known = self._named.get(directory)
        if known is None:
            found = (resolve(directory, written) for written in paths_in(self._root(directory)))
            known = self._named[directory] = frozenset(path for path in found if path is not None)
        return known

    def _root(self, directory: str) -> Node | None:
        path = self.files.get(directory)
        return document_of(self._documents, path).root if path is not None else None


_Blobs: TypeAlias = dict[str, str | None]
"""Directory to the blob of its kustomization."""

_Candidates: TypeAlias = dict[str, list[str]]
"""Path to the directories whose kustomization could mean it."""

_inverted: list[tuple[_Blobs, _Candidates]] = []
_MOST_INVERTED: Final = 2


def latest() -> tuple[_Blobs, _Candidates] | None:
    """What was made of the tree seen last."""
    return _inverted[0] if _inverted else None


def keep(blobs: _Blobs, candidates: _Candidates) -> None:
    """Remembers what was made of a tree."""
    _inverted.insert(0, (blobs, candidates))
    del _inverted[_MOST_INVERTED:]


def _inverted_before(blobs: _Blobs) -> tuple[_Candidates, list[str]]:
    """The candidates of an earlier tree, usually the other side of the comparison, and the directories in which
    this tree differs from it. Candidates that are true no longer do no harm: they are verified."""
    for known, candidates in _inverted:
        stale = [
            directory for directory, blob in blobs.items() if blob is None or known.get(directory) != blob
        ]
        if not stale:
            return candidates, stale
        if len(stale) * 4 < len(blobs):
            return {target: list(readers) for target, readers in candidates.items()}, stale
    return {}, list(blobs)


def paths_in(root: Node | None) -> list[str]:
    """Every path that a kustomization names, as written."""
    if not isinstance(root, Mapping):
        return []
    root = canonical(root)
    found: list[str] = []
    for field in STRING_LISTS:
        found.extend(_texts(root.get(field)))
    for field in PATCH_LISTS:
        found.extend(text(entry.get("path")) for entry in mappings(root.get(field)))
    for field in GENERATOR_LISTS:
        for entry in mappings(root.get(field)):
            found.extend(source.rpartition("=")[2] for source in _texts(entry.get("files")))
            found.extend((*_texts(entry.get("envs")), text(entry.get("env"))))
    for field in CHART_LISTS:
        for entry in mappings(root.get(field)):
            found.append(text(entry.get("valuesFile")))
            found.extend(_texts(entry.get("additionalValuesFiles")))
    schema = root.get("openapi")
    found.append(text(schema.get("path")) if isinstance(schema, Mapping) else "")
    return [path for path in found if path and "\n" not in path]


def _texts(node: Node | None) -> list[str]:
    return [item.raw for item in strings(node)]
