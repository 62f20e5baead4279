"""What stands inside of a list item.

The site's reader of Markdown takes four spaces for it, hosts of repositories as many as the marker is wide.
"""

from __future__ import annotations

import re
from typing import Final

_ITEM: Final = re.compile(r"(?:[-*+]|\d+\.) ")
_FENCE: Final = re.compile(r" *(?:```|~~~)")
_DEPTH: Final = 4


def with_deep_lists(markdown: str) -> str:
    """The text with what belongs to items of top-level lists indented by four spaces."""
    lines, width, fenced = [], 0, False
    for line in markdown.split("\n"):
        item = None if fenced else _ITEM.match(line)
        if item:
            width = item.end()
        elif line and not line.startswith(" ") and not fenced and lines and not lines[-1]:
            width = 0
        if width and not item and line.startswith(" " * width):
            line = " " * (_DEPTH - width) + line
        if _FENCE.match(line):
            fenced = not fenced
        lines.append(line)
    return "\n".join(lines)
