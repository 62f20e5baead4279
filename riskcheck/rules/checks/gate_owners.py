"""Edits of code owners after which nobody has to approve a change of production, or of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks.gate_values import Plain, Weakening, at, part, text, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Patterns of production or of the gate that lose their owners. Other teams in place of the old ones, more or
    fewer of them, and the same owners under another pattern are no weakening."""
    old, new = _patterns(before), _patterns(after)
    fresh = [words(held.get("owners")) for pattern, held in new.items() if pattern not in old]
    for pattern, held in old.items():
        guards, owners = text(held.get("guards")), words(held.get("owners"))
        if guards is None or not owners:
            continue
        left = new.get(pattern)
        if left is None:
            if owners not in fresh and not _still_owned(pattern, new):
                yield Weakening(at(pattern), f"{pattern} ({guards}) has no code owners any more")
        elif not words(left.get("owners")):
            yield Weakening(at(pattern, "owners"), f"{pattern} ({guards}) has no code owners any more")
        elif left.get("optional") and not held.get("optional"):
            yield Weakening(
                at(pattern, "optional"), f"the code owners of {pattern} ({guards}) are only optional"
            )
    for pattern, held in new.items():
        # The last pattern that matches counts, so one without owners takes them away.
        if pattern not in old and old and not words(held.get("owners")) and held.get("guards"):
            yield Weakening(at(pattern), f"{pattern} ({held['guards']}) is given no code owners")


def _still_owned(pattern: str, left: dict[str, dict[str, Value]]) -> bool:
    """Whether a line for everything, or for a folder above, still gives `pattern` owners."""
    place = f"/{pattern.strip('/')}/"
    return any(
        words(held.get("owners")) and place.startswith(f"/{above.rstrip('*').strip('/')}/".replace("//", "/"))
        for above, held in left.items()
    )


def _patterns(body: Plain) -> dict[str, dict[str, Value]]:
    return {pattern: part(held) for pattern, held in body.items()}
