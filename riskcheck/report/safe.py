"""Text from a checked repository, made safe to print: it may carry terminal escapes or reversed writing, and name
people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.report.json import Json

BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reorder what is shown (https://trojansource.codes/)."""

LONGEST_NAME: Final = 480
"""Characters of a name for people: no system takes longer ones."""

INVISIBLE: Final = BIDI | frozenset("\u200b\u2060\ufeff\u2028\u2029")


ADDRESS: Final = "[mail address]"
"""Stands for every mail address: most are a person's, and none is needed to judge a change."""

OTHER_ADDRESS: Final = "[another mail address]"
"""Stands for one that differs from the first in the same text, which would else read as no change at all."""

_COMMAND: Final = r"(?<!\S)::(?=[A-Za-z][\w-]*(?:\s|::))"

_DOMAIN: Final = r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
_MAIL: Final = rf"(?:(?<![\w.%+/-])|(?<=Users/))(?!git@)[\w.%+-]{{1,64}}@{_DOMAIN}"
"""Linear but for bounded steps back. The home of a user in a workspace is a path with an address in it; other
addresses behind a slash are parts of URLs."""


def plain(text: str) -> str:
    """`text` on one line, with control, bidirectional and unencodable characters spelled out, without mail
    addresses and commands of CI logs."""
    text = without_commands(without_addresses(text))
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _harmless(character) else _spelled(character) for character in text)


def without_commands(text: str) -> str:
    """`text` that no CI server carries out where it is printed: GitHub Actions reads ``::error::`` at the start of
    a line, where any word may come to stand, and ``##[error]`` anywhere; Azure Pipelines ``##vso[…]`` anywhere."""
    if "##" in text:
        text = text.replace("##", "# #")
    return re.sub(_COMMAND, ": :", text) if "::" in text else text


def without_addresses(text: str) -> str:
    """`text` with `ADDRESS` in the place of each mail address, `OTHER_ADDRESS` where a second one is told."""
    if "@" not in text:
        return text
    first: list[str] = []

    def fill(found: re.Match[str]) -> str:
        address = found[0].lower()
        if not first:
            first.append(address)
        return ADDRESS if address == first[0] else OTHER_ADDRESS

    return re.sub(_MAIL, fill, text)


def discreet(document: Json) -> Json:
    """A JSON document without mail addresses, in keys and values."""
    if isinstance(document, str):
        return without_addresses(document)
    if isinstance(document, list):
        return [discreet(one) for one in document]
    if isinstance(document, dict):
        return {without_addresses(key): discreet(one) for key, one in document.items()}
    return document


def _harmless(character: str) -> bool:
    return (character.isprintable() and character not in INVISIBLE) or character == " "


_ESCAPES: Final = {"\t": "  ", "\n": "\\n", "\r": "\\r"}


def _spelled(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def name_bytes(name: str) -> bytes:
    """`name` as git has it, which may be any bytes. Halves of signs, which no file is called, become ``?``."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "replace")


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters, an ellipsis standing for the rest."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def elided(text: str, length: int) -> str:
    """`text` in at most `length` characters, an ellipsis standing for its middle: names of one kind begin alike."""
    if len(text) <= length:
        return text
    kept = max(length - 1, 0)
    return text[: kept // 2] + "…" + text[len(text) - (kept - kept // 2) :]
