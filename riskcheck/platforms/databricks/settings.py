"""One target selected: its overrides merged in, and the settings that hold for all of its resources.

https://github.com/databricks/cli/blob/7bbe285213/bundle/config/root.go (MergeTargetOverrides) for the merge;
default_workspace_root.go, default_workspace_paths.go, expand_workspace_root.go, prepend_workspace_prefix.go and
resourcemutator/apply_target_mode.go in bundle/config/mutator of the same commit for the rest.
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.databricks.build import entry, is_null, mapping, put, stated, text_of, truth
from riskcheck.platforms.databricks.merge import merge
from riskcheck.platforms.databricks.resolver import Resolver, Static
from riskcheck.platforms.databricks.variables import Variable, variables_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.load import Bundle

DEFAULT_TARGET = "default"
"""What the only target is called where a bundle declares none."""

DEPLOYING_USER = "${workspace.current_user.userName}"
SHORT_NAME = "${workspace.current_user.short_name}"

DEVELOPMENT_RUNS = 4
"""jobs_max_concurrent_runs that ``mode: development`` implies."""

_PATHS = {
    "file_path": "files",
    "resource_path": "resources",
    "artifact_path": "artifacts",
    "state_path": "state",
}
_HAS_PREFIX = ("/Workspace/", "/Volumes/")


class Target(NamedTuple):
    """One target of one bundle, its settings resolved as far as files tell.

    near: where it is declared. presets: with those that ``mode: development`` implies. cluster: the compute
    that replaces that of all tasks. resources: merged, with references still in them.
    """

    name: str
    near: Node
    mode: str | None
    default: Node | None
    bundle: Mapping
    workspace: Mapping
    presets: Mapping
    run_as: Mapping | None
    permissions: Sequence | None
    resources: Mapping | None
    experimental: Mapping | None
    variables: dict[str, Variable]
    resolver: Resolver

    @property
    def cluster(self) -> Node | None:
        node = self.bundle.get("cluster_id") or self.bundle.get("compute_id")
        return node if text_of(node) else None


class _Selection:
    """The sections of a bundle with one target merged over them."""

    def __init__(self, config: Mapping, target: Mapping | None, near: Node, limits: Limits) -> None:
        self._config = config
        self._target = target
        self._near = near
        self._limits = limits

    def merged(self, field: str) -> Node | None:
        base, over = self._config.get(field), self.own(field)
        if base is None or over is None:
            return base if over is None else over
        return merge(base, over, self._limits.unmergeable, field)

    def replaced(self, field: str) -> Node | None:
        over = self.own(field)
        return self._config.get(field) if over is None or is_null(over) else over

    def own(self, field: str) -> Node | None:
        """What the target itself says."""
        return None if self._target is None else self._target.get(field)

    def section(self, field: str) -> Mapping:
        node = self.merged(field)
        return node if isinstance(node, Mapping) else mapping((), self._near)

    def bundle(self, name: str) -> Mapping:
        """The ``bundle`` section with what the target sets in it and its name."""
        found = self.section("bundle")
        for field, source in (("mode", "mode"), ("cluster_id", "compute_id"), ("cluster_id", "cluster_id")):
            value = self.own(source)
            if value is not None and not is_null(value):
                found = put(found, field, value)
        git = self.own("git")
        if git is not None:
            known = found.get("git")
            found = put(
                found, "git", git if known is None else merge(known, git, self._limits.unmergeable, "git")
            )
        for field in ("target", "environment"):
            found = put(found, field, made(name, self._near))
        return found

    def workspace(self, bundle: Mapping, name: str) -> Mapping:
        """The ``workspace`` section with its paths filled in and spelled as the workspace knows them."""
        found = self.section("workspace")
        root = found.get("root_path")
        bundle_name = bundle.get("name")
        if not text_of(root) and bundle_name is not None and text_of(bundle_name):
            root = made(f"~/.bundle/{text_of(bundle_name)}/{name}", self._near, (bundle_name,))
        if root is None or not text_of(root):
            return found
        raw = text_of(root)
        if raw.startswith("~/"):
            raw = f"/Workspace/Users/{DEPLOYING_USER}/{normpath(raw[2:])}"
        found = put(found, "root_path", _respelled(root, raw))
        for field, below in _PATHS.items():
            stated_path = found.get(field)
            path = made(normpath(f"{raw}/{below}"), root, (root,))
            node = stated_path if stated_path is not None and text_of(stated_path) else path
            found = put(found, field, _respelled(node, text_of(node)))
        return found


def select(
    bundle: Bundle, key: Scalar | None, overrides: Mapping | None, limits: Limits, static: Static
) -> Target:
    """The target declared at `key`; the one that is implied where a bundle declares none."""
    config = bundle.config
    near: Node = config if key is None else key
    name = DEFAULT_TARGET if key is None else key.raw
    declared = bundle.targets.get(name) if bundle.targets is not None and key is not None else None
    if declared is not None and not isinstance(declared, Mapping) and not is_null(declared):
        limits.at(declared, "not-a-mapping", f"target '{name}' is not a mapping")
    target = declared if isinstance(declared, Mapping) else None
    selection = _Selection(config, target, near, limits)
    own = selection.bundle(name)
    workspace = _without_slash(selection.workspace(own, name))
    variables = variables_of(config, target, overrides, limits)
    resolver = Resolver(variables, {"bundle": own, "workspace": workspace}, limits, static)
    own = _resolved(own, resolver)
    presets = _resolved(selection.section("presets"), resolver)
    mode = own.get("mode")
    if mode is not None and text_of(mode) == "development":
        presets = development_presets(presets, mode)
    run_as, permissions = selection.replaced("run_as"), selection.merged("permissions")
    experimental, resources = config.get("experimental"), selection.merged("resources")
    return Target(
        name=name,
        near=near,
        mode=text_of(mode) or None,
        default=None if target is None else target.get("default"),
        bundle=own,
        workspace=_without_slash(_resolved(workspace, resolver)),
        presets=presets,
        run_as=_mapping_in(run_as, resolver),
        permissions=_list_in(permissions, resolver),
        resources=resources if isinstance(resources, Mapping) else None,
        experimental=_mapping_in(experimental, resolver),
        variables=variables,
        resolver=resolver,
    )


def development_presets(presets: Mapping, mode: Node) -> Mapping:
    """`presets` with what ``mode: development`` sets where they say nothing."""
    if not text_of(presets.get("name_prefix")):
        presets = put(presets, "name_prefix", made(f"[dev {SHORT_NAME}] ", mode))
    tags = presets.get("tags")
    known = tags if isinstance(tags, Mapping) else mapping((), mode)
    if known.get("dev") is None:
        presets = put(presets, "tags", put(known, "dev", made(SHORT_NAME, mode)))
    if text_of(presets.get("jobs_max_concurrent_runs")) in ("", "0"):
        presets = put(presets, "jobs_max_concurrent_runs", made(DEVELOPMENT_RUNS, mode))
    if not text_of(presets.get("trigger_pause_status")):
        presets = put(presets, "trigger_pause_status", made("PAUSED", mode))
    if truth(presets.get("pipelines_development")) is None:
        presets = put(presets, "pipelines_development", made(True, mode))
    return presets


def settings_body(target: Target) -> Mapping:
    """The settings of a target as the body of a resource, so that rules can match them."""
    fields: dict[str, Node | None] = {
        "bundle": mapping(
            [
                (key, node)
                for key, node in target.bundle.entries
                if key.raw not in ("target", "environment", "mode", "cluster_id", "compute_id")
            ],
            target.bundle,
        ),
        "mode": target.bundle.get("mode"),
        "default": target.default,
        "presets": target.presets if target.presets.entries else None,
        "workspace": target.workspace,
        "run_as": target.run_as,
        "permissions": target.permissions,
        "experimental": target.experimental,
        "cluster_id": target.cluster,
        "variables": _variables_body(target),
    }
    near = target.near
    return mapping([entry(key, node) for key, node in fields.items() if node is not None], near)


def _variables_body(target: Target) -> Mapping | None:
    entries = []
    for variable in target.variables.values():
        fields = []
        if variable.lookup is not None:
            kind, wanted = variable.lookup
            fields.append(entry("lookup", mapping([entry(kind, target.resolver.resolve(wanted))], wanted)))
        elif variable.value is not None:
            fields.append(entry("value", target.resolver.resolve(variable.value)))
        kind_node = variable.settings.get("type") if variable.settings is not None else None
        if kind_node is not None:
            fields.append(entry("type", kind_node))
        entries.append((variable.key, mapping(fields, variable.settings or variable.key)))
    return mapping(entries, target.near) if entries else None


def _without_slash(workspace: Mapping) -> Mapping:
    """`workspace` with its host as the CLI knows it: a slash at the end is no part of it."""
    host = workspace.get("host")
    if not isinstance(host, Scalar) or not host.raw.endswith("/"):
        return workspace
    return put(workspace, "host", stated(host.raw.rstrip("/"), host, *host.via))


def _respelled(node: Node, path: str) -> Node:
    if path.startswith("/") and not path.startswith(_HAS_PREFIX):
        path = "/Workspace" + path
    if path == text_of(node):
        return node
    return made(path, node, node.via) if node.synthetic else stated(path, node, node)


def _resolved(section: Mapping, resolver: Resolver) -> Mapping:
    resolved = resolver.resolve(section)
    assert isinstance(resolved, Mapping)
    return resolved


def _mapping_in(node: Node | None, resolver: Resolver) -> Mapping | None:
    resolved = None if node is None else resolver.resolve(node)
    return resolved if isinstance(resolved, Mapping) else None


def _list_in(node: Node | None, resolver: Resolver) -> Sequence | None:
    resolved = None if node is None else resolver.resolve(node)
    return resolved if isinstance(resolved, Sequence) else None
