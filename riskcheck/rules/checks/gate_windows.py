"""Edits of the deploy windows of ``riskcheck.yaml`` that let more through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import listed
from riskcheck.rules.checks.gate_values import Plain, Weakening, at, named, removed, words

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Windows allow: one more lets more through, and where the last of an environment goes nothing is held."""
    old, new = named(before.get("windows")), named(after.get("windows"))
    left = {name for window in new.values() for name in _held(window)}
    known = {name for window in old.values() for name in _held(window)}
    for name, was in old.items():
        becomes = new.get(name)
        free = [one for one in _held(was) if one not in left]
        if becomes is not None:
            yield from _changed(name, was, becomes)
        elif free:
            yield Weakening(
                at("windows", f"[{name}]"),
                f"deploy window {name} is removed, so that {listed(free)} is free at any time",
            )
    for name, window in new.items():
        if name not in old and any(one in known for one in _held(window)):
            yield Weakening(at("windows", f"[{name}]"), f"deploy window {name} is added to those there were")


def _changed(name: str, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    path = at("windows", f"[{name}]")
    if removed(_days(becomes), _days(was)) or _longer(was, becomes):
        yield Weakening(path, f"deploy window {name} opens for longer")
    elif becomes.get("timezone") != was.get("timezone"):
        to = becomes.get("timezone") or "UTC"
        yield Weakening((*path, "timezone"), f"deploy window {name} moves to {to}")
    for key in ("services", "environments"):
        held, kept = words(was.get(key)), words(becomes.get(key))
        if kept and (not held or removed(held, kept)):
            yield Weakening((*path, key), f"deploy window {name} holds fewer {key}")


def _held(window: Plain) -> list[str]:
    return words(window.get("environments")) or ["production"]


def _days(window: Plain) -> list[str]:
    return words(window.get("days")) or list(DAYS)


def _longer(was: Plain, becomes: Plain) -> bool:
    """Whether `becomes` begins earlier or ends later, or runs over midnight where `was` did not."""
    start, end = (str(was.get(key) or "") for key in ("from", "to"))
    begins, ends = (str(becomes.get(key) or "") for key in ("from", "to"))
    if (start < end) != (begins < ends):
        return begins >= ends
    return begins < start or ends > end
