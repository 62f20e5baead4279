"""Which settings of kustomizations are told with an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.kubernetes.kustomize.shape import strings
from riskcheck.platforms.kubernetes.manifests import document_of

if TYPE_CHECKING:
    from riskcheck.models import Setting
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.objects import KubeObject


class Settings:
    """Entries of components count where the same kustomization of the other side has no such entry: an overlay may
    also lose a component because it no longer includes what names it, and that line is not to blame."""

    def __init__(self, workspace: Workspace) -> None:
        self._other = workspace.other
        self._touched = workspace.touched
        self._only_here: dict[int, bool] = {}

    def of(self, found: KubeObject) -> tuple[Setting, ...]:
        if not found.settings:
            return ()
        return tuple(one for one in found.settings if one.role != "component" or self._is_only_here(one))

    def _is_only_here(self, setting: Setting) -> bool:
        node = setting.node
        path = node.source.path
        if self._other is None or path not in self._touched or not isinstance(node, Scalar):
            return False
        known = self._only_here.get(id(node))
        if known is None:
            root = document_of(self._other, path).root if self._other.tree.entry(path) is not None else None
            known = isinstance(root, Mapping) and all(
                one.raw != node.raw for one in strings(root.get("components"))
            )
            self._only_here[id(node)] = known
        return known
