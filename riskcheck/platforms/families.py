"""What a path is called when the environment is taken out of it: the same in every environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.environments import unassigned
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment

ANY: Final = "*"
"""Stands for the steps of a path that name an environment."""

_FOLDERS: Final = frozenset(
    [
        "app",
        "apps",
        "application",
        "applications",
        "argocd",
        "base",
        "bases",
        "charts",
        "clusters",
        "common",
        "component",
        "components",
        "conf",
        "config",
        "configs",
        "configuration",
        "core",
        "ddl",
        "default",
        "defaults",
        "deploy",
        "deployment",
        "deployments",
        "env",
        "environments",
        "envs",
        "flux",
        "flux-system",
        "flyway",
        "gitops",
        "global",
        "helm",
        "infra",
        "infrastructure",
        "k-components",
        "k8s",
        "kube",
        "kubernetes",
        "kustomize",
        "live",
        "manifest",
        "manifests",
        "migration",
        "migrations",
        "modules",
        "namespaces",
        "overlays",
        "platform",
        "releases",
        "resources",
        "rings",
        "services",
        "shared",
        "sql",
        "src",
        "stacks",
        "stages",
        "targets",
        "tenants",
        "workloads",
    ]
)
"""Directories that sort things and name none."""


class Step(NamedTuple):
    """One directory of a path. environment: it tells where the rest is deployed."""

    name: str
    environment: bool


def steps_of(directory: str, environments: EnvironmentModel) -> Iterator[Step]:
    """The directories of a path, each with whether it names an environment."""
    below: str | None = None
    walked: list[str] = []
    for name in directory.split("/") if directory else ():
        walked.append(name)
        found = environments.of_path("/".join((*walked, "x.yaml")))
        told = found.name if found is not None else None
        yield Step(name, told is not None and told != below)
        below = told


def generalised_directory(directory: str, environments: EnvironmentModel) -> str:
    """``components/web/production/eu-1`` as ``components/web/*``."""
    names: list[str] = []
    for step in steps_of(directory, environments):
        if not step.environment:
            names.append(step.name)
        elif not names or names[-1] != ANY:
            names.append(ANY)
    return "/".join(names)


def generalised_path(path: str, environments: EnvironmentModel) -> str:
    """``config/prod/values-eu-west-1.yaml`` as ``config/*/values-*.yaml``."""
    directory, _, name = path.rpartition("/")
    above = environments.of_path(f"{directory}/x.yaml" if directory else "x.yaml")
    found = environments.of_path(path)
    if found is not None and (above is None or above.name != found.name):
        word = found.name.rpartition("/")[2]
        before, matched, after = name.partition(word)
        if matched:
            name = f"{before}{ANY}{after}"
    general = generalised_directory(directory, environments)
    return f"{general}/{name}" if general else name


def component_of(directory: str, environments: EnvironmentModel) -> str | None:
    """The directory that names a component: the last that means something above the first environment or base,
    else the first below it; None where all of them only sort."""
    above: list[str] = []
    below: list[str] = []
    passed = False
    for step in steps_of(directory, environments):
        passed = passed or step.environment or step.name.lower() in ("base", "bases", "common", "shared")
        if not step.environment and step.name.lower() not in _FOLDERS:
            (below if passed else above).append(step.name)
    if above:
        return above[-1]
    return below[0] if below else None


def unnamed(path: str) -> Environment:
    """The environment of a file whose path tells none."""
    return unassigned("default", path)
