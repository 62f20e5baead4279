"""Colour and marks of the text report, for terminals with and without either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Level, Verdict

_LEVELS: dict[str, str] = {"P0": "1;31", "P1": "31", "P2": "33", "P3": "36", "note": "2"}
_VERDICTS: dict[Verdict, str] = {"block": "1;41;97", "warn": "1;33", "pass": "1;32"}


class Style(NamedTuple):
    """colour: ANSI escapes are written. unicode: marks beyond ASCII can be encoded."""

    colour: bool = False
    unicode: bool = True

    def level(self, level: Level, text: str) -> str:
        return self._paint(text, _LEVELS[level])

    def verdict(self, verdict: Verdict, text: str) -> str:
        return self._paint(text, _VERDICTS[verdict])

    def dim(self, text: str) -> str:
        return self._paint(text, "2")

    def label(self, text: str) -> str:
        return self._paint(text, "34")

    def mark(self, found: bool) -> str:
        """Evidence found or missing; a word, not colour alone, for those who cannot see it."""
        if self.unicode:
            return self._paint("✓", "32") if found else self._paint("✗", "31")
        return "found" if found else "missing"

    @property
    def arrow(self) -> str:
        return "-->"

    @property
    def bar(self) -> str:
        return "|"

    @property
    def to(self) -> str:
        return "→" if self.unicode else "->"

    @property
    def back(self) -> str:
        return "←" if self.unicode else "<-"

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text
