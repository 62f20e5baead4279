"""The Applications that an ApplicationSet makes.

Facts: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/ .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import put, text
from riskcheck.platforms.kubernetes.gitops.argo import Template, deployments_of
from riskcheck.platforms.kubernetes.gitops.generators import Generation

if TYPE_CHECKING:
    from collections.abc import Sequence as SequenceOf

    from riskcheck.documents.store import DocumentStore
    from riskcheck.platforms.kubernetes.gitops.clusters import Cluster
    from riskcheck.platforms.kubernetes.gitops.deployments import Deployment

_MAX_DEPTH: Final = 32


def made_by(
    root: Mapping, documents: DocumentStore, clusters: SequenceOf[Cluster], home: str = ""
) -> tuple[list[Deployment], list[str]]:
    """What the Applications of an ApplicationSet deploy, and what keeps it from being known in full.

    clusters: those that the repository declares for its Argo CD instance.
    """
    template = root.at("spec", "template")
    if not isinstance(template, Mapping):
        return [], []
    generation = Generation(root, documents, clusters)
    found: list[Deployment] = []
    lost = False
    for one in generation.sets():
        application = template
        for over in one.templates:
            application = _over(application, over)
        filling = Template(one.values, generation.go)
        made_here = list(
            deployments_of(application, root, filling, home=home, assumed=one.assumed, read=one.read)
        )
        lost = lost or (not one.open and _has_path(application) and not made_here)
        found += made_here
    if root.at("spec", "templatePatch") is not None:
        generation.problems["templatePatch is not evaluated"] = None
    if lost:
        generation.problems["the path of its template cannot be filled in"] = None
    return found, list(generation.problems)


def _has_path(application: Mapping) -> bool:
    sources = application.at("spec", "sources")
    stated = [application.at("spec", "source"), *(sources.items if isinstance(sources, Sequence) else ())]
    return any(isinstance(source, Mapping) and source.get("path") is not None for source in stated)


def _over(template: Mapping, over: Mapping, depth: int = 0) -> Mapping:
    """The template of a generator over that of the set: what it states counts, empty texts do not."""
    if depth > _MAX_DEPTH:
        return template
    done = template
    for key, node in over.entries:
        known = template.get(key.raw)
        if isinstance(known, Mapping) and isinstance(node, Mapping):
            done = put(done, key.raw, _over(known, node, depth + 1))
        elif not isinstance(node, Scalar) or text(node):
            done = put(done, key.raw, node)
    return done
