"""What happens when a file changes that says what is, and by itself makes or loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change


def action_of(changes: Collection[Change], gone: Action = "none") -> Action:
    """The action for all `changes` of one resource in one environment. gone: of one that is no longer declared."""
    for change in changes:
        if change.path == () and change.kind in ("added", "removed"):
            return "create" if change.kind == "added" else gone
    return "update" if changes else "none"
