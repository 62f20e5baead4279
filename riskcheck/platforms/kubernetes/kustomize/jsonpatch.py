"""JSON patches (RFC 6902), applied to nodes so that every value keeps its place.

https://www.rfc-editor.org/rfc/rfc6902, as https://github.com/evanphx/json-patch v4 understands it: ``-`` and
negative indexes count from the end, ``replace`` of a missing key adds it, ``remove`` of one is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.scalars import same
from riskcheck.nodes import Mapping, Node, Sequence, made
from riskcheck.platforms.kubernetes.edit import drop, put, put_at, text
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_INDEX = regex(r"-?[0-9]{1,9}\Z")


class PatchError(Exception):
    """A patch does not fit its target."""


def apply(target: Mapping, operations: Sequence) -> Mapping:
    """`target` after all `operations`. Raises `PatchError` at the first that does not fit."""
    root: Node = target
    for operation in operations.items:
        if not isinstance(operation, Mapping):
            raise PatchError("an operation must be a mapping")
        root = _applied(root, operation)
    if not isinstance(root, Mapping):
        raise PatchError("the patch replaces the whole object by something else")
    return root


def apply_loosely(target: Mapping, operations: Sequence) -> Mapping:
    """`target`, of which most is unknown, with what `operations` set. Values at places in lists, which nobody can
    tell apart, are kept under ``patches`` by their pointer."""
    for operation in operations.items:
        if not isinstance(operation, Mapping) or text(operation.get("op")) not in (
            "add",
            "replace",
            "remove",
        ):
            continue
        written = text(operation.get("path"))
        path = pointer(written)
        value = operation.get("value") or made("removed", operation)
        listed = not path or any(step == "-" or _INDEX.match(step) for step in path)
        target = put_at(target, ("patches", written) if listed else path, value)
    return target


def _applied(root: Node, operation: Mapping) -> Node:
    name = text(operation.get("op"))
    path = pointer(text(operation.get("path")))
    near = operation.get("path") or operation
    value = operation.get("value")
    if name in ("add", "replace", "test") and value is None:
        raise PatchError(f"operation {name} has no value")
    if name == "add":
        assert value is not None
        return add(root, path, value, near)
    if name == "replace":
        assert value is not None
        return _replace(root, path, value)
    if name == "remove":
        return _remove(root, path)
    if name in ("move", "copy"):
        source = pointer(text(operation.get("from")))
        moved = _get(root, source)
        return add(_remove(root, source) if name == "move" else root, path, moved, near)
    if name == "test":
        assert value is not None
        if not same(_get(root, path), value, "kustomize"):
            raise PatchError(f"test of {text(operation.get('path'))} fails")
        return root
    raise PatchError(f"unknown operation {name!r}")


def pointer(written: str) -> tuple[str, ...]:
    """The steps of a JSON pointer, ``~1`` and ``~0`` unescaped."""
    if not written.startswith("/"):
        return () if not written else tuple(written.split("/"))
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in written[1:].split("/"))


def _get(node: Node, path: tuple[str, ...]) -> Node:
    for step in path:
        if isinstance(node, Mapping):
            child = node.get(step)
            if child is None:
                raise PatchError(f"no {step!r} on the way")
            node = child
        elif isinstance(node, Sequence):
            node = node.items[_index(step, len(node.items))]
        else:
            raise PatchError(f"{step!r} is below a scalar")
    return node


def _at_parent(node: Node, path: tuple[str, ...], edit: Callable[[Node, str], Node]) -> Node:
    """`node` with `edit` applied to the container that holds the last step of `path`."""
    if not path:
        raise PatchError("the whole object cannot be the target")
    if len(path) == 1:
        return edit(node, path[0])
    step = path[0]
    if isinstance(node, Mapping):
        child = node.get(step)
        if child is None:
            raise PatchError(f"no {step!r} on the way")
        return put(node, step, _at_parent(child, path[1:], edit))
    if isinstance(node, Sequence):
        number = _index(step, len(node.items))
        items = list(node.items)
        items[number] = _at_parent(items[number], path[1:], edit)
        return node.with_items(items)
    raise PatchError(f"{step!r} is below a scalar")


def add(root: Node, path: tuple[str, ...], value: Node, near: Node) -> Node:
    """`root` with `value` put at (in a list: before) `path`."""

    def edit(node: Node, step: str) -> Node:
        if isinstance(node, Mapping):
            return put(node, step, value, near)
        if isinstance(node, Sequence):
            number = len(node.items) if step == "-" else _index(step, len(node.items) + 1)
            return node.with_items([*node.items[:number], value, *node.items[number:]])
        raise PatchError(f"{step!r} is below a scalar")

    return _at_parent(root, path, edit) if path else value


def _replace(root: Node, path: tuple[str, ...], value: Node) -> Node:
    def edit(node: Node, step: str) -> Node:
        if isinstance(node, Mapping):
            return put(node, step, value)
        if isinstance(node, Sequence):
            number = _index(step, len(node.items))
            return node.with_items([*node.items[:number], value, *node.items[number + 1 :]])
        raise PatchError(f"{step!r} is below a scalar")

    return _at_parent(root, path, edit) if path else value


def _remove(root: Node, path: tuple[str, ...]) -> Node:
    def edit(node: Node, step: str) -> Node:
        if isinstance(node, Mapping):
            if node.get(step) is None:
                raise PatchError(f"no {step!r} to remove")
            return drop(node, step)
        if isinstance(node, Sequence):
            number = _index(step, len(node.items))
            return node.with_items([*node.items[:number], *node.items[number + 1 :]])
        raise PatchError(f"{step!r} is below a scalar")

    return _at_parent(root, path, edit)


def _index(step: str, length: int) -> int:
    if not _INDEX.match(step):
        raise PatchError(f"{step!r} is no index of a list")
    number = int(step)
    if number < 0:
        number += length
    if not 0 <= number < length:
        raise PatchError(f"index {step} is outside a list of {length}")
    return number
