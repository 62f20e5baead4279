"""Wrapping with a hanging indent, on words, keeping words that are longer than a line whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def hanging(prefix: str, text: str, width: int, indent: int) -> Iterator[str]:
    """`text` behind `prefix`, wrapped to `width` columns, further lines indented by `indent`.

    `prefix` may hold colour; `indent` is its width as seen. Paths and addresses are never broken.
    """
    room = max(width - indent, 20)
    line = ""
    first = True
    for word in text.split():
        if line and len(line) + 1 + len(word) > room:
            yield (prefix if first else " " * indent) + line
            first = False
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line or first:
        yield (prefix if first else " " * indent) + line
