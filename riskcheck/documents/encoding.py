"""Bytes of text files before they are parsed."""

from __future__ import annotations

_UTF_8 = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def as_utf8(content: bytes) -> bytes:
    """`content` as UTF-8 where a byte order mark says that it is UTF-16, which YAML allows, and without the mark of
    UTF-8; else as it is, so that what is searched for in bytes is found however they are written."""
    if content[:2] not in _UTF_16:
        return content.removeprefix(_UTF_8)
    return content.decode("utf-16", "replace").encode("utf-8", "replace")
