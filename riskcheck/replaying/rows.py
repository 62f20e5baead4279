"""What was judged already, as lines of JSON in a file that grows while a run goes on.

A row holds for good: it is of two commits, a policy, the rules and a version of riskcheck, and of nothing that
later commits could change. A last line that was cut short counts as missing.
"""

from __future__ import annotations

import json
import os
from typing import IO, TYPE_CHECKING, Final

from riskcheck.drafts import remove_leftovers, write_whole
from riskcheck.errors import RunError
from riskcheck.replaying.model import JudgedChange, read, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD: Final = b'{"riskcheck":"judged changes","format":1}\n'

_LONGEST: Final = 1_000_000
"""Bytes of a line; ours have some hundred."""


class RowsFile:
    """Rows by what they are of. stamp: of what judges, see `riskcheck.replaying.stamp`.

    Rows with an error are written for whoever reads the file, and never taken for an answer: what failed is tried
    again.
    """

    def __init__(self, path: str, stamp: str, *, ours: bool = False) -> None:
        """Reads the file at `path`, where there is one. ours: it is private, and may be replaced whatever it holds.

        Raises `RunError` where it cannot be read, or holds something else.
        """
        self._path = path
        self._stamp = stamp
        self._known: dict[tuple[str, str], JudgedChange] = {}
        self._lines: dict[bytes, None] = {}
        self._stream: IO[bytes] | None = None
        self.dropped = 0
        """Lines that are damaged or of another version of riskcheck or its rules."""
        self._read(ours=ours)

    def get(self, commit: str, base: str) -> JudgedChange | None:
        """What was judged of a change, by the same rules and policy."""
        return self._known.get((commit, base))

    def add(self, judged: JudgedChange) -> None:
        """Writes a row. Raises `RunError`."""
        line = _line(judged, self._stamp)
        try:
            if self._stream is None:
                self._write(self._lines)
                self._stream = open(self._path, "ab", buffering=0)  # noqa: SIM115  # until `close`
            self._stream.write(line)
        except OSError as error:
            raise RunError(f"{self._path}: cannot be written ({error.strerror})") from None
        self._lines[line] = None
        self._known[judged.commit, judged.base] = judged

    def close(self, *, whole: bool = False) -> None:
        """Ends writing. whole: all that was asked for is there: puts the rows in an order that does not tell when
        each came. Raises `RunError`."""
        if self._stream is None:
            return
        self._stream.close()
        self._stream = None
        if whole:
            try:
                self._write(dict.fromkeys(sorted(self._lines)))
            except OSError as error:
                raise RunError(f"{self._path}: cannot be written ({error.strerror})") from None

    def _write(self, lines: Mapping[bytes, None]) -> None:
        folder, name = os.path.split(self._path)
        write_whole(self._path, _HEAD + b"".join(lines), mode=0o600)
        remove_leftovers(folder, name)

    def _read(self, *, ours: bool) -> None:
        try:
            with open(self._path, "rb") as stream:  # as the rest of this module
                head = stream.readline(len(_HEAD))
                if head != _HEAD:
                    if not ours and not _HEAD.startswith(head):
                        raise RunError(
                            f"{self._path} holds something else than rows of `riskcheck backtest`: name another "
                            "file with --rows, or take it away"
                        )
                    self.dropped += bool(head)
                    return
                for line in _lines(stream):
                    self._take(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read ({error.strerror})") from None

    def _take(self, line: bytes) -> None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        judged = read(value)
        if judged is None or not isinstance(value, dict) or not line.endswith(b"\n"):
            self.dropped += 1
        elif value.get("stamp") == self._stamp:
            if judged.error is None:
                self._known[judged.commit, judged.base] = judged
                self._lines[line] = None
        elif isinstance(stamp := value.get("stamp"), str) and _same_program(stamp, self._stamp):
            self._lines[line] = None  # by another policy, which may be asked about again
        else:
            self.dropped += 1


def _same_program(one: str, other: str) -> bool:
    return one.rpartition(" ")[0] == other.rpartition(" ")[0]


def _line(judged: JudgedChange, stamp: str) -> bytes:
    return json.dumps({**written(judged), "stamp": stamp}, separators=(",", ":")).encode() + b"\n"


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST):
        yield line
