"""What deploys a directory: one source of a Flux Kustomization or of an Argo CD Application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Environment, location_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.environments import EnvironmentModel
    from riskcheck.globs import Glob
    from riskcheck.nodes import Mapping, Node

NO_FILES: frozenset[str] = frozenset()


class Substitution(NamedTuple):
    """``postBuild`` of a Flux Kustomization. stated: variable to node; sources: (kind, name, optional), later ones
    win over earlier ones and `stated` over all."""

    stated: Mapping | None
    sources: tuple[tuple[str, str, bool], ...]


class Overrides(NamedTuple):
    """What a deployment adds to the objects of its directory.

    fields: as a kustomization would have them, None for nothing. substitution: variables put in afterwards.
    default: the namespace of objects that name none.
    """

    fields: Mapping | None = None
    substitution: Substitution | None = None
    default: Node | None = None


NOTHING = Overrides()


class Deployment(NamedTuple):
    """One directory that is deployed. recursive: manifests below it too; node: what says so.

    name, cluster: of the Application or Kustomization, and where it goes, ``""`` where unsaid. root: its file's
    definition. home: the directory whose build made it, ``""`` where nothing did. assumed: only if a cluster
    of that name exists. wanted, unwanted: files that Argo CD includes and excludes. read: further files that it was
    made from.
    """

    path: str
    node: Node
    recursive: bool
    name: str
    cluster: str = ""
    root: Mapping | None = None
    home: str = ""
    assumed: bool = False
    overrides: Overrides = NOTHING
    wanted: tuple[Glob, ...] = ()
    unwanted: tuple[Glob, ...] = ()
    read: frozenset[str] = NO_FILES

    def takes(self, path: str) -> bool:
        """Whether a file of the directory is among those that are included."""
        if not self.wanted and not self.unwanted:
            return True
        below = path.removeprefix(f"{self.path}/") if self.path else path
        if any(glob.matches(below) for glob in self.unwanted):
            return False
        return not self.wanted or any(glob.matches(below) for glob in self.wanted)


def environment_of(deployment: Deployment, environments: EnvironmentModel) -> Environment | None:
    """Where a deployment goes, as far as it tells itself: by the path of the file that states it, by the cluster it
    names, else by the directory that it was built in."""
    place = location_of(deployment.node)
    by_path = environments.of_path(place.path)
    if by_path is not None:
        return by_path
    home = _home(deployment, environments)
    named = _by_cluster(deployment, environments, home)
    if named is None:
        return home
    return None if deployment.assumed and _contradict(named, home) else named


def is_elsewhere(deployment: Deployment, environments: EnvironmentModel) -> bool:
    """Whether a deployment that counts only if its cluster exists is meant for another stage: lists of clusters are
    often shared by the sets of all stages, and each finds its own clusters only."""
    home = _home(deployment, environments)
    named = _by_cluster(deployment, environments, home)
    return deployment.assumed and named is not None and _contradict(named, home)


def _home(deployment: Deployment, environments: EnvironmentModel) -> Environment | None:
    return environments.of_path(f"{deployment.home}/x.yaml") if deployment.home else None


def _by_cluster(
    deployment: Deployment, environments: EnvironmentModel, home: Environment | None
) -> Environment | None:
    name = deployment.cluster.removeprefix("https://").partition("/")[0].partition(":")[0]
    if not name or "{{" in name or name == "in-cluster" or name.startswith("kubernetes.default"):
        return None
    place = location_of(deployment.node)
    source = f"{place.path}:{place.line}"
    found = environments.named(name, source=source, hints=(deployment.name,))
    if found.stage == "unknown" and home is not None:
        return environments.named(name, source=source, hints=(deployment.name, home.name))
    return found


def _contradict(one: Environment, other: Environment | None) -> bool:
    return other is not None and "unknown" not in (one.stage, other.stage) and one.stage != other.stage
