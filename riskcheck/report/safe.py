"""Text from a checked repository, made safe to print: it may carry terminal escapes or reversed writing."""

from __future__ import annotations

from typing import Final

BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reorder what is shown (https://trojansource.codes/)."""

INVISIBLE: Final = BIDI | frozenset("\u200b\u2060\ufeff\u2028\u2029")


def plain(text: str) -> str:
    """`text` on one line, with control, bidirectional and unencodable characters spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _harmless(character) else _spelled(character) for character in text)


def _harmless(character: str) -> bool:
    return (character.isprintable() and character not in INVISIBLE) or character == " "


def _spelled(character: str) -> str:
    if character == "\t":
        return "  "
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters, an ellipsis standing for the rest."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"
