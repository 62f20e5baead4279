"""The body of one block with what its expressions come to, and its ``dynamic`` blocks written out.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.modules import MAX_INSTANCES
from riskcheck.platforms.terraform.values import Set, has_open_keys, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.platforms.terraform.evaluate import Scope

    Scopes = Callable[[MappingOf[str, Node]], Scope]

_DYNAMIC: Final = "dynamic"


def evaluated(body: Mapping, each: MappingOf[str, Node], scopes: Scopes) -> Mapping:
    """`body` evaluated. A dynamic block whose ``for_each`` is not known stays one.

    each: what ``each``, ``count`` and iterators mean, as ``each.key``. scopes: makes the scope in which they do.
    """
    scope = scopes(each)
    entries: dict[str, tuple[Scalar, Node]] = {}
    dynamic: list[Mapping] = []
    for key, node in body.entries:
        if key.raw == _DYNAMIC and isinstance(node, Sequence):
            dynamic += [item for item in node.items if isinstance(item, Mapping)]
        elif isinstance(node, Sequence) and _holds_dynamic(node):
            items = [_item(item, each, scopes) for item in node.items]
            entries[key.raw] = (key, node.with_items(items))
        else:
            entries[key.raw] = (key, scope.value(node))
    open_ = [block for block in dynamic if not _written_out(block, each, scopes, entries)]
    if open_:
        near = open_[0]
        kept: list[Node] = [scope.value(block) for block in open_]
        key = made(_DYNAMIC, near)
        held = Sequence(kept, near.source, near.line, near.column, near.end_line, near.end_column)
        entries[_DYNAMIC] = (key, held)
    return body.with_entries(list(entries.values()))


def _item(node: Node, each: MappingOf[str, Node], scopes: Scopes) -> Node:
    return evaluated(node, each, scopes) if isinstance(node, Mapping) else scopes(each).value(node)


def _holds_dynamic(node: Node) -> bool:
    """Whether there are dynamic blocks in the blocks of `node`."""
    if isinstance(node, Sequence):
        return any(isinstance(item, Mapping) and _holds_dynamic(item) for item in node.items)
    return isinstance(node, Mapping) and any(
        key.raw == _DYNAMIC or (isinstance(child, Sequence) and _holds_dynamic(child))
        for key, child in node.entries
    )


def _written_out(
    block: Mapping, each: MappingOf[str, Node], scopes: Scopes, entries: dict[str, tuple[Scalar, Node]]
) -> bool:
    """Adds the blocks that a dynamic one stands for to `entries`; False where those are not known."""
    labels, over, content = block.get("__labels__"), block.get("for_each"), block.get("content")
    label = labels.items[0] if isinstance(labels, Sequence) and labels.items else None
    inner = content.items[0] if isinstance(content, Sequence) and content.items else None
    if not isinstance(label, Scalar) or over is None or not isinstance(inner, Mapping):
        return False
    scope = scopes(each)
    found = scope.value(over)
    if not isinstance(found, Mapping | Sequence) or (isinstance(found, Mapping) and has_open_keys(found)):
        return False
    rounds = list(_rounds(found))
    if len(rounds) > MAX_INSTANCES:
        return False
    iterator = block.get("iterator")
    name = iterator.raw.strip("${}") if isinstance(iterator, Scalar) else label.raw
    items: list[Node] = []
    for key, value in rounds:
        if not scope.round():
            return False
        known = {f"{name}.value": value} | ({} if key is None else {f"{name}.key": key})
        items.append(evaluated(inner, {**each, **known}, scopes))
    before = entries.get(label.raw)
    if before is not None and isinstance(before[1], Sequence):
        entries[label.raw] = (before[0], before[1].with_items([*before[1].items, *items]))
    elif items:
        place = (block.source, block.line, block.column, block.end_line, block.end_column)
        entries[label.raw] = (label, Sequence(items, *place))
    return True


def _rounds(found: Mapping | Sequence) -> Iterator[tuple[Node | None, Node]]:
    """(key, value) of each round. The key is a number in a list and the value itself in a set."""
    if isinstance(found, Mapping):
        yield from in_order(found)
        return
    for number, item in enumerate(found.items):
        yield item if isinstance(found, Set) else made(number, item), item
