"""Answers about history, kept from one run to the next: what landed when behind one commit never changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck import __version__
from riskcheck.rollout.landing import Landed

if TYPE_CHECKING:
    from riskcheck.nodes import Value
    from riskcheck.platforms.base import Memory

_NAME: Final = "landings"
_MOST: Final = 2_000
"""Answers that are kept: those of the last few runs against one base."""


class Answers:
    """`riskcheck.rollout.landing.Answers` of one base commit, read by one policy.

    Answers of another commit, policy or version of riskcheck are dropped.
    """

    def __init__(self, memory: Memory | None, commit: str, policy: str) -> None:
        self._memory = memory
        self._key = f"{__version__} {commit} {policy}"
        self._known: dict[str, Landed] = {}
        self._new = False
        held = memory.recall(_NAME) if memory is not None else None
        if isinstance(held, dict) and held.get("key") == self._key and isinstance(held.get("answers"), dict):
            for question, answer in held["answers"].items():
                if (landed := _landed(answer)) is not None:
                    self._known[question] = landed

    def recall(self, question: tuple[str, ...]) -> Landed | None:
        return self._known.get(_text(question))

    def keep(self, question: tuple[str, ...], answer: Landed) -> None:
        if len(self._known) < _MOST:
            self._known[_text(question)] = answer
            self._new = True

    def save(self) -> None:
        """Hands what is new to the memory."""
        if self._memory is not None and self._new:
            answers: dict[str, Value] = {question: list(answer) for question, answer in self._known.items()}
            self._memory.keep(_NAME, {"key": self._key, "answers": answers})
            self._new = False


def _text(question: tuple[str, ...]) -> str:
    """A digest: questions hold values, which have no business in a cache."""
    from hashlib import blake2b

    return blake2b(json.dumps(question).encode(), digest_size=16).hexdigest()


def _landed(answer: object) -> Landed | None:
    match answer:
        case [int(time), (str() | None) as commit, str(detail), bool(at_least)]:
            return Landed(time, commit, detail, at_least)
        case [None, None, str(detail), bool(at_least)]:
            return Landed(None, None, detail, at_least)
    return None
