"""Units into resources: every object of every environment, with the values that the cluster will get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from riskcheck import sparkapps
from riskcheck.envelopes import envelope_of, enveloped
from riskcheck.later import Later
from riskcheck.models import Environment, Limitation, Reference, Resolution, Resource, location_of
from riskcheck.nodes import Mapping, Pending, Scalar
from riskcheck.platforms.encrypted import hidden_values, without_ciphertext
from riskcheck.platforms.families import component_of, generalised_directory, unnamed
from riskcheck.platforms.kubernetes.defaults import with_defaults, without_foreign
from riskcheck.platforms.kubernetes.edit import put_at
from riskcheck.platforms.kubernetes.gitops.deployments import NOTHING, is_elsewhere
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent
from riskcheck.platforms.kubernetes.kustomize.twins import Twins
from riskcheck.platforms.kubernetes.manifests import Manifests
from riskcheck.platforms.kubernetes.references import (
    OF_WORKLOADS,
    SERVICE_LABELS,
    allowed_by,
    named_by,
    selected_by,
)
from riskcheck.platforms.kubernetes.scope import ROOT, Scope, scope_of
from riskcheck.platforms.kubernetes.scopes import is_cluster_scoped
from riskcheck.platforms.kubernetes.settings import Settings
from riskcheck.platforms.kubernetes.workloads import pod_template
from riskcheck.platforms.kubernetes.wrapped import unwrapped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from riskcheck.nodes import Reading
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.addresses import Addresses
    from riskcheck.platforms.kubernetes.gitops.deployments import Deployment
    from riskcheck.platforms.kubernetes.helm.resolve import HelmResolver
    from riskcheck.platforms.kubernetes.kustomize.accumulation import Build
    from riskcheck.platforms.kubernetes.objects import KubeObject
    from riskcheck.platforms.kubernetes.references import Allowed

T = TypeVar("T")

_PROPERTY_FILES: Final = (".conf", ".properties")
"""How the entry of a ConfigMap is called that may hold Spark properties."""

_DEPLOYERS: Final = ("HelmRelease", "Application", "ApplicationSet")
"""Kinds of objects that hand values to charts."""

_OUT_OF_REACH: Final = frozenset({"remote-base", "unsupported", "patch-unmatched"})


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """All resources of `units`. Never raises on bad input."""
    return _Resolver(workspace).resolve(units)


class _Resolver:
    """One run over some units of one tree."""

    def __init__(self, workspace: Workspace) -> None:
        self._environments = workspace.environments
        self._documents = workspace.documents
        self._scope: Scope = scope_of(workspace)
        twins = workspace.documents.shared(Twins, Twins) if workspace.other is not None else None
        self._manifests = Manifests(workspace.documents, workspace.other, workspace.touched, twins)
        self._builder = Builder(workspace.documents, self._manifests, workspace.built, twins)
        self._twins = twins or Twins()
        self._limitations: dict[Limitation, None] = {}
        self._read: set[str] = set()
        self._placed_by: set[str] = set()
        self._touched = workspace.touched
        self._side = workspace.side
        self._families: dict[str, str] = {}
        self._components: dict[str, str | None] = {}
        self._addressed: dict[str, bool] = {}
        self._addresses: Addresses | None = None
        self._settings = Settings(workspace)
        self._workspace = workspace
        self._helm: HelmResolver | None = None

    @property
    def _charts(self) -> HelmResolver:
        """Imported when there is something of Helm."""
        if self._helm is None:
            from riskcheck.platforms.kubernetes.helm.resolve import HelmResolver

            self._helm = HelmResolver(
                self._workspace, lambda: self._scope.helm, self._limitations, self._read
            )
        return self._helm

    def resolve(self, units: Collection[str]) -> Resolution:
        resources: list[Resource] = []
        self._builder.prefetch("" if unit == ROOT else unit for unit in sorted(units))
        for unit in sorted(units):
            directory = "" if unit == ROOT else unit
            if directory in self._scope.index.files:
                resources.extend(self._overlay(unit, directory))
            elif not self._is_within_another(unit, directory, units):
                resources.extend(self._directory(unit))
            if self._scope.may_hold_charts(directory):
                made_of = [path for path in self._scope.helm.candidates(directory) if self._is_taken(path)]
                resources.extend(self._charts.at_home(directory, unit, made_of))
        environments = {resource.environment.name: resource.environment for resource in resources}
        return Resolution(
            tuple(resources),
            tuple(environments[name] for name in sorted(environments)),
            tuple(self._limitations),
            frozenset(self._read),
            placed_by=frozenset(self._placed_by),
        )

    def _is_within_another(self, unit: str, directory: str, units: Collection[str]) -> bool:
        """Whether this side deploys `directory` as a part of another unit, and only the other side by itself."""
        whole = self._scope.deployed_with(directory) or ROOT
        return whole != unit and whole in units

    def _overlay(self, unit: str, directory: str) -> Iterator[Resource]:
        build = self._built(directory)
        own = self._environments.of_path(join(directory, "kustomization.yaml"))
        for environment, deployments in self._deployed(directory, own, own or unnamed(unit)):
            objects, read = self._as_deployed(build.objects, build.read, deployments, environment)
            yield from self._resources(unit, environment, _distinct(objects), read, "kustomize")
            for below, root in build.incomplete.items():
                resource = self._kustomization(unit, environment, below or ROOT, root)
                yield resource
                if root.get("helmCharts") is not None:
                    yield from self._charts.of_kustomization(resource, below, root, self._family(unit))
            if build.unmatched:
                from riskcheck.platforms.kubernetes.unmatched import unmatched_patches

                yield from unmatched_patches(build.unmatched.values(), unit, environment)

    def _built(self, directory: str) -> Build:
        """What lies out of reach is said where the change touches what names it: otherwise it is the same on both
        sides."""
        build = self._builder.build(directory)
        self._read |= build.read
        for limitation in build.limitations:
            if limitation.kind not in _OUT_OF_REACH or limitation.path in self._touched:
                self._limitations.setdefault(limitation)
        return build

    def _directory(self, unit: str) -> Iterator[Resource]:
        """Manifests without a kustomization; the name of a file may tell its environment."""
        directory = "" if unit == ROOT else unit
        placed = self._deployed(directory, None, None)
        files = list(self._scope.files_of(unit))
        read: set[str] = set()
        self._documents.prefetch(files)
        by_file: dict[str, Sequence[KubeObject]] = {}
        for path in files:
            objects = self._manifests.objects(path, self._limitations)
            if objects or self._manifests.problems(path):
                self._read.add(path)
                read.add(path)
                by_file[path] = objects
        self._say_templates(directory)
        built: dict[str, list[KubeObject]] = {}
        for overlay in self._scope.overlays_of(unit):
            build = self._built(overlay)
            read |= build.read
            built[join(overlay, "kustomization.yaml")] = build.objects
        for told, deployments in placed:
            by_environment: dict[str, tuple[Environment, list[KubeObject]]] = {}
            for path, there in (*built.items(), *by_file.items()):
                environment = told or self._environments.of_path(path) or unnamed(unit)
                if path in built or not deployments or any(one.takes(path) for one in deployments):
                    by_environment.setdefault(environment.name, (environment, []))[1].extend(there)
            for environment, gathered in by_environment.values():
                done, seen = self._as_deployed(gathered, read, deployments, environment)
                yield from self._resources(unit, environment, _distinct(done), seen)

    def _as_deployed(
        self,
        objects: list[KubeObject],
        read: Collection[str],
        deployments: Sequence[Deployment],
        environment: Environment,
    ) -> tuple[list[KubeObject], Collection[str]]:
        """`objects` with what each of `deployments`, all of them to `environment`, puts on top, and the files that
        they were made from."""
        variants: dict[int, Deployment] = {}
        for one in deployments:
            variants.setdefault(0 if one.overrides == NOTHING else id(one), one)
        if not variants or set(variants) == {0}:
            return objects, read
        from riskcheck.platforms.kubernetes.gitops.applied import applied

        found: list[KubeObject] = []
        seen = set(read)
        for one in variants.values():
            if one.overrides == NOTHING:
                found += objects
                continue
            variables = self._scope.gitops.variables(one, environment)
            build = applied(self._builder, one, objects, self._limitations, variables)
            self._placed_by |= build.read
            seen |= build.read
            found += build.objects
        return found, seen

    def _deployed(
        self, directory: str, own: Environment | None, otherwise: T
    ) -> list[tuple[Environment | T, list[Deployment]]]:
        """Where Flux and Argo CD deploy a directory, each environment once, with what deploys it there.

        own: what its path tells; then only deployments count that know the stage too. otherwise: stands for the
        environment where no deployment tells one.
        """
        gitops = self._scope.gitops
        deployments = gitops.deployments(directory)
        if not deployments and own is None:
            deployments = gitops.made_for(directory)
        found: dict[str, tuple[Environment, list[Deployment]]] = {}
        silent: list[Deployment] = []
        for deployment in deployments:
            self._placed_by.add(deployment.node.source.path)
            self._placed_by |= deployment.read
            told = gitops.environments_of(deployment, self._environments)
            told = [one for one in told if own is None or one.stage != "unknown"]
            for environment in told:
                found.setdefault(environment.name, (environment, []))[1].append(deployment)
            if not told and not is_elsewhere(deployment, self._environments):
                silent.append(deployment)
        return list(found.values()) or [(otherwise, silent)]

    def _resources(
        self,
        unit: str,
        environment: Environment,
        objects: list[tuple[str, KubeObject]],
        read: Collection[str],
        reading: Reading = "yaml-1.1",
    ) -> Iterator[Resource]:
        """read: the files that they were made from. reading: by who made them."""
        neighbours = _Neighbours(objects, self._calls(read))
        for name, found in objects:
            if found.kind == "ApplicationSet" and found.origin.source.path in self._touched:
                self._say_unexpanded(unit, found)
            resource = self._resource(unit, environment, name, found, neighbours, reading)
            yield resource
            if found.kind in _DEPLOYERS and not found.partial and self._hands_values(found):
                beside = (other for _, other in objects)
                yield from self._charts.of_object(found, resource, self._family(unit), beside)

    def _hands_values(self, found: KubeObject) -> bool:
        from riskcheck.platforms.kubernetes.helm.resolve import hands_values

        return hands_values(found)

    def _is_taken(self, path: str) -> bool:
        """Whether objects are made of a values file."""
        return path in self._read or not self._scope.is_customary(path)

    def _calls(self, paths: Collection[str]) -> Addresses | None:
        """Where the addresses of services are looked up; None where the text of no file has any: to look at every
        value of every object takes far longer."""
        for path in paths:
            if path not in self._addressed:
                self._addressed[path] = ".svc" in self._documents.get(path).text
        if not any(self._addressed[path] for path in paths):
            return None
        if self._addresses is None:
            from riskcheck.platforms.kubernetes.addresses import Addresses

            self._addresses = Addresses()
        return self._addresses

    def _resource(
        self,
        unit: str,
        environment: Environment,
        name: str,
        found: KubeObject,
        neighbours: _Neighbours,
        reading: Reading,
    ) -> Resource:
        home = parent(found.origin.source.path)
        labels = _labels(found.body)
        return Resource(
            platform="kubernetes",
            kind=found.kind,
            name=name,
            environment=environment,
            unit=unit,
            body=self._normalised(found),
            origin=found.origin,
            reading=reading,
            service=_labelled(labels) or neighbours.served_by(found) or self._component(home),
            identity=f"{self._family(unit)}:{found.kind}.{enveloped(found.first_name, envelope_of(name))}",
            references=Later(lambda: neighbours.references(found)),
            labels=labels,
            provides=_provided(found, name) + self._chart_of(found, home),
            shaped_by=self._settings.of(found),
        )

    def _kustomization(self, unit: str, environment: Environment, name: str, root: Mapping) -> Resource:
        """A kustomization itself stands for the objects that it takes from elsewhere: a change of its remote
        reference or of an image tag for them shows here only."""
        return Resource(
            platform="kubernetes",
            kind="Kustomization",
            name=name,
            environment=environment,
            unit=unit,
            body=_without_chart_values(root),
            origin=root,
            reading="yaml-1.1",
            service=self._component(parent(root.source.path)),
            identity=f"{self._family(unit)}:Kustomization.{generalised_directory(name, self._environments)}",
        )

    def _say_templates(self, directory: str) -> None:
        """Changed templates of a Helm chart: said, since nobody executes them here."""
        for path in self._scope.templates_of(directory, self._touched):
            self._charts.say_template(path)

    def _say_unexpanded(self, unit: str, found: KubeObject) -> None:
        """Once for each reason: the builds of several environments often share it."""
        place = location_of(found.origin)
        home = "" if unit == ROOT else unit
        home = home if home in self._scope.index.files else ""
        for problem in self._scope.gitops.problems_of(found.body, home):
            message = f"where ApplicationSet {found.name} deploys to is not known in full: {problem}"
            self._limitations.setdefault(
                Limitation(place.path, "unsupported", message, place.line, place.side)
            )

    def _chart_of(self, found: KubeObject, home: str) -> tuple[str, ...]:
        """``helm:`` and the chart in whose ``crds/`` a definition stands; () for all else."""
        if found.kind == "CustomResourceDefinition" and "crds" in home.split("/"):
            chart = home.rpartition("crds")[0].rstrip("/")
            if self._scope.exists(join(chart, "Chart.yaml")):
                return (f"helm:{chart or ROOT}",)
        return ()

    def _family(self, unit: str) -> str:
        known = self._families.get(unit)
        if known is None:
            directory = "" if unit == ROOT else unit
            known = self._families[unit] = generalised_directory(directory, self._environments)
        return known

    def _component(self, directory: str) -> str | None:
        if directory not in self._components:
            self._components[directory] = component_of(directory, self._environments)
        return self._components[directory]

    def _normalised(self, found: KubeObject) -> Mapping:
        """Overlays share most bodies, and the other side has them, too: each is normalised once, when it is looked
        into."""
        return self._twins.made(
            lambda: Pending(lambda: self._normal(found).entries, id(found.body), found.body),
            *(found.body, found.partial),
        )

    def _normal(self, found: KubeObject) -> Mapping:
        body = without_foreign(without_ciphertext(found.body))
        if found.kind == "SealedSecret":
            body = _unsealed(body)
        if found.kind == "ConfigMap":
            body = _opened(body)
        if found.kind in _DEPLOYERS and not found.partial and self._hands_values(found):
            from riskcheck.platforms.kubernetes.helm.resolve import without_values

            body = without_values(found, body)
        return body if found.partial else with_defaults(found.group, found.kind, body)


class _Neighbours:
    """The objects of one unit in one environment, as their references find each other."""

    def __init__(self, objects: list[tuple[str, KubeObject]], calls: Addresses | None) -> None:
        """calls: see `_Resolver._calls`."""
        self._addresses: dict[tuple[str, str, str], str] = {}
        self._pods: list[tuple[str, str, dict[str, str]]] = []
        self._labelled: dict[tuple[str, str], list[tuple[str, str, dict[str, str]]]] | None = None
        self._allowed: list[tuple[str, Allowed]] = []
        self._services: dict[str, str | None] = {}
        self._calls = calls
        self._objects = objects
        self._met = False

    def _meet(self) -> None:
        """Looks at all objects once, when the first of them is asked about another."""
        if self._met:
            return
        self._met = True
        for name, found in self._objects:
            address = f"kubernetes:{found.kind}.{name}"
            self._addresses[(found.kind, found.namespace, found.name)] = address
            template = pod_template(found.kind, found.body)
            if template is not None:
                self._pods.append((address, found.namespace, _labels(template)))
                self._services[address] = _labelled(_labels(found.body))
            elif found.group == sparkapps.GROUP:
                pods = sparkapps.pods_of(found.kind, found.name, found.body)
                self._pods += ((address, found.namespace, one.labels) for one in pods)
                self._services[address] = _labelled(_labels(found.body))
            self._allowed += ((found.namespace, one) for one in allowed_by(found.kind, found.body))

    def references(self, found: KubeObject) -> Iterator[Reference]:
        """Whom `found` names, selects, may call and calls."""
        self._meet()
        for named in named_by(found.kind, found.body):
            namespace = named.namespace or found.namespace
            target = self._address(named.kind, namespace, named.name)
            yield Reference(target, named.node, named.strength, named.relation)
        selected = selected_by(found.kind, found.body)
        if selected is not None:
            for address in self._selected(found.namespace, selected.labels):
                yield Reference(address, selected.node, selected.strength, "selects")
        if self._allowed:
            yield from self._may_call(found)
        if self._calls is not None and found.kind != "CustomResourceDefinition":
            yield from self._called(found, self._calls)

    def served_by(self, found: KubeObject) -> str | None:
        """The service whose workloads `found` is there for, where it is one and their labels say which: a budget,
        an autoscaler or a canary without labels of its own is part of what it is about."""
        if found.kind not in OF_WORKLOADS:
            return None
        self._meet()
        if not any(self._services.values()):
            return None
        targets = {one.target for one in self.references(found) if one.target in self._services}
        names = {self._services[target] for target in targets}
        return names.pop() if len(names) == 1 else None

    def _selected(self, namespace: str, wanted: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Each once, though it may run pods of several kinds."""
        if self._labelled is None:
            self._labelled = {}
            for pod in self._pods:
                for key, value in pod[2].items():
                    self._labelled.setdefault((key, value), []).append(pod)
        known = self._labelled
        pods = min((known.get(pair, []) for pair in wanted), key=len, default=self._pods)
        yield from dict.fromkeys(
            address
            for address, home, labels in pods
            if home == namespace and all(labels.get(key) == value for key, value in wanted)
        )

    def _may_call(self, found: KubeObject) -> Iterator[Reference]:
        """Whom network policies let the pods of `found` in to: somebody took the trouble to open that way."""
        template = pod_template(found.kind, found.body)
        labels = _labels(template) if template is not None else {}
        for namespace, one in self._allowed:
            if namespace == found.namespace and all(labels.get(key) == value for key, value in one.callers):
                for address in self._selected(namespace, one.callees):
                    yield Reference(address, one.node, "soft", "may call")

    def _called(self, found: KubeObject, calls: Addresses) -> Iterator[Reference]:
        own = f"dns:{found.name}.{found.namespace}"
        for target, node in calls.of(found.body):
            name, _, namespace = target.removeprefix("dns:").partition(".")
            known = self._addresses.get(("Service", namespace, name))
            if target != own:
                yield Reference(known or target, node, "soft", "calls")

    def _address(self, kind: str, namespace: str, name: str) -> str:
        """The address of what is meant, by the name it carries here; cluster-scoped ones have no namespace."""
        for place in dict.fromkeys((namespace, "")):
            known = self._addresses.get((kind, place, name))
            if known is not None:
                return known
        clusterwide = kind.startswith("Cluster") or kind.endswith("Class") or kind == "PersistentVolume"
        return f"kubernetes:{kind}.{_qualified('' if clusterwide else namespace, name)}"


def _provided(found: KubeObject, name: str) -> tuple[str, ...]:
    """Names by which objects of other units find this one: with a namespace, or where there are none. What an
    envelope takes to clusters is found on those."""
    if envelope_of(name):
        return ()
    if found.namespace:
        own = f"kubernetes:{found.kind}.{name}"
        return (own, f"dns:{found.name}.{found.namespace}") if found.kind == "Service" else (own,)
    clusterwide = is_cluster_scoped(found.api_version, found.kind)
    return (f"kubernetes:{found.kind}.{name}",) if clusterwide else ()


def _qualified(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _distinct(objects: Iterable[KubeObject]) -> list[tuple[str, KubeObject]]:
    """Objects under names that are unique by kind, without content hashes.

    Of kinds that two API groups share, the later ones carry their group; what an envelope takes to clusters carries
    the name of the envelope.
    """
    named: dict[tuple[str, str], KubeObject] = {}
    for found, envelope in unwrapped(objects):
        name = found.previous[-1].name if found.hashed and found.previous else found.name
        name = enveloped(_qualified(found.namespace, name), envelope)
        known = named.get((found.kind, name))
        if known is not None and known.group != found.group:
            name = f"{name}.{found.group or 'core'}"
        if (found.kind, name) not in named:
            named[(found.kind, name)] = found
    return [(name, found) for (_, name), found in named.items()]


def _labels(body: Mapping) -> dict[str, str]:
    labels = body.at("metadata", "labels")
    if not isinstance(labels, Mapping):
        return {}
    return {key.raw: node.raw for key, node in labels.entries if isinstance(node, Scalar)}


def _labelled(labels: dict[str, str]) -> str | None:
    return next((labels[key] for key in SERVICE_LABELS if labels.get(key)), None)


def _without_chart_values(root: Mapping) -> Mapping:
    """A kustomization without the values of its charts: they are resources of their own."""
    if root.get("helmCharts") is None:
        return root
    from riskcheck.platforms.kubernetes.helm.inflation import without_values

    return without_values(root)


def _unsealed(body: Mapping) -> Mapping:
    """https://github.com/bitnami-labs/sealed-secrets: each sealing gives other text."""
    data = body.at("spec", "encryptedData")
    return put_at(body, ("spec", "encryptedData"), hidden_values(data)) if isinstance(data, Mapping) else body


def _opened(body: Mapping) -> Mapping:
    """The body of a ConfigMap, entries that are files of Spark properties taken apart, to be compared by key."""
    data = body.get("data")
    for key, node in data.entries if isinstance(data, Mapping) else ():
        if isinstance(node, Scalar) and key.raw.endswith(_PROPERTY_FILES) and "spark." in node.raw:
            from riskcheck.documents.embedded import properties_within
            from riskcheck.spark.reading import looks_like_properties

            inner = properties_within(node) if looks_like_properties(node.raw) else None
            if inner is not None:
                body = put_at(body, ("data", key.raw), inner)
    return body
