"""One bundle, all of its targets, as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Environment, Resource, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.databricks.actions import TARGETS
from riskcheck.platforms.databricks.build import entry, is_null, mapping, text_of
from riskcheck.platforms.databricks.discovery import overrides_path, unit_of
from riskcheck.platforms.databricks.foreseen import Foreseen, Foresight
from riskcheck.platforms.databricks.normalize import Normalizer
from riskcheck.platforms.databricks.pending import Inputs, PendingResource
from riskcheck.platforms.databricks.presets import prefix_of
from riskcheck.platforms.databricks.resolver import Static
from riskcheck.platforms.databricks.scanning import Scan, Text, signature
from riskcheck.platforms.databricks.settings import Target, select, settings_body
from riskcheck.platforms.databricks.work import Lists, Work, Workshop
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.load import Bundle, Loader


class Shared:
    """What is remembered of the nodes of a bundle: they are the same in all targets, and mostly on both sides."""

    def __init__(self, directory: str) -> None:
        self.static = Static()
        self.normalizer = Normalizer(directory)
        self.lists = Lists()
        self.numbers: dict[Hashable, int] = {}
        self._texts: dict[str, Text] = {}
        self._scans: dict[tuple[int, str], Scan] = {}
        self._provided: dict[tuple[str, bool], dict[Scan, tuple[str, ...]]] = {}

    def scan(self, kind: str, written: Mapping) -> Scan:
        known = self._scans.get((id(written), kind))
        if known is None:
            known = self._scans[id(written), kind] = Scan(kind, written, self._texts)
        return known

    def provided(self, target: Target) -> dict[Scan, tuple[str, ...]]:
        """Names of resources that are the same in all targets with the name prefix of `target`."""
        return self._provided.setdefault(prefix_of(target), {})


class _Written(NamedTuple):
    """A resource as a target has it. foreseen: None where it is resolved at once, as something is to be said of it.

    resolved: it is already, in a group that is one reference as a whole.
    """

    kind: str
    key: Scalar
    node: Node
    scan: Scan | None
    foreseen: Foreseen | None
    resolved: bool


class BundleResolver:
    """Resolves the targets of one bundle. What they share is worked out once.

    at_once: resolve all resources, though nobody may look into them.
    """

    def __init__(
        self,
        bundle: Bundle,
        loader: Loader,
        documents: DocumentStore,
        environments: EnvironmentModel,
        limits: Limits,
        *,
        at_once: bool = False,
    ) -> None:
        self._bundle = bundle
        self._loader = loader
        self._environments = environments
        self._limits = limits
        self._at_once = at_once
        directory = bundle.directory
        self._shared = documents.shared(("databricks", directory), lambda: Shared(directory))

    def resources(self) -> Iterator[Resource]:
        """All resources of all targets; first of each target its settings.

        Their identity names the bundle: what has the same key in another bundle is another thing, and the
        settings of one target are the counterpart of those of the next.
        """
        self._python()
        targets = self._bundle.targets
        keys: list[Scalar | None] = [None] if targets is None else [key for key, _ in targets.entries]
        for key in keys:
            yield from self._target(key)

    def _target(self, key: Scalar | None) -> Iterator[Resource]:
        path = overrides_path(self._bundle.directory, "default" if key is None else key.raw)
        target = select(self._bundle, key, self._loader.optional(path), self._limits, self._shared.static)
        environment = self._environment(target)
        name = target.bundle.get("name")
        service = text_of(name) or None
        if name is not None and "${" in text_of(name):
            self._limits.at(
                name,
                "reference-in-name",
                "no deployment accepts a reference in the name of a bundle: state it",
            )
        unit = unit_of(self._bundle.directory)
        yield Resource(
            "databricks",
            TARGETS,
            target.name,
            environment,
            unit,
            settings_body(target),
            target.near,
            "databricks",
            service,
            identity=f"{unit}/{TARGETS}",
        )
        foresight = Foresight(target.resolver.again, self._shared.numbers, self._limits)
        settings = foresight.number((self._bundle.directory, signature(_settings(target))))
        shop = Workshop(
            target,
            self._bundle.directory,
            self._loader,
            self._shared.normalizer,
            self._limits,
            target.resolver.again(self._limits, quiet=True),
            self._shared.provided(target),
            self._shared.lists,
        )
        # All of a target before any of it: a resource is found by names that stand in others.
        for work in list(self._works(shop, foresight)):
            if work.foreseen is None:
                yield self._resource(work, environment, unit, service)
            else:
                assert work.scan is not None
                inputs = Inputs(work.scan, work.foreseen.values, settings)
                yield PendingResource.of(work, inputs, environment, unit, service)

    def _resource(self, work: Work, environment: Environment, unit: str, service: str | None) -> Resource:
        return Resource(
            "databricks",
            work.kind,
            work.key.raw,
            environment,
            unit,
            work.body,
            work.key,
            "databricks",
            service,
            identity=f"{unit}/{work.kind}.{work.key.raw}",
            references=work.references(),
            labels=work.labels(),
            provides=work.provides(),
        )

    def _environment(self, target: Target) -> Environment:
        place = location_of(target.near)
        host = text_of(target.workspace.get("host"))
        return self._environments.named(
            target.name,
            source=f"{place.path}:{place.line}",
            hints=[host] if host and "${" not in host else [],
            mode=target.mode,
        )

    def _works(self, shop: Workshop, foresight: Foresight) -> Iterator[Work]:
        """What is to be done for the resources of a target."""
        target = shop.target
        written = list(self._written(target, foresight))
        later = [each.foreseen for each in written if each.foreseen is not None]
        fits = foresight.fits(later, target.resolver.included)
        for kind, key, node, scan, foreseen, resolved in written:
            if not fits:
                foreseen = None
            if foreseen is None and not resolved:
                node = target.resolver.resolve(node)
            body = self._mapping(node, f"resources.{kind}.{key.raw}", needed=key)
            if body is None:
                continue
            if "${" in key.raw:
                self._limits.at(key, "reference-in-key", "a resource's key cannot hold a reference")
            yield shop.add(Work(shop, kind, key, body, scan, foreseen))

    def _written(self, target: Target, foresight: Foresight) -> Iterator[_Written]:
        groups = target.resources.entries if target.resources is not None else ()
        for kind, group in groups:
            resolved = not isinstance(group, Mapping)
            if resolved:
                group = target.resolver.resolve(group)
            found = self._mapping(group, f"resources.{kind.raw}")
            for key, node in found.entries if found is not None else ():
                scan = foreseen = None
                if isinstance(node, Mapping) and not (resolved or self._at_once):
                    scan = self._shared.scan(kind.raw, node)
                    foreseen = foresight.of(scan)
                    foreseen = foreseen if foreseen.quiet else None
                yield _Written(kind.raw, key, node, scan, foreseen, resolved)

    def _mapping(self, node: Node, name: str, needed: Node | None = None) -> Mapping | None:
        """`node` if it is a mapping. needed: the key of what must not be empty either."""
        if isinstance(node, Mapping):
            return node
        if needed is not None or not is_null(node):
            self._limits.at(needed or node, "not-a-mapping", f"{name} is not a mapping")
        return None

    def _python(self) -> None:
        """Python code may add and change resources when the bundle is deployed
        (https://docs.databricks.com/aws/en/dev-tools/bundles/python/); it is never run here."""
        config = self._bundle.config
        for path in (("python",), ("experimental", "python"), ("experimental", "pydabs")):
            node = config.at(*path)
            fields = node.index if isinstance(node, Mapping) else {}
            if any(field in fields for field in ("resources", "mutators", "enabled", "import")):
                assert node is not None
                self._limits.at(
                    node, "python-resources", "resources and mutators in Python are not part of the analysis"
                )
        scripts = config.at("experimental", "scripts")
        if isinstance(scripts, Mapping) and scripts.get("preinit") is not None:
            self._limits.at(
                scripts, "script", "a preinit script may change the configuration; it is not run here"
            )


def _settings(target: Target) -> Mapping:
    """All that a target does to its resources, beside the values of their references."""
    settings = {
        "presets": target.presets,
        "run_as": target.run_as,
        "permissions": target.permissions,
        "experimental": target.experimental,
        "cluster": target.cluster,
        "resource_path": target.workspace.get("resource_path"),
    }
    return mapping([entry(name, node) for name, node in settings.items() if node is not None], target.near)
