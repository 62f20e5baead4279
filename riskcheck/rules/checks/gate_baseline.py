"""Edits of the baseline that let more findings be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed, many
from riskcheck.rules.checks.gate_values import Plain, Weakening, at, part, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value

LEVELS: Final = ("P3", "P2", "P1")


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """One for all entries that are new or cover more. Fewer of them hold more: that is how a baseline ends."""
    old, new = part(before, "findings"), part(after, "findings")
    more = {name: one for name, one in new.items() if _covers_more(part(old, name), part(new, name))}
    if not more:
        return
    codes: dict[str, int] = {}
    for entry in more.values():
        code = text(part(entry).get("code")) or "?"
        codes[code] = codes.get(code, 0) + 1
    said = listed(
        f"{count} of {code}" for code, count in sorted(codes.items(), key=lambda one: (-one[1], one[0]))
    )
    what = f"the baseline grows by {many(len(more), 'finding')} ({said}), which count no more"
    yield Weakening(at("findings", next(iter(more))), what, shown=True)


def _covers_more(was: Plain, becomes: Plain) -> bool:
    if not was:
        return True
    return (
        _rank(becomes) > _rank(was)
        or _count(becomes) > _count(was)
        or any(was.get(key) != becomes.get(key) for key in ("rule", "code", "resource"))
    )


def _rank(entry: Plain) -> int:
    level = entry.get("level")
    return LEVELS.index(str(level)) if level in LEVELS else len(LEVELS)


def _count(entry: Plain) -> int:
    value: Value = entry.get("count")
    return value if isinstance(value, int) else 1
