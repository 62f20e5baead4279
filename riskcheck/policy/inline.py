"""Waivers beside the line they are about: ``# riskcheck: ignore[RULE] until=… owner=team-x reason``."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Chunk, Document

MAX_WAIVERS: Final = 200
"""Waiver comments of one file that are read. Nobody decides on more, one by one."""
FORM = "riskcheck: ignore[RULE] until=2027-01-31 owner=team-x reason"
_FIELDS = ("until", "owner")
_NAMES = ("name", "task_key", "job_cluster_key", "key", "id", "label")
"""What an item of a list is called by, so that inserting one before it does not rename it."""


class Ignore(NamedTuple):
    """One waiver comment.

    rules: ids and codes, () where the comment cannot be read. governs: the 1-based line it is about: its own, or
    the one below a comment that stands alone. anchor: where in the document that line is, and the words of the
    comment: what makes it the same waiver in another version of the file. () where nothing begins on that line.
    repeated: the first field that it states twice, so that nobody can tell which counts; ``""`` without one.
    """

    line: int
    governs: int
    rules: tuple[str, ...]
    until: str
    owner: str
    reason: str
    repeated: str
    anchor: tuple[str, ...]


def ignores(document: Document) -> Iterator[Ignore]:
    """The waiver comments of `document`, in order, up to `MAX_WAIVERS`."""
    comments = document.comments[:MAX_WAIVERS]
    governed = _governed(document, [comment.line for comment in comments])
    places = _Places(document)
    for comment in comments:
        governs = governed[comment.line]
        anchor = places.anchor(governs) if document.chunks else _statement(document, governs)
        words = " ".join(comment.text.split())
        yield Ignore(comment.line, governs, *_read(comment.text), (*anchor, words) if anchor else ())


def first_unread(document: Document) -> int | None:
    """The line of the first waiver comment that `ignores` leaves out."""
    return next((comment.line for comment in document.comments[MAX_WAIVERS:]), None)


def _read(text: str) -> tuple[tuple[str, ...], str, str, str, str]:
    """rules, until, owner, reason and what is repeated of ``riskcheck: ignore[…] …``; no rules where it has another
    form."""
    rest = text.removeprefix("riskcheck:").strip()
    names, bracket, words = rest.removeprefix("ignore[").partition("]")
    if not rest.startswith("ignore[") or not bracket:
        return (), "", "", "", ""
    rules = tuple(name.strip() for name in names.split(",") if name.strip())
    fields: dict[str, str] = {}
    repeated = ""
    reason = []
    for word in words.split():
        key, equals, value = word.partition("=")
        if not equals or key not in _FIELDS:
            reason.append(word)
        elif key in fields:
            repeated = repeated or key
        else:
            fields[key] = value
    said = " ".join(reason).removeprefix("reason=")
    return rules, fields.get("until", ""), fields.get("owner", ""), said, repeated


def _governed(document: Document, lines: list[int]) -> dict[int, int]:
    """The line that the comment on each of `lines`, which ascend, is about. A comment that stands alone is about
    the next line that holds more; of a block of them, only the last looks for it."""
    governed: dict[int, int] = {}
    for line in reversed(lines):
        end = line
        while _is_comment(document, end):
            end += 1
            if end in governed:
                end = governed[end]
                break
        governed[line] = end
    return governed


_HEAD_WORDS = 6
"""Words of a statement that say what it is about: ``ALTER TABLE sales.orders DROP COLUMN amount``."""


def _statement(document: Document, line: int) -> tuple[str, ...]:
    """What stands for the keys in text that has none, such as SQL: how the statement around 1-based `line` begins,
    and the first word of the line. () where the line is empty."""
    words = document.line(line).split()
    if not words:
        return ()
    head = words
    while line > 1:
        line -= 1
        above = document.line(line).strip()
        if above and not _is_comment(document, line):
            if above.partition(" --")[0].rstrip().endswith(";"):
                break
            head = above.split()
    return (" ".join(head[:_HEAD_WORDS]), words[0])


def _is_comment(document: Document, line: int) -> bool:
    """Whether 1-based `line` holds a comment and nothing else."""
    openers: tuple[str, ...] = ("#", "//")
    if not document.chunks:
        openers += ("--",)  # in YAML this begins a document
    elif document.format == "properties":
        openers += ("!",)  # in YAML this begins a tag
    text = document.line(line).strip()
    # What stands behind a comment that ends on its line is what it is about.
    return text.startswith(openers) or (
        document.format in ("hcl", "json", None)
        and text.startswith("/*")
        and text.find("*/") == len(text) - 2
    )


class _Places:
    """What begins on the lines of one document. Each of its lists and mappings is put in order once."""

    def __init__(self, document: Document) -> None:
        self._chunks = document.chunks
        self._begun: dict[int, tuple[list[int], list[tuple[str, Node]]]] = {}

    def anchor(self, line: int) -> tuple[str, ...]:
        """The keys that lead to what begins on `line`: outermost first, after the name of the YAML document."""
        number = bisect_right(self._chunks, line, key=lambda chunk: chunk.first_line)
        if not number:
            return ()
        chunk = self._chunks[number - 1]
        path = () if chunk.root is None else self._path(chunk.root, line - chunk.first_line)
        return (_chunk_name(chunk), *path) if path else ()

    def _path(self, root: Node, line: int) -> tuple[str, ...]:
        """Path of the first key or item that begins on 0-based `line` of its YAML document; () where none does."""
        path: list[str] = []
        node = root
        while isinstance(node, Mapping | Sequence):
            lines, children = self._children(node)
            number = bisect_right(lines, line)
            if not number:
                return ()
            begins = lines[number - 1]
            name, node = children[bisect_left(lines, begins)]
            path.append(name)
            if begins == line:
                return tuple(path)
        return tuple(path) if node.line == line else ()

    def _children(self, node: Mapping | Sequence) -> tuple[list[int], list[tuple[str, Node]]]:
        """The lines that the entries of `node` begin on, ascending, and what begins there."""
        if id(node) not in self._begun:
            if isinstance(node, Mapping):
                found = [(key.line, key.raw, child) for key, child in node.entries]
            else:
                found = [
                    (item.line, _item_name(item, number), item) for number, item in enumerate(node.items)
                ]
            found.sort(key=lambda one: one[0])
            self._begun[id(node)] = [one[0] for one in found], [(name, child) for _, name, child in found]
        return self._begun[id(node)]


def _chunk_name(chunk: Chunk) -> str:
    """Kubernetes objects are named; other documents are counted."""
    root = chunk.root
    if isinstance(root, Mapping):
        parts = (root.get("kind"), root.at("metadata", "namespace"), root.at("metadata", "name"))
        if isinstance(parts[2], Scalar):
            return "/".join(part.raw for part in parts if isinstance(part, Scalar))
    return str(chunk.index)


def _item_name(item: Node, number: int) -> str:
    if isinstance(item, Scalar):
        return f"[{item.raw}]"
    if isinstance(item, Mapping):
        for name in _NAMES:
            named = item.get(name)
            if isinstance(named, Scalar):
                return f"[{named.raw}]"
    return f"[{number}]"
