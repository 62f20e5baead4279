"""What a unit's releases come to: those of the objects that it builds, and those at home in its directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.models import Limitation
from riskcheck.platforms.kubernetes.gitops.argo import GROUP as ARGO
from riskcheck.platforms.kubernetes.helm import argo, flux
from riskcheck.platforms.kubernetes.helm.release import Release, Releases, qualified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.models import Environment, Resource
    from riskcheck.nodes import Mapping
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.helm.applications import Application
    from riskcheck.platforms.kubernetes.helm.flux import Handed
    from riskcheck.platforms.kubernetes.helm.units import HelmUnits
    from riskcheck.platforms.kubernetes.objects import KubeObject

_LOCAL: Final = ("https://kubernetes.default", "in-cluster", "{{")


def hands_values(found: KubeObject) -> bool:
    """Whether an object may hand values to a chart."""
    return flux.is_release(found) or (found.group == ARGO and found.kind in ("Application", "ApplicationSet"))


def without_values(found: KubeObject, body: Mapping) -> Mapping:
    """The body of such an object without the values in it: they are resources of their own."""
    return flux.without_values(body) if flux.is_release(found) else argo.without_values(body)


class HelmResolver:
    """The releases of one tree as resources. units: imported for directories only. limitations, read: what is found
    wrong and read is put into these."""

    def __init__(
        self,
        workspace: Workspace,
        units: Callable[[], HelmUnits],
        limitations: dict[Limitation, None],
        read: set[str],
    ) -> None:
        self._units = units
        self._model = workspace.environments
        self._side = workspace.side
        self._releases = Releases(workspace, limitations, read)
        self._limitations = limitations

    def of_object(
        self, found: KubeObject, of: Resource, family: str, beside: Iterable[KubeObject]
    ) -> Iterator[Resource]:
        """The values that `found` hands over. of: its resource; family: its unit, whatever the environment; beside:
        the objects built with it."""
        if flux.is_release(found):
            handed = flux.handed_by(found, beside, self._releases)
            releases = [_release(handed, of, of.environment, f"{family}:HelmValues.{found.first_name}")]
        else:
            releases = []
            for application, one, files in argo.handed_by(found.body, self._releases):
                environment = self._place(of.environment, application, files)
                name = f"{found.first_name}.{one.chart}.{_general(application.name)}"
                releases.append(_release(one, of, environment, f"{family}:HelmValues.{name}"))
        yield from self._releases.resources(releases)

    def of_kustomization(
        self, of: Resource, directory: str, root: Mapping, family: str
    ) -> Iterator[Resource]:
        """The values of the charts that a kustomization inflates. of: its resource."""
        from riskcheck.platforms.kubernetes.helm.inflation import handed_by

        yield from self._releases.resources(
            _release(one, of, of.environment, f"{family}:HelmValues.{one.name}")
            for one in handed_by(root, directory, self._releases)
        )

    def at_home(self, directory: str, unit: str, taken: Iterable[str]) -> Iterator[Resource]:
        """The releases of a directory itself. taken: files that its objects are made of."""
        found = self._units().at_home(directory, unit, self._releases, set(taken))
        yield from self._releases.resources(found)

    def say_template(self, path: str) -> None:
        """Says that a changed template is not executed, and what it is a template of as far as its text tells."""
        from riskcheck.platforms.kubernetes.helm.templates import read

        workspace = self._releases.workspace
        self._releases.files.seen.add(path)
        if workspace.side == "base" and workspace.other and workspace.other.tree.entry(path) is not None:
            return
        manifests = read(workspace.documents.get(path).text).manifests
        said = [
            f"{one.kind} ({one.api_version or 'apiVersion unknown'}), lines {one.first_line}-{one.last_line}"
            for one in manifests
            if one.kind
        ]
        message = "templates of a Helm chart are not executed"
        if said:
            message += f": {'; '.join(said[:5])}" + (" and more" if len(said) > 5 else "")
        self._limitations.setdefault(Limitation(path, "unresolved-template", message, None, self._side))

    def _place(self, own: Environment, application: Application, files: tuple[str, ...]) -> Environment:
        """Where an Application deploys: by its own place, its cluster, its values files, or a word of its name."""
        if own.stage != "unknown":
            return own
        source = own.source
        if application.cluster and not application.cluster.startswith(_LOCAL):
            name = application.cluster.removeprefix("https://").partition("/")[0]
            found = self._model.named(name, source=source, hints=(application.name,))
            if found.stage != "unknown":
                return found
        for path in reversed(files):
            told = self._model.of_path(path)
            if told is not None:
                return told
        for word in application.name.split("-"):
            if tell(word).stage is not None and tell(word).sure:
                return self._model.named(word, source=source)
        return own


def _release(handed: Handed, of: Resource, environment: Environment, identity: str) -> Release:
    return Release(
        name=qualified(handed.namespace, handed.name),
        environment=environment,
        unit=of.unit,
        layers=handed.layers,
        chart=handed.chart,
        directory=handed.directory,
        origin=handed.origin,
        identity=identity,
        service=of.service,
        settings=handed.settings,
    )


def _general(name: str) -> str:
    """The name of an Application without the words that tell a stage."""
    return "-".join("*" if tell(word).stage and tell(word).sure else word for word in name.split("-"))
