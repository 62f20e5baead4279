"""One line on stderr that says how far a long run is: on a terminal only, after a second, gone at the end."""

from __future__ import annotations

from time import monotonic
from typing import Final, TextIO

FIRST_AFTER: Final = 1.0
"""Seconds in which nothing is shown: most runs are over by then."""

PACE_AFTER: Final = 5.0
"""Seconds after which a stage is long enough to tell its pace."""

EVERY: Final = 0.1
"""Seconds between two states of the line."""

_ERASE: Final = "\r\x1b[K"


class ProgressLine:
    """``riskcheck: reading 120/584 files``, written anew over itself. An observer of a run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._due = monotonic() + FIRST_AFTER
        self._words = "starting"
        self._total: int | None = None
        self._unit = ""
        self._done = 0
        self._begun = monotonic()
        self._visible = False

    def stage(self, words: str, total: int | None = None, unit: str = "") -> None:
        self._words, self._total, self._unit, self._done = words, total, unit, 0
        self._begun = monotonic()
        self._show_if_due()

    def step(self, unit: str) -> None:
        self._done += unit == self._unit
        self._show_if_due()

    def read(self) -> None:
        self.step("files")

    def clear(self) -> None:
        """Takes the line away for good: what is written next begins on a clean one, whatever is read meanwhile."""
        self._due = float("inf")
        if self._visible:
            self._write(_ERASE)
            self._visible = False

    def _show_if_due(self) -> None:
        now = monotonic()
        if now < self._due:
            return
        self._due = now + EVERY
        self._visible = True
        self._write(f"{_ERASE}riskcheck: {self.words()}")

    def words(self) -> str:
        """What the line says. A total that was passed was none: what files refer to is read as well."""
        if not self._done:
            return self._words
        total = f"/{self._total}" if self._total is not None and self._done <= self._total else ""
        return f"{self._words} {self._done}{total} {self._unit}{self._pace() if total else ''}"

    def _pace(self) -> str:
        """How fast a long stage goes, and how long it still takes."""
        passed = monotonic() - self._begun
        if passed < PACE_AFTER or self._total is None:
            return ""
        rate = self._done / passed
        left = round((self._total - self._done) / rate)
        return f", {rate:.1f}/s, {left // 60}:{left % 60:02d} left"

    def _write(self, text: str) -> None:
        """A terminal that went away is no reason to stop."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._due = float("inf")
