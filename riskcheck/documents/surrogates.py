"""Escapes can name halves of a surrogate pair, which no text may hold."""

from __future__ import annotations


def paired(text: str) -> str:
    """`text` with pairs joined and single halves replaced by U+FFFD, as Go's decoders do."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
