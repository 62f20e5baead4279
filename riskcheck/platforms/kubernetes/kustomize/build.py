"""What ``kustomize build`` makes of a directory, without network, plugins or templates.

The order of the steps is kustomize's own
(https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/internal/target/kusttarget.go). Where it
would refuse to build, the part at fault is left out and told as a limitation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.kubernetes.edit import as_text, drop, put, put_at, text
from riskcheck.platforms.kubernetes.kustomize import names
from riskcheck.platforms.kubernetes.kustomize.accumulation import Build
from riskcheck.platforms.kubernetes.kustomize.fields import BUILT_IN
from riskcheck.platforms.kubernetes.kustomize.index import paths_in
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES, join, resolve
from riskcheck.platforms.kubernetes.kustomize.shape import canonical
from riskcheck.platforms.kubernetes.kustomize.step import Step
from riskcheck.platforms.kubernetes.manifests import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.documents.store import DocumentStore
    from riskcheck.platforms.kubernetes.kustomize.fields import Fields
    from riskcheck.platforms.kubernetes.kustomize.twins import Twins
    from riskcheck.platforms.kubernetes.manifests import Manifests
    from riskcheck.platforms.kubernetes.objects import KubeObject
    from riskcheck.trees import Tree

MAX_DEPTH: Final = 64
_NAME: Final = "kustomize"
_LASTING: Final = frozenset({"remote-base", "unsupported", "patch-unmatched"})
"""Limitations that lie in the files themselves: others may go when another file comes."""
_LOCAL_ONLY: Final = "config.kubernetes.io/local-config"


class Builder:
    """Builds directories of one tree; what several overlays share is accumulated once.

    built: what builders of other trees of the same history accumulated. twins: what the builder of the other side
    made of the same objects.
    """

    def __init__(
        self,
        documents: DocumentStore,
        manifests: Manifests,
        built: dict[tuple[str, str], tuple[Tree, object]] | None = None,
        twins: Twins | None = None,
    ) -> None:
        self._built = built
        self.twins = twins
        self.documents = documents
        self.tree = documents.tree
        self.manifests = manifests
        self._accumulated: dict[str, Build] = {}
        self._active: list[str] = []
        self._files: dict[str, str | None] = {}
        self._rewriters: dict[int, names.Rewriter] = {}

    def kustomization_in(self, directory: str) -> str | None:
        """Path of the kustomization file of `directory`."""
        if directory not in self._files:
            paths = (join(directory, name) for name in FILE_NAMES)
            entries = (entry for path in paths if (entry := self.tree.entry(path)) is not None)
            self._files[directory] = next((entry.path for entry in entries if entry.kind == "file"), None)
        return self._files[directory]

    def prefetch(self, directories: Iterable[str]) -> None:
        """Has the tree read all that the kustomizations of `directories` name, level by level, not one by one."""
        level = list(directories)
        seen: set[str] = set()
        files: dict[str, None] = {}
        while level:
            seen.update(level)
            roots = [(directory, self.kustomization_in(directory)) for directory in level]
            self.tree.prefetch(path for _, path in roots if path is not None)
            below: dict[str, None] = {}
            for directory, path in roots:
                root = document_of(self.documents, path).root if path is not None else None
                for written in paths_in(root):
                    target = resolve(directory, written)
                    if target is None or target in seen:
                        continue
                    if self.tree.entry(target) is not None:
                        files[target] = None
                    else:
                        below[target] = None
            level = list(below)
        self.tree.prefetch(files)

    def build(self, directory: str) -> Build:
        """The finished objects of the kustomization in `directory`."""
        return self.finished(self.accumulate(directory))

    def finished(self, base: Build) -> Build:
        """What accumulated, with the names that it is deployed under."""
        done = Build()
        done.read, done.limitations = base.read, base.limitations
        done.fields, done.incomplete = base.fields, base.incomplete
        done.vars, done.unmatched = base.vars, base.unmatched
        hashed = [_hashed(found) if found.hashed else found for found in base.objects]
        objects = self._rewriter(base.fields or BUILT_IN).rewrite(hashed)
        if base.vars:
            from riskcheck.platforms.kubernetes.kustomize import variables

            done.limitations = dict(base.limitations)
            objects = variables.resolve(done, objects)
        done.objects = [self._annotated(found) for found in objects if not _is_local(found)]
        return done

    def _annotated(self, found: KubeObject) -> KubeObject:
        if self.twins is None:
            return _with_text_annotations(found)
        return self.twins.made(lambda: _with_text_annotations(found), found, "annotated")

    def _rewriter(self, fields: Fields) -> names.Rewriter:
        known = self._rewriters.get(id(fields.names))
        if known is None:
            known = self._rewriters[id(fields.names)] = names.Rewriter(fields.names)
        return known

    def accumulate(self, directory: str) -> Build:
        known = self._accumulated.get(directory) or self._taken_over(directory)
        if known is None:
            known = Build()
            self.into(known, directory)
            if directory in self._active:
                return known
            if self._built is not None:
                self._built[_NAME, directory] = (self.tree, known)
        self._accumulated[directory] = known
        return known

    def _taken_over(self, directory: str) -> Build | None:
        """What another tree gave for `directory`, if all that was read there is the same here."""
        if self._built is None or directory in self._active:
            return None
        tree, known = self._built.get((_NAME, directory), (self.tree, None))
        return known if isinstance(known, Build) and self._is_equal(tree, known) else None

    def _is_equal(self, tree: Tree, known: Build) -> bool:
        if any(limitation.kind not in _LASTING for limitation in known.limitations):
            return False
        for path in known.read:
            here, there = self.tree.entry(path), tree.entry(path)
            if here is None or there is None or here.blob is None or here.blob != there.blob:
                return False
            folder, _, name = path.rpartition("/")
            if name in FILE_NAMES and self.kustomization_in(folder) != path:
                return False
        return True

    def into(self, build: Build, directory: str) -> None:
        """Adds the kustomization of `directory` to `build` and applies it to all that is there."""
        path = self.kustomization_in(directory)
        if path is None:
            return
        build.read.add(path)
        if directory in self._active or len(self._active) >= MAX_DEPTH:
            reason = "includes itself" if directory in self._active else f"is nested deeper than {MAX_DEPTH}"
            build.limit(Limitation(path, "cycle", f"the kustomization {reason}", None, self.tree.side))
            return
        root = self.manifests.root(path, build.limitations)
        if not isinstance(root, Mapping):
            return
        self._active.append(directory)
        try:
            Step(self, build, directory, path, canonical(root)).run()
        finally:
            self._active.pop()


def _hashed(found: KubeObject) -> KubeObject:
    from riskcheck.platforms.kubernetes.kustomize.generate import with_hash

    return with_hash(found)


def _is_local(found: KubeObject) -> bool:
    annotations = found.body.at("metadata", "annotations")
    marked = annotations.get(_LOCAL_ONLY) if isinstance(annotations, Mapping) else None
    return marked is not None and text(marked) != "false"


def _with_text_annotations(found: KubeObject) -> KubeObject:
    """kustomize writes annotations anew: ``keep: 1440`` is deployed as ``keep: "1440"``, an empty mapping not."""
    metadata = found.body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if annotations is None or not isinstance(metadata, Mapping):
        return found
    if not isinstance(annotations, Mapping) or not annotations.entries:
        return found.evolve(put(found.body, "metadata", drop(metadata, "annotations")))
    entries: list[tuple[Scalar, Node]] = []
    for key, node in annotations.entries:
        if (
            isinstance(node, Scalar)
            and node.tag is None
            and not isinstance(scalar_value(node, "kustomize"), str)
        ):
            node = as_text(node)
        entries.append((key, node))
    if all(new[1] is old[1] for new, old in zip(entries, annotations.entries, strict=True)):
        return found
    return found.evolve(put_at(found.body, ("metadata", "annotations"), annotations.with_entries(entries)))
