"""Replacements: a value of one object copied into fields of others.

Facts: https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/api/filters/replacement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import drop, is_null, is_true, mapping_at, put, text
from riskcheck.platforms.kubernetes.kustomize.patterns import (
    LONGEST_NAME,
    UnsupportedPatternError,
    pattern,
    selects,
)
from riskcheck.platforms.kubernetes.objects import NO_NAMESPACE, Id, KubeObject, pairs_of
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as ListOf

    from riskcheck.nodes import Style

_INDEX = regex(r"[0-9]{1,9}\Z")


class ReplacementError(Exception):
    """A replacement that does not fit the objects."""


def apply(objects: ListOf[KubeObject], replacement: Mapping) -> list[KubeObject]:
    """`objects` after one entry of ``replacements``. Raises `ReplacementError`."""
    source = replacement.get("source")
    targets = replacement.get("targets")
    if not isinstance(source, Mapping) or not isinstance(targets, Sequence):
        raise ReplacementError("a replacement needs a source and targets")
    value = _value(objects, source)
    try:
        for target in targets.items:
            if isinstance(target, Mapping):
                objects = [_replaced(found, target, value) for found in objects]
    except UnsupportedPatternError as error:
        raise ReplacementError(str(error)) from None
    return list(objects)


def _value(objects: ListOf[KubeObject], source: Mapping) -> Node:
    chosen = [found for found in objects if _selected(found, source)]
    if len(chosen) != 1:
        raise ReplacementError(f"the source selects {len(chosen)} objects")
    written = text(source.get("fieldPath")) or "metadata.name"
    node: Node | None = chosen[0].body
    for step in split(written):
        node = child_of(node, step)
    if node is None or is_null(node):
        raise ReplacementError(f"the source has no {written}")
    options = source.get("options")
    delimiter = text(options.get("delimiter")) if isinstance(options, Mapping) else ""
    if not delimiter:
        return node
    assert isinstance(options, Mapping)
    parts = text(node).split(delimiter)
    number = _number(options.get("index"))
    if not isinstance(node, Scalar) or not 0 <= number < len(parts):
        raise ReplacementError(f"{written} has no part {number}")
    return made(parts[number], node)


def child_of(node: Node | None, step: str) -> Node | None:
    """What is below `node` by a key, an index, or ``[key=value]`` of an item; ``-`` is the last."""
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, Sequence):
        if step == "-":
            return node.items[-1] if node.items else None
        if _INDEX.match(step):
            return node.items[int(step)] if int(step) < len(node.items) else None
        field, equals, wanted = step[1:-1].partition("=")
        if step.startswith("[") and equals:
            for item in node.items:
                value = item.get(field) if isinstance(item, Mapping) and field else item
                if isinstance(value, Scalar) and value.raw == wanted:
                    return item
    return None


def split(path: str) -> list[str]:
    """``spec.containers.[name=a.b].image`` into its steps; ``[a.b]`` is the key ``a.b``."""
    steps: list[str] = []
    for part in re.findall(r"\[[^\]]*\]?|(?:[^.\\]|\\.?)+", path):
        if part.startswith("["):
            steps.append(part if "=" in part else part.strip("[]"))
        else:
            steps.append(part.replace("\\.", "."))
    return steps


def _replaced(found: KubeObject, target: Mapping, value: Node) -> KubeObject:
    wanted = target.get("select")
    if not isinstance(wanted, Mapping):
        raise ReplacementError("a target must select objects")
    if not _selected(found, wanted) or not _labelled(found, wanted):
        return found
    rejected = target.get("reject")
    for reject in rejected.items if isinstance(rejected, Sequence) else ():
        if isinstance(reject, Mapping) and _rejected(found, reject):
            return found
    options = target.get("options")
    options = options if isinstance(options, Mapping) else None
    paths = target.get("fieldPaths")
    written = [text(item) for item in paths.items] if isinstance(paths, Sequence) else ["metadata.name"]
    body: Node = found.body
    create = options is not None and is_true(options.get("create"))
    for path in written:
        writer = _Writer(value, options, create)
        body = writer.write(body, split(path))
        if not writer.found:
            raise ReplacementError(f"{found.kind} {found.name} has no {path}")
    if body is found.body:
        return found
    assert isinstance(body, Mapping)
    return found.evolve(body)


class _Writer:
    """Writes one value to every place that a path leads to."""

    def __init__(self, value: Node, options: Mapping | None, create: bool) -> None:
        self.value = value
        self.options = options
        self.create = create
        self.found = False

    def write(self, node: Node, path: list[str]) -> Node:
        if not path:
            self.found = True
            return self._written(node)
        step, rest = path[0], path[1:]
        if isinstance(node, Sequence):
            return self._in_list(node, step, rest)
        if isinstance(node, Mapping):
            if step == "*":
                return node
            child = node.get(step)
            if child is None:
                if not self.create:
                    return node
                child = self._empty(rest)
            new = self.write(child, rest)
            return node if new is child and node.get(step) is child else put(node, step, new, self.value)
        return node

    def _empty(self, rest: list[str]) -> Node:
        """What is made where a path leads to nothing: for its end, what the value will replace."""
        near = self.value
        if rest and (rest[0].startswith("[") or _INDEX.match(rest[0])):
            return Sequence([], near.source, near.line, near.column, near.end_line, near.end_column)
        return mapping_at([], near) if rest or not isinstance(near, Scalar) else made("", near)

    def _in_list(self, node: Sequence, step: str, rest: list[str]) -> Node:
        if _INDEX.match(step):
            number = int(step)
            items = list(node.items)
            if number == len(items) and self.create:
                items.append(self._empty(rest))
            if number >= len(items):
                raise ReplacementError(f"index {number} is outside a list of {len(node.items)}")
            items[number] = self.write(items[number], rest)
            return node.with_items(items)
        chosen = self._chooser(step)
        items = [self.write(item, rest) if chosen(item) else item for item in node.items]
        if self.create and step.startswith("[") and not any(chosen(item) for item in node.items):
            field, _, wanted = step[1:-1].partition("=")
            element: Node = made(wanted, self.value)
            if field:
                element = mapping_at([(made(field, self.value), element)], self.value)
            items.append(self.write(element, rest))
        return node.with_items(items)

    def _chooser(self, step: str) -> Callable[[Node], bool]:
        if step == "*":
            return lambda item: True
        field, equals, wanted = step[1:-1].partition("=")
        if not step.startswith("[") or not equals:
            return lambda item: False
        expression = pattern(wanted)

        def chosen(item: Node) -> bool:
            value = item.get(field) if isinstance(item, Mapping) and field else item
            return isinstance(value, Scalar) and expression.search(value.raw[:LONGEST_NAME]) is not None

        return chosen

    def _written(self, target: Node) -> Node:
        value = self.value
        delimiter = text(self.options.get("delimiter")) if self.options is not None else ""
        if delimiter:
            assert self.options is not None
            if not isinstance(target, Scalar) or not isinstance(value, Scalar):
                raise ReplacementError("a delimiter needs scalars")
            parts = target.raw.split(delimiter)
            number = _number(self.options.get("index"))
            if number < 0:
                parts.insert(0, value.raw)
            elif number >= len(parts):
                parts.append(value.raw)
            else:
                parts[number] = value.raw
            value = made(delimiter.join(parts), value, (target,))
        if isinstance(target, Scalar) and isinstance(value, Scalar) and not target.synthetic:
            # Only the text is exchanged: what was text before is text still.
            style: Style = "quoted" if isinstance(scalar_value(target, "kustomize"), str) else "plain"
            return Scalar(
                value.raw,
                value.source,
                value.line,
                value.column,
                value.end_line,
                value.end_column,
                style,
                target.tag,
                via=(target,),
            )
        return value


def _number(node: Node | None) -> int:
    written = text(node) or "0"
    negative = written.startswith("-")
    return (-1 if negative else 1) * int(written.lstrip("-")) if _INDEX.match(written.lstrip("-")) else 0


def _ids(found: KubeObject) -> list[Id]:
    own = Id(found.namespace or "default", found.name, found.kind)
    return [own, *found.previous]


def _selected(found: KubeObject, wanted: Mapping) -> bool:
    if text(wanted.get("group")) not in ("", found.group):
        return False
    if text(wanted.get("version")) not in ("", found.version):
        return False
    kind, name, namespace = (text(wanted.get(field)) for field in ("kind", "name", "namespace"))
    return any(
        kind in ("", known.kind)
        and name in ("", known.name)
        and ((namespace in ("", known.namespace) and known.namespace != NO_NAMESPACE) or not namespace)
        for known in _ids(found)
    )


def _rejected(found: KubeObject, reject: Mapping) -> bool:
    by_label = bool(text(reject.get("labelSelector")) or text(reject.get("annotationSelector")))
    if by_label and _labelled(found, reject):
        return True
    return bool(drop(drop(reject, "labelSelector"), "annotationSelector").entries) and _selected(
        found, reject
    )


def _labelled(found: KubeObject, wanted: Mapping) -> bool:
    for selector, field in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        written = text(wanted.get(selector))
        if written and not selects(written, pairs_of(found, field)):
            return False
    return True
