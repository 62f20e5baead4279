"""Which directories Flux and Argo CD deploy, and where to.

Facts: https://fluxcd.io/flux/components/kustomize/kustomizations/ (``spec.path``, from the root of the source),
https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ (``spec.source.path``,
``spec.sources[]``), https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.globs import Glob, GlobError
from riskcheck.models import Environment, location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, text
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES, parent, resolve
from riskcheck.trees import Tree, UnreadableError

FLUX: Final = "kustomize.toolkit.fluxcd.io"
ARGO: Final = "argoproj.io"

_LIKELY: Final = re.compile(
    r"(?:^|[/_.-])(?:clusters?|flux|fluxcd|argo|argocd|apps?|applications?|appsets?|applicationsets?|app-of-apps"
    r"|gitops|bootstrap|fleet|ks|root)(?=[/_.-])",
    re.IGNORECASE,
)
"""Where definitions of Flux and Argo CD are kept, by the words of the path."""

_MARKS: Final = re.compile(
    rb"kustomize\.toolkit\.fluxcd\.io/|^kind:[ \t]*[\"']?Application(?:Set)?\b", re.MULTILINE
)
_MOST_FILES: Final = 5_000
_PLACEHOLDER: Final = re.compile(r"\{\{-?\s*\.?([\w.]+)\s*-?\}\}")


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
        self._by_path: dict[str, list[Deployment]] | None = None
        self.unresolved: dict[str, list[Node]] = {}
        """Path of a file to the ApplicationSets in it whose generators need a cluster."""

    def of(self, directory: str) -> list[Deployment]:
        """What deploys `directory`."""
        return self._all().get(directory, [])

    def directories(self) -> frozenset[str]:
        return frozenset(self._all())

    def _all(self) -> dict[str, list[Deployment]]:
        if self._by_path is None:
            self._by_path = {}
            for path in self._marked():
                for chunk in self._documents.get(path).chunks:
                    for found in self._stated(chunk.root):
                        self._by_path.setdefault(found.path, []).append(found)
        return self._by_path

    def _marked(self) -> Iterator[str]:
        likely = [
            path
            for path in self._tree.entries()
            if path.endswith((".yaml", ".yml"))
            and _LIKELY.search(path)
            and path.rpartition("/")[2] not in FILE_NAMES
        ][:_MOST_FILES]
        self._tree.prefetch(likely)
        for path in likely:
            try:
                if _MARKS.search(self._tree.read(path)):
                    yield path
            except UnreadableError:
                continue

    def _stated(self, root: Node | None) -> Iterator[Deployment]:
        if not isinstance(root, Mapping):
            return
        kind, group = text(root.get("kind")), text(root.get("apiVersion")).partition("/")[0]
        if group == FLUX and kind == "Kustomization":
            yield from _flux(root)
        elif group == ARGO and kind == "Application":
            yield from _application(root, root, {})
        elif group == ARGO and kind == "ApplicationSet":
            yield from self._application_set(root)

    def _application_set(self, root: Mapping) -> Iterator[Deployment]:
        template = root.at("spec", "template")
        generators = root.at("spec", "generators")
        if not isinstance(template, Mapping) or not isinstance(generators, Sequence):
            return
        for generator in generators.items:
            parameters = list(self._parameters(generator)) if isinstance(generator, Mapping) else []
            for values in parameters:
                yield from _application(template, root, values)
            if not parameters:
                self.unresolved.setdefault(root.source.path, []).append(root)

    def _parameters(self, generator: Mapping) -> Iterator[dict[str, str]]:
        """Sets of parameters that a list or git-directory generator makes without asking a cluster."""
        elements = generator.at("list", "elements")
        for element in elements.items if isinstance(elements, Sequence) else ():
            if isinstance(element, Mapping):
                yield dict(_flattened(element, ""))
        directories = generator.at("git", "directories")
        if isinstance(directories, Sequence):
            yield from self._directories(directories)

    def _directories(self, patterns: Sequence) -> Iterator[dict[str, str]]:
        stated = [item for item in patterns.items if isinstance(item, Mapping)]
        wanted = _globs(item for item in stated if not is_true(item.get("exclude")))
        excluded = _globs(item for item in stated if is_true(item.get("exclude")))
        for directory in sorted({parent(path) for path in self._tree.entries()}):
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


def _flux(root: Mapping) -> Iterator[Deployment]:
    written = root.at("spec", "path")
    path = resolve("", text(written).lstrip("/") or ".")
    if path is not None:
        yield Deployment(path, written or root, True, text(root.at("metadata", "name")))


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
    hints = (deployment.name, deployment.path)
    return environments.named(name, source=f"{place.path}:{place.line}", hints=hints)
