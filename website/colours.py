"""Reports on the site in the colours that they have in a terminal."""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
_RULE: Final = r"(?= +[A-Z][A-Z0-9]*-\d)"
_SIGN: Final = re.compile(
    r"(?P<good>✓)|(?P<bad>✗)"
    rf"|(?P<p0>\bP0{_RULE})|(?P<p1>\bP1{_RULE})|(?P<p2>\bP2{_RULE})|(?P<p3>\bP3{_RULE})"
    r"|(?P<block>\bBLOCK(?= P\d))|(?P<warn>\bWARN(?= P\d))|(?P<pass>\bPASS(?=[ \n]))"
)


def coloured(html: str) -> str:
    """The page with levels, verdicts and marks of its code blocks in elements of their own class."""
    parts = _BLOCK.split(html)
    return "".join(_marked(part) if part.startswith("<pre>") else part for part in parts)


def _marked(block: str) -> str:
    return _SIGN.sub(lambda sign: f'<span class="report-{sign.lastgroup}">{sign[0]}</span>', block)
