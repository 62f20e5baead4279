"""Which directories Flux and Argo CD deploy, and where to.

Facts: https://fluxcd.io/flux/components/kustomize/kustomizations/ (``spec.path``, from the root of the source),
https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ (``spec.source.path``,
``spec.sources[]``), https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from riskcheck.globs import Glob, GlobError
from riskcheck.models import Environment, location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import is_true, text
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES, join, parent, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.trees import Tree

FLUX: Final = "kustomize.toolkit.fluxcd.io"
ARGO: Final = "argoproj.io"

_LIKELY: Final = re.compile(
    r"(?:^|[/_.-])(?:clusters?|flux|fluxcd|argo|argocd|apps?|applications?|appsets?|applicationsets?|app-of-apps"
    r"|gitops|bootstrap|fleet|ks|root)(?=[/_.-])",
    re.IGNORECASE,
)
"""Where definitions of Flux and Argo CD are kept, by the words of the path."""

_HINTS: Final = ("luster", "flux", "argo", "app", "gitops", "bootstrap", "fleet", "ks.", "root", "App")
"""Parts of those words: looking for these first is faster by ten than the pattern."""

_FLUX_MARK: Final = b"fluxcd.io/"
_APPLICATION_MARK: Final = b"Application"
_SET_MARK: Final = b"ApplicationSet"
_PLAIN: Final = re.compile(
    rb"kustomize\.toolkit\.fluxcd\.io/|^kind:[ \t]*[\"']?(?:Application|ArtifactGenerator)\b(?!Set)",
    re.MULTILINE,
)
_SET: Final = re.compile(rb"^kind:[ \t]*[\"']?ApplicationSet\b", re.MULTILINE)
_MOST_FILES: Final = 5_000
_PLACEHOLDER: Final = re.compile(r"\{\{-?\s*\.?([\w.]+)\s*-?\}\}")

_Artifacts: TypeAlias = dict[tuple[str, str], list[tuple[str, str]]]
"""(Directory of an ArtifactGenerator, artifact) to the (path in the artifact, path in the tree) copied to it."""


class Deployment(NamedTuple):
    """One directory that is deployed. recursive: manifests below it too; node: what says so.

    name, cluster: of the Application or Kustomization, and where it goes, ``""`` where unsaid.
    """

    path: str
    node: Node
    recursive: bool
    name: str
    cluster: str = ""


class GitOps:
    """Deployments that one tree's definitions of Flux and Argo CD state."""

    def __init__(self, tree: Tree, documents: DocumentStore) -> None:
        self._tree = tree
        self._documents = documents
        self._plain: dict[str, list[Deployment]] | None = None
        self._made: dict[str, list[Deployment]] | None = None
        self._sets: list[str] = []

    def of(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by name."""
        if self._plain is None:
            self._plain = self._read()
        return self._plain.get(directory, [])

    def made_for(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by an ApplicationSet. Reading those costs more, so it is asked for apart."""
        if self._made is None:
            self.of("")
            self._made = {}
            for path in self._sets:
                for chunk in self._documents.get(path).chunks:
                    for found in _stated_sets(chunk.root, self._tree):
                        self._made.setdefault(found.path, []).append(found)
        return self._made.get(directory, [])

    def _read(self) -> dict[str, list[Deployment]]:
        stated: dict[str, list[Deployment]] = {}
        artifacts: dict[tuple[str, str], list[tuple[str, str]]] = {}
        roots: list[Mapping] = []
        entries = self._tree.entries()
        likely = _likely_files.of(self._tree)
        self._tree.prefetch(path for path in likely if (entries[path].blob or "") not in remembered)
        for path in likely:
            marks = remembered.of(self._tree, path, entries[path].blob)
            if "set" in marks:
                self._sets.append(path)
            if "plain" in marks:
                for chunk in self._documents.get(path).chunks:
                    if isinstance(chunk.root, Mapping):
                        roots.append(chunk.root)
        for root in roots:
            artifacts.update(_artifacts(root))
        for root in roots:
            for found in _stated(root, artifacts):
                stated.setdefault(found.path, []).append(found)
        return stated


def marks_of(content: bytes) -> tuple[str, ...]:
    """Which definitions the bytes of a file may hold: ``plain`` (Flux, Application), ``set`` (ApplicationSet)."""
    marks: list[str] = []
    if (_FLUX_MARK in content or _APPLICATION_MARK in content) and _PLAIN.search(content):
        marks.append("plain")
    if _SET_MARK in content and _SET.search(content):
        marks.append("set")
    return tuple(marks)


remembered: Final = ByBlob(marks_of)


@lru_cache(maxsize=32_768)
def is_likely(path: str) -> bool:
    """Whether definitions of Flux or Argo CD are usually kept at such a path."""
    for hint in _HINTS:
        if hint in path:
            return _LIKELY.search(path) is not None and path.rpartition("/")[2] not in FILE_NAMES
    return False


def _likely_in(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.endswith((".yaml", ".yml")) and is_likely(path)][:_MOST_FILES]


_likely_files: Final = ByPaths(_likely_in)


def _stated(root: Mapping, artifacts: _Artifacts) -> Iterator[Deployment]:
    kind, group = text(root.get("kind")), text(root.get("apiVersion")).partition("/")[0]
    if group == FLUX and kind == "Kustomization":
        yield from _flux(root, artifacts)
    elif group == ARGO and kind == "Application":
        yield from _application(root, root, {})


def _stated_sets(root: Node | None, tree: Tree) -> Iterator[Deployment]:
    if not isinstance(root, Mapping) or text(root.get("kind")) != "ApplicationSet":
        return
    template = root.at("spec", "template")
    if isinstance(template, Mapping):
        for values in parameters_of(root, tree):
            yield from _application(template, root, values)


def is_expandable(root: Mapping) -> bool:
    """Whether all generators of an ApplicationSet can be followed without asking a cluster."""
    generators = root.at("spec", "generators")
    return isinstance(generators, Sequence) and all(
        isinstance(generator, Mapping)
        and (generator.at("list", "elements") is not None or generator.at("git", "directories") is not None)
        for generator in generators.items
    )


def parameters_of(root: Mapping, tree: Tree) -> Iterator[dict[str, str]]:
    """Sets of parameters that list and git-directory generators make without asking a cluster."""
    generators = root.at("spec", "generators")
    for generator in generators.items if isinstance(generators, Sequence) else ():
        if not isinstance(generator, Mapping):
            continue
        elements = generator.at("list", "elements")
        for element in elements.items if isinstance(elements, Sequence) else ():
            if isinstance(element, Mapping):
                yield dict(_flattened(element, ""))
        directories = generator.at("git", "directories")
        if isinstance(directories, Sequence):
            yield from _directories(directories, tree)


def _directories(patterns: Sequence, tree: Tree) -> Iterator[dict[str, str]]:
    stated = [item for item in patterns.items if isinstance(item, Mapping)]
    wanted = _globs(item for item in stated if not is_true(item.get("exclude")))
    excluded = _globs(item for item in stated if is_true(item.get("exclude")))
    for directory in sorted({parent(path) for path in tree.entries()}):
        if _matches(directory, wanted) and not _matches(directory, excluded):
            name = directory.rpartition("/")[2]
            yield {
                "path": directory,
                "path.path": directory,
                "path.basename": name,
                "path.basenameNormalized": name.lower(),
            }


def _globs(items: Iterable[Mapping]) -> list[Glob]:
    globs: list[Glob] = []
    for item in items:
        try:
            globs.append(Glob(text(item.get("path"))))
        except GlobError:
            continue
    return globs


def _matches(directory: str, globs: list[Glob]) -> bool:
    """Each pattern is for the directory itself, never for what is below it."""
    return any(
        glob.matches(directory) if "*" in glob.pattern else glob.pattern == directory for glob in globs
    )


def _flattened(element: Mapping, prefix: str) -> Iterator[tuple[str, str]]:
    for key, node in element.entries:
        if isinstance(node, Mapping):
            yield from _flattened(node, f"{prefix}{key.raw}.")
        elif isinstance(node, Scalar):
            yield f"{prefix}{key.raw}", node.raw


def _flux(root: Mapping, artifacts: _Artifacts) -> Iterator[Deployment]:
    written = root.at("spec", "path")
    path = resolve("", text(written).lstrip("/") or ".")
    if path is None:
        return
    name = text(root.at("metadata", "name"))
    if text(root.at("spec", "sourceRef", "kind")) == "ExternalArtifact":
        artifact = (parent(root.source.path), text(root.at("spec", "sourceRef", "name")))
        for into, copied in artifacts.get(artifact, ()):
            below = _below(path, into)
            if below is not None:
                yield Deployment(join(copied, below) if below else copied, written or root, True, name)
        return
    yield Deployment(path, written or root, True, name)


def _below(path: str, above: str) -> str | None:
    """`path` relative to directory `above`; None where it is not below it."""
    if not above or path == above:
        return path if not above else ""
    return path.removeprefix(f"{above}/") if path.startswith(f"{above}/") else None


def _artifacts(root: Mapping) -> _Artifacts:
    """What https://fluxcd.io/flux/components/source/artifactgenerators/ copies where."""
    if text(root.get("kind")) != "ArtifactGenerator":
        return {}
    found: _Artifacts = {}
    artifacts = root.at("spec", "artifacts")
    for artifact in artifacts.items if isinstance(artifacts, Sequence) else ():
        copies = artifact.get("copy") if isinstance(artifact, Mapping) else None
        if not isinstance(artifact, Mapping) or not isinstance(copies, Sequence):
            continue
        pairs = found.setdefault((parent(root.source.path), text(artifact.get("name"))), [])
        for copy in copies.items:
            if isinstance(copy, Mapping):
                source, into = text(copy.get("from")), text(copy.get("to"))
                if source.startswith("@") and source.endswith("/**") and into.startswith("@artifact/"):
                    copied = source.partition("/")[2].removesuffix("/**").removesuffix("**")
                    pairs.append((into.partition("/")[2].rstrip("/"), copied))
    return found


def _application(template: Mapping, origin: Mapping, values: dict[str, str]) -> Iterator[Deployment]:
    sources = template.at("spec", "sources")
    stated = [template.at("spec", "source"), *(sources.items if isinstance(sources, Sequence) else ())]
    cluster = text(template.at("spec", "destination", "name")) or text(
        template.at("spec", "destination", "server")
    )
    name = text(template.at("metadata", "name"))
    for source in stated:
        written = source.get("path") if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping) or written is None:
            continue
        filled = _substituted(text(written), values)
        path = resolve("", filled.lstrip("/")) if filled and "{{" not in filled else None
        if path is not None:
            recursive = is_true(source.at("directory", "recurse"))
            yield Deployment(
                path, written, recursive, _substituted(name, values), _substituted(cluster, values)
            )


def _substituted(written: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), written)


def environment_of(deployment: Deployment, environments: EnvironmentModel) -> Environment | None:
    """Where a deployment goes: by the path of the file that states it, else by the cluster it names."""
    place = location_of(deployment.node)
    by_path = environments.of_path(place.path)
    if by_path is not None:
        return by_path
    if not deployment.cluster or deployment.cluster.startswith(("{{", "https://kubernetes.default")):
        return None
    name = deployment.cluster.removeprefix("https://").partition("/")[0]
    return environments.named(name, source=f"{place.path}:{place.line}", hints=(deployment.name,))
