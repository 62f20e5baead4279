"""The deployments of one tree, asked for by directory.

What files say by themselves is read for every run. Whatever costs more is read when somebody asks: definitions as
kustomizations and other deployments change them (an app of apps), ApplicationSets, variables. What reads a
definition is imported where there is one: most repositories deploy in other ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Sequence
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.gitops.deployments import Deployment, environment_of, is_elsewhere
from riskcheck.platforms.kubernetes.gitops.files import likely_files, remembered
from riskcheck.platforms.kubernetes.kustomize.paths import parent
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment
    from riskcheck.nodes import Node
    from riskcheck.platforms.kubernetes.gitops.builds import Builds
    from riskcheck.platforms.kubernetes.gitops.flux import Artifacts
    from riskcheck.platforms.kubernetes.gitops.substitution import Variables
    from riskcheck.platforms.kubernetes.kustomize.index import Index
    from riskcheck.platforms.kubernetes.objects import KubeObject
    from riskcheck.trees import Tree

MAX_DEPTH: Final = 8
"""Deployments that deploy each other, from the outermost down."""


class GitOps:
    """Deployments that one tree's definitions of Flux and Argo CD state.

    index, environments: of the same tree; without them only what files say by themselves is known.
    built: what builders of other trees of the same history made, see `Workspace`.
    """

    def __init__(
        self,
        tree: Tree,
        documents: DocumentStore,
        index: Index | None = None,
        environments: EnvironmentModel | None = None,
        built: dict[tuple[str, str], tuple[Tree, object]] | None = None,
    ) -> None:
        self._tree = tree
        self._documents = documents
        self._index = index
        self._environments = environments
        self._built_before = built
        self._plain: dict[str, list[Deployment]] | None = None
        self._made: dict[str, list[Deployment]] | None = None
        self._moved: dict[str, list[Deployment]] | None = None
        self._sets: list[str] = []
        self._artifacts: Artifacts = {}
        self._by_file: dict[str, list[Deployment]] = {}
        self._builds: Builds | None = None
        self._refined: dict[int, list[Deployment]] = {}
        self._active: list[str] = []

    # What files say by themselves

    def of(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by name, as its file says."""
        if self._plain is None:
            self._plain = self._read()
        return self._plain.get(directory, [])

    def stated_in(self, path: str) -> list[Deployment]:
        """The deployments that one file states by name."""
        self.of("")
        return self._by_file.get(path, [])

    def above(self, directory: str) -> list[Deployment]:
        """What deploys `directory`, by name or with all that is below another."""
        found = self.of(directory)
        above = directory
        while not found and above:
            above = parent(above)
            if self._index is not None and above in self._index.files:
                break
            found = [one for one in self.of(above) if one.recursive]
        return found

    def _read(self) -> dict[str, list[Deployment]]:
        stated: dict[str, list[Deployment]] = {}
        roots: list[Mapping] = []
        entries = self._tree.entries()
        likely = likely_files.of(self._tree)
        self._tree.prefetch(path for path in likely if (entries[path].blob or "") not in remembered)
        for path in likely:
            marks = remembered.of(self._tree, path, entries[path].blob)
            if "set" in marks:
                self._sets.append(path)
            if "plain" in marks:
                for chunk in self._documents.get(path).chunks:
                    if isinstance(chunk.root, Mapping):
                        roots.append(chunk.root)
        if roots:
            from riskcheck.platforms.kubernetes.gitops.flux import artifacts_of

            for root in roots:
                self._artifacts.update(artifacts_of(root))
        for root in roots:
            for found in self._stated(root):
                stated.setdefault(found.path, []).append(found)
                self._by_file.setdefault(root.source.path, []).append(found)
        return stated

    def _stated(self, root: Mapping, origin: Mapping | None = None, home: str = "") -> Iterator[Deployment]:
        """origin: the definition as its file has it, where `root` is what a build made of it."""
        from riskcheck.platforms.kubernetes.gitops import argo, flux

        if flux.is_kustomization(root):
            for one in flux.deployments_of(root, self._artifacts, home):
                yield one._replace(root=origin or root)
        elif argo.is_of(root, "Application"):
            yield from argo.deployments_of(root, origin or root, home=home)

    # What builds make of it

    @property
    def builds(self) -> Builds:
        """The directories that hold definitions, built when somebody asks."""
        if self._builds is None:
            from riskcheck.platforms.kubernetes.gitops.builds import Builds

            self._builds = Builds(self._documents, self._index, self._environments, self._built_before)
        return self._builds

    def deployments(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by name, as the cluster gets it: kustomizations may patch the definition, and so
        may the deployment that brings it."""
        named = [found for stated in self.of(directory) for found in self._as_built(stated)]
        return [*(found for found in named if found.path == directory), *self.moved_to(directory)]

    def moved_to(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by a definition whose file names another: overlays give it their own path."""
        if self._moved is None:
            self.of("")
            self._moved = {}
            for found in self._move():
                self._moved.setdefault(found.path, []).append(found)
        return self._moved.get(directory, [])

    def _move(self) -> Iterator[Deployment]:
        """Told of definitions that stand beside a kustomization, as those of a base do."""
        homes: dict[str, None] = {}
        files = self._index.files if self._index is not None else {}
        for path in self._by_file:
            if parent(path) in files and self.builds.may_move(path):
                homes.update(dict.fromkeys(self.builds.homes_of(path)))
        for home in homes:
            for one in self._objects("", home, self._bringing(home)):
                if one.kind in ("Application", "Kustomization") and isinstance(one.origin, Mapping):
                    written = {before.path for before in self._stated(one.origin)}
                    for found in self._stated(one.body, one.origin, home):
                        if found.path not in written:
                            yield found

    def _as_built(self, stated: Deployment) -> list[Deployment]:
        known = self._refined.get(id(stated))
        if known is None:
            known = self._refined[id(stated)] = list(self._builds_of(stated))
        return known

    def _builds_of(self, stated: Deployment) -> Iterator[Deployment]:
        root = stated.root
        if root is None or self._index is None:
            yield stated
            return
        path = root.source.path
        homes: list[str | None] = [*self.builds.homes_of(path)]
        for home in homes or [None]:
            unit = parent(path) if home is None else home
            above = self._bringing(unit)
            if not self.builds.may_change(path, home) and all(one.overrides.fields is None for one in above):
                yield stated._replace(home=home or "")
                continue
            for found in self._objects(path, home, above):
                if found.origin is root:
                    yield from self._stated(found.body, root, home or "")

    def _bringing(self, unit: str) -> list[Deployment]:
        """What deploys the directory that definitions stand in, as it is built itself; nothing in a circle."""
        if unit in self._active or len(self._active) >= MAX_DEPTH:
            return []
        self._active.append(unit)
        try:
            return [found for stated in self.above(unit) for found in self._as_built(stated)]
        finally:
            self._active.pop()

    def _objects(self, path: str, home: str | None, above: list[Deployment]) -> list[KubeObject]:
        """The objects among which a definition is deployed, each of `above` having put its own on top."""
        objects: list[KubeObject] = []
        for one in above:
            if one.overrides.fields is not None or one.overrides.substitution is not None:
                variables = self.variables(one, None)
                objects += self.builds.objects(path, home, one, variables)
        return objects or self.builds.objects(path, home)

    # ApplicationSets

    def made_for(self, directory: str) -> list[Deployment]:
        """What deploys `directory` by an ApplicationSet. Reading those costs more, so it is asked for apart."""
        if self._made is None:
            self.of("")
            self._made = {}
            for found in self._make():
                self._made.setdefault(found.path, []).append(found)
        return self._made.get(directory, [])

    def _make(self) -> Iterator[Deployment]:
        homes: dict[str, None] = {}
        for path in self._sets:
            found = self.builds.homes_of(path)
            homes.update(dict.fromkeys(found))
            if not found:
                for chunk in self._documents.get(path).chunks:
                    if isinstance(chunk.root, Mapping):
                        yield from self.made_by(chunk.root)
        for home in homes:
            for one in self._objects("", home, self._bringing(home)):
                if one.kind == "ApplicationSet":
                    yield from self.made_by(one.body, home)

    def made_by(self, root: Mapping, home: str = "") -> list[Deployment]:
        """What the Applications of an ApplicationSet deploy. home: the directory whose build made it."""
        return self._expanded(root, home)[0]

    def problems_of(self, root: Mapping, home: str = "") -> list[str]:
        """Why an ApplicationSet may deploy more than is known."""
        return self._expanded(root, home)[1]

    def _expanded(self, root: Mapping, home: str) -> tuple[list[Deployment], list[str]]:
        from riskcheck.platforms.kubernetes.gitops import argo

        if not argo.is_of(root, "ApplicationSet"):
            return [], []
        from riskcheck.platforms.kubernetes.gitops import sets

        return sets.made_by(root, self._documents, self.builds.clusters_for(root.source.path, home), home)

    # Where it goes, and with which values

    def environments_of(self, deployment: Deployment, environments: EnvironmentModel) -> list[Environment]:
        """Where a deployment goes: as it says itself, else where its definition is deployed to."""
        found: dict[str, Environment] = {}
        self._add_environments(deployment, environments, found, set())
        return list(found.values())

    def _add_environments(
        self,
        deployment: Deployment,
        environments: EnvironmentModel,
        found: dict[str, Environment],
        seen: set[str],
    ) -> None:
        own = environment_of(deployment, environments)
        if own is not None:
            found.setdefault(own.name, own)
            return
        unit = deployment.home or parent(deployment.node.source.path)
        if unit in seen or len(seen) >= MAX_DEPTH or is_elsewhere(deployment, environments):
            return
        seen.add(unit)
        for one in self._bringing(unit) or self.made_for(unit):
            self._add_environments(one, environments, found, seen)

    def variables(self, deployment: Deployment, environment: Environment | None) -> Variables | None:
        """What Flux puts into the objects of a deployment in `environment`; None for nothing."""
        substitution = deployment.overrides.substitution
        if substitution is None:
            return None
        return self.builds.variables(deployment, substitution, environment)

    def fed_by(self, path: str) -> list[str]:
        """Directories into whose objects Flux puts variables of a ConfigMap that a file holds.

        Where patches of one deployment add the source to others, all that Flux deploys counts.
        """
        try:
            if b"onfigMap" not in self._tree.read(path):
                return []
        except UnreadableError:
            return []
        self.of("")
        everything = any("substituteFrom" in text(patch) for patch in self._patches())
        stated_here = (one for stated in self._by_file.values() for one in stated)
        if not everything and all(one.overrides.substitution is None for one in stated_here):
            return []
        names = set(self.builds.maps.names_at(path))
        if not names:
            return []
        found: dict[str, None] = {}
        for stated in self._by_file.values():
            for one in stated:
                substitution = one.overrides.substitution
                if substitution is not None and any(name in names for _, name, _ in substitution.sources):
                    found[one.path] = None
        if everything:
            from riskcheck.platforms.kubernetes.gitops import flux

            found.update(
                (one.path, None)
                for stated in self._by_file.values()
                for one in stated
                if one.root is not None and flux.is_kustomization(one.root)
            )
        return list(found)

    def _patches(self) -> Iterator[Node | None]:
        """Patches that deployments put on top, as text nodes."""
        for stated in self._by_file.values():
            for one in stated:
                fields = one.overrides.fields
                patches = fields.get("patches") if fields is not None else None
                for item in patches.items if isinstance(patches, Sequence) else ():
                    if isinstance(item, Mapping):
                        yield item.get("patch")
