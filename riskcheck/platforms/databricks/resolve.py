"""One bundle, all of its targets, as resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Environment, Resource, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.databricks.actions import TARGETS
from riskcheck.platforms.databricks.alerts import with_file
from riskcheck.platforms.databricks.build import is_null, text_of
from riskcheck.platforms.databricks.defaults import with_defaults
from riskcheck.platforms.databricks.discovery import overrides_path, unit_of
from riskcheck.platforms.databricks.edges import Names, references_of
from riskcheck.platforms.databricks.names import provided_by
from riskcheck.platforms.databricks.normalize import Normalizer
from riskcheck.platforms.databricks.presets import with_permissions, with_settings
from riskcheck.platforms.databricks.resolver import Static
from riskcheck.platforms.databricks.settings import Target, select, settings_body
from riskcheck.platforms.databricks.shape import on_cluster, shaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.environments import EnvironmentModel
    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.load import Bundle, Loader

_Declared = tuple[str, Scalar, Mapping]
"""Type, key and body of a resource."""


class BundleResolver:
    """Resolves the targets of one bundle. What they share is worked out once."""

    def __init__(
        self, bundle: Bundle, loader: Loader, environments: EnvironmentModel, limits: Limits
    ) -> None:
        self._bundle = bundle
        self._loader = loader
        self._environments = environments
        self._limits = limits
        self._static = Static()
        self._normalizer = Normalizer(bundle.directory)

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
        target = select(self._bundle, key, self._loader.optional(path), self._limits, self._static)
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
        declared = list(self._declared(target))
        names = Names((kind, key.raw, body) for kind, key, body in declared)
        for kind, name, body in declared:
            references = references_of(kind, body, names)
            body = self._configured(kind, body, target)
            yield Resource(
                "databricks",
                kind,
                name.raw,
                environment,
                unit,
                body,
                name,
                "databricks",
                service,
                identity=f"{unit}/{kind}.{name.raw}",
                references=references,
                labels=_labels(body),
                provides=provided_by(kind, body),
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

    def _declared(self, target: Target) -> Iterator[_Declared]:
        """The target's resources, resolved, typed and merged, before its settings are put on them."""
        groups = target.resources.entries if target.resources is not None else ()
        for kind, group in groups:
            found = self._mapping(target.resolver.resolve(group), f"resources.{kind.raw}")
            for key, node in found.entries if found is not None else ():
                body = self._mapping(node, f"resources.{kind.raw}.{key.raw}", needed=key)
                if body is None:
                    continue
                if "${" in key.raw:
                    self._limits.at(key, "reference-in-key", "a resource's key cannot hold a reference")
                body = self._normalizer.normalize(kind.raw, body)
                if kind.raw == "alerts":
                    body = self._with_alert_file(body)
                yield kind.raw, key, shaped(kind.raw, body, self._limits)

    def _with_alert_file(self, body: Mapping) -> Mapping:
        return with_file(body, self._bundle.directory, self._loader, self._normalizer, self._limits)

    def _mapping(self, node: Node, name: str, needed: Node | None = None) -> Mapping | None:
        """`node` if it is a mapping. needed: the key of what must not be empty either."""
        if isinstance(node, Mapping):
            return node
        if needed is not None or not is_null(node):
            self._limits.at(needed or node, "not-a-mapping", f"{name} is not a mapping")
        return None

    def _configured(self, kind: str, body: Mapping, target: Target) -> Mapping:
        if kind == "jobs" and target.cluster is not None:
            body = on_cluster(body, target.cluster)
        body = with_settings(kind, body, target)
        body = with_defaults(kind, body, target.workspace.get("resource_path"))
        return with_permissions(kind, body, target.permissions)

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


def _labels(body: Mapping) -> dict[str, str] | None:
    tags = body.get("tags") or body.get("custom_tags")
    if not isinstance(tags, Mapping):
        return None
    return {key.raw: text_of(node) for key, node in tags.entries if isinstance(node, Scalar)} or None
