"""Generators of an ApplicationSet: which sets of parameters they make, as far as the repository tells.

Facts: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/ and the pages below it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, text
from riskcheck.platforms.kubernetes.gitops.clusters import LOCAL, LOCAL_SERVER, Cluster, selected
from riskcheck.platforms.kubernetes.gitops.parameters import (
    ParameterSet,
    flat,
    joined,
    of_path,
    stated_in,
    with_values,
)
from riskcheck.platforms.kubernetes.gitops.templates import filled, looked_up
from riskcheck.platforms.kubernetes.kustomize.paths import parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.documents.store import DocumentStore
    from riskcheck.platforms.kubernetes.gitops.templates import Parameters

MAX_SETS: Final = 2_000
"""Sets of parameters of one ApplicationSet: matrices multiply."""

_MAX_DEPTH: Final = 3
"""Matrix and merge may be nested once; what is deeper is refused by Argo CD."""

_ASKING: Final = {
    "scmProvider": "asks a source code host",
    "pullRequest": "asks a source code host",
    "clusterDecisionResource": "asks a cluster",
    "plugin": "asks a plugin",
}


class Generation:
    """One ApplicationSet at work. problems: why it may make more than was found, each once.

    clusters: those that the repository declares for the Argo CD instance of the set.
    """

    def __init__(self, root: Mapping, documents: DocumentStore, clusters: SequenceOf[Cluster]) -> None:
        self._root = root
        self._documents = documents
        self._tree = documents.tree
        self._clusters = clusters
        self.go = is_true(root.at("spec", "goTemplate"))
        self.problems: dict[str, None] = {}

    def sets(self) -> list[ParameterSet]:
        """The sets of all generators."""
        return self._bounded(
            one for item in _items(self._root.at("spec", "generators")) for one in self._of(item)
        )

    def _of(self, item: Node, depth: int = 0) -> list[ParameterSet]:
        if not isinstance(item, Mapping):
            return []
        if depth >= _MAX_DEPTH:
            self.problems["generators are nested deeper than Argo CD allows"] = None
            return []
        found: Iterable[ParameterSet] = ()
        template: Node | None = None
        for key, node in item.entries:
            if key.raw in _ASKING:
                self.problems[f"the {key.raw} generator {_ASKING[key.raw]}"] = None
            elif isinstance(node, Mapping):
                template = node.get("template")
                if key.raw == "list":
                    found = self._list(node)
                elif key.raw == "git":
                    found = self._git(node)
                elif key.raw == "clusters":
                    found = self._clusters_of(node)
                elif key.raw == "matrix":
                    found = self._matrix(node, depth)
                elif key.raw == "merge":
                    found = self._merge(node, depth)
                else:
                    template = None
                    continue
                break
        selector = item.get("selector")
        chosen = (one for one in found if self._is_selected(one, selector))
        if isinstance(template, Mapping) and template.entries:
            kept = template
            chosen = (one._replace(templates=(*one.templates, kept)) for one in chosen)
        return self._bounded(chosen)

    def _bounded(self, sets: Iterable[ParameterSet]) -> list[ParameterSet]:
        found = list(islice(sets, MAX_SETS + 1))
        if len(found) > MAX_SETS:
            self.problems[f"its generators make more than {MAX_SETS:,} Applications"] = None
            del found[MAX_SETS:]
        return found

    def _is_selected(self, one: ParameterSet, selector: Node | None) -> bool:
        """What is open may be selected: nobody knows its labels."""
        if not isinstance(selector, Mapping) or one.open:
            return True
        return selected(dict(flat(one.values)), selector)

    def _list(self, node: Mapping) -> Iterator[ParameterSet]:
        if node.get("elementsYaml") is not None:
            self.problems["elementsYaml of a list generator is not evaluated"] = None
        for element in _items(node.get("elements")):
            if isinstance(element, Mapping):
                yield ParameterSet(stated_in(element, self.go))

    def _git(self, node: Mapping) -> Iterator[ParameterSet]:
        prefix = text(node.get("pathParamPrefix"))
        values = node.get("values")
        for wanted in (self._directories(node, prefix), self._files(node, prefix)):
            for one in wanted:
                yield with_values(one, values, self.go)

    def _directories(self, node: Mapping, prefix: str) -> Iterator[ParameterSet]:
        stated = [item for item in _items(node.get("directories")) if isinstance(item, Mapping)]
        if not stated:
            return
        wanted, excluded = _wanted(stated)
        for directory in sorted(_directories(self._tree.entries())):
            if directory and _matches(directory, wanted) and not _matches(directory, excluded):
                yield ParameterSet(of_path(directory, self.go, prefix=prefix))

    def _files(self, node: Mapping, prefix: str) -> Iterator[ParameterSet]:
        stated = [item for item in _items(node.get("files")) if isinstance(item, Mapping)]
        if not stated:
            return
        wanted, excluded = _wanted(stated)
        paths = [
            path
            for path in self._tree.entries()
            if path.endswith((".json", ".yaml", ".yml"))
            and _matches(path, wanted)
            and not _matches(path, excluded)
        ]
        if len(paths) > MAX_SETS:
            self.problems[f"its generators make more than {MAX_SETS:,} Applications"] = None
            del paths[MAX_SETS:]
        self._tree.prefetch(paths)
        for path in sorted(paths):
            directory, _, name = path.rpartition("/")
            own = of_path(directory, self.go, file=name, prefix=prefix)
            document = self._documents.get(path)
            if not document.chunks or any(chunk.error is not None for chunk in document.chunks):
                self.problems[f"{path} cannot be read"] = None
            for chunk in document.chunks:
                listed = (
                    (chunk.root.items if isinstance(chunk.root, Sequence) else [chunk.root])
                    if chunk.root
                    else []
                )
                for element in listed:
                    if isinstance(element, Mapping):
                        yield ParameterSet(stated_in(element, self.go) | own, read=frozenset({path}))

    def _clusters_of(self, node: Mapping) -> Iterator[ParameterSet]:
        """Without a selector the cluster of Argo CD itself is among them.

        https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Cluster/#deploying-to-the-local-cluster
        """
        selector, values = node.get("selector"), node.get("values")
        free = not isinstance(selector, Mapping) or not selector.entries
        found = [one for one in self._clusters if selected(one.labels, selector)]
        if free and all(one.server != LOCAL_SERVER for one in found):
            found.append(LOCAL)
        for cluster in found:
            read = frozenset({cluster.path} if cluster.path else ())
            yield with_values(ParameterSet(cluster.parameters(self.go), read=read), values, self.go)
        if not self._clusters:
            self.problems["which clusters have which labels is not in the repository"] = None
            yield with_values(ParameterSet({}, assumed=True, open=True), values, self.go)

    def _matrix(self, node: Mapping, depth: int) -> Iterator[ParameterSet]:
        generators = _items(node.get("generators"))
        if len(generators) != 2:
            return
        for first in self._of(generators[0], depth + 1):
            second = _interpolated(generators[1], first.values, self.go)
            for other in self._of(second, depth + 1):
                yield joined(first, other)

    def _merge(self, node: Mapping, depth: int) -> Iterator[ParameterSet]:
        """The first generator's sets, overridden by those of the others with the same values of the merge keys.

        An open set takes part with every set that names a cluster: it says what such a cluster gets if it exists.
        """
        generators = _items(node.get("generators"))
        keys = [text(key) for key in _items(node.get("mergeKeys"))]
        if not generators or not keys:
            return
        bases = self._of(generators[0], depth + 1)
        known = {key: one for one in bases if (key := _key(one, keys)) is not None}
        opened = [one for one in bases if one.open]
        for item in generators[1:]:
            for other in self._of(item, depth + 1):
                key = _key(other, keys)
                if key is None:
                    continue
                if key in known:
                    known[key] = joined(known[key], other)
                elif opened:
                    known[key] = joined(opened[0], other)._replace(open=False, assumed=True)
        yield from known.values()
        yield from opened


def _key(one: ParameterSet, keys: list[str]) -> tuple[str, ...] | None:
    found = [looked_up(one.values, key) for key in keys]
    return None if None in found else tuple(value or "" for value in found)


def _interpolated(node: Node, values: Parameters, go: bool, depth: int = 0) -> Node:
    """A generator with the parameters of another filled in, as the second of a matrix is; unknown ones stay."""
    if isinstance(node, Scalar):
        done = filled(node.raw, values, go) if "{{" in node.raw else None
        if done is None or done == node.raw:
            return node
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(done, *place, node.style, via=(node,))
    if depth > 32:
        return node
    if isinstance(node, Mapping):
        entries = [(key, _interpolated(value, values, go, depth + 1)) for key, value in node.entries]
        return node.with_entries(entries)
    if isinstance(node, Sequence):
        return node.with_items([_interpolated(item, values, go, depth + 1) for item in node.items])
    return node


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _directories(paths: Iterable[str]) -> set[str]:
    """All directories, those that only hold others too."""
    found: set[str] = set()
    for path in paths:
        directory = parent(path)
        while directory not in found:
            found.add(directory)
            directory = parent(directory)
    return found


def _wanted(stated: list[Mapping]) -> tuple[list[Glob], list[Glob]]:
    wanted = _globs(item for item in stated if not is_true(item.get("exclude")))
    return wanted, _globs(item for item in stated if is_true(item.get("exclude")))


def _globs(items: Iterable[Mapping]) -> list[Glob]:
    globs: list[Glob] = []
    for item in items:
        try:
            globs.append(Glob(text(item.get("path")).strip("/")))
        except GlobError:
            continue
    return globs


def _matches(path: str, globs: list[Glob]) -> bool:
    """Each pattern is for the path itself, never for what is below it."""
    return any(glob.matches(path) and _is_whole(path, glob.pattern) for glob in globs)


def _is_whole(path: str, pattern: str) -> bool:
    if "**" not in pattern:
        return path.count("/") == pattern.count("/")
    last = pattern.rpartition("/")[2]
    return any(sign in last for sign in "*?[{") or path.rpartition("/")[2] == last
