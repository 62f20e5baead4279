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
    lines: list[str] = []
    width, fenced, parted = 0, False, False
    for line in markdown.split("\n"):
        item = None if fenced else _ITEM.match(line)
        if item:
            if parted and lines[-1]:
                lines.append("")  # else it would belong to the last paragraph of the item before
            width, parted = item.end(), False
        elif line and not line.startswith(" ") and not fenced and lines and not lines[-1]:
            width = 0
        if width and not item and line.startswith(" " * width):
            parted = parted or not lines[-1]
            line = " " * (_DEPTH - width) + line
        if _FENCE.match(line):
            fenced = not fenced
        lines.append(line)
    return "\n".join(lines)
