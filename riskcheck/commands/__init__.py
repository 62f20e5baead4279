"""The commands, one module each; imported when called."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("text", "json")
"""What a report can be written as."""
