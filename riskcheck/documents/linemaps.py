"""Where a line of one version of a text stands in the next one."""

from __future__ import annotations

from typing import Final

MOST_WORK: Final = 1_000_000
"""Lines of one side times lines of the other that are compared at most: more take too long, and a change of that
size is rarely read line by line."""


class LineMap:
    """The lines of `base` in `head`."""

    def __init__(self, base: str, head: str) -> None:
        self._base, self._head = base.split("\n"), head.split("\n")
        shorter = min(len(self._base), len(self._head))
        self._before = next((n for n in range(shorter) if self._base[n] != self._head[n]), shorter)
        most = shorter - self._before
        self._after = next((n for n in range(most) if self._base[-1 - n] != self._head[-1 - n]), most)
        self._blocks: list[tuple[int, int, int]] | None = None

    def head_line(self, line: int) -> int:
        """The 1-based line of head for the 1-based `line` of base: the same text, or what took its place."""
        if line <= self._before:
            return self._within(line)
        if line > len(self._base) - self._after:
            return self._within(line + len(self._head) - len(self._base))
        place = line - 1 - self._before
        found = 0
        for start, there, size in self._matching():
            if start <= place < start + size:
                return self._within(self._before + there + place - start + 1)
            if start > place:
                break
            found = there + size
        return self._within(self._before + found + 1)

    def _within(self, line: int) -> int:
        return max(1, min(line, len(self._head) - (self._head[-1] == "" and len(self._head) > 1)))

    def _matching(self) -> list[tuple[int, int, int]]:
        """Blocks of equal lines between what is equal at both ends: (line of base, line of head, lines), from 0."""
        if self._blocks is None:
            base = self._base[self._before : len(self._base) - self._after]
            head = self._head[self._before : len(self._head) - self._after]
            self._blocks = []
            if len(base) * len(head) <= MOST_WORK:
                from difflib import SequenceMatcher

                matcher = SequenceMatcher(None, base, head, autojunk=False)
                self._blocks = [(one.a, one.b, one.size) for one in matcher.get_matching_blocks() if one.size]
        return self._blocks
