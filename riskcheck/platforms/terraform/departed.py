"""Roots whose directory is gone: nothing destroys what they made, and nobody manages it any more.

``terraform apply`` runs in a directory. Where the directory is taken away nothing runs, so that resources and state
stay as they are: https://developer.hashicorp.com/terraform/cli/commands/destroy. A root that keeps its state under
the same key has only moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, made
from riskcheck.platforms.terraform.states import backend_of, state_names
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.platforms.terraform.discovery import Layout
    from riskcheck.platforms.terraform.modules import Blocks

ORPHANED: Final = "orphaned_root"
"""Kind of what stands in head for a root whose directory is gone and whose state is left behind."""


class Departed(NamedTuple):
    """body: ``state``, and where the same configuration is now applied ``moved_to`` and ``new_state``. origin:
    where base declares the root."""

    body: Mapping
    origin: Node


def departed(
    directory: str,
    before: Blocks,
    base: Layout,
    head: Layout,
    configured: Callable[[str], Blocks | None],
    origin: Node | None = None,
) -> Departed | None:
    """What is left of the root in `directory`, which `head` has no more; None where it moved with its state, or
    nothing says that it was ever applied.

    before: its blocks in base. origin: what declares it, if not those. configured: the blocks of a root of head."""
    stated, settings = backend_of(before.listed.get("terraform", ()))
    names = state_names(settings, directory) if stated else ()
    origin = origin or _origin(before)
    if origin is None or not (stated or base.unit(directory)):
        return None
    entries: dict[str, str] = {"state": names[0]} if names else {}
    for other in sorted(_new_roots(base, head)):
        after = configured(other)
        if after is None:
            continue
        kept, held = backend_of(after.listed.get("terraform", ()))
        theirs = state_names(held, other) if kept else ()
        if names and theirs[:1] == names[:1]:
            return None
        if _is_like(directory, other, base, head):
            if not names or not theirs:
                return None
            entries |= {"moved_to": other or ".", "new_state": theirs[0]}
    return Departed(_mapping(entries, origin), origin)


def _new_roots(base: Layout, head: Layout) -> set[str]:
    found = set(head.directories) | set(head.units.all if head.units is not None else ())
    return {one for one in found if head.is_root(one) and not base.is_root(one)}


def _is_like(old: str, new: str, base: Layout, head: Layout) -> bool:
    """Whether at least half of the files of a root are those of another."""
    before, after = _contents(base, old), _contents(head, new)
    return bool(before) and 2 * len(before & after) >= len(before)


def _contents(layout: Layout, directory: str) -> set[str | None]:
    paths = list(layout.directories.get(directory, ()))
    unit = None if layout.units is None else layout.units.of(directory)
    if unit is not None:
        paths.append(unit.files[0])
    entries = layout.tree.entries()
    return {entries[path].blob or _text(layout, path) for path in paths if path in entries}


def _text(layout: Layout, path: str) -> str:
    from riskcheck.trees import UnreadableError

    try:
        return layout.tree.read(path).hex()
    except UnreadableError:
        return path


def _origin(blocks: Blocks) -> Node | None:
    for settings in blocks.listed.get("terraform", ()):
        return settings
    for kind in ("resource", "module"):
        for key, _ in blocks.named.get(kind, {}).values():
            return key
    return None


def _mapping(entries: dict[str, str], near: Node) -> Mapping:
    held: list[tuple[Scalar, Node]] = [
        (made(name, near), made(value, near)) for name, value in entries.items()
    ]
    return Mapping(held, near.source, near.line, near.column, near.end_line, near.end_column)
