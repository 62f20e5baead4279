"""Clusters that Argo CD knows of because the repository declares them: Secrets with a label.

Facts: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters ;
https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Cluster/ .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.labelselectors import holds
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.gitops.templates import Parameters, normalised
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

LABEL: Final = "argocd.argoproj.io/secret-type"
LOCAL_SERVER: Final = "https://kubernetes.default.svc"
_MARK: Final = regex(rb"argocd\.argoproj\.io/secret-type[\"']?:[ \t]*[\"']?cluster\b")


class Cluster(NamedTuple):
    """A cluster of Argo CD. server: its address, ``""`` where only the running Secret tells."""

    name: str
    server: str
    labels: dict[str, str]
    annotations: dict[str, str]
    path: str

    def parameters(self, go: bool) -> Parameters:
        """What the generator tells of it."""
        found: Parameters = {"name": self.name, "nameNormalized": normalised(self.name)}
        if self.server:
            found["server"] = self.server
        if go:
            return found | {"metadata": {"labels": dict(self.labels), "annotations": dict(self.annotations)}}
        found.update((f"metadata.labels.{key}", value) for key, value in self.labels.items())
        found.update((f"metadata.annotations.{key}", value) for key, value in self.annotations.items())
        return found


LOCAL: Final = Cluster("in-cluster", LOCAL_SERVER, {}, {}, "")
"""The cluster that Argo CD runs in, which needs no Secret."""


def marks_of(content: bytes) -> tuple[str, ...]:
    """``cluster`` where the bytes of a file may declare one."""
    return ("cluster",) if LABEL.encode() in content and _MARK.search(content) else ()


def cluster_in(root: Node | None) -> Cluster | None:
    """The cluster that a Secret declares, or an ExternalSecret by the template of its Secret."""
    if not isinstance(root, Mapping):
        return None
    kind = text(root.get("kind"))
    if kind == "Secret":
        secret: Node | None = root
    elif kind == "ExternalSecret":
        secret = root.at("spec", "target", "template")
    elif kind == "SealedSecret":
        secret = root.at("spec", "template")
    else:
        return None
    if not isinstance(secret, Mapping):
        return None
    labels = _texts(secret.at("metadata", "labels"))
    if labels.get(LABEL) != "cluster":
        return None
    data = secret.get("stringData") if kind == "Secret" else secret.get("data")
    known = _texts(data)
    name = known.get("name") or text(root.at("metadata", "name"))
    if "{{" in name:
        name = text(root.at("metadata", "name"))
    server = known.get("server", "")
    return Cluster(
        name,
        "" if "{{" in server else server,
        labels,
        _texts(secret.at("metadata", "annotations")),
        root.source.path,
    )


def selected(labels: MappingOf[str, str], selector: Node | None) -> bool:
    """Whether a label selector holds. Absent and empty ones hold for all.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    return not isinstance(selector, Mapping) or holds(selector, labels)


def _texts(node: Node | None) -> dict[str, str]:
    if not isinstance(node, Mapping):
        return {}
    return {key.raw: value.raw for key, value in node.entries if isinstance(value, Scalar)}
