"""Text as YAML that every reader takes for that text."""

from __future__ import annotations


def quoted(text: str) -> str:
    """`text` as a double-quoted YAML scalar; what cannot be shown is spelled out."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
