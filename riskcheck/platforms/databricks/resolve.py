"""One bundle, all of its targets, as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskcheck.models import Environment, Resource, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.databricks.actions import TARGETS
from riskcheck.platforms.databricks.build import entry, is_null, mapping, text_of
from riskcheck.platforms.databricks.discovery import overrides_path, unit_of
from riskcheck.platforms.databricks.foreseen import Foresight
from riskcheck.platforms.databricks.normalize import Normalizer
from riskcheck.platforms.databricks.pending import Inputs, PendingResource
from riskcheck.platforms.databricks.resolver import Static
from riskcheck.platforms.databricks.scanning import Scan, Text, signature
from riskcheck.platforms.databricks.settings import Target, select, settings_body
from riskcheck.platforms.databricks.work import Work, Workshop

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
        self.numbers: dict[Hashable, int] = {}
        self._texts: dict[str, Text] = {}
        self._scans: dict[tuple[int, str], Scan] = {}

    def scan(self, kind: str, written: Mapping) -> Scan:
        known = self._scans.get((id(written), kind))
        if known is None:
            known = self._scans[id(written), kind] = Scan(kind, written, self._texts)
        return known


class _Declared(NamedTuple):
    """A resource as a target has it. scan: None where it is resolved at once, into `body`."""

    kind: str
    key: Scalar
    body: Mapping
    scan: Scan | None


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
        service = text_of(target.bundle.get("name")) or None
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
        foresight = Foresight(target.resolver.again, self._shared.numbers)
        settings = foresight.number((self._bundle.directory, signature(_settings(target))))
        shop = Workshop(
            target,
            self._bundle.directory,
            self._loader,
            self._shared.normalizer,
            self._limits,
            target.resolver.again(self._limits),
        )
        # All of a target before any of it: a resource is found by names that stand in others.
        works = [self._work(shop, each, foresight) for each in self._declared(target, foresight)]
        for work in works:
            if work.scan is None:
                yield self._resource(work, environment, unit, service)
            else:
                values = tuple([foresight.text(text).values for text in work.scan.texts])
                yield PendingResource.of(
                    work, Inputs(work.scan, values, settings), environment, unit, service
                )

    def _work(self, shop: Workshop, declared: _Declared, foresight: Foresight) -> Work:
        kind, key, body, scan = declared
        refers = scan is None or any(foresight.text(text).refers for text in scan.texts)
        return shop.add(Work(shop, kind, key, body, scan, refers))

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

    def _declared(self, target: Target, foresight: Foresight) -> Iterator[_Declared]:
        """The target's resources as they are written, those resolved of which something has to be said."""
        groups = target.resources.entries if target.resources is not None else ()
        written: list[tuple[str, Scalar, Node, Scan | None, bool]] = []
        for kind, group in groups:
            resolved = not isinstance(group, Mapping)
            if resolved:
                group = target.resolver.resolve(group)
            found = self._mapping(group, f"resources.{kind.raw}")
            for key, node in found.entries if found is not None else ():
                scan = self._shared.scan(kind.raw, node) if isinstance(node, Mapping) else None
                later = scan is not None and not self._at_once and not resolved and foresight.quiet(scan)
                written.append((kind.raw, key, node, scan if later else None, resolved))
        scans = [scan for _, _, _, scan, _ in written if scan is not None]
        fits = foresight.fits(scans, target.resolver.included)
        for kind_name, key, node, scan, resolved in written:
            if scan is None or not fits:
                scan = None
                node = node if resolved else target.resolver.resolve(node)
            body = self._mapping(node, f"resources.{kind_name}.{key.raw}", needed=key)
            if body is None:
                continue
            if "${" in key.raw:
                self._limits.at(key, "reference-in-key", "a resource's key cannot hold a reference")
            yield _Declared(kind_name, key, body, scan)

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
