"""Since when a value has been where it is, read from git history.

A resolved value is one or more nodes of real files (the scalar itself and what it was interpolated from).
Each is followed back through the first-parent commits that touched its file; the value landed when the last of
its parts did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, MaybeValue, Node, Reading, Scalar, Sequence
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.documents.store import Document
    from riskcheck.trees import History, Landing

MOST_COMMITS = 60
"""Commits of one file that are read back. A value older than that has soaked by any standard."""

LONG_ENOUGH = 90 * 86_400
"""Seconds after which a value counts as old without looking for its very first commit."""

NAMES = ("name", "key", "id", "task_key", "job_cluster_key", "label", "principal")
"""Keys by which list items are recognised again in an older version of the same file."""


@dataclass(frozen=True, slots=True)
class Landed:
    """time: seconds since the epoch at which the value landed; None where it cannot be told.

    at_least: the value is at least as old as `time` (the log was not followed further).
    """

    time: int | None
    commit: str | None
    detail: str
    at_least: bool = False


class Landings:
    """Answers for one run, remembered per node. now: seconds since the epoch."""

    def __init__(
        self,
        history: History,
        parse: Callable[[str, bytes], Document],
        document: Callable[[str], Document],
        now: int,
    ) -> None:
        self._now = now
        self._history = history
        self._parse = parse
        self._document = document
        self._memo: dict[tuple[str, int, int], Landed] = {}
        self._old: dict[tuple[str, str], Document | None] = {}

    def of(self, node: Node, reading: Reading) -> Landed:
        """When the value of `node` landed. `node` belongs to a file of base."""
        parts = [part for part in (node, *node.via) if not part.synthetic or part is node]
        latest: Landed | None = None
        for part in parts:
            found = self._of_part(part, reading)
            if found.time is None:
                return found
            if latest is None or latest.time is None or found.time > latest.time:
                latest = found
        assert latest is not None
        return latest

    def of_absence(self, parent: Node, key: str, reading: Reading) -> Landed:
        """Since when mapping `parent` of base has had no `key`."""
        path = parent.source.path
        steps = locate(self._document(path), parent)
        if steps is None:
            return Landed(None, None, f"its place in {path} could not be followed through history")
        below = (steps[0], (*steps[1], key))
        return self._back(path, lambda document: follow(document, below) is None)

    def _of_part(self, node: Node, reading: Reading) -> Landed:
        key = (node.source.path, node.file_line, node.column)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._follow(node, reading)
        return known

    def _follow(self, node: Node, reading: Reading) -> Landed:
        path = node.source.path
        steps = locate(self._document(path), node)
        if steps is None:
            return Landed(None, None, f"its place in {path} could not be followed through history")
        value = _value(follow(self._document(path), steps), reading)

        def holds(document: Document) -> bool:
            then = follow(document, steps)
            return then is not None and plain_value(then, reading) == value

        return self._back(path, holds)

    def _back(self, path: str, holds: Callable[[Document], bool]) -> Landed:
        """The oldest commit of the unbroken run, newest first, in which `holds` is true of `path`.

        Commits are asked for one by one: the log of a file can be long, and the first few mostly tell.
        """
        landed: Landing | None = None
        seen = 0
        for landing in self._history.landings(path, MOST_COMMITS):
            seen += 1
            document = self._at(landing.commit, path)
            if document is None or not holds(document):
                break
            landed = landing
            if self._now - landing.time > LONG_ENOUGH:
                return Landed(landing.time, landing.commit, path, at_least=True)
        else:
            if not self._history.complete and seen < MOST_COMMITS:
                return Landed(None, None, "the history is cut off (shallow clone)")
        if landed is None:
            return Landed(None, None, f"{path} has no commit behind base that holds it")
        return Landed(landed.time, landed.commit, path, at_least=seen >= MOST_COMMITS)

    def _at(self, commit: str, path: str) -> Document | None:
        key = (commit, path)
        if key not in self._old:
            try:
                data = self._history.read_at(commit, path)
            except UnreadableError:
                data = None
            self._old[key] = None if data is None else self._parse(path, data)
        return self._old[key]


Steps = tuple[str, tuple[str, ...]]
"""(name of the YAML document, path inside it)."""


def locate(document: Document, node: Node) -> Steps | None:
    """The path to `node` inside its own file, by names rather than positions; None where it is not there."""
    line = node.file_line
    for chunk in document.chunks:
        root = chunk.root
        if root is None:
            continue
        path = _search(root, line, node)
        if path is not None:
            return (_document_name(root), path)
    return None


def _search(root: Node, line: int, node: Node) -> tuple[str, ...] | None:
    stack: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while stack:
        at, path = stack.pop()
        first = at.source.first_line
        if first + at.line == line and at.column == node.column and type(at) is type(node):
            return path
        if not first + at.line <= line <= first + at.end_line:
            continue
        if isinstance(at, Mapping):
            stack.extend((child, (*path, key.raw)) for key, child in at.entries)
        elif isinstance(at, Sequence):
            stack.extend((child, (*path, _item_name(child, number))) for number, child in enumerate(at.items))
    return None


def follow(document: Document, steps: Steps) -> Node | None:
    """The node at `steps` in another version of the file."""
    name, path = steps
    for chunk in document.chunks:
        root = chunk.root
        if root is None or _document_name(root) != name:
            continue
        node: Node | None = root
        for step in path:
            if isinstance(node, Mapping):
                node = node.get(step)
            elif isinstance(node, Sequence):
                node = next(
                    (child for number, child in enumerate(node.items) if _item_name(child, number) == step),
                    None,
                )
            else:
                node = None
            if node is None:
                break
        if node is not None:
            return node
    return None


def _document_name(root: Node) -> str:
    if not isinstance(root, Mapping):
        return ""
    parts = [root.get("kind"), root.at("metadata", "namespace"), root.at("metadata", "name")]
    return "/".join(part.raw for part in parts if isinstance(part, Scalar))


def _item_name(item: Node, number: int) -> str:
    if isinstance(item, Mapping):
        for name in NAMES:
            node = item.get(name)
            if isinstance(node, Scalar):
                return f"[{name}={node.raw}]"
    return f"[{number}]"


def _value(node: Node | None, reading: Reading) -> MaybeValue:
    assert node is not None
    return plain_value(node, reading)
