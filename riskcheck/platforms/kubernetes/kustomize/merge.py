"""Strategic merge patches, as kustomize 5 applies them.

Followed facts (https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/kyaml/yaml/merge2 and ../walk):
``null`` deletes a field, ``$patch: delete|replace|merge`` steers a mapping or, as an element of its own, a list;
lists merge only where the schema names keys; merged lists begin with the patch's items.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_null, put, text
from riskcheck.platforms.kubernetes.kustomize.schema import Schema

DIRECTIVE: Final = "$patch"

_Keys: TypeAlias = tuple[str, ...]


def merge(target: Node | None, patch: Node | None, schema: Schema | None) -> Node | None:
    """`target` with `patch` applied; None where nothing is left. Neither is changed."""
    if patch is None:
        return target and swept(target, schema)
    if is_null(patch):
        return None
    if isinstance(patch, Mapping):
        directive = _directive(patch)
        if directive == "delete":
            return None
        if directive == "replace" or not isinstance(target, Mapping):
            return added(patch, schema)
        return _merge_mappings(target, patch, schema)
    if isinstance(patch, Sequence) and schema is not None and schema.keys is not None:
        return _merge_lists(target if isinstance(target, Sequence) else None, patch, schema)
    return patch


def added(patch: Node, schema: Schema | None) -> Node | None:
    """What a patch adds where its target has nothing: without nulls and directives."""
    if isinstance(patch, Mapping):
        if _directive(patch) == "delete":
            return None
        entries: list[tuple[Scalar, Node]] = []
        for key, node in patch.entries:
            if key.raw == DIRECTIVE or is_null(node):
                continue
            kept = added(node, schema.field(key.raw) if schema else None)
            if kept is not None:
                entries.append((key, kept))
        if len(entries) == len(patch.entries) and all(
            new[1] is old[1] for new, old in zip(entries, patch.entries, strict=True)
        ):
            return patch
        return patch.with_entries(entries)
    if isinstance(patch, Sequence) and schema is not None and schema.keys is not None:
        return _merge_lists(None, patch, schema)
    return patch


def swept(node: Node, schema: Schema | None) -> Node:
    """What a patch leaves of what it does not speak of: keys without a value are gone (a written ``null`` stays),
    and of items with the same key the last is kept."""
    if isinstance(node, Mapping):
        entries = [
            (key, swept(child, schema.field(key.raw) if schema else None))
            for key, child in node.entries
            if not _is_blank(child)
        ]
        if len(entries) == len(node.entries) and all(
            new[1] is old[1] for new, old in zip(entries, node.entries, strict=True)
        ):
            return node
        return node.with_entries(entries)
    if isinstance(node, Sequence) and schema is not None and schema.keys is not None:
        merged = _merge_lists(node, node.with_items([]), schema)
        if isinstance(merged, Sequence) and len(merged.items) == len(node.items):
            same = all(new is old for new, old in zip(merged.items, node.items, strict=True))
            return node if same else merged
        return merged or node
    return node


def _is_blank(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.raw and is_null(node)


def _merge_mappings(target: Mapping, patch: Mapping, schema: Schema | None) -> Mapping:
    patched = patch.index
    entries: list[tuple[Scalar, Node]] = []
    for key, node in target.entries:
        change = patched.get(key.raw)
        if change is None:
            if not _is_blank(node):
                entries.append((key, swept(node, schema.field(key.raw) if schema else None)))
            continue
        merged = merge(node, change, schema.field(key.raw) if schema else None)
        if merged is not None:
            entries.append((key, node if merged is node else merged))
    present = target.index
    for key, node in patch.entries:
        if key.raw in present or key.raw == DIRECTIVE:
            continue
        merged = merge(None, node, schema.field(key.raw) if schema else None)
        if merged is not None:
            entries.append((key, merged))
    return target.with_entries(entries)


def _directive(patch: Mapping) -> str:
    return text(patch.get(DIRECTIVE))


def _merge_lists(target: Sequence | None, patch: Sequence, schema: Schema) -> Node | None:
    items, directive = _without_directive(patch)
    if directive == "delete":
        return None
    old = [] if target is None or directive == "replace" else target.items
    assert schema.keys is not None
    merged = _union(items, old) if not schema.keys else _merge_items(old, items, schema, schema.keys)
    return (target or patch).with_items(merged)


def _without_directive(patch: Sequence) -> tuple[list[Node], str]:
    """The items without the one that only holds ``$patch``, and what that one says."""
    for number, item in enumerate(patch.items):
        if isinstance(item, Mapping) and len(item.entries) == 1 and item.entries[0][0].raw == DIRECTIVE:
            return [*patch.items[:number], *patch.items[number + 1 :]], _directive(item)
    return patch.items, ""


def _union(first: list[Node], second: list[Node]) -> list[Node]:
    """A list of scalars as a set."""
    seen: dict[str, Node] = {}
    for node in (*first, *second):
        seen.setdefault(text(node), node)
    return list(seen.values())


def _merge_items(old: list[Node], new: list[Node], schema: Schema, keys: _Keys) -> list[Node]:
    identities = list(dict.fromkeys(_identity(item, keys) for item in (*new, *old)))
    if len(keys) > 1:
        identities = _completed(identities)
    used = [n for n in range(len(keys)) if any(identity[n] for identity in identities)] or [0]
    front: list[Node] = []
    rest = list(old)
    for identity in identities:
        known = [n for n in used if identity[n]]
        if not known:
            front.extend(item for item in new if not any(_identity(item, keys)))
            continue
        target = _find(rest, identity, keys, known)
        merged = _merged_item(target, _find(new, identity, keys, known), schema)
        if not isinstance(merged, Mapping) or not merged.entries:
            rest = [item for item in rest if not _matches(item, identity, keys, known)]
            continue
        for n in known:
            if merged.get(keys[n]) is None:
                merged = put(merged, keys[n], _key_node(new, old, keys[n], identity[n]))
        if target is not None:
            rest = [merged if item is target else item for item in rest]
        _place(front, merged, identity, keys, known)
    for item in rest:
        identity = _identity(item, keys)
        known = [n for n in used if identity[n]]
        if not known:
            front.append(item)
        elif len(keys) > 1:
            front = [other for other in front if not _matches(other, identity, keys, known)]
            front.append(item)
        else:
            _place(front, item, identity, keys, known)
    return front


def _merged_item(target: Node | None, patch: Node | None, schema: Schema) -> Node | None:
    fields = Schema(schema.fields)
    if patch is None:
        return target and swept(target, fields)
    return merge(target, patch, fields) if target is not None else added(patch, fields)


def _place(items: list[Node], item: Node, identity: _Keys, keys: _Keys, known: list[int]) -> None:
    """Puts `item` where its match is, else at the end."""
    for number, other in enumerate(items):
        if _matches(other, identity, keys, known):
            items[number] = item
            return
    items.append(item)


def _identity(item: Node, keys: _Keys) -> _Keys:
    if not isinstance(item, Mapping):
        return ("",) * len(keys)
    return tuple(text(item.get(key)) for key in keys)


def _matches(item: Node, identity: _Keys, keys: _Keys, known: list[int]) -> bool:
    return isinstance(item, Mapping) and all(text(item.get(keys[n])) == identity[n] for n in known)


def _find(items: list[Node], identity: _Keys, keys: _Keys, known: list[int]) -> Node | None:
    return next((item for item in items if _matches(item, identity, keys, known)), None)


def _key_node(new: list[Node], old: list[Node], key: str, value: str) -> Node:
    for item in (*new, *old):
        if isinstance(item, Mapping):
            node = item.get(key)
            if node is not None and text(node) == value:
                return node
    raise AssertionError("a key's value was read from one of these items")


def _completed(identities: list[_Keys]) -> list[_Keys]:
    """Identities that agree where both say something become one: a port without protocol is the same port."""
    known = list(identities)
    for i in range(len(known)):
        for j in range(len(known)):
            one, other = known[i], known[j]
            if any(a == b for a, b in zip(one, other, strict=True)) and all(
                a == b or not a or not b for a, b in zip(one, other, strict=True)
            ):
                known[i] = known[j] = tuple(a or b for a, b in zip(one, other, strict=True))
    return list(dict.fromkeys(known))
