"""git objects by id or revision, through one ``git cat-file --batch`` that stays open.

Requests are answered in order, so many are sent ahead and the answers read when they are wanted. The answer
names the size before the content: an object over the limit is never read, the process is replaced instead.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.sources.git import NOT_UNDERSTOOD, Git, GitError, end, ended_by_itself

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from subprocess import Popen

Trouble: TypeAlias = Literal["missing-blob", "too-large", "corrupt"]

_AHEAD: Final = 48
"""Requests sent before the first answer is read. 48 ids fit into the smallest pipe (4 KiB), so that a write
never waits for git while git waits for us."""

_REMEMBERED: Final = 96 * 1024 * 1024
"""Bytes of content kept for a second read (base and head share most of theirs)."""

_LARGEST_TREE: Final = 64 * 1024 * 1024

_HEX: Final = frozenset("0123456789abcdef")

GITLINK: Final = "160000"
LINK: Final = "120000"
FOLDER: Final = "40000"


class ObjectError(Exception):
    """An object cannot be had. size: its bytes, where that is the reason."""

    def __init__(self, trouble: Trouble, size: int = 0) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
        self.size = size


class Commit(NamedTuple):
    """A commit, as far as comparing needs it; who made it is never read. time: committer date, seconds since
    the epoch."""

    id: str
    tree: str
    parents: tuple[str, ...]
    time: int


class Objects:
    """The objects of one repository. Not safe for threads, nor across a fork: the answers come in order."""

    def __init__(self, git: Git, largest: int) -> None:
        """largest: bytes of the biggest blob that is read."""
        self._git = git
        self._largest = largest
        self._process: Popen[bytes] | None = None
        self._left: Popen[bytes] | None = None
        self._owner = 0
        self._waiting: deque[str] = deque()
        self._sent: deque[str] = deque()
        self._asked: set[str] = set()
        self._content: dict[str, tuple[str, str, bytes]] = {}
        self._troubles: dict[str, ObjectError] = {}
        self._bytes = 0
        self._trees: dict[str, dict[bytes, tuple[str, str]]] = {}

    def prefetch(self, names: Iterable[str]) -> None:
        """Asks for objects that will be wanted soon. Costs no waiting."""
        for name in names:
            if name not in self._asked and name not in self._content and name not in self._troubles:
                self._asked.add(name)
                self._waiting.append(name)
        self._send()

    def blob(self, name: str) -> bytes:
        """Content of a blob. Raises `ObjectError`."""
        return self._get(name, "blob")[2]

    def commit(self, revision: str) -> Commit | None:
        """The commit that a revision names (any of gitrevisions(7) but ranges), or None where there is none."""
        if not revision or len(revision) > 1000 or any(character in revision for character in "\0\r\n"):
            return None
        try:
            oid, _, data = self._get(revision + "^{commit}", "commit")
        except ObjectError:
            return None
        return _commit(oid, data)

    def find(self, tree: str, path: str) -> tuple[str, str] | None:
        """Mode and id of `path` below a tree, or None where there is no such path. Raises `ObjectError`."""
        *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
        for folder in folders:
            found = self._tree(tree).get(folder)
            if found is None or found[0] != FOLDER:
                return None
            tree = found[1]
        return self._tree(tree).get(name)

    def close(self) -> None:
        """Ends the process. A later request starts another."""
        if self._process is not None:
            end(self._process)
            self._process = None

    def __del__(self, _ends: Callable[[], bool] = sys.is_finalizing) -> None:
        # As the interpreter ends, functions are gone before what calls them; then the process ends by its pipe.
        if getattr(self, "_process", None) is not None and not _ends():
            self.close()

    def _leave(self) -> None:
        """Leaves the process to the one that this one was forked from. Not ended: it is not ours."""
        self._left, self._process = self._process, None
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    def _tree(self, tree: str) -> dict[bytes, tuple[str, str]]:
        known = self._trees.get(tree)
        if known is None:
            oid, _, data = self._get(tree, "tree")
            try:
                known = self._trees[tree] = _tree_entries(data, len(oid) // 2)
            except ValueError:
                raise ObjectError("corrupt") from None
        return known

    def _get(self, name: str, kind: str) -> tuple[str, str, bytes]:
        while True:
            if (found := self._content.get(name)) is not None:
                if found[1] != kind:
                    raise ObjectError("corrupt")
                return found
            if (trouble := self._troubles.get(name)) is not None:
                raise trouble
            if name not in self._asked:
                self._asked.add(name)
                self._waiting.appendleft(name)
            self._send()
            self._receive()

    def _send(self) -> None:
        if self._process is not None and self._owner != os.getpid():
            self._leave()
        if len(self._sent) > _AHEAD // 2 or not self._waiting:
            return
        process = self._process
        if process is None:
            process = self._process = self._git.spawn(("cat-file", "--batch"), stdin=True)
            self._owner = os.getpid()
        names = [self._waiting.popleft() for _ in range(min(len(self._waiting), _AHEAD - len(self._sent)))]
        self._sent.extend(names)
        assert process.stdin is not None
        with suppress(OSError):  # where it has ended, reading the answer finds that out
            process.stdin.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
            process.stdin.flush()

    def _receive(self) -> None:
        """Takes the next answer."""
        assert self._process is not None and self._process.stdout is not None
        stdout = self._process.stdout
        header = stdout.readline()
        if not header.endswith(b"\n"):
            self._ended()
            return
        name = self._sent[0]
        oid, _, rest = header[:-1].decode("utf-8", "surrogateescape").partition(" ")
        kind, _, digits = rest.partition(" ")
        if header.endswith((b" missing\n", b" ambiguous\n")):
            self._settle(name, ObjectError("missing-blob"))
            return
        if not digits.isascii() or not digits.isdigit():
            raise GitError("cat-file", 0, f"{NOT_UNDERSTOOD}: {header[:80]!r}")
        size = int(digits)
        if size > (self._largest if kind == "blob" else _LARGEST_TREE):
            self._settle(name, ObjectError("too-large", size))
            self._restart()
            return
        data = stdout.read(size + 1)[:-1]
        if len(data) != size:
            self._ended()
        elif is_id(name) and oid != name:
            raise GitError("cat-file", 0, f"answered {oid} where {name} was asked for")
        else:
            self._settle(name, (oid, kind, data))

    def _settle(self, name: str, answer: tuple[str, str, bytes] | ObjectError) -> None:
        self._sent.popleft()
        self._asked.discard(name)
        if isinstance(answer, ObjectError):
            self._troubles[name] = answer
            return
        self._content[name] = answer
        self._bytes += len(answer[2])
        while self._bytes > _REMEMBERED and len(self._content) > 1:
            oldest = next(iter(self._content))
            self._bytes -= len(self._content.pop(oldest)[2])

    def _restart(self) -> None:
        """Replaces the process; what it had not answered is asked again."""
        self.close()
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    def _ended(self) -> None:
        """The process ended instead of answering: over a corrupt object, or over one that a partial clone
        lacks and that it may not fetch. Finds out which of the requests those are. Raises `GitError` where a
        signal ended it: that says nothing of the objects."""
        assert self._process is not None
        if (code := ended_by_itself(self._process)) < 0:
            raise GitError("cat-file", code, "")
        names = [name for name in (*self._sent, *self._waiting) if is_id(name)]
        first = self._sent[0]
        lacking = self._lacking(names)
        self._restart()
        if not lacking:
            self._waiting.remove(first)
            self._asked.discard(first)
            self._troubles[first] = ObjectError("corrupt")
        for name in lacking:
            self._waiting.remove(name)
            self._asked.discard(name)
            self._troubles[name] = ObjectError("missing-blob")

    def _lacking(self, names: list[str]) -> set[str]:
        """Those of `names` that the repository does not have. Nothing is fetched."""
        command = ("rev-list", "--objects", "--no-walk", "--ignore-missing", "--missing=print", "--stdin")
        try:
            listed = self._git.run(*command, stdin="".join(f"{name}\n" for name in names).encode())
        except GitError:
            return set()
        present = {line[:64].partition(b" ")[0].decode("ascii", "replace") for line in listed.split(b"\n")}
        return set(names) - present


def is_id(name: str) -> bool:
    """Whether `name` is a full object id."""
    return len(name) in (40, 64) and _HEX.issuperset(name)


def _commit(oid: str, data: bytes) -> Commit:
    tree, time, parents = "", 0, []
    for line in data.partition(b"\n\n")[0].split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"tree":
            tree = value.decode("ascii", "replace")
        elif key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif key == b"committer":
            digits = value.rsplit(b" ", 2)[-2:-1]
            time = int(digits[0]) if digits and digits[0].isdigit() and len(digits[0]) < 16 else 0
    return Commit(oid, tree, tuple(parents), time)


def _tree_entries(data: bytes, width: int) -> dict[bytes, tuple[str, str]]:
    """Name to mode and id. width: bytes of an id. Raises `ValueError` for anything but a tree."""
    entries: dict[bytes, tuple[str, str]] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        null = data.index(b"\0", space)
        entries[data[space + 1 : null]] = (
            data[at:space].decode("ascii", "replace"),
            data[null + 1 : null + 1 + width].hex(),
        )
        at = null + 1 + width
    return entries
