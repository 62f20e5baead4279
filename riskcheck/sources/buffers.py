"""The working tree with what an editor has not saved yet put on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.trees import MemoryTree, OverlayTree, PathChange, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.trees import Comparison, Tree

_MARK = b"\xef\xbb\xbf"
"""The byte order mark, which editors take off and put back."""


def with_buffers(comparison: Comparison, texts: Mapping[str, str]) -> Comparison:
    """`comparison` with the files `texts` (path to what the editor holds) as they would be saved.

    Files that the working tree does not hold yet, or that git ignores, are left as they are.
    """
    found: dict[str, bytes] = {}
    for path, text in sorted(texts.items()):
        on_disk = _content(comparison.head, path)
        if on_disk is not None and (data := _saved(text, on_disk)) != on_disk:
            found[path] = data
    if not found:
        return comparison
    head = OverlayTree(comparison.head, MemoryTree(found, "head", comparison.head.label), found)
    changes = {one.path: one for one in comparison.changes}
    for path, data in found.items():
        known = changes.pop(path, None)
        old_path = known.old_path if known is not None else path
        base = comparison.base.entry(old_path)
        if base is None:
            changes[path] = PathChange(path, "added", path, None, head.entry(path))
        elif old_path != path:
            changes[path] = PathChange(path, "renamed", old_path, base, head.entry(path))
        elif _content(comparison.base, path) != data:
            changes[path] = PathChange(path, "modified", path, base, head.entry(path))
    return comparison._replace(head=head, changes=tuple(changes[path] for path in sorted(changes)))


def _saved(text: str, on_disk: bytes) -> bytes:
    """`text` in the form in which git would store it, as far as the file on disk shows that form."""
    data = text.encode("utf-8", "surrogatepass")
    if b"\r\n" in data and b"\r\n" not in on_disk:
        data = data.replace(b"\r\n", b"\n")
    if on_disk.startswith(_MARK) and not data.startswith(_MARK):
        data = _MARK + data
    return data


def _content(tree: Tree, path: str) -> bytes | None:
    entry = tree.entry(path)
    if entry is None or entry.kind != "file":
        return None
    try:
        return tree.read(path)
    except UnreadableError:
        return None
