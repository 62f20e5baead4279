"""Image references: whether the diff determines the bits that will run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.helmvalues import read_by, values_of
from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Value, walk
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import text, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_COMMIT = regex(r"(?:^|[^0-9a-f])[0-9a-f]{40}(?:[0-9a-f]{24})?$")


class Image(NamedTuple):
    """``registry:5000/team/web:1.2@sha256:…``. An absent tag reads as ``latest`` unless there is a digest."""

    name: str
    tag: str | None
    digest: str | None

    def pinned(self, mutable: frozenset[str]) -> bool:
        return self.digest is not None or (self.tag or "latest") not in mutable

    def names_a_commit(self) -> bool:
        """A tag that ends in a full commit or content id is made once, as a digest is."""
        return self.tag is not None and _COMMIT.search(self.tag) is not None


def parse_image(reference: str) -> Image:
    """https://github.com/distribution/reference/blob/main/reference.go"""
    name, _, digest = reference.strip().partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return Image(head + slash + last, tag or None, digest or None)


def image_unpinned(change: Change, context: CheckContext) -> Iterator[Match]:
    """An image that this change leaves to whatever its tag points at. Of values for a chart, the templates that
    read the image are named beside it.

    Values: problem (text), image (as written in head), existing (bool: a determined image ran here before).
    """
    values = values_of(change.resource_after)
    for match in _unpinned(change, context):
        yield match if values is None else match._replace(related=read_by(values, change.path).places)


def _unpinned(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    mutable = _words(context.options.get("mutable_tags"))
    if change.path[-1] == "imagePullPolicy":
        yield from _pull_policy(change, context, mutable)
        return
    path = change.path if change.path[-1] == "image" else change.path[:-1]
    old, new = image_at(context.node(before, path)), image_at(context.node(after, path))
    if new is None or "$(" in new[0] or "${" in new[0]:
        return
    reference, image = new
    if not image.pinned(mutable) and (old is None or old[1].pinned(mutable)):
        if old is None and _runs_already(before, reference):
            return
        said = f"tag {image.tag}" if image.tag else "no tag"
        yield Match(
            values={"problem": f"{said}, which moves", "image": reference, "existing": old is not None}
        )
    elif old is not None and old[1].digest and not image.digest and not image.names_a_commit():
        yield Match(values={"problem": "the digest is dropped", "image": reference, "existing": True})


def _runs_already(resource: Resource, reference: str) -> bool:
    """Whether another container of the same object runs this very image: then its moving tag is not news."""
    return any(isinstance(node, Scalar) and node.raw == reference for _, node in walk(resource.body))


def _words(option: Value) -> frozenset[str]:
    return frozenset(str(word) for word in option) if isinstance(option, list) else frozenset({"latest"})


def image_at(node: Node | None) -> tuple[str, Image] | None:
    """What `node` names: a reference, or a mapping of repository, tag and digest (charts, kustomize's `images`).

    A mapping that names neither tag nor digest takes the chart's own, which the chart version determines.
    """
    if isinstance(node, Scalar):
        found = text(node)
        return (found, parse_image(found)) if found else None
    tag = text_at(node, "tag") or text_at(node, "newTag")
    digest = text_at(node, "digest") or text_at(node, "sha")
    if not isinstance(node, Mapping) or not (tag or digest):
        return None
    name = text_at(node, "repository") or text_at(node, "newName") or text_at(node, "name")
    registry = text_at(node, "registry")
    name = f"{registry}/{name}" if registry and name else name or "the chart's image"
    tag, _, in_tag = (tag or "").partition("@")
    return f"{name}:{tag}", Image(name, tag or None, digest or in_tag or None)


def _pull_policy(change: Change, context: CheckContext, mutable: frozenset[str]) -> Iterator[Match]:
    """With a moving tag, ``IfNotPresent`` makes each node run what it happened to pull."""
    path = change.path[:-1]
    old, new = context.node(change.resource_before, path), context.node(change.resource_after, path)
    image = text_at(new, "image")
    if old is None or image is None or parse_image(image).pinned(mutable):
        return
    if (
        _policy(text_at(old, "imagePullPolicy"), text_at(old, "image"))
        == "Always"
        != _policy(text_at(new, "imagePullPolicy"), image)
    ):
        problem = "it is no longer pulled at every start, and its tag moves"
        yield Match(values={"problem": problem, "image": image, "existing": True})


def _policy(stated: str | None, image: str | None) -> str:
    """https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting"""
    if stated:
        return stated
    parsed = parse_image(image or "")
    return "Always" if parsed.digest is None and (parsed.tag or "latest") == "latest" else "IfNotPresent"
