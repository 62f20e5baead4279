"""The platform object: what the other stages ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.encoding import as_utf8
from riskcheck.regexes import regex
from riskcheck.trees import Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Memory, Workspace

_MARKS: Final = (
    *("kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"),
    *("helmfile.yaml", "helmfile.yml", "cluster.yaml"),
)
_ARGO_CD: Final = regex(r"argo|app-of-apps|(?:^|/)(?:apps?|applications?|appsets?|applicationsets?)[/.]")
"""In the path of definitions that may hand any file to a chart."""

_SUFFIXES: Final = (".yaml", ".yml", ".json", ".yaml.tmpl", ".yml.tmpl")


class Kubernetes:
    """Manifests, kustomize overlays and the values of Helm releases. A change that cannot concern them imports
    nothing else of this package."""

    name = "kubernetes"
    order = 20

    def __init__(self) -> None:
        self._memory: Memory | None = None
        self._recalled: object = None

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        if not _may_concern(workspace.tree, paths):
            return frozenset()
        self._recall(workspace)
        from riskcheck.platforms.kubernetes.scope import scope_of

        return scope_of(workspace).units(paths)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.kubernetes.resolve import resolve

        resolution = resolve(workspace, units)
        if workspace.side == "head":
            self._keep(workspace)
        return resolution

    def _recall(self, workspace: Workspace) -> None:
        if workspace.memory is not None and workspace.memory is not self._memory:
            from riskcheck.platforms.kubernetes.memory import restore

            self._memory = workspace.memory
            self._recalled = workspace.memory.recall(self.name)
            restore(self._recalled)

    def _keep(self, workspace: Workspace) -> None:
        if workspace.memory is not None and workspace.memory is self._memory:
            from riskcheck.platforms.kubernetes.memory import goes_beyond, snapshot

            if goes_beyond(self._recalled):
                workspace.memory.keep(self.name, snapshot())

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.platforms.kubernetes.keys import natural_keys

        return natural_keys(kind, field)

    def action(self, changes: Collection[Change]) -> Action:
        """An apply updates in place. A new name is another object; what the API refuses to change stays unknown:
        the apply fails, unless an annotation has it delete and create. The Spark operator ends the run of
        an application that is edited and submits it anew."""
        for change in changes:
            if change.path == ():
                if change.kind == "added":
                    return "create"
                return "delete" if change.kind == "removed" else "recreate"
        from riskcheck.immutability import is_refused, is_replaced_by_force

        if any(is_refused(change) for change in changes):
            forced = any(one.resource_after and is_replaced_by_force(one.resource_after) for one in changes)
            return "recreate" if forced else "unknown"
        if any(change.resource.kind == "SparkApplication" for change in changes):
            from riskcheck.sparkapps import resubmits

            if any(resubmits(change) for change in changes):
                return "recreate"
        return "update" if changes else "none"


def _may_concern(tree: Tree, paths: Collection[str]) -> bool:
    """Whether any of `paths` could belong to a unit: kustomizations and charts may read any file; where the tree
    has none, only files with objects count."""
    return bool(paths) and (
        any(path.endswith(_MARKS) for path in tree.entries())
        or (
            any(path.endswith(_SUFFIXES) for path in paths)
            and any(path.endswith(_SUFFIXES) and _ARGO_CD.search(path) for path in tree.entries())
        )
        or any(_may_hold_objects(tree, path) for path in paths)
    )


def _may_hold_objects(tree: Tree, path: str) -> bool:
    if not path.endswith(_SUFFIXES):
        return False
    if "values" in path:
        return True
    try:
        return b"apiVersion" in as_utf8(tree.read(path))
    except UnreadableError:
        return False
