"""A page with an end: what does not fit is left out and counted, never cut in the middle of a construct."""

from __future__ import annotations

from typing import Final

LARGEST: Final = 60_000
"""Bytes. A comment on GitHub holds 65,536 characters; those of GitLab and Azure DevOps, and job summaries, more."""
_END: Final = 400
"""Bytes kept for saying what was left out."""


class Page:
    """Blocks of Markdown, separated by empty lines."""

    def __init__(self, first: str, largest: int = LARGEST) -> None:
        self._blocks = [first]
        self._left = largest - _END - len(first.encode())
        self._omitted: dict[str, int] = {}

    def add(self, block: str, what: str) -> None:
        """`block`, where there is room for it. what: the noun under which it is counted where there is not."""
        size = len(block.encode()) + 2
        if size > self._left:
            self._omitted[what] = self._omitted.get(what, 0) + 1
            return
        self._left -= size
        self._blocks.append(block)

    def whole(self) -> str:
        """The page, ending in a newline; its last words say what was left out."""
        blocks = list(self._blocks)
        if self._omitted:
            from riskcheck.phrases import many

            told = ", ".join(many(count, what) for what, count in self._omitted.items())
            blocks.append(
                f"Left out, as a comment holds only so much: {told}. `--format json` has all of it."
            )
        return "\n\n".join(blocks) + "\n"
