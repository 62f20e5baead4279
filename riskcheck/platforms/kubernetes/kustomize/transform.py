"""The transformers that change every object: namespace, names, labels, annotations, replicas, images.

Each takes an object and returns its next state. Values it sets are the nodes of the kustomization that state them,
so that a change of a tag points to ``images[].newTag``.
Facts: https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/api/internal/builtins and ../filters
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.models import Setting
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import Create, put, put_at, text, update
from riskcheck.platforms.kubernetes.kustomize.fields import BUILT_IN, Field
from riskcheck.platforms.kubernetes.kustomize.patterns import matches, pattern

if TYPE_CHECKING:
    from riskcheck.platforms.kubernetes.objects import KubeObject

ImageChange: TypeAlias = Callable[[Node | None], Node | None]

_IN_CONTAINERS: Final = {field.path for field in BUILT_IN.images}
_UNPREFIXED: Final = (
    ("CustomResourceDefinition", None),
    ("APIService", "apiregistration.k8s.io"),
    ("Namespace", None),
)
_TAG_AND_DIGEST: Final = r"(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?"
_BINDINGS: Final = ("RoleBinding", "ClusterRoleBinding")


def _body(node: Node) -> Mapping:
    assert isinstance(node, Mapping)
    return node


def _selects(field: Field, found: KubeObject) -> bool:
    return field.of.selects(found.group, found.version, found.kind)


def set_namespace(found: KubeObject, namespace: Scalar, fields: tuple[Field, ...]) -> KubeObject:
    """`found` in `namespace`, where it is not cluster-scoped; subjects called ``default`` follow."""
    body = found.body
    if not found.cluster_scoped:
        body = put_at(body, ("metadata", "namespace"), namespace)
    if found.kind in _BINDINGS:
        body = _body(update(body, ("subjects",), lambda node: _default_subjects(node, namespace)))
    for field in fields:
        if field.path == ("metadata", "namespace") or not _selects(field, found):
            continue
        if field.path == ("metadata", "name") and found.api_version != "v1":
            continue
        if found.kind in _BINDINGS and field.path == ("subjects", "namespace"):
            continue
        body = _body(update(body, field.path, lambda _: namespace, _create(field), namespace))
    return found.evolve(body, remember=True)


def _default_subjects(node: Node | None, namespace: Scalar) -> Node | None:
    if not isinstance(node, Sequence):
        return node
    return node.with_items(
        [
            put(item, "namespace", namespace)
            if isinstance(item, Mapping) and text(item.get("name")) == "default"
            else item
            for item in node.items
        ]
    )


def _create(field: Field) -> Create | None:
    return "scalar" if field.create else None


def add_prefix(found: KubeObject, prefix: Scalar, fields: tuple[Field, ...]) -> KubeObject:
    return _renamed(found, prefix, fields, lambda name: prefix.raw + name, before=True)


def add_suffix(found: KubeObject, suffix: Scalar, fields: tuple[Field, ...]) -> KubeObject:
    return _renamed(found, suffix, fields, lambda name: name + suffix.raw, before=False)


def _renamed(
    found: KubeObject, affix: Scalar, fields: tuple[Field, ...], rename: Callable[[str], str], before: bool
) -> KubeObject:
    first = found.first_id
    if any(first.kind == kind and group in (None, found.group) for kind, group in _UNPREFIXED):
        return found
    for field in fields:
        if not _selects(field, found):
            continue

        def change(node: Node | None) -> Node | None:
            old = (node,) if node is not None else ()
            return made(rename(text(node)), affix, old)

        body = _body(update(found.body, field.path, change, _create(field), affix))
        if field.path == ("metadata", "name"):
            found = found.evolve(
                body,
                remember=True,
                setting=Setting("prefix" if before else "suffix", affix),
                prefixes=(*found.prefixes, affix.raw) if before else None,
                suffixes=None if before else (*found.suffixes, affix.raw),
            )
        else:
            found = found.evolve(body)
    return found


def set_pairs(found: KubeObject, pairs: Mapping, fields: tuple[Field, ...]) -> KubeObject:
    """`found` with labels or annotations `pairs` at each of `fields`."""
    body = found.body
    for field in fields:
        if _selects(field, found):
            create: Create | None = "mapping" if field.create else None
            body = _body(update(body, field.path, lambda node: _with_pairs(node, pairs), create, pairs))
    return found if body is found.body else found.evolve(body, setting=Setting("labels", pairs))


def _with_pairs(node: Node | None, pairs: Mapping) -> Node | None:
    if not isinstance(node, Mapping):
        return node
    for key, value in sorted(pairs.entries, key=lambda entry: entry[0].raw):
        node = put(node, key.raw, value, key)
    return node


def set_replicas(found: KubeObject, count: Scalar, fields: tuple[Field, ...]) -> KubeObject:
    body = found.body
    for field in fields:
        if _selects(field, found):
            body = _body(update(body, field.path, lambda _: count, _create(field), count))
    return found if body is found.body else found.evolve(body)


def set_images(found: KubeObject, changes: list[ImageChange], fields: tuple[Field, ...]) -> KubeObject:
    """`found` with all of `changes` applied wherever an image stands. CRDs are left alone.

    kustomize goes over an object twice: once to lists called containers or initContainers, wherever they are, once
    to `fields`. Only ``tagSuffix`` shows it.
    """
    if found.kind == "CustomResourceDefinition":
        return found
    twice = {field.path for field in fields if _selects(field, found)}
    body: Node = found.body
    if any(isinstance(node, (Mapping, Sequence)) for _, node in found.body.entries):
        body = _in_containers(body, (), changes, twice)
    for path in twice - _IN_CONTAINERS:
        for change in changes:
            body = update(body, path, change)
    return found if body is found.body else found.evolve(_body(body))


def _in_containers(
    node: Node, path: tuple[str, ...], changes: list[ImageChange], twice: set[tuple[str, ...]]
) -> Node:
    """`changes` applied to ``image`` of each item of any list called containers or initContainers."""
    if isinstance(node, Sequence):
        items = [
            item if isinstance(item, Scalar) else _in_containers(item, path, changes, twice)
            for item in node.items
        ]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else node.with_items(items)
    if not isinstance(node, Mapping):
        return node
    result = node
    for key, child in node.entries:
        if isinstance(child, Scalar):
            continue
        new = _in_containers(child, (*path, key.raw), changes, twice)
        if key.raw in ("containers", "initContainers") and isinstance(new, Sequence):
            again = (*path, f"{key.raw}[]", "image") in twice
            for change in changes:
                new = update(new, ("image",), change)
                if again:
                    new = update(new, ("image",), change)
        if new is not child:
            result = put(result, key.raw, new)
    return result


def image_changer(image: Mapping) -> ImageChange:
    """What one entry of ``images`` does to an image. Raises `UnsupportedPatternError`."""
    wanted = re.compile(f"(?:{pattern(text(image.get('name'))).pattern}){_TAG_AND_DIGEST}")
    new_name, new_tag = image.get("newName"), image.get("newTag")
    digest, suffix = image.get("digest"), image.get("tagSuffix")
    decisive = [node for node in (digest, new_tag, suffix, new_name) if node is not None and text(node)]

    def change(node: Node | None) -> Node | None:
        if not isinstance(node, Scalar) or not decisive or not matches(wanted, node.raw):
            return node
        name, old_tag, old_digest = split_image(node.raw)
        if text(new_name):
            name = text(new_name)
        if text(new_tag) or text(digest):
            old_tag, old_digest = text(new_tag), text(digest)
        elif text(suffix):
            old_tag, old_digest = old_tag + text(suffix), ""
        result = name + (f":{old_tag}" if old_tag else "") + (f"@{old_digest}" if old_digest else "")
        return node if result == node.raw else made(result, decisive[0], (node,))

    return change


def split_image(image: str) -> tuple[str, str, str]:
    """``host:5000/name:tag@sha256:…`` into name, tag and digest; ``""`` for what is missing."""
    slash = max(image.find("/"), 0)
    at, colon = image.find("@", slash), image.find(":", slash)
    if at >= 0 and (colon < 0 or at < colon):
        return image[:at], "", image[at + 1 :]
    if colon < 0:
        return image, "", ""
    if at >= 0:
        return image[:colon], image[colon + 1 : at], image[at + 1 :]
    return image[:colon], image[colon + 1 :], ""
