"""What of a resolved value is still to be filled in."""

from __future__ import annotations

from typing import Final

FILLED_LATER: Final = (
    *("resources.", "workspace.current_user.", "bundle.git."),
    *("(known after apply)", "(sensitive value"),
)
"""Placeholders of a bundle that only a deployment fills, and what stands for values that a plan does not tell."""


def is_open(value: str) -> bool:
    """Whether `value` waits for something that the configuration does not hold. References to other resources and
    to whoever deploys are filled at deployment and mean no gap."""
    return any(not rest.startswith(FILLED_LATER) for rest in value.split("${")[1:])
