"""Edits of the rules that a repository learned. They remind and never block, so that no edit of them blocks either;
that a whole file goes, or a warning, is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.phrases import many
from riskcheck.rules.checks.gate_values import Weakening, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_values import Plain


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """A file that is gone; rules of level ``warn`` that are gone or became advisory."""
    old, new = _warnings(before), _warnings(after)
    if not after:
        yield Weakening((), "the learned rules are removed", shown=True)
    elif lost := len(old - new):
        what = f"{many(lost, 'learned rule')} of level warn {'is' if lost == 1 else 'are'} not asked for any more"
        yield Weakening(at("rules"), what, shown=True)


def _warnings(file: Plain) -> set[str]:
    held = file.get("rules")
    return {
        "\n".join(str(one.get(key)) for key in ("edited", "keys", "expect", "expect_key"))
        for one in (held if isinstance(held, list) else ())
        if isinstance(one, dict) and one.get("level") == "warn"
    }
