"""Waivers beside the line they are about: ``# riskcheck: ignore[RULE] until=… owner=team-x reason``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskcheck.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Chunk, Document

FORM = "riskcheck: ignore[RULE] until=2027-01-31 owner=team-x reason"
_NAMES = ("name", "task_key", "job_cluster_key", "key", "id", "label")
"""What an item of a list is called by, so that inserting one before it does not rename it."""


class Ignore(NamedTuple):
    """One waiver comment.

    rules: ids and codes, () where the comment cannot be read. governs: the 1-based line it is about: its own, or
    the one below a comment that stands alone. anchor: where in the document that line is, and the words of the
    comment: what makes it the same waiver in another version of the file. () where nothing begins on that line.
    """

    line: int
    governs: int
    rules: tuple[str, ...]
    until: str
    owner: str
    reason: str
    anchor: tuple[str, ...]


def ignores(document: Document) -> Iterator[Ignore]:
    """All waiver comments of `document`, in order."""
    for comment in document.comments:
        governs = _governed(document, comment.line)
        anchor = _anchor(document, governs)
        words = " ".join(comment.text.split())
        yield Ignore(comment.line, governs, *_read(comment.text), (*anchor, words) if anchor else ())


def _read(text: str) -> tuple[tuple[str, ...], str, str, str]:
    """rules, until, owner and reason of ``riskcheck: ignore[…] …``; no rules where it has another form."""
    rest = text.removeprefix("riskcheck:").strip()
    names, bracket, words = rest.removeprefix("ignore[").partition("]")
    if not rest.startswith("ignore[") or not bracket:
        return (), "", "", ""
    rules = tuple(name.strip() for name in names.split(",") if name.strip())
    fields = {"until": "", "owner": ""}
    reason = []
    for word in words.split():
        key, equals, value = word.partition("=")
        if equals and key in fields and not fields[key]:
            fields[key] = value
        else:
            reason.append(word)
    return rules, fields["until"], fields["owner"], " ".join(reason)


def _governed(document: Document, line: int) -> int:
    """The line a comment is about. A comment that stands alone is about the next line that holds more."""
    while _is_comment(document.line(line)):
        line += 1
    return line


def _is_comment(text: str) -> bool:
    return text.lstrip().startswith(("#", "//"))


def _anchor(document: Document, line: int) -> tuple[str, ...]:
    """The keys that lead to what begins on `line`: outermost first, after the name of the YAML document."""
    for chunk in reversed(document.chunks):
        if chunk.first_line <= line:
            path = () if chunk.root is None else _path(chunk.root, line - chunk.first_line)
            return (_chunk_name(chunk), *path) if path else ()
    return ()


def _chunk_name(chunk: Chunk) -> str:
    """Kubernetes objects are named; other documents are counted."""
    root = chunk.root
    if isinstance(root, Mapping):
        parts = (root.get("kind"), root.at("metadata", "namespace"), root.at("metadata", "name"))
        if isinstance(parts[2], Scalar):
            return "/".join(part.raw for part in parts if isinstance(part, Scalar))
    return str(chunk.index)


def _path(root: Node, line: int) -> tuple[str, ...]:
    """Path of the first key or item that begins on 0-based `line` of its document; () where none does."""
    path: list[str] = []
    node: Node | None = root
    while node is not None:
        if isinstance(node, Mapping):
            pairs = [(key.line, key.raw, child) for key, child in node.entries]
        elif isinstance(node, Sequence):
            pairs = [(item.line, _item_name(item, number), item) for number, item in enumerate(node.items)]
        else:
            return tuple(path) if node.line == line else ()
        begun = [pair for pair in pairs if pair[0] <= line]
        if not begun:
            return ()
        begins, name, node = max(begun, key=lambda pair: pair[0])
        path.append(name)
        if begins == line:
            return tuple(path)
    return ()


def _item_name(item: Node, number: int) -> str:
    if isinstance(item, Scalar):
        return f"[{item.raw}]"
    if isinstance(item, Mapping):
        for name in _NAMES:
            named = item.get(name)
            if isinstance(named, Scalar):
                return f"[{named.raw}]"
    return f"[{number}]"
