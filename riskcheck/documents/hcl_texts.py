"""What texts and numbers of HCL mean."""

from __future__ import annotations

from math import isfinite
from typing import Final

from riskcheck.documents.surrogates import paired

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def indented(text: str) -> str:
    """Lines without the blanks that all of them begin with."""
    lines = text.split("\n")
    widths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    least = min(widths, default=0)
    return "\n".join(line[least:] if line.strip() else line for line in lines) if least else text


def unescaped(text: str) -> str:
    """``\\n``, ``\\"``, ``\\u00e9``; ``$${`` stays, so that it is not taken for a template."""
    if "\\" not in text:
        return text
    out: list[str] = []
    at = 0
    while at < len(text):
        char, following = text[at], text[at + 1 : at + 2]
        if char != "\\" or not following:
            out.append(char)
            at += 1
            continue
        width = {"u": 4, "U": 8}.get(following, 0)
        digits = text[at + 2 : at + 2 + width]
        code = int(digits, 16) if width and len(digits) == width and _is_hex(digits) else -1
        if 0 <= code <= 0x10FFFF:
            out.append(paired(chr(code)))
            at += 2 + width
        else:
            out.append(_ESCAPES.get(following, following))
            at += 2
    return "".join(out)


def _is_hex(digits: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in digits)


def is_number(text: str) -> bool:
    return bool(text) and text[0].isdigit()


def number_of(text: str) -> int | float | str:
    """Its text where no number holds it: the parser lets ``0x10`` pass, and thousands of digits."""
    for kind in (int, float):
        try:
            number = kind(text)
            return number if isfinite(number) else text
        except (ValueError, OverflowError):
            continue
    return text
