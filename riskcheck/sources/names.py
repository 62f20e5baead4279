"""Names of hostile origin, in messages."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` on one line, safe to print anywhere: control characters, line ends and bytes that are not UTF-8
    appear as escapes, as do the characters that reorder or hide text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        if not "\udc80" <= character <= "\udcff"
        else f"\\x{ord(character) - 0xDC00:02x}"
        for character in text
    )
